"""What is proven of a row, as badges: of a reported row, of an experiment, and of the draws of a setting together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from scoretable.experiments.score_file import count_behind
from scoretable.kaggle.submission import possible_counts
from scoretable.table.reported_rows import ReportedRow
from scoretable.table.table import Draw, ScoreTable, Setting, describe_frame, frame_of
from scoretable.workspace.errors import how_many

Kind = Literal[
    "reported", "rerun", "scaled", "own", "verified", "differs", "submitted", "scored", "odd", "committed",
    "uncommitted", "data",
]  # fmt: skip
# What each badge says in a letter, and in words below the table; in the order in which a row has them.
LETTERS: dict[Kind, tuple[str, str]] = {
    "reported": ("?", "reported only"),
    "rerun": ("R", "rerun here"),
    "scaled": ("r", "rerun here scaled or on other data"),
    "own": ("O", "run here and not reported"),
    "verified": ("V", "verified identical in a fresh clone"),
    "differs": ("X", "verified and different"),
    "submitted": ("S", "submitted to Kaggle"),
    "scored": ("s", "scored here by the sandbox"),
    "odd": ("!", "impossible public score"),
    "committed": ("C", "code committed"),
    "uncommitted": ("c", "code not committed"),
    "data": ("D", "data known by checksum"),
}


@dataclass(frozen=True)
class Badge:
    """One thing that is proven. short: for a cell; words: for a sentence of its own."""

    kind: Kind
    short: str
    words: str

    @property
    def letter(self) -> str:
        """Its mark where there is no room."""
        return LETTERS[self.kind][0]


def reported_badges(row: ReportedRow, reruns: Sequence[Setting]) -> list[Badge]:
    """Return the badges of a reported row. reruns: its own."""
    return [*_rerun_badges(row, reruns), *_kaggle_badges(row), *_odd_badge(row.public, row.metric, row.public_images)]


def draw_badges(draw: Draw, row: ReportedRow | None) -> list[Badge]:
    """Return the badges of an experiment. row: the reported one that it reruns."""
    begin = Badge("own", "own", "It reruns no reported row.")
    if row:
        frame = frame_of(draw.experiment.params)
        words = f"It reruns the reported row {row.reference}"
        begin = Badge("rerun", "rerun", f"{words}.")
        if frame != row.competition:
            begin = Badge("scaled", "rerun scaled" if "scaled" in frame else "rerun elsewhere", f"{words} on {frame}.")
    return [begin, *_verified(draw), *_scored(draw), *_odd_of(draw), *_code(draw), *_data(draw)]


def setting_badges(setting: Setting, row: ReportedRow | None) -> list[Badge]:
    """Return the badges of the draws of a setting; one that not all have says how many do. row: as of `draw_badges`."""
    found = [draw_badges(draw, row) for draw in setting.draws]
    merged = []
    for kind in LETTERS:
        having = [badge for badges in found for badge in badges if badge.kind == kind]
        if having:
            some = f" ({len(having)} of {len(found)})" if len(having) < len(found) else ""
            merged.append(replace(having[0], short=having[0].short + some))
    return merged


def table_badges(table: ScoreTable) -> Iterator[list[Badge]]:
    """Yield the badges of each line of the table, in the order of its lines."""
    for line in table.lines():
        if isinstance(line, ReportedRow):
            yield reported_badges(line, table.of_row(line.reference))
        else:
            yield setting_badges(line, table.rerun_by(line))


def legend(table: ScoreTable) -> list[tuple[str, str]]:
    """Return the letters of the table's badges with what they stand for."""
    there = {badge.kind for badges in table_badges(table) for badge in badges}
    return [letter for kind, letter in LETTERS.items() if kind in there]


def count_reported(row: ReportedRow) -> str:
    """Return 'k of n' of a reported public score, what is odd about it, or '' where the metric counts nothing."""
    if not row.public:
        return "no score"
    return tell_count(row.public, row.metric, row.public_images)


def tell_count(score: str, metric: str | None, images: int | None) -> str:
    """Return the 'k of n' behind an accuracy, or that there is none; '' of other metrics and of unknown counts.

    >>> tell_count("0.90003", "accuracy", 2601), tell_count("0.80151", "accuracy", 2601), tell_count("0.9", "auc", 9)
    ('2341 of 2601', 'no k of 2601 gives it', '')
    """
    if metric != "accuracy" or images is None:
        return ""
    counts = possible_counts(score, images)
    if len(counts) == 1:
        return f"{counts[0]} of {images}"
    return "" if counts else f"no k of {images} gives it"


def count_public(draw: Draw) -> str:
    """Return what stands behind an experiment's public score, or what is odd about it."""
    score, images = _public(draw)
    odd = tell_count(score, draw.metric, images) if score else ""
    return odd if odd.startswith("no ") else count_behind(draw.experiment.score, "public") or odd


def _rerun_badges(row: ReportedRow, reruns: Sequence[Setting]) -> Iterator[Badge]:
    whole = [setting for setting in reruns if describe_frame(setting) == row.competition]
    if whole:
        draws = sum(len(setting.draws) for setting in whole)
        yield Badge("rerun", f"{draws} reruns" if draws > 1 else "rerun", f"It has {how_many(draws, 'rerun')} here.")
    elif reruns:
        frames = "; ".join(dict.fromkeys(describe_frame(setting) for setting in reruns))
        yield Badge("scaled", f"rerun ({frames})", f"It was rerun here only scaled or on other data: {frames}.")
    elif not row.submission:
        yield Badge("reported", "reported only", "It is only reported: nothing here proves it.")


def _kaggle_badges(row: ReportedRow) -> Iterator[Badge]:
    if row.submission:
        when = f" of {row.submitted[:10]}" if row.submitted else ""
        rank = _rank(row.rank, row.teams)
        score = f", public score {row.public}" if row.public else ""
        yield Badge(
            "submitted", f"submitted{rank and f' ({rank})'}",
            f"Kaggle lists it as submission {row.submission}{when}{score}{rank and f', {rank}'}.",
        )  # fmt: skip


def _odd_badge(score: str, metric: str | None, images: int | None) -> Iterator[Badge]:
    told = tell_count(score, metric, images) if score else ""
    if told.startswith("no "):
        yield Badge("odd", f"no k of {images}", f"Its public score {score} is not possible: {told}.")


def _odd_of(draw: Draw) -> Iterator[Badge]:
    score, images = _public(draw)
    return _odd_badge(score, draw.metric, images)


def _public(draw: Draw) -> tuple[str, int | None]:
    """Return an experiment's public score as Kaggle prints it, '' for none, and of how many images it is."""
    value = draw.score("public")
    return "" if value is None else f"{value:.5f}", draw.experiment.score.get("public_images") or draw.public_images


def _verified(draw: Draw) -> Iterator[Badge]:
    for outcome in sorted(draw.experiment.verifications, key=lambda outcome: outcome.when, reverse=True):
        where = f"on {outcome.when[:16].replace('T', ' ')} UTC, on {outcome.machine}"
        if outcome.different:
            named = ", ".join(outcome.different)
            yield Badge("differs", f"differs {outcome.when[:10]}", f"Made again {where}, {named} came out otherwise.")
        else:
            yield Badge("verified", f"verified {outcome.when[:10]}", f"Made again {where}, it came out identical.")


def _scored(draw: Draw) -> Iterator[Badge]:
    score = draw.experiment.score
    public = draw.score("public")
    if score.get("state") not in ("pending", "complete", "error") and public is None:
        return
    told = "no public score yet" if public is None else f"public score {public:.5f}"
    if score.get("ref") is None:
        yield Badge("scored", "scored here", f"The sandbox scored it here: {told}.")
        return
    rank = _rank(score.get("rank"), score.get("teams"))
    when = f" of {score['submitted'][:10]}" if score.get("submitted") else ""
    yield Badge(
        "submitted", f"submitted{rank and f' ({rank})'}",
        f"It is Kaggle's submission {score['ref']}{when}: {told}{rank and f', {rank}'}.",
    )  # fmt: skip


def _rank(rank: int | None, teams: int | None) -> str:
    return "" if rank is None else f"rank {rank}" + (f" of {teams}" if teams else "")


def _code(draw: Draw) -> Iterator[Badge]:
    commit = draw.experiment.baseline[:7]
    if draw.uncommitted:
        named = ", ".join(draw.uncommitted[:3]) + (" and others" if len(draw.uncommitted) > 3 else "")
        words = f"Its code is not that of commit {commit}, but only of the row's own: {named}."
        yield Badge("uncommitted", "code not committed", words)
    elif draw.uncommitted is not None:
        yield Badge("committed", "code committed", f"Its code is that of commit {commit}.")


def _data(draw: Draw) -> Iterator[Badge]:
    for path, digest in draw.experiment.outputs.items():
        if path.endswith(".zip"):
            yield Badge("data", "data known", f"Its data is known by checksum: {path}, MD5 {digest}.")
