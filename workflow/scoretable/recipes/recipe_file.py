"""A recipe's file: the params of a row that somebody else may want, what they need and what they gave."""

import re
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from scoretable.competition.metric import Score
from scoretable.rows.param_groups import SessionParams, take_number_as_float
from scoretable.rows.params import Params, parse_params, parse_session
from scoretable.workspace.errors import InputError, nearest
from scoretable.workspace.yaml_text import read_yaml

RECIPES = Path("workflow/recipes")
UNMEASURED = "not measured yet"
ROW_NAME = re.compile(r"[a-z0-9][a-z0-9.]*")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    @field_validator("minutes", "score", "pseudo_threshold", mode="before", check_fields=False)
    @classmethod
    def _take_numbers_as_floats(cls, value: Any) -> Any:
        return take_number_as_float(value)


class Needs(_Part):
    """What must be there before it runs."""

    data: str = Field(min_length=1, description="which data, and where they come from")
    gpu: bool = Field(description="whether it takes days without a GPU")
    minutes: float | None = Field(None, gt=0, description="how long a run takes on what it is for; null: not known")

    def describe(self) -> str:
        """Return 'the sandbox, no GPU, 2 minutes'."""
        time = f"{self.minutes:g} minutes" if self.minutes else "for how long is not known"
        return f"{self.data}; {'a GPU' if self.gpu else 'no GPU'}, {time}"


class Outcome(_Part):
    """What it gave where it was measured, or reported."""

    metric: Score = Field("accuracy", description="what the score is")
    score: float = Field(description="the score, of several seeds their mean")
    interval: list[float] = Field(min_length=2, max_length=2, description="its 95% interval: from, to")
    images: str = Field(min_length=1, description="of which images, and what the interval allows for")
    seeds: list[int] | None = Field(None, description="the seeds; null: not known")
    minutes: float | None = Field(None, gt=0, description="of one seed; null: not known")
    machine: str = Field(min_length=1, description="on which it was measured")
    commit: str | None = Field(None, pattern="^[0-9a-f]{7,40}$", description="of the code; null: not this project's")

    @field_validator("interval")
    @classmethod
    def _check_order(cls, value: list[float], info: Any) -> list[float]:
        if not value[0] <= info.data.get("score", value[0]) <= value[1]:
            raise ValueError("must be the ends of an interval that holds the score")
        return value

    def describe(self) -> str:
        """Return all of it in one line, the score first."""
        seeds = "" if self.seeds is None else f", seed{'s' * (len(self.seeds) > 1)} {', '.join(map(str, self.seeds))}"
        time = f"{self.minutes:g} minutes on " if self.minutes else ""
        low, high = self.interval
        return (
            f"{self.metric} {self.score:.4f} ({low:.4f} to {high:.4f}: {self.images}){seeds}; {time}{self.machine}"
            f"{f', commit {self.commit}' if self.commit else ''}"
        )


class Blending(_Part):
    """How the rows of a recipe become one answer."""

    weights: Literal["greedy", "nnls", "mean"] = Field("greedy", description="how the weight of each row is found")
    average: Literal["probabilities", "logits"] = Field("probabilities", description="what is averaged")

    @model_validator(mode="after")
    def _check_domain(self) -> Self:
        if self.weights == "nnls" and self.average == "logits":
            raise ValueError("nnls is of probabilities: leave average out, or set weights to greedy")
        return self


class RecipeFile(_Part):
    """Params by a name, which is that of the file."""

    title: str = Field(min_length=1, description="what it is, in a few words")
    purpose: str = Field(min_length=1, description="what it is for")
    needs: Needs
    gave: Outcome | None = Field(description="what it gave; null: it was not measured yet")
    params: Params = Field(description="keys of params.yaml; those left out have their defaults")
    session: SessionParams = Field(SessionParams(), description="keys of session.yaml; those left out stay as they are")
    rows: dict[str, Params] = Field(
        {}, description="of a recipe of several rows: by the name of each, the keys that differ from params"
    )
    blend: Blending | None = Field(None, description="how the rows are blended; null: there are no rows")
    pseudo_threshold: float | None = Field(
        None, gt=0, le=1,
        description="probability from which the blend's answer to a test image is a label of a second round of all "
        "rows, which is blended again; null: no second round",
    )  # fmt: skip

    @model_validator(mode="after")
    def _check_rows(self) -> Self:
        odd = [name for name in self.rows if not ROW_NAME.fullmatch(name)]
        if odd:
            raise ValueError(f"rows: {odd[0]} is no name of a row: use small letters, digits and dots")
        if self.rows and (len(self.rows) < 2 or self.blend is None):
            raise ValueError("rows are two or more, and come with blend")
        if not self.rows and (self.blend or self.pseudo_threshold is not None):
            raise ValueError("blend and pseudo_threshold are of rows, and there are none: name them in rows")
        return self

    def describe_outcome(self) -> str:
        """Return what it gave, or that nobody knows."""
        return self.gave.describe() if self.gave else UNMEASURED


def list_recipes(root: Path) -> tuple[str, ...]:
    """Return the names of the recipes below the repository `root`, sorted."""
    return tuple(sorted(path.stem for path in (root / RECIPES).glob("*.yaml")))


def load_recipe(name: str, root: Path) -> RecipeFile:
    """Read a recipe; raise InputError, with the nearest name, where there is none, and where its file does not fit."""
    known = list_recipes(root)
    if name not in known:
        raise InputError(
            f"there is no recipe {name}{nearest(name, known)}: `scoretable recipe` lists {', '.join(known)}."
        )
    path = RECIPES / f"{name}.yaml"
    content = read_yaml(root / path, "restore it with git", path)
    if not isinstance(content, dict) or not all(isinstance(content.get(part, {}), dict) for part in _PARTS):
        raise InputError(f"{path} must hold `key: value` lines, and so must its {' and '.join(_PARTS)}.")
    parsed: dict[str, Any] = {
        part: parse(content[part], f"{path}, {part}") for part, parse in _PARTS.items() if part in content
    }
    parsed["rows"] = _parse_rows(content.get("rows", {}), content.get("params", {}), path)
    try:
        return RecipeFile.model_validate({**content, **parsed})
    except ValidationError as error:
        raise InputError(f"{path}: {_first_reason(error)}.") from None


def _parse_rows(rows: Any, common: dict[str, Any], path: Path) -> dict[str, Params]:
    if not isinstance(rows, dict) or not all(isinstance(row, dict) for row in rows.values()):
        raise InputError(f"{path}: rows must hold the name of each row, with `key: value` lines below it.")
    return {str(name): parse_params(common | row, f"{path}, rows, {name}") for name, row in rows.items()}


_PARTS = {"params": parse_params, "session": parse_session}


def _first_reason(error: ValidationError) -> str:
    detail = error.errors()[0]
    place = ".".join(map(str, detail["loc"]))
    if not place:
        return str(detail["ctx"]["error"])
    if detail["type"] == "extra_forbidden":
        parts: dict[str, type[BaseModel]] = {"needs": Needs, "gave": Outcome, "blend": Blending}
        beside = parts.get(str(detail["loc"][0]), RecipeFile)
        return f"unknown key {place}{nearest(detail['loc'][-1], tuple(beside.model_fields))}"
    return f"{place}: {detail['msg'].lower().removeprefix('value error, ')}"
