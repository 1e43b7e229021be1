"""The score table drawn for the width of a terminal: what matters always, the rest as far as it fits.

It draws the lines of text.py, so a column that is added there needs one entry in COLUMNS to be shown here.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from scoretable.table.effect_lines import MOST_CURVES, MOST_QUIET, NOTHING, curve_lines, effect_lines
from scoretable.table.proof import legend, table_badges
from scoretable.table.table import ScoreTable
from scoretable.table.text import KEYS, notes, sentences, shown_params, table_lines

GAP = 2  # between two columns
NARROW_NAME, WIDE_NAME = 14, 32  # what a name is left by the columns that matter, and by the others
NARROW_TEXT = 24  # the least that a remark is worth showing in
# Of an effect, in the order of their importance, what a terminal of this width shows.
EFFECT_COLUMNS = (
    (0, ("effect", "rows", "verdict")),
    (66, ("effect", "rows", "change", "verdict", "to settle it")),
    (110, ("effect", "rows", "where", "change", "95% interval", "verdict", "noise alone", "to settle it")),
)

Line = Mapping[str, str]


@dataclass(frozen=True)
class Column:
    """A column of the table. key: of a line of text.py; title: broken where it takes two lines.

    matters: it is left out only where it cannot be shown at all; text: a remark, which takes what width is left, or
    stands below the table.
    """

    key: str
    title: str
    matters: bool = False
    text: bool = False
    number: bool = False


# In the order of their importance: the first ones that fit are shown, the remark always last.
COLUMNS = (
    Column("metric", "metric", matters=True),
    Column("public", "public", matters=True, number=True),
    Column("private", "private", matters=True, number=True),
    Column("validation", "validation", matters=True, number=True),
    Column("model", "model", matters=True),
    Column("image_size", "image\nsize", matters=True, number=True),
    Column("epochs", "epochs", matters=True, number=True),
    Column("batch_size", "batch\nsize", matters=True, number=True),
    Column("proof", "proof"),
    Column("insight", "insight", text=True),
    Column("optimizer", "optimizer"),
    Column("draws", "draws", number=True),
    Column("time", "time", number=True),
    Column("cost", "cost", number=True),
    Column("hardware", "hardware"),
    Column("images/s", "images/s", number=True),
    Column("competition", "competition"),
    Column("commit", "commit"),
)


class ScoreTableView:
    """The score table as Rich draws it, at the width of the console."""

    def __init__(self, table: ScoreTable) -> None:
        self.table = table

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the rows, what was left out, the effects, and what is odd about the reports."""
        marks = ("".join(badge.letter for badge in badges) for badges in table_badges(self.table))
        lines = [{**line, "proof": mark} for line, mark in zip(table_lines(self.table), marks, strict=True)]
        width, columns = options.max_width, [*_filled_columns(lines), *_further_params(self.table)]
        chosen = choose_columns(lines, columns, width)
        yield _draw_rows(lines, chosen, width)
        left_out = [column for column in columns if column not in chosen]
        hidden = ", ".join(column.title.replace("\n", " ") for column in left_out if not column.text)
        if hidden:
            yield Text(f"Not shown at this width: {hidden}. `scoretable table | less -S` shows all.", style="dim")
        if any(column.key == "proof" for column in chosen):
            yield Text("Proof: " + ", ".join(f"{letter} {words}" for letter, words in legend(self.table)), style="dim")
        yield Text()
        yield _draw_effects(list(effect_lines(self.table, MOST_QUIET)), width)
        if curves := list(curve_lines(self.table, MOST_CURVES)):
            yield Text()
            yield draw_lines(curves, whole=("score",))
        below = [column for column in left_out if column.text]
        told = [
            f"{label(line).strip()}: {_cell(line, column)}" for column in below for line in lines if _cell(line, column)
        ]
        for remark in [*told, *_remarks(self.table)]:
            yield Text(f"\n{remark}")


def draw_lines(lines: Sequence[Line], whole: Sequence[str] = ()) -> RenderableType:
    """Draw lines of equal keys as a table that is no wider than the terminal; long cells go on below.

    whole: columns whose cells stay on one line.
    """
    drawn = _new_table()
    for key in lines[0] if lines else ():
        drawn.add_column(key, no_wrap=key in whole, overflow="fold")
    for line in lines:
        drawn.add_row(*(Text(printable(cell)) for cell in line.values()))
    return drawn


def choose_columns(lines: Sequence[Line], columns: Sequence[Column], width: int) -> list[Column]:
    """Return the columns that fit beside the rows' names, in the order in which they stand."""
    longest = _longest_name(lines)
    used, chosen = 0, []
    for column in columns:
        needed = GAP + _least_width(lines, column)
        name = min(longest, NARROW_NAME if column.matters else WIDE_NAME)
        if name + used + needed <= width:
            used += needed
            chosen.append(column)
        elif column.matters:
            break
    return sorted(chosen, key=lambda column: column.text)


def label(line: Line) -> str:
    """Return how a line is called: '8 reported', and below it the rows that are made like it.

    >>> label({"row": "8", "name": "row-8-sandbox"}), label({"row": "-", "name": "mine"})
    ('  row-8-sandbox', 'mine')
    """
    if line["name"] == "reported":
        return f"{line['row']} reported"
    return printable(line["name"] if line["row"] == NOTHING else f"  {line['name']}")


def shorten(cell: str) -> str:
    """Return a cell without what stands in brackets, a deviation on a line of its own, and '' for nothing.

    >>> shorten("0.75000 ± 0.07071 (0.1147 to 1.3853)"), shorten("- (no score)")
    ('0.75000\\n±0.0707', '')
    """
    short = re.sub(r" \(.*\)$", "", printable(cell))
    if found := re.fullmatch(r"(\S+) ± (\d+\.\d+)", short):
        return f"{found[1]}\n±{float(found[2]):.4f}"
    return "" if short == NOTHING else short


def printable(text: str) -> str:
    """Return the text without what would drive the terminal; names and params come from anybody."""
    return "".join(character if character.isprintable() else "?" for character in text)


def break_name(name: str, width: int) -> str:
    """Break a name at its hyphens into lines of this width; Rich breaks a part that is longer.

    >>> break_name("  row-8-sandbox-scaled", 12)
    '  row-8-\\n  sandbox-\\n  scaled'
    """
    indent = name[: len(name) - len(name.lstrip())]
    lines = [indent]
    for part in re.findall(r"[^-]*-|[^-]+$", name.strip()):
        if lines[-1] != indent and cell_len(lines[-1] + part) > width:
            lines.append(indent)
        lines[-1] += part
    return "\n".join(lines)


def break_model(model: str) -> str:
    """Break a long model's name before its last word: EfficientNet and Lite0."""
    return re.sub(r"(?<=[a-z])(?=[A-Z][a-z0-9]*\d*$)", "\n", model) if len(model) > 12 else model


def _cell(line: Line, column: Column) -> str:
    cell = line.get(column.key, "")
    if column.text:
        return printable(cell)
    return _BREAKS.get(column.key, str)(shorten(cell))


def _break_metric(name: str) -> str:
    return name.replace("_", "\n")


_BREAKS = {"model": break_model, "metric": _break_metric}


def _least_width(lines: Sequence[Line], column: Column) -> int:
    if column.text:
        return NARROW_TEXT
    parts = [part for line in lines for part in _cell(line, column).split("\n")]
    return max(map(cell_len, [*parts, *column.title.split("\n")]))


def _longest_name(lines: Sequence[Line]) -> int:
    return max((cell_len(label(line)) for line in lines), default=0)


def _filled_columns(lines: Sequence[Line]) -> Iterator[Column]:
    """Yield the columns that are not empty; if one metric measured all rows, it names the validation scores instead."""
    metrics = {line["metric"] for line in lines}
    for column in COLUMNS:
        if len(metrics) == 1 and column.key == "metric":
            continue
        measured = len(metrics) == 1 and column.key == "validation"
        if any(_cell(line, column) for line in lines):
            yield replace(column, title=_break_metric(*metrics)) if measured else column


def _further_params(table: ScoreTable) -> Iterator[Column]:
    """Yield a column for each param that is shown only because reported rows differ in it."""
    for name in shown_params(table):
        if name not in KEYS:
            yield Column(name, name.replace("_", "\n"), number=True)


def _draw_rows(lines: Sequence[Line], columns: Sequence[Column], width: int) -> Table:
    drawn = _new_table()
    drawn.expand = any(column.text for column in columns)
    fixed = sum(GAP + _least_width(lines, column) for column in columns)
    name = min(_longest_name(lines), max(width - fixed, 1))
    drawn.add_column("row", width=name, style="cyan", overflow="fold")
    for column in columns:
        drawn.add_column(
            column.title,
            justify="right" if column.number else "left",
            width=None if column.text else _least_width(lines, column),
            ratio=1 if column.text else None,
            overflow="fold",
        )
    for line in lines:
        drawn.add_row(Text(break_name(label(line), name)), *(Text(_cell(line, column)) for column in columns))
    return drawn


def _draw_effects(lines: Sequence[Line], width: int) -> RenderableType:
    keys = next(keys for least, keys in reversed(EFFECT_COLUMNS) if width >= least)
    return draw_lines([{key: line[key] for key in keys} for line in lines], whole=("change", "verdict"))


def _remarks(table: ScoreTable) -> Iterator[str]:
    yield from filter(None, sentences(table))
    yield from notes(table)


def _new_table() -> Table:
    return Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, GAP - 1, 0, 0), header_style="bold")
