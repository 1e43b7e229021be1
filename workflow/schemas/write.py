"""Write the JSON schemas, and the docs page of a competition file's keys, from the models that check the files.

`make schemas` runs it. Tests compare the files with what it makes.
"""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from scoretable.competition.description import Competition
from scoretable.recipes.recipe_file import RecipeFile
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params

KEYS_PAGE = Path("docs/competition-keys.md")
_TYPES = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false", "object": "map"}
_INTRO = """# Keys of a competition file

`workflow/competitions/<name>.yaml` is checked before anything runs. This page lists all its keys; it is made from the
schema that checks them. [Your competition](your-competition.md) shows how such a file is written.
"""


def write_files(root: Path) -> None:
    """Write all of them below the repository `root`."""
    for path, text in made_files().items():
        (root / path).write_text(text, encoding="utf-8")


def made_files() -> dict[Path, str]:
    """Return the content of each file by its path in the repository."""
    models: dict[str, type[BaseModel]] = {
        "params": Params,
        "session": SessionParams,
        "competition": Competition,
        "recipe": RecipeFile,
    }
    schemas = {Path(f"workflow/schemas/{name}.schema.json"): _schema(model) for name, model in models.items()}
    pages = {path: json.dumps(schema, indent=2) + "\n" for path, schema in schemas.items()}
    return {**pages, KEYS_PAGE: _keys_page(_schema(Competition))}


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema()
    if model is Competition:  # whose name is that of its file
        del schema["properties"]["name"]
        schema["required"].remove("name")
    return schema


def _keys_page(schema: dict[str, Any]) -> str:
    """Return a table of the keys at the top, and one of each part."""
    parts = [_INTRO, _table(schema, schema)]
    for name, title in _parts(schema):
        part = schema["$defs"][name]
        parts += [f"## {title}\n\n{part['description']}\n", _table(part, schema)]
    return "\n".join(parts)


def _parts(schema: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the definitions in the order in which keys name them, each with the first place that it has."""
    titles: dict[str, str] = {}
    waiting = [("", schema)]
    while waiting:
        place, part = waiting.pop(0)
        for key, rules in part["properties"].items():
            name = next((_target(way) for way in _ways(rules) if "$ref" in way), None)
            if name is not None and name not in titles:
                titles[name] = f"{place}{key}"
                waiting.append((f"{place}{key}.", schema["$defs"][name]))
    return [(name, f"`{title}`") for name, title in titles.items()]


def _table(part: dict[str, Any], schema: dict[str, Any]) -> str:
    titles, required = dict(_parts(schema)), part.get("required", ())
    rows = []
    for key, rules in part["properties"].items():
        values = " or ".join(dict.fromkeys(_value(way, titles) for way in _ways(rules)))
        default = "needed" if key in required else _default(rules)
        rows.append(f"| `{key}` | {values} | {default} | {rules.get('description', '')} |".replace("|  |", "| |"))
    return "\n".join(["| Key | Value | Default | Meaning |", "|---|---|---|---|", *rows, ""])


def _default(rules: dict[str, Any]) -> str:
    value = rules.get("default")
    if isinstance(value, dict):
        return ""
    return f"`{value}`" if isinstance(value, str) and value.strip() else f"`{json.dumps(value)}`"


def _ways(rules: dict[str, Any]) -> list[dict[str, Any]]:
    return rules.get("anyOf", [rules])


def _target(way: dict[str, Any]) -> str:
    return way["$ref"].rsplit("/", 1)[-1]


def _value(way: dict[str, Any], titles: dict[str, str]) -> str:
    if "$ref" in way:
        return f"keys of {titles[_target(way)]}"
    if "enum" in way or "const" in way:
        return ", ".join(f"`{value}`" for value in way.get("enum", [way.get("const")]))
    if way.get("type") == "null":
        return "`null`"
    if way.get("type") == "array":
        return "list of texts"
    limit = f" from {way['minimum']}" if "minimum" in way else ""
    return _TYPES[way["type"]] + limit


if __name__ == "__main__":
    write_files(Path(__file__).parents[2])
