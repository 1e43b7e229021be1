"""The advice in words and figures."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from tabulate import tabulate

from scoretable.advice.agreement import FEWEST, Agreement, agreement
from scoretable.advice.finals import Finals, choose_finals
from scoretable.advice.gains import Gain, gains
from scoretable.advice.outlook import Outlook, find_split, outlooks
from scoretable.table.effect_lines import NOTHING
from scoretable.table.table import ScoreTable
from scoretable.workspace.errors import InputError, how_many

MOST = 12  # rows that are listed, the best ones


def write_advice(table: ScoreTable, competition: str, root: Path) -> str:
    """Return what the rows of a competition say for its last day; raise InputError where none says anything."""
    if not any(setting.values("validation") for setting in table.settings if setting.competition == competition):
        raise InputError(f"{competition} has no row here with a score: `dvc exp run` makes one.")
    split = find_split(table, competition)
    if split is None:
        raise InputError(
            f"how many test images of {competition} the public score is of is unknown: write public_images into "
            f"workflow/competitions/{competition}.yaml; the competition's page on Kaggle tells the share."
        )
    found = outlooks(table, competition, split, root)
    if not found:
        raise InputError(
            f"the answers of the rows of {competition} are not here: get them with `dvc exp pull origin ROW`, or make "
            "the rows again with this version."
        )
    parts = [
        f"{competition}: {split.public:,} public and {split.private:,} private test images, "
        f"{how_many(len(found), 'row')}",
        "Local against public\n" + _tell_agreement(agreement(found)),
        "The private part\n" + "\n\n".join(_tell_outlooks(found)),
        "Two finals\n" + _tell_finals(choose_finals(found, split)),
        f"What else could be done with {found[0].draw.name}\n" + _table_of(map(_gain_line, gains(table, found[0]))),
    ]
    return "\n\n".join(parts)


def _table_of(lines: Iterator[dict[str, str]]) -> str:
    return tabulate(list(lines), headers="keys", tablefmt="simple", disable_numparse=True)


def _tell_agreement(found: Agreement | None) -> str:
    if found is None:
        return f"Fewer than {FEWEST} rows have both scores, or all have the same: nothing can be said."
    sure = "the order of the local scores says something of the public ones" if found.low > 0 else "it may be chance"
    noise = (
        "no more than the images of the two explain"
        if found.is_noise
        else "more than the images of the two explain: seeds, or test images of another kind"
    )
    return (
        f"Of {found.rows} rows, the ranks correlate by {found.correlation:.2f} ({found.low:.2f} to {found.high:.2f}): "
        f"{sure}. Public less local is {found.apart:+.4f} on average, with a standard deviation of {found.spread:.4f}; "
        f"images alone give {found.noise:.4f}. That is {noise}."
    )


def _tell_outlooks(found: Sequence[Outlook]) -> Iterator[str]:
    yield _table_of(map(_outlook_line, found[:MOST]))
    if len(found) > MOST:
        yield f"The best {MOST} of {len(found)} rows."
    apart = [row.draw.name for row in found if not row.agree]
    if apart:
        yield (
            f"The local and the public score of {', '.join(apart[:5])}{' and others' if len(apart) > 5 else ''} are "
            "further apart than images explain, so the public one counts alone. Look for validation images that "
            "resemble the training images more than test images do, such as photos of one scene (group_column)."
        )
    yield (
        "Expected: local and public score, each weighed by its images. The interval holds the noise of their images "
        "and of the private ones, and not that the best of many public scores is partly luck."
    )


def _outlook_line(row: Outlook) -> dict[str, str]:
    low, high = row.interval
    change = NOTHING if row.public is None else f"{row.expected - row.public:+.4f}"
    return {
        "row": row.draw.name,
        "local": f"{row.validation:.5f}",
        "public": NOTHING if row.public is None else f"{row.public:.5f}",
        "private, expected": f"{row.expected:.4f}",
        "95% interval": f"{low:.4f} to {high:.4f}",
        "public to private": change,
    }


def _tell_finals(found: Finals | None) -> str:
    if found is None:
        return "There is one row: make another one, with another backbone or size, to have a second final."
    first, second = found.first.draw.name, found.second.draw.name
    told = [
        f"1. {first}: best of {found.rows} rows in {found.best[0]:.0%} of the draws, {found.alone:.4f} expected.",
        f"2. {second}: best in {found.best[1]:.0%}. The better of the two is expected at {found.together:.4f}, "
        f"{found.together - found.alone:+.4f} against the first one alone.",
    ]
    if found.pairing:
        apart = found.pairing.only_first + found.pairing.only_second
        told.append(f"Of {found.pairing.images} validation images, only one of the two is right on {apart}.")
    if found.joint < found.rows:
        known = "No two rows" if found.joint < 2 else f"Only {found.joint} of the rows"
        told.append(
            f"{known} answered the same validation images: the others are taken to fail "
            "independently, so that they may add less than they seem to."
        )
    return "\n".join(told)


def _gain_line(gain: Gain) -> dict[str, str]:
    hours = NOTHING if gain.hours is None else f"{gain.hours:.2g} h"
    return {"what": gain.what, "takes about": hours, "gives": gain.gives}
