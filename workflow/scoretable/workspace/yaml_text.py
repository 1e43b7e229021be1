"""YAML that may come from anybody: plain values in bounded time and memory, or a sentence."""

from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from scoretable.workspace.errors import InputError

# A dvc.lock of this pipeline has 20,000 characters and params.yaml 5,000; of numbers, as many as these take 1 s.
MOST_CHARACTERS = 200_000
MOST_LEVELS = 20  # of lists and mappings inside each other; a dvc.lock has 5
_SAFE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # knows no tags that make objects of Python


class _Loader(_SAFE):
    """Refuses a key that stands twice, of which PyYAML takes the last and DVC takes none."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        count = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
        if twice := next((key for key, times in count.items() if times > 1), None):
            raise yaml.constructor.ConstructorError(None, None, f"the key {twice} stands there twice")
        return super().construct_mapping(node, deep)


def read_yaml(path: Path, mend: str, source: Path | None = None) -> Any:
    """Return what a YAML file holds. Raises InputError as `parse_yaml`.

    mend: what to do where it is missing; source: the file to name, where it is not `path`.
    """
    named = source or path
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(MOST_CHARACTERS + 1)
    except FileNotFoundError:
        raise InputError(f"{named} is missing: {mend}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{named} cannot be read ({error}): {mend}.") from None
    return parse_yaml(text, str(named))


def parse_yaml(text: str, source: str, mend: str = "") -> Any:
    """Return what the text of one YAML document holds: plain values, lists and mappings.

    mend: what to do about a text that nobody can edit.

    Raises InputError, which begins with `source`, for broken YAML, for tags of objects, and for aliases, deep nesting
    and length, by which a text of a kilobyte can take all memory.
    """
    if len(text) > MOST_CHARACTERS:
        raise InputError(
            f"{source} has more than {MOST_CHARACTERS:,} characters: {mend or 'remove what does not belong in it'}."
        )
    try:
        _refuse_blow_up(text, source, mend)
        return yaml.load(text, _Loader)
    except InputError:
        raise
    except Exception as error:  # besides its own, PyYAML lets through whatever `!!bool 3` or a thirteenth month lead to
        reason = " ".join(str(error).split())
        raise InputError(f"{source} is not valid YAML ({reason}): {mend or _how_to_mend(reason, text)}.") from None


def as_yaml(text: str) -> str:
    """Return a text as it is written after a key: in quotes where YAML would else read something other than it."""
    try:
        plain = str(yaml.load(f"key: {text}", _Loader)["key"]) == text
    except (yaml.YAMLError, TypeError, ValueError):
        plain = False
    return text if plain else "'" + text.replace("'", "''") + "'"


def _how_to_mend(reason: str, text: str) -> str:
    if "\t" in text and ("cannot start any token" in reason or "tab character" in reason):
        return "indent with spaces, not with tabs"
    if "stands there twice" in reason:
        return "delete one of the two lines"
    if "mapping values are not allowed" in reason:
        return "put text that contains a colon in quotes"
    return "correct it"


def _refuse_blow_up(text: str, source: str, mend: str) -> None:
    level = 0
    for event in yaml.parse(text, _SAFE):
        level += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent):
            raise InputError(f"{source} has the alias *{event.anchor}: {mend or 'write out what it stands for'}.")
        if level > MOST_LEVELS:
            raise InputError(
                f"{source} is nested more than {MOST_LEVELS} levels deep: "
                f"{mend or 'remove what does not belong in it'}."
            )
