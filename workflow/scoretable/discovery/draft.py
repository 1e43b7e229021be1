"""A competition file that is being written: its keys, each with the reason, and the questions that stay open."""

import textwrap
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from scoretable.workspace.errors import printable

_WIDTH = 118
_ORDER = (
    "title", "source", "task", "label_separator", "metric", "metric_k", "classes", "positive_class", "train", "test",
    "submission", "policies",
)  # fmt: skip
_INNER = (
    "sample", "table", "coco", "id_column", "label_column", "label_columns", "label_map", "images", "pixels", "classes",
    "box", "group_column", "form", "columns", "ranks",
)  # fmt: skip


@dataclass
class Draft:
    """Keys by their path, such as `train.table`, each with its reason; questions: what is told last."""

    keys: dict[str, tuple[Any, str]] = field(default_factory=dict)
    notes: dict[str, list[str]] = field(default_factory=dict)
    questions: list[str] = field(default_factory=list)

    def set(self, path: str, value: Any, why: str = "") -> None:
        """Set a key; `why` stands behind it as its comment."""
        self.keys[path] = (value, printable(why))

    def note(self, part: str, text: str) -> None:
        """Add a comment at the end of a part of the file, such as `train`."""
        self.notes.setdefault(part, []).append(printable(text))

    def ask(self, question: str) -> None:
        """Add a question that the archive does not answer."""
        self.questions.append(printable(question))

    def next_steps(self, target: Path) -> list[str]:
        """Return what you have to do with the file at `target`, a line each: first what the archive does not tell."""
        open_ = [f"Set {question}." for question in self.questions]
        name = target.stem
        return [*open_, f"Correct {target} where it is wrong, type `scoretable check {name}`, and `git add {target}`."]

    def write(self, heading: str) -> str:
        """Return the text of the file."""
        lines = [f"# {line}" for line in textwrap.wrap(heading, _WIDTH)]
        for part in _ORDER:
            if part in self.keys:
                lines += _write_key(part, *self.keys[part], "")
            inner = {path.partition(".")[2]: key for path, key in self.keys.items() if path.startswith(f"{part}.")}
            lines += [f"{part}:"] if inner else []
            for name in sorted(inner, key=lambda name: _INNER.index(name) if name in _INNER else len(_INNER)):
                lines += _write_key(name, *inner[name], "  ")
            lines += [f"  # {line}" for note in self.notes.get(part, []) for line in textwrap.wrap(note, _WIDTH - 4)]
        return "\n".join(lines) + "\n"


def _write_key(name: str, value: Any, why: str, indent: str) -> list[str]:
    """Return the lines of a key: its comment behind it, or above where the line would be too long."""
    written = "" if value is None and name == "metric" else f" {as_yaml(value)}"
    line = f"{indent}{name}:{written}"
    comment = " ".join(why.split())
    if not comment:
        return [line]
    if len(line) + len(comment) + 3 <= _WIDTH:
        return [f"{line} # {comment}"]
    return [*(f"{indent}# {text}" for text in textwrap.wrap(comment, _WIDTH - len(indent) - 2)), line]


def as_yaml(value: Any) -> str:
    """Return a value on one line."""
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=1_000_000, sort_keys=False)
    return text.removesuffix("\n").removesuffix("...").rstrip("\n")
