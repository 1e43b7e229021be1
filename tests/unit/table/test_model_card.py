"""A model card tells what a row was made of, how good it is, its limits, and the licence of its weights."""

import json
from pathlib import Path

import pytest
from made_experiments import add_experiment, add_output, keep
from scoretable.experiments.experiment import find_experiment
from scoretable.models.backbones import BACKBONES
from scoretable.table.model_card import licence_of, write_model_card
from unit.table.test_comparison import add_row, answers

LABELS = ["blast"] * 40 + ["tungro"] * 7


def card(repository: Path, **params: object) -> str:
    add_experiment(repository, "row", 0.75, public=0.5, **params)
    table = "id,label\n" + "".join(f"{number}.jpg,{label}\n" for number, label in enumerate(LABELS))
    listed = [{"md5": keep(repository, table), "relpath": "train.csv"}]
    add_output(repository, "row", "data/cache/sandbox/128", json.dumps(listed).encode(), ".dir")
    return write_model_card(find_experiment(repository, "row"), repository)


def test_it_tells_the_data_with_the_images_of_each_class(repository: Path) -> None:
    text = card(repository)
    experiment = find_experiment(repository, "row")
    assert f"MD5 {experiment.outputs['data/raw/sandbox.zip']}" in text
    assert "47, of 2 classes" in text
    assert "| blast   |                40 |" in text
    assert "these are no photos" in text
    assert "Fewer than 30 labelled images: tungro." in text


def test_it_tells_the_scores_with_their_intervals(repository: Path) -> None:
    text = card(repository)
    assert "- validation 0.7500, 75 of 100; other images: 0.6570 to 0.8245" in text  # Wilson's


def test_the_answers_to_the_validation_images_are_scored_where_they_are_here(repository: Path) -> None:
    add_row(repository, "row", 0.75, answers(range(60)))
    text = write_model_card(find_experiment(repository, "row"), repository)
    assert [line for line in text.splitlines() if line.startswith("- validation")] == [
        "- validation accuracy 0.6000 on 100 images; other images: 0.5020 to 0.6906 (95%)"
    ]


def test_it_has_all_params_and_how_the_row_is_made_again(repository: Path) -> None:
    text = card(repository, batch_size=16)
    assert "batch_size: 16\n" in text
    assert "dvc exp run -S batch_size=16" in text
    assert "`scoretable verify row`" in text


@pytest.mark.parametrize(
    ("changes", "limit"),
    [({"box": "crop"}, "the bounding boxes of photos only"), ({"tta": "flip"}, "an exported file leaves out")],
)
def test_a_limit_of_a_param_is_told_where_it_is_set(repository: Path, changes: dict[str, str], limit: str) -> None:
    assert limit in card(repository, **changes)


def test_no_limit_is_told_that_is_none(repository: Path) -> None:
    text = card(repository)
    assert "bounding boxes" not in text
    assert "test-time" not in text


@pytest.mark.parametrize(
    ("model", "weights", "licence"),
    [
        ("VGG16", "imagenet", "CC BY 4.0"),
        ("ResNet50V2", "imagenet", "MIT"),
        ("DenseNet121", "imagenet", "BSD"),
        ("EfficientNetLite0", "imagenet", "Apache"),
        ("ConvNeXtTiny", "convnext_tiny.fb_in22k", "Apache"),
        ("swinv2_tiny_window8_256", "imagenet", "MIT"),
        ("VGG16", None, "at random"),
        ("VGG16", "mine.weights.h5", "mine.weights.h5"),
    ],
)
def test_the_licence_is_that_of_the_weights_that_training_began_with(
    model: str, weights: str | None, licence: str
) -> None:
    assert model in BACKBONES
    assert licence in licence_of(model, weights)
