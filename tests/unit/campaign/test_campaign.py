"""A campaign is the rows of a recipe with the settings of a call, or is refused before anything runs."""

from pathlib import Path

import pytest
from scoretable.campaign.campaign import Campaign, plan_campaign
from scoretable.recipes.recipe_file import Blending, RecipeFile, load_recipe
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params
from scoretable.workspace.errors import InputError

ROOT = Path(__file__).parents[3]
ROWS = {"one": Params(epochs=2), "two": Params(epochs=2, model="SmallCNN", weights=None)}


def recipe(**changed: object) -> RecipeFile:
    whole = {
        "title": "t", "purpose": "p", "needs": {"data": "none", "gpu": False}, "gave": None, "params": Params(),
        "rows": ROWS, "blend": Blending(), "pseudo_threshold": 0.8,
    }  # fmt: skip
    return RecipeFile.model_validate(whole | changed)


def planned(*settings: str, **changed: object) -> Campaign:
    return plan_campaign("mine", recipe(**changed), settings, ROOT)


def refusal(*settings: str, **changed: object) -> str:
    with pytest.raises(InputError) as caught:
        planned(*settings, **changed)
    return str(caught.value)


def test_a_setting_is_that_of_all_rows_and_each_keeps_what_is_its_own() -> None:
    runs = planned("epochs=3", "image_size=64").runs(1, None)
    assert [(run.params.epochs, run.params.image_size) for run in runs] == [(3, 64), (3, 64)]
    assert [run.params.model for run in runs] == ["EfficientNetLite0", "SmallCNN"]


def test_rows_with_other_settings_have_other_names() -> None:
    (plain, *_), (other, *_) = planned().runs(1, None), planned("epochs=3").runs(1, None)
    assert plain.name == "mine-1-one"
    assert other.name.startswith("mine-") and other.name.endswith("-1-one") and other.name != plain.name


def test_the_second_round_is_the_same_rows_with_pseudo_labels() -> None:
    campaign = planned()
    for first, second in zip(campaign.runs(1, None), campaign.runs(2, "blend"), strict=True):
        more = {"pseudo_labels": "blend", "pseudo_threshold": 0.8}
        assert second.params.model_dump() == first.params.model_dump() | more


def test_the_threshold_can_be_set_and_is_that_of_the_second_round_alone() -> None:
    campaign = planned("pseudo_threshold=0.6")
    assert campaign.runs(1, None)[0].params.pseudo_threshold == Params().pseudo_threshold
    assert campaign.runs(2, "blend")[0].params.pseudo_threshold == 0.6


def test_another_threshold_makes_the_second_round_under_other_names_and_leaves_the_first_as_it_is() -> None:
    plain, other = planned(), planned("pseudo_threshold=0.6")
    assert other.runs(1, None) == plain.runs(1, None)
    assert {run.name for run in other.runs(2, "b")}.isdisjoint(run.name for run in plain.runs(2, "b"))
    assert planned("pseudo_threshold=0.6", "epochs=3").names[0] == planned("epochs=3").names[0]


def test_a_key_of_the_session_makes_no_other_rows() -> None:
    campaign = planned("max_hours=2")
    assert (campaign.names, campaign.session.max_hours) == (("mine-1", "mine-2"), 2.0)


def test_the_recipes_session_is_that_of_each_run_and_reruns_nothing() -> None:
    (run, _) = planned(session=SessionParams(backend="jax", reruns="paddy/8")).runs(1, None)
    assert (run.session.backend, run.session.checkpoint_minutes) == ("jax", SessionParams().checkpoint_minutes)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (("image_size=4",), "row one of mine: image_size: 4 must be between 8 and 4096"),
        (("pseudo_labels=other",), "-S pseudo_labels: mine takes those of its own first blend"),
        (("pseudo_threshold=2",), "-S: pseudo_threshold: 2"),
        (("model=SmallCNN", "weights=null"), "rows one and two are the same with these settings"),
        (("weights=data/none.safetensors",), "data/none.safetensors (row one), "),
        (("train_on=kaggle", "archive=a.zip"), "train_on: kaggle needs a competition whose data Kaggle has"),
        (
            ("train_on=kaggle",),
            "train_on: kaggle cannot read pseudo_labels: mine's blend, a row on this machine",
        ),
        (("competition=digits",), "pseudo_threshold: labels for a second round need one label an image"),
    ],
)
def test_what_does_not_fit_each_row_is_refused_in_a_sentence(
    settings: tuple[str, ...], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    described = type("Described", (), {"task": "regression"})
    if settings == ("competition=digits",):
        monkeypatch.setattr("scoretable.campaign.campaign.load_competition", lambda *arguments: described)
    assert reason in refusal(*settings)


def test_a_recipe_of_one_row_is_no_campaign() -> None:
    assert "mine is one row" in refusal(rows={}, blend=None, pseudo_threshold=None)


def test_the_two_recipes_have_the_same_shape() -> None:
    large, small = load_recipe("paddy-best", ROOT), load_recipe("best-laptop", ROOT)
    assert len(large.rows) == len(small.rows) == 4
    assert large.blend == small.blend
    assert large.pseudo_threshold and small.pseudo_threshold
    assert {row.fold for one in (large, small) for row in one.rows.values()} == {"all"}


def test_the_large_recipe_is_four_backbones_of_large_batches_and_says_which_files_it_lacks() -> None:
    large = load_recipe("paddy-best", ROOT)
    assert len({row.model for row in large.rows.values()}) == 4
    assert {(row.batch_size, row.accumulate > 1, row.epochs, row.crop_area) for row in large.rows.values()} == {
        (64, True, 12, 0.75)
    }
    files = [Path(row.weights).name for row in large.rows.values() if row.weights and "/" in row.weights]
    assert len(files) == 3 and all(name in large.needs.data for name in files)
    with pytest.raises(InputError, match=r"vit_large_patch16_224\S+ \(row vit\), .*are not there: get timm's files"):
        plan_campaign("paddy-best", large, [], ROOT)


def test_the_large_recipe_runs_on_the_sandbox_with_random_weights() -> None:
    settings = ["competition=sandbox", "image_size=64", "weights=null", "epochs=1"]
    runs = plan_campaign("paddy-best", load_recipe("paddy-best", ROOT), settings, ROOT).runs(2, "blend")
    assert {(run.params.competition, run.params.image_size, run.params.weights) for run in runs} == {
        ("sandbox", 64, None)
    }
