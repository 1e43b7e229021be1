"""A look at the data as one HTML page that needs no network and no other file."""

from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from scoretable.audit.look import Look
from scoretable.audit.report import QUANTILES, telling_rows
from scoretable.audit.thumbnails import contact_sheet, thumbnail
from scoretable.page.scripts import content_policy

FOLDER = Path("workflow/report/data")
MOST_CLASSES = 60  # that have a sheet of their own
SHEET = 10  # images of a class
MOST_REPEATS, MOST_IMAGES = 30, 6  # groups that are shown, and images of each
MOST_SUSPECTS = 60
MOST_SIZES = 8
SHOWN = 12  # images that tell train from test, of each kind
BINS = 24


def write_page(look: Look, found: dict[str, Any], title: str, root: Path) -> str:
    """Return the page. found: what `describe` says of the look."""
    environment = Environment(
        loader=FileSystemLoader(root / FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    style = (root / FOLDER / "data.css").read_text(encoding="utf-8")
    return environment.get_template("data.html.jinja").render(
        title=title,
        found=found,
        policy=f"{content_policy([], style)}; img-src data:",
        style=style,
        quantiles=[f"{quantile:.0%}" for quantile in QUANTILES],
        sizes=found["sizes"][:MOST_SIZES],
        histograms={name: _histogram(look, name) for name in ("brightness", "contrast", "sharpness", "aspect")},
        sheets=_sheets(look),
        repeats=_repeats(look, found),
        telling=_telling(look),
        suspects=_suspects(look, found),
    )


def _histogram(look: Look, name: str) -> list[tuple[float, float]]:
    """Return the shares of training and of test images in bins of equal width, as parts of the largest one."""
    columns = [table.figures[name].to_numpy(float) for table in (look.train, look.test)]
    ends = np.min(np.concatenate(columns)), np.max(np.concatenate(columns))
    shares = [np.histogram(column, BINS, ends)[0] / max(len(column), 1) for column in columns]
    highest = max(float(share.max()) for share in shares)
    return [(float(ours) / highest, float(others) / highest) for ours, others in zip(*shares, strict=True)]


def _sheets(look: Look) -> list[tuple[str, int, str]]:
    """Return name, number of images and contact sheet of the largest classes, its images spread over the table."""
    shown = look.classes[:MOST_CLASSES]
    spread = [each.rows[np.unique(np.linspace(0, len(each.rows) - 1, SHEET).astype(int))] for each in shown]
    return [
        (each.name, len(each.rows), contact_sheet(look.cache.train_images, rows.tolist()))
        for each, rows in zip(shown, spread, strict=True)
    ]


def _repeats(look: Look, found: dict[str, Any]) -> list[dict[str, Any]]:
    told = found["duplicates"]["list"][:MOST_REPEATS]
    groups = zip(look.repeats, told, strict=False)
    return [each | {"pictures": _pictures(look, repeat.train, repeat.test)} for repeat, each in groups]


def _pictures(look: Look, train: list[int], test: list[int]) -> list[dict[str, str]]:
    """Return the first images of a group, each with what stands below it; of both splits where there are both."""
    ours = train[: MOST_IMAGES - min(len(test), MOST_IMAGES // 2)]
    others = test[: MOST_IMAGES - len(ours)]
    table = look.cache.train
    return [
        {"picture": thumbnail(look.cache.train_images[row]), "caption": f"{table['id'][row]}: {table['label'][row]}"}
        for row in ours
    ] + [
        {"picture": thumbnail(look.cache.test_images[row]), "caption": f"{look.cache.test['id'][row]}: test"}
        for row in others
    ]


def _telling(look: Look) -> list[tuple[str, list[dict[str, str]]]]:
    if look.shift is None or look.shift.auc.low <= 0.5:  # where nothing tells, these would be any images
        return []
    like, unlike = telling_rows(look.shift, look.known, len(look.cache.train))
    ours = [part for row in like[:SHOWN] for part in _pictures(look, [row], [])]
    others = [part for row in unlike[:SHOWN] for part in _pictures(look, [], [row])]
    return [("Training images that look most like test images", ours),
            ("Test images that look least like training images", others)]  # fmt: skip


def _suspects(look: Look, found: dict[str, Any]) -> list[dict[str, Any]]:
    told = found["label_suspects"]["list"][:MOST_SUSPECTS]
    pairs = zip(look.suspects or [], told, strict=False)
    return [each | {"picture": thumbnail(look.cache.train_images[suspect.row])} for suspect, each in pairs]
