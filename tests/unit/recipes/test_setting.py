"""params.yaml is set to exactly the recipe, and keeps its comments and its order."""

import shutil
from pathlib import Path

import pytest
from scoretable.recipes.recipe_file import RECIPES, RecipeFile, list_recipes, load_recipe
from scoretable.recipes.setting import set_keys, set_recipe
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params, load_params, load_session
from scoretable.workspace.errors import InputError

ROOT = Path(__file__).parents[3]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with the two files as the repository has them, and the recipes."""
    for name in ("params.yaml", "session.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / RECIPES, tmp_path / RECIPES)
    return tmp_path


def comments(path: Path) -> list[str]:
    lines = path.read_text().splitlines()
    return [f"{line.partition(':')[0]}{line.partition('#')[2]}" for line in lines]


def made(params: dict[str, object], session: dict[str, object] | None = None) -> RecipeFile:
    return RecipeFile(
        title="t", purpose="p", needs={"data": "none", "gpu": False}, gave=None, params=Params(**params),
        session=SessionParams(**(session or {})),
    )  # fmt: skip


@pytest.mark.parametrize("name", list_recipes(ROOT))
def test_after_a_recipe_the_params_are_exactly_its_own(home: Path, name: str) -> None:
    set_keys(home / "params.yaml", {"sandbox_seed": 7, "ema": 0.99, "metrics": ["accuracy", "auc"]})
    set_recipe(load_recipe(name, home), home)
    assert load_params(home / "params.yaml") == load_recipe(name, home).params


@pytest.mark.parametrize("name", list_recipes(ROOT))
def test_comments_and_order_stay_and_the_way_back_leads_to_the_same_file(home: Path, name: str) -> None:
    set_recipe(load_recipe(name, home), home)
    assert comments(home / "params.yaml") == comments(ROOT / "params.yaml")
    set_recipe(load_recipe("laptop", home), home)
    assert (home / "params.yaml").read_text() == (ROOT / "params.yaml").read_text()


def test_each_change_is_told_and_nothing_else(home: Path) -> None:
    set_keys(home / "params.yaml", {"ema": 0.99})
    assert set_recipe(made({"epochs": 7, "augment": ["flip", "crop"], "learning_rate": 1e-05}), home) == [
        "params.yaml: epochs: 5 -> 7",
        "params.yaml: learning_rate: 0.001 -> 1.0e-05",
        "params.yaml: ema: 0.99 -> null",
        "params.yaml: augment: flip -> [flip,crop]",
    ]
    assert load_params(home / "params.yaml").learning_rate == 1e-05
    assert set_recipe(made({"epochs": 7, "augment": ["flip", "crop"], "learning_rate": 1e-05}), home) == []


def test_a_list_as_dvc_writes_it_is_replaced_whole(home: Path) -> None:
    params = home / "params.yaml"
    params.write_text(params.read_text().replace("augment: flip  ", "augment:\n- flip\n- crop\n#"))
    set_recipe(made({}), home)
    assert load_params(params) == Params()


def test_a_key_that_the_file_lacks_is_added(home: Path) -> None:
    (home / "params.yaml").write_text("epochs: 3\n")
    set_recipe(made({"tta": "flip"}), home)
    assert (home / "params.yaml").read_text() == "epochs: 5\ntta: flip\n"


def test_the_session_keeps_what_the_recipe_does_not_name(home: Path) -> None:
    set_keys(home / "session.yaml", {"archive": "mine.zip", "max_hours": 5.0})
    told = set_recipe(made({}, {"max_hours": None, "backend": "jax"}), home)
    assert told == ["session.yaml: backend: null -> jax", "session.yaml: max_hours: 5.0 -> null"]
    assert load_session(home / "session.yaml") == SessionParams(archive="mine.zip", backend="jax")


def test_a_recipe_reruns_no_reported_row(home: Path) -> None:
    set_keys(home / "session.yaml", {"reruns": "paddy/8", "scale": "epochs x 0.1"})
    told = set_recipe(made({}), home)
    assert told == ["session.yaml: reruns: paddy/8 -> null", "session.yaml: scale: epochs x 0.1 -> null"]
    assert load_session(home / "session.yaml") == SessionParams()


@pytest.mark.parametrize("name", ["params.yaml", "session.yaml"])
def test_files_that_are_not_valid_are_left_as_they_are(home: Path, name: str) -> None:
    with (home / name).open("a") as file:
        file.write("epoch: 7\n")
    before = [(home / file).read_text() for file in ("params.yaml", "session.yaml")]
    with pytest.raises(InputError, match=rf"{name}: unknown key epoch"):
        set_recipe(made({"epochs": 7}, {"max_hours": 3.0}), home)
    assert [(home / file).read_text() for file in ("params.yaml", "session.yaml")] == before
