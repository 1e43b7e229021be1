"""Names of rows: what sets a row apart from the defaults, and a digest of everything else."""

import re
from collections.abc import Iterator
from typing import Any

from scoretable.rows.params import Params

SHORT = {"epochs": "e", "batch_size": "b", "learning_rate": "lr", "seed": "seed", "fold": "fold"}
SPEAKS_FOR_ITSELF = ("optimizer", "schedule", "loss", "precision", "augment")  # its value tells which param it is
NAMED_ANYWAY = ("competition", "model", "image_size")
MOST_DIFFERENCES = 4  # the digest stands for the rest


def row_name(params: Params, digest: str, is_drawn: bool) -> str:
    """Return the name of a row's experiment; `digest` is that of its lineage.

    is_drawn: whether the program draws its competition, which alone makes the params of the sandbox count.

    >>> row_name(Params(batch_size=16, optimizer="sgd"), "3f2a91c0ffee0000", is_drawn=True)
    'sandbox-lite0-128px-b16-sgd-3f2a91'
    """
    model = params.model.removeprefix("EfficientNet").lower() or params.model.lower()
    differences = list(_differences(params, is_drawn))[:MOST_DIFFERENCES]
    return "-".join([slug(params.competition), model, f"{params.image_size}px", *differences, digest[:6]])


def slug(text: str) -> str:
    """Return a text as part of an experiment's name.

    >>> slug("augment=[flip, crop]")
    'augment-flip-crop'
    """
    return re.sub(r"\.{2,}|[^A-Za-z0-9.]+", "-", text).strip("-.")


def _differences(params: Params, is_drawn: bool) -> Iterator[str]:
    idle = () if is_drawn else ("sandbox_images", "sandbox_seed")
    for name, field in Params.model_fields.items():
        value = getattr(params, name)
        if name not in (*NAMED_ANYWAY, *idle) and value != field.default:
            yield _short(name, value)


def _short(name: str, value: Any) -> str:
    if isinstance(value, list):
        value = "-".join(map(str, value))
    if name == "weights" and value is None:
        return "random"
    if name in SHORT:
        return f"{SHORT[name]}{slug(str(value))}"
    return slug(str(value)) if name in SPEAKS_FOR_ITSELF and value else slug(f"{name}-{value}")
