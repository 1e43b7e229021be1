"""Training images that a row leaves out, by a list of their names."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from scoretable.competition.description import Competition
from scoretable.competition.labels import refuse_too_few
from scoretable.competition.tables import name_some, shorten
from scoretable.manifest.manifest import Manifest
from scoretable.workspace.errors import InputError, how_many, nearest_name


def leave_out(manifest: Manifest, names: Sequence[str], source: Path, competition: Competition) -> Manifest:
    """Return the manifest without the training images that `names` lists, which it has among `skipped`.

    `names`: ids, or paths in the archive; `source`: the file that lists them. Raises InputError for a name of no
    training image, and where too few images of a label are left.
    """
    train = manifest.train
    _refuse_unknown(names, manifest, source)
    out = train["id"].isin(names) | train["member"].isin(names)
    kept = train[~out].reset_index(drop=True)
    refuse_too_few(kept["label"], manifest.classes, competition, f"training images without those of {source}")
    skipped = [{"id": id_, "split": "train", "reason": f"listed in {source}"} for id_ in train["id"][out]]
    return replace(manifest, train=kept, skipped=[*manifest.skipped, *skipped])


def _refuse_unknown(names: Sequence[str], manifest: Manifest, source: Path) -> None:
    known = {*manifest.train["id"], *manifest.train["member"]}
    unknown = [name for name in names if name not in known]
    if not unknown:
        return
    if set(unknown) & _names_of(manifest.test):
        tested = [name for name in unknown if name in _names_of(manifest.test)]
        raise InputError(
            f"{source}: {name_some(tested)} {'is a test image' if len(tested) == 1 else 'are test images'}, which the "
            "submission must answer: remove it from the list."
        )
    near = nearest_name(unknown[0], known)
    meant = f" (did you mean {shorten(near)}?)" if near else f", whose ids are such as {manifest.train['id'].iloc[0]}"
    raise InputError(
        f"{source}: {how_many(len(unknown), 'name')} of no training image, {name_some(unknown)}{meant}: write ids as "
        "train.csv of the image cache has them, one a line."
    )


def _names_of(table: pd.DataFrame) -> set[str]:
    return {*table["id"], *table["member"]}
