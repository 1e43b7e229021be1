"""Params as text: values as params.yaml writes them, and what is wrong with one in a sentence."""

from collections.abc import Mapping
from typing import Any

import yaml
from pydantic import BaseModel

from scoretable.workspace.errors import nearest


def yaml_value(value: Any) -> str:
    """Return a scalar as params.yaml writes it."""
    return yaml.safe_dump(value).removesuffix("\n").removesuffix("\n...")


def show_value(value: Any) -> str:
    """Return a param's value as YAML writes it, a list without its spaces.

    >>> show_value(None), show_value(["flip", "crop"])
    ('null', '[flip,crop]')
    """
    return f"[{','.join(map(str, value))}]" if isinstance(value, list) else yaml_value(value)


def describe_error(detail: Any, model: type[BaseModel], files: Mapping[str, type[BaseModel]]) -> str:
    """Turn one of pydantic's errors in a model into 'key: value ...' with what is allowed.

    files: the models of all files, of which another one may know an unknown key.
    """
    if not detail["loc"]:
        return str(detail["ctx"]["error"])
    key = str(detail["loc"][0])
    if detail["type"] == "extra_forbidden":
        return _unknown_key(key, model, files)
    value = detail["input"]
    match detail["type"]:
        case "value_error":
            reason = str(detail["ctx"]["error"])
        case "literal_error":
            choices = model.model_json_schema()["properties"][key]
            allowed = tuple(choices.get("enum") or choices["anyOf"][0]["enum"])
            reason = f"must be one of {', '.join(allowed)}{nearest(value, allowed)}"
        case _:
            reason = detail["msg"].lower().replace("input should", "must").replace("be a valid", "be a")
            reason = reason.replace("be a integer", "be an integer")
    return f"{key}: {show_value(value)} {reason}"


def _unknown_key(key: str, model: type[BaseModel], files: Mapping[str, type[BaseModel]]) -> str:
    for file, other in files.items():
        if other is not model and key in other.model_fields:
            return f"the key {key} belongs in {file}: move it there"
    return f"unknown key {key}{nearest(key, tuple(model.model_fields))}"
