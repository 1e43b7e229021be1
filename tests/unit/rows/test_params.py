"""params.yaml is typed, and a mistake is one sentence."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import (
    Params,
    describe_params,
    load_params,
    load_session,
    parse_image_size,
    parse_params,
    parse_session,
    step_params,
)
from scoretable.rows.stages import STEPS
from scoretable.workspace.errors import InputError

ROOT = Path(__file__).parents[3]


def mistake(**content: object) -> str:
    with pytest.raises(InputError) as caught:
        parse_params(content, "params.yaml")
    return str(caught.value)


FILES = pytest.mark.parametrize(("name", "model"), [("params", Params), ("session", SessionParams)])


def test_the_files_of_the_repository_hold_the_defaults() -> None:
    assert load_params(ROOT / "params.yaml") == Params()
    assert load_session(ROOT / "session.yaml") == SessionParams()


@FILES
def test_a_file_explains_each_key_in_the_words_of_the_model(name: str, model: type) -> None:
    lines = [line for line in (ROOT / f"{name}.yaml").read_text().splitlines() if not line.startswith("#")]
    expected = [f"{key}: {default}  # {meaning}" for key, default, meaning, _ in describe_params(model)]
    assert [" ".join(line.split()) for line in lines] == [" ".join(line.split()) for line in expected]


def test_the_first_columns_of_dvc_exp_show_are_those_of_the_teams_sheet() -> None:
    first = ["model", "image_size", "epochs", "batch_size", "optimizer", "learning_rate"]
    assert list(Params.model_fields)[:6] == first


def test_a_key_of_the_other_file_is_refused_with_the_file_where_it_belongs() -> None:
    assert mistake(max_hours=5.0) == "params.yaml: the key max_hours belongs in session.yaml: move it there."
    with pytest.raises(InputError, match=r"the key epochs belongs in params\.yaml"):
        parse_session({"epochs": 5}, "session.yaml")


def test_the_docs_list_each_key_in_the_words_of_the_model() -> None:
    docs = (ROOT / "docs/params.md").read_text().splitlines()
    rows = [f"| `{key}` | `{default}` | {meaning} | {steps} |" for key, default, meaning, steps in describe_params()]
    rows += [f"| `{key}` | `{default}` | {meaning} |" for key, default, meaning, _ in describe_params(SessionParams)]
    assert [row for row in rows if row not in docs] == []


def test_a_misspelt_key_is_refused_with_the_nearest_one() -> None:
    assert mistake(batchsize=16) == "params.yaml: unknown key batchsize (did you mean batch_size?)."


def test_an_unknown_model_is_refused_with_the_nearest_one() -> None:
    sentence = mistake(model="InceptonV3")
    assert sentence.startswith("params.yaml: model: InceptonV3 must be one of ")
    assert "(did you mean InceptionV3?)" in sentence


def test_a_negative_epoch_count_is_refused_with_what_is_allowed() -> None:
    assert mistake(epochs=-1) == "params.yaml: epochs: -1 must be greater than or equal to 1."


def test_a_number_with_an_exponent_is_a_number_although_yaml_makes_a_text_of_it(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text("learning_rate: 1e-4\n")
    path.with_name("session.yaml").write_text("max_hours: 1E1\n")
    assert load_params(path).learning_rate == 0.0001
    assert load_session(path.with_name("session.yaml")).max_hours == 10.0


def test_an_image_size_that_the_model_refuses_is_refused() -> None:
    sentence = mistake(model="InceptionV3", image_size=64)
    assert (
        sentence
        == "params.yaml: image_size: 64 is too small for model: InceptionV3, which needs at least 75 pixels per side."
    )


def test_an_image_size_that_is_not_made_of_patches_is_refused() -> None:
    sentence = mistake(model="vit_base_patch16_224", image_size="480x360")
    assert sentence == (
        "params.yaml: image_size: 480x360 does not fit model: vit_base_patch16_224, which needs multiples of 16 pixels "
        "per side, such as 480x352."
    )


def test_weights_of_another_model_are_refused() -> None:
    sentence = mistake(model="ConvNeXtTiny", weights="convnext_large.fb_in22k")
    assert "are of model: ConvNeXtLarge, not of model: ConvNeXtTiny: change one of the two" in sentence
    assert Params(model="ConvNeXtLarge", weights="convnext_large.fb_in22k").weights == "convnext_large.fb_in22k"


def test_a_malformed_image_size_is_refused() -> None:
    assert "height x width such as 448x320" in mistake(image_size="big")


def test_a_word_from_a_short_list_is_refused_with_the_list() -> None:
    assert mistake(aspect="strech") == (
        "params.yaml: aspect: strech must be one of stretch, crop, pad (did you mean stretch?)."
    )


def test_an_augmentation_is_a_known_name_or_a_list_of_them() -> None:
    assert "did you mean flip?" in mistake(augment="flips")
    assert "did you mean cutmix?" in mistake(augment=["flip", "cutmx"])
    assert parse_params({"augment": "none"}, "here").augmentations == ()
    assert parse_params({"augment": ["flip", "crop"]}, "here").augmentations == ("flip", "crop")


def test_a_view_is_a_known_name_or_a_list_of_them() -> None:
    assert "did you mean flip?" in mistake(tta="flips")
    assert "did you mean rotate_180?" in mistake(tta=["flip", "rotate180"])
    assert parse_params({"tta": "none"}, "here").views == ()
    assert parse_params({"tta": "flip_scales"}, "here").views == ("flip_scales",)
    assert parse_params({"tta": ["flip", "rotate_90"]}, "here").views == ("flip", "rotate_90")


def test_views_that_turn_an_image_to_its_side_are_refused_where_it_is_not_square() -> None:
    assert parse_params({"tta": "rotate_180", "image_size": "64x48"}, "here").views == ("rotate_180",)
    assert "change image_size: 64x48 to a square" in mistake(tta="transpose", image_size="64x48")


def test_a_mean_of_weights_takes_two_epochs_and_no_other_choice_of_weights() -> None:
    assert parse_params({"epochs": 8, "swa": 0.25}, "here").swa == 0.25
    assert "swa: 0.1 of epochs: 8 is less than two epochs" in mistake(epochs=8, swa=0.1)
    assert "swa and ema each say" in mistake(swa=0.5, ema=0.9)
    assert "swa and early_stopping each say" in mistake(swa=0.5, early_stopping=3)


@pytest.mark.parametrize("schedule", ["one_cycle", "reduce_on_plateau"])
def test_the_rate_rises_only_where_the_schedule_leaves_room_for_it(schedule: str) -> None:
    assert parse_params({"schedule": schedule}, "here").schedule == schedule
    assert mistake(schedule=schedule, warmup=0.1) == (
        f"params.yaml: warmup: 0.1 does not go with schedule: {schedule}: set warmup to 0, or schedule to cosine or "
        "constant."
    )


def test_early_sizes_are_smaller_and_fewer_than_the_epochs() -> None:
    sized = parse_params({"image_size": "64x96", "early_sizes": [32, "48x64"]}, "here")
    assert sized.first_sizes == ((32, 32), (48, 64))
    assert "early_sizes: 128x128 must be within image_size: 64x64" in mistake(image_size=64, early_sizes=[128])
    assert "at least 75 pixels" in mistake(model="InceptionV3", early_sizes=[64])
    assert "take more than epochs: 2" in mistake(epochs=2, early_sizes=[32, 64])
    assert "early_sizes and early_stopping do not go together" in mistake(early_sizes=[64], early_stopping=2)
    assert "do not go with model: vit_tiny_patch16_224" in mistake(
        model="vit_tiny_patch16_224", image_size=64, early_sizes=[32]
    )
    assert mistake(early_sizes=["small"]).startswith("params.yaml: early_sizes: ")


def test_parts_of_a_batch_are_equal() -> None:
    assert parse_params({"batch_size": 12, "accumulate": 4}, "here").accumulate == 4
    assert mistake(batch_size=10, accumulate=4) == (
        "params.yaml: accumulate: 4 does not divide batch_size: 10 into equal parts: change one of the two."
    )


def test_a_fold_is_one_of_those_there_are_or_all() -> None:
    assert parse_params({"fold": "all", "validation": 0.25}, "here").held_out_folds == (0, 1, 2, 3)
    assert parse_params({"fold": 2}, "here").held_out_folds == (2,)
    assert "fold: 5 does not exist" in mistake(fold=5)
    assert "must" in mistake(fold="every")


@pytest.mark.parametrize(("validation", "folds"), [(0.5, 2), (0.35, 3), (0.2, 5), (0.15, 7), (0.1, 10)])
def test_a_share_of_validation_makes_the_nearest_number_of_folds(validation: float, folds: int) -> None:
    assert Params(validation=validation).folds == folds


def test_a_list_of_images_to_leave_out_lies_where_dvc_watches() -> None:
    assert parse_params({"drop": "workflow/drops/leaves.txt"}, "params.yaml").drop == "workflow/drops/leaves.txt"
    for path in ("leaves.txt", "workflow/drops/../leaves.txt", "workflow/drops/leaves.csv", "/workflow/drops/a.txt"):
        with pytest.raises(InputError, match=r"drop: .*file of workflow/drops/"):
            parse_params({"drop": path}, "params.yaml")


def test_text_where_a_number_belongs_is_refused() -> None:
    assert mistake(batch_size="many").startswith("params.yaml: batch_size: many must be")


def test_several_mistakes_are_told_at_once() -> None:
    sentence = mistake(epochs=0, seed=-1)
    assert "epochs: 0" in sentence
    assert "seed: -1" in sentence


def test_a_missing_file_says_how_to_restore_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is missing: restore it"):
        load_params(tmp_path / "params.yaml")


def test_broken_yaml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text("epochs: [1\n")
    with pytest.raises(InputError, match="not valid YAML"):
        load_params(tmp_path / "params.yaml")


@pytest.mark.parametrize(
    ("key", "value"), [("loss", "binary_crosentropy"), ("metrics", "acuracy"), ("activation", "softmin")]
)
def test_an_unknown_name_is_refused_with_the_nearest_one(key: str, value: str) -> None:
    assert "(did you mean " in mistake(**{key: value})


def test_every_param_belongs_to_a_step_and_no_key_of_a_session_does() -> None:
    belonging = {name for step in STEPS for name in step_params(step)}
    assert belonging == set(Params.model_fields)
    assert all(steps == "" for *_, steps in describe_params(SessionParams))


@given(st.integers(1, 9999), st.integers(1, 9999))
def test_an_image_size_reads_as_height_and_width(height: int, width: int) -> None:
    assert parse_image_size(f"{height}x{width}") == (height, width)


@given(
    st.dictionaries(st.text(max_size=12), st.none() | st.integers() | st.floats() | st.text() | st.lists(st.integers()))
)
def test_whatever_is_given_the_answer_is_params_or_a_sentence(content: dict[str, object]) -> None:
    try:
        parse_params(content, "here")
    except InputError as error:
        assert str(error).startswith("here: ")


@given(
    st.sampled_from(list(Params.model_fields)),
    st.none() | st.integers() | st.floats() | st.text() | st.lists(st.text()),
)
def test_whatever_a_key_is_set_to_the_answer_is_params_or_a_sentence(key: str, value: object) -> None:
    try:
        parse_params({key: value}, "here")
    except InputError as error:
        assert key in str(error) or key in ("validation", "model")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("yes", "would come back as bool, not as text"),
        ("1:30", "would come back as int, not as text"),
        ("Off", "would come back as bool, not as text"),
        ("${x}", "must not contain ${"),
        ("models/${model}.h5", "must not contain ${"),
    ],
)
def test_a_text_that_dvc_or_yaml_would_change_is_refused_with_the_reason(text: str, reason: str) -> None:
    for parse, key in ((parse_params, "weights"), (parse_session, "archive")):
        with pytest.raises(InputError, match=re.escape(reason)) as refused:
            parse({key: text}, "params.yaml")
        assert key in str(refused.value)


@pytest.mark.parametrize("text", ["a.weights.h5", "한글 파일: 1.h5", "1e5", "~/a#b.h5", "true", "12", ""])
def test_a_text_that_stays_one_is_taken(text: str) -> None:
    assert parse_params({"weights": text}, "params.yaml").weights == text
