"""A recipe of several rows with the settings of a call: which rows its rounds are made of."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scoretable.competition.description import COMPETITIONS, load_competition
from scoretable.experiments.earlier_rows import LABELLED_ONCE, weights_file
from scoretable.kaggle.training import check_trainable_there
from scoretable.recipes.recipe_file import Blending, RecipeFile
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import LABELS, SESSION, Params, load_session, parse_params, parse_session
from scoretable.table.reproduce import MACHINE, Run, parse_settings
from scoretable.workspace.errors import InputError


@dataclass(frozen=True)
class Campaign:
    """Rows that are made and blended. names: of each round, how those of its rows and of its blend begin.

    rows: by their names, as the first round has them; threshold: of the pseudo-labels; None: there is one round.
    """

    names: tuple[str, str]
    rows: Mapping[str, Params]
    session: SessionParams
    blending: Blending
    threshold: float | None

    @property
    def competition(self) -> str:
        """The competition, which is that of all rows."""
        return next(iter(self.rows.values())).competition

    def runs(self, number: int, labels: str | None) -> list[Run]:
        """Return the experiments of a round, counted from 1. labels: the blend whose answers it trains on too."""
        more = {} if labels is None else {"pseudo_labels": labels, "pseudo_threshold": self.threshold}
        return [
            Run(f"{self.names[number - 1]}-{row}", parse_params(params.model_dump() | more, row), self.session)
            for row, params in self.rows.items()
        ]


def plan_campaign(name: str, recipe: RecipeFile, settings: Sequence[str], root: Path) -> Campaign:
    """Return the campaign of a recipe with further `key=value` for all of its rows.

    Other settings give other names, so that no trial takes the place of the recipe's own rows. Raises InputError where
    a setting does not fit each row, where it makes two rows the same, where a row's file of weights is missing, and
    where a row is to be trained on Kaggle and cannot be.
    """
    if recipe.blend is None:
        raise InputError(f"{name} is one row: type `scoretable recipe {name}`, and then `dvc exp run`, without --run.")
    given = parse_settings(settings)
    here = load_session(root / SESSION).model_dump() | dict.fromkeys(LABELS)
    here |= {key: getattr(recipe.session, key) for key in recipe.session.model_fields_set}
    session = parse_session(here | {key: given.pop(key) for key in list(given) if key in MACHINE}, "-S")
    second = f"{name}{_identity(given)}-2"
    if "pseudo_labels" in given:
        raise InputError(f"-S pseudo_labels: {name} takes those of its own first blend: leave that setting out.")
    threshold = given.pop("pseudo_threshold", recipe.pseudo_threshold) if recipe.pseudo_threshold else None
    rows = {
        row: parse_params(params.model_dump() | given, f"row {row} of {name}") for row, params in recipe.rows.items()
    }
    _refuse_equal_rows(rows)
    _refuse_missing_weights(rows, root)
    if threshold is not None:
        threshold = parse_params({"pseudo_threshold": threshold}, "-S").pseudo_threshold
        _refuse_unlabelled_task(next(iter(rows.values())).competition, root)
    campaign = Campaign((f"{name}{_identity(given)}-1", second), rows, session, recipe.blend, threshold)
    if session.train_on == "kaggle":
        competition = load_competition(campaign.competition, root / COMPETITIONS)
        for run in campaign.runs(1, None) + (campaign.runs(2, f"{name}'s blend") if threshold is not None else []):
            check_trainable_there(run.params, session, competition)
    return campaign


def _identity(given: Mapping[str, Any]) -> str:
    """Return what a name has for settings that are not the recipe's."""
    settings = json.dumps(given, sort_keys=True, default=str)
    return f"-{hashlib.sha256(settings.encode()).hexdigest()[:6]}" if given else ""


def _refuse_equal_rows(rows: Mapping[str, Params]) -> None:
    seen: dict[str, str] = {}
    for name, params in rows.items():
        first = seen.setdefault(params.model_dump_json(), name)
        if first != name:
            raise InputError(
                f"rows {first} and {name} are the same with these settings: leave out what they differ in."
            )


def _refuse_missing_weights(rows: Mapping[str, Params], root: Path) -> None:
    files = {name: weights_file(params, root) for name, params in rows.items()}
    missing = [f"{path} (row {name})" for name, path in files.items() if path and not path.is_file()]
    if missing:
        raise InputError(
            f"weights: {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not there: get timm's files of "
            "these names as docs/backbones.md says, or try it all with random weights by `-S weights=null`."
        )


def _refuse_unlabelled_task(competition: str, root: Path) -> None:
    task = load_competition(competition, root / COMPETITIONS).task
    if task not in LABELLED_ONCE:
        raise InputError(
            f"pseudo_threshold: labels for a second round need one label an image, and {competition} has task: {task}: "
            "take the key out of the recipe's file."
        )
