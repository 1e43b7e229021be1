"""The lineage of a row names the bytes that it takes of an earlier one, which has to be there and to fit."""

from pathlib import Path
from typing import Any

import pytest
from made_experiments import add_experiment, add_output, commit, rewrite_experiment
from scoretable.experiments.earlier_rows import doubts, trace_row, weights_file
from scoretable.rows.params import Params
from scoretable.workspace.errors import InputError


def with_row(folder: Path, name: str = "first", **params: Any) -> None:
    add_experiment(folder, name, 0.5, **params)
    add_output(folder, name, "data/predictions.npz", b"answers")


def digests(folder: Path, **params: Any) -> dict[str, str]:
    return {step: lineage.digest for step, lineage in trace_row(Params(**params), folder).items()}


def test_a_training_names_the_model_of_the_row_whose_weights_it_starts_from(repository: Path) -> None:
    with_row(repository)
    upstream = trace_row(Params(weights="row:first"), repository)["train"].upstream
    assert set(upstream) == {"preprocess", "models/model.keras of row first", "data/predictions.npz of row first"}
    before = digests(repository, weights="row:first")
    add_experiment(repository, "other", 0.5)
    assert digests(repository, weights="row:first") == before
    add_output(repository, "first", "models/model.keras", b"another model")
    after = digests(repository, weights="row:first")
    assert {step for step in after if after[step] != before[step]} == {"train", "predict", "evaluate", "submission"}


def test_a_training_names_the_bytes_of_the_file_whose_weights_it_starts_from(repository: Path) -> None:
    file = repository / "mine.weights.h5"
    before = digests(repository, weights="mine.weights.h5")
    seen = set()
    for content in (b"weights", b"other weights"):
        file.write_bytes(content)
        after = digests(repository, weights="mine.weights.h5")
        assert {step for step in after if after[step] != before[step]} == {"train", "predict", "evaluate", "submission"}
        seen.add(after["train"])
    assert len(seen) == 2


def test_a_file_of_weights_that_git_ignores_is_known_in_dvcs_copy_too(tmp_path: Path) -> None:
    copy = tmp_path / ".dvc/tmp/exps/standalone/one"
    assert weights_file(Params(weights="data/mine.weights.h5"), copy) == tmp_path / "data/mine.weights.h5"
    assert weights_file(Params(weights="convnext_tiny.fb_in22k", model="ConvNeXtTiny"), copy) is None


def test_a_row_that_takes_nothing_of_others_asks_for_none(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scoretable.experiments.earlier_rows.list_experiments", lambda root: 1 / 0)
    assert trace_row(Params(), repository)["train"].upstream.keys() == {"preprocess"}


@pytest.mark.parametrize(
    ("row", "params", "sentence"),
    [
        ({}, {"weights": "row:second"}, "weights: there is no row second here"),
        ({"model": "SmallCNN", "weights": None}, {}, "first has model: SmallCNN, whose weights do not fit"),
        ({"seed": 3}, {}, "was trained on images that this row would validate on.*: set seed: 3, as that row has"),
        ({"fold": 1}, {"fold": 2}, "set fold: 1, as that row has"),
        ({"fold": 1}, {"fold": "all"}, "set fold: 1, as that row has"),
    ],
)
def test_a_row_that_is_not_there_or_does_not_fit_is_refused(
    repository: Path, row: dict[str, Any], params: dict[str, Any], sentence: str
) -> None:
    with_row(repository, **row)
    with pytest.raises(InputError, match=sentence):
        trace_row(Params(**{"weights": "row:first"} | params), repository)


@pytest.mark.parametrize(
    ("row", "params"),
    [
        ({"fold": "all"}, {"fold": 2}),  # the part of it that has not seen the fold
        ({"fold": "all"}, {"fold": "all"}),
        ({"sandbox_seed": 5, "seed": 3}, {}),  # other images
        ({"competition": "beans", "seed": 3}, {}),
        ({"image_size": 64, "epochs": 9}, {}),
    ],
)
def test_a_row_fits_where_it_has_seen_no_image_that_is_held_out(
    repository: Path, row: dict[str, Any], params: dict[str, Any]
) -> None:
    with_row(repository, **row)
    assert trace_row(Params(**{"weights": "row:first"} | params), repository)


def test_a_row_that_left_out_other_images_by_the_same_list_is_refused(repository: Path) -> None:
    listed = "workflow/drops/bad.txt"
    (repository / listed).parent.mkdir(exist_ok=True)
    (repository / listed).write_text("1.jpg\n")
    commit(repository)
    with_row(repository, drop=listed)
    (repository / listed).write_text("# checked\n1.jpg\n")
    assert digests(repository, drop=listed, weights="row:first")
    (repository / listed).write_text("2.jpg\n")
    with pytest.raises(InputError, match=f"made with another list in {listed}.*git checkout [0-9a-f]+ -- {listed}`"):
        digests(repository, drop=listed, weights="row:first")
    assert list(doubts(Params(drop=listed, pseudo_labels="first"), repository))


def test_where_duplicates_make_the_folds_images_that_look_otherwise_are_others(repository: Path) -> None:
    with_row(repository, group="duplicates", image_size=96)
    with pytest.raises(InputError, match="set image_size: 96, as that row has"):
        digests(repository, group="duplicates", weights="row:first")
    assert digests(repository, group="duplicates", image_size=96, weights="row:first")


def test_a_training_names_the_answers_that_it_takes_for_labels(repository: Path) -> None:
    with_row(repository)
    upstream = trace_row(Params(pseudo_labels="first"), repository)["train"].upstream
    assert set(upstream) == {"preprocess", "data/predictions.npz of row first"}


@pytest.mark.parametrize(
    ("row", "params", "sentence"),
    [
        ({}, {"pseudo_labels": "second"}, "pseudo_labels: there is no row second here"),
        ({"competition": "beans"}, {}, "row first is of competition beans, and this one of sandbox"),
        ({"competition": "digit-recognizer"}, {"competition": "digit-recognizer"}, ""),
        (
            {"competition": "aptos2019-blindness-detection"}, {"competition": "aptos2019-blindness-detection"},
            "task: ordinal has none",
        ),
    ],
)  # fmt: skip
def test_answers_of_another_competition_or_kind_are_no_labels(
    repository: Path, row: dict[str, Any], params: dict[str, Any], sentence: str
) -> None:
    with_row(repository, **row)
    asked = Params(**{"pseudo_labels": "first"} | params)
    if not sentence:
        assert trace_row(asked, repository)
        return
    with pytest.raises(InputError, match=sentence):
        trace_row(asked, repository)


@pytest.mark.parametrize(
    ("row", "params", "told"),
    [({}, {}, False), ({"fold": "all"}, {}, True), ({"fold": 1}, {}, True), ({"seed": 2}, {}, True)],
)
def test_it_is_said_where_pseudo_labels_know_the_validation_images(
    repository: Path, row: dict[str, Any], params: dict[str, Any], told: bool
) -> None:
    with_row(repository, **row)
    assert bool(list(doubts(Params(pseudo_labels="first", **params), repository))) is told


def test_a_row_without_a_model_such_as_a_blend_is_refused(repository: Path) -> None:
    with_row(repository)
    rewrite_experiment(repository, "first", {"dvc.lock": "schema: '2.0'\nstages: {}\n"})
    with pytest.raises(InputError, match=r"row first has no models/model.keras: name a row that was trained"):
        trace_row(Params(weights="row:first"), repository)
