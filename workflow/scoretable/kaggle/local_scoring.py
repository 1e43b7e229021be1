"""Marks a submission to the `sandbox` competition as Kaggle would."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from scoretable.competition.task import Task, has_one_label
from scoretable.experiments.score_file import write_score
from scoretable.rows.layout import Layout
from scoretable.workspace.errors import InputError, how_many

SUBMITTED = ["image_id", "label"]
USAGES = ("Public", "Private")


@dataclass(frozen=True)
class LocalScore:
    """Accuracies cut, not rounded, to five decimals, as Kaggle shows them, and the counts behind them."""

    public: float
    private: float
    public_correct: int
    public_total: int
    private_correct: int
    private_total: int


def score_here(submission: Path, answers: Path, task: Task) -> LocalScore:
    """Score as `score_submission` does; raise InputError where there are no answers or they are of another task."""
    if not answers.exists():
        raise InputError(
            f"only the sandbox is scored here, and {answers} is missing: draw it with `snakemake --cores 1 download`, "
            "or submit to Kaggle."
        )
    if not has_one_label(task):
        raise InputError(f"the sandbox's answers have one label per image, which task: {task} does not submit.")
    return score_submission(submission, answers)


def score_sandbox(layout: Layout, task: Task) -> None:
    """Score the row's submission and write its score files."""
    scored = score_here(layout.submission, layout.answers, task)
    write_score(
        layout.scored, layout.submission, "complete",
        public_score=scored.public, public_correct=scored.public_correct, public_images=scored.public_total,
        private_score=scored.private, private_correct=scored.private_correct, private_images=scored.private_total,
    )  # fmt: skip


def score_submission(submission: Path, answers: Path) -> LocalScore:
    """Compare `submission` (CSV: image_id,label) with `answers` (CSV: image_id,label,usage).

    The order of the rows is free; a label that the competition does not know counts as wrong, as on Kaggle.
    Raises InputError where a file cannot be read, the columns differ, a label is missing, or an id is missing,
    repeated or unknown.
    """
    truth = _read(answers, [*SUBMITTED, "usage"], "draw the competition again")
    guesses = _read(submission, SUBMITTED, "write the submission again")
    missing = truth.index.difference(guesses.index)
    unknown = guesses.index.difference(truth.index)
    if len(missing) or len(unknown):
        example = missing[0] if len(missing) else unknown[0]
        raise InputError(
            f"The submission {submission} lacks {how_many(len(missing), 'id')} and has {how_many(len(unknown), 'id')} "
            f"that the answers lack, such as {example!r}: write it again for this competition."
        )
    hits = guesses["label"].reindex(truth.index) == truth["label"]
    correct = {usage: int(hits[truth["usage"] == usage].sum()) for usage in USAGES}
    total = {usage: int((truth["usage"] == usage).sum()) for usage in USAGES}
    if min(total.values()) == 0 or sum(total.values()) != len(truth):
        raise InputError(
            f"The answers {answers} must give each row the usage Public or Private, and use each at least once: "
            "draw the competition again."
        )
    return LocalScore(
        public=_cut(correct["Public"], total["Public"]),
        private=_cut(correct["Private"], total["Private"]),
        public_correct=correct["Public"],
        public_total=total["Public"],
        private_correct=correct["Private"],
        private_total=total["Private"],
    )


def _read(path: Path, columns: list[str], mend: str) -> pd.DataFrame:
    """The table indexed by image_id, all cells text and none empty."""
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, index_col=False)
    except (OSError, ValueError) as error:  # pandas' parser errors and bad UTF-8 are ValueErrors
        raise InputError(f"The file {path} cannot be read as CSV ({error}): {mend}.") from error
    if sorted(table.columns) != sorted(columns):
        raise InputError(
            f"The file {path} has the columns {', '.join(table.columns)}, not {', '.join(columns)}: {mend}."
        )
    empty = table["label"].str.strip() == ""
    if empty.any():
        example = table.loc[empty, "image_id"].iloc[0]
        raise InputError(
            f"The file {path} has {how_many(empty.sum(), 'row')} without a label, such as {example!r}: {mend}."
        )
    repeated = table["image_id"].duplicated()
    if repeated.any():
        example = table.loc[repeated, "image_id"].iloc[0]
        raise InputError(
            f"The file {path} lists {how_many(repeated.sum(), 'id')} more than once, such as {example!r}: {mend}."
        )
    return table.set_index("image_id")


def _cut(correct: int, total: int) -> float:
    return correct * 100_000 // total / 100_000
