"""A competition file that is being written: its keys, each with the reason, and the questions that stay open."""

import textwrap
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from scoretable.workspace.errors import printable

_WIDTH, _COLUMN = 118, 44  # of a line, and of what has its comment below those of others
_ORDER = (
    "title", "source", "task", "label_separator", "metric", "metric_k", "metric_beta", "classes", "positive_class",
    "encoding", "commas", "train", "test", "submission", "policies",
)  # fmt: skip
_INNER = (
    "sample", "table", "coco", "id_column", "label_column", "label_columns", "label_map", "images", "channels",
    "pixels", "classes", "box", "group_column", "form", "columns", "ranks",
)  # fmt: skip


@dataclass
class Draft:
    """Keys by their path, such as `train.table`, each with its reason; questions and checks: what is told last."""

    keys: dict[str, tuple[Any, str]] = field(default_factory=dict)
    notes: dict[str, list[str]] = field(default_factory=dict)
    questions: list[str] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)

    def set(self, path: str, value: Any, why: str = "") -> None:
        """Set a key; `why` stands behind it as its comment."""
        self.keys[path] = (value, printable(why))

    def note(self, part: str, text: str) -> None:
        """Add a comment at the end of a part of the file, such as `train`."""
        self.notes.setdefault(part, []).append(printable(text))

    def ask(self, question: str) -> None:
        """Add a question that the archive does not answer."""
        self.questions.append(printable(question))

    def check(self, choice: str) -> None:
        """Add what was chosen so that a run goes on, and may hide a mistake."""
        self.checks.append(printable(choice))

    def next_steps(self, target: Path, sheet: Path | None) -> list[str]:
        """Return what you have to do with the file at `target`, a line each, in its order; `sheet`: if there is one."""
        name = target.stem
        steps = [
            *([f"Look at {sheet}: do the images fit their labels?"] if sheet else []),
            *(f"Set {question}." for question in sorted(self.questions, key=lambda one: not one.startswith("metric:"))),
            *(f"Check {choice}." for choice in self.checks),
            f"Correct {target} where it is wrong, and type `scoretable check {name}`.",
            f"Type `git add {target}`, since `dvc exp run` copies only files that git knows.",
            f"Set competition: {name} in params.yaml, and type `snakemake --cores 1 submission`.",
        ]
        return ["What to do next:", *(f"  {number}. {step}" for number, step in enumerate(steps, 1))]

    def write(self, heading: str) -> str:
        """Return the text of the file."""
        lines = [f"# {line}" for line in _wrap(heading, _WIDTH)]
        lines += _write_keys({part: self.keys[part] for part in _ORDER if part in self.keys}, "")
        for part in _ORDER:
            inner = {path.partition(".")[2]: key for path, key in self.keys.items() if path.startswith(f"{part}.")}
            lines += [f"{part}:"] if inner else []
            lines += _write_keys({name: inner[name] for name in sorted(inner, key=_place)}, "  ")
            lines += [f"  # {line}" for note in self.notes.get(part, []) for line in _wrap(note, _WIDTH - 4)]
        return "\n".join(lines) + "\n"


def _place(name: str) -> int:
    return _INNER.index(name) if name in _INNER else len(_INNER)


def _write_keys(keys: dict[str, tuple[Any, str]], indent: str) -> list[str]:
    """Return the lines of keys: comments behind them, below one another, or above where a line would be too long."""
    empty = ("metric", "form")  # where null would look like a choice
    written = {
        f"{indent}{name}:" + ("" if value is None and name in empty else f" {as_yaml(value)}"): " ".join(why.split())
        for name, (value, why) in keys.items()
    }
    column = max((len(line) for line in written if len(line) <= _COLUMN), default=0)
    lines = []
    for line, why in written.items():
        behind = f"{line:<{column}}  # {why}" if why else line
        above = [f"{indent}# {text}" for text in _wrap(why, _WIDTH - len(indent) - 2)]
        lines += [behind] if len(behind) <= _WIDTH else [*above, *_fold(line, indent)]
    return lines


def _wrap(text: str, width: int) -> list[str]:
    """Return lines that end only at spaces, so that names and paths stay whole."""
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


def _fold(line: str, indent: str) -> list[str]:
    """Return a key as it is, or a list or mapping that is too long for a line on several."""
    key = yaml.safe_load(line)
    (values,) = key.values()
    if len(line) <= _WIDTH or not isinstance(values, list | dict):
        return [line]
    parts = values.items() if isinstance(values, dict) else values
    # PyYAML ends a line after the part that is too long for it.
    width = _WIDTH - len(indent) - max(len(as_yaml(part)) for part in parts)
    text = yaml.safe_dump(key, default_flow_style=None, allow_unicode=True, width=max(width, 40), sort_keys=False)
    return textwrap.indent(text, indent).splitlines()


def as_yaml(value: Any) -> str:
    """Return a value on one line."""
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=1_000_000, sort_keys=False)
    return text.removesuffix("\n").removesuffix("...").rstrip("\n")
