"""A recipe's file is valid, or refused in one sentence."""

import shutil
from pathlib import Path

import pytest
import yaml
from scoretable.competition.description import load_competition
from scoretable.competition.task import check_softening, resolve_head, resolve_metrics
from scoretable.recipes.recipe_file import RECIPES, UNMEASURED, list_recipes, load_recipe
from scoretable.rows.params import Params, parse_params
from scoretable.table.reproduce import plan_runs
from scoretable.workspace.errors import InputError

ROOT = Path(__file__).parents[3]
KNOWN = list_recipes(ROOT)
NEEDS = {"data": "none", "gpu": False}
GAVE = {"score": 0.5, "interval": [0.4, 0.6], "images": "100 images", "machine": "two cores"}
WHOLE = {"title": "Mine", "purpose": "trying", "needs": NEEDS, "gave": GAVE, "params": {"epochs": 2}}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with the recipe `laptop` alone."""
    (tmp_path / RECIPES).mkdir(parents=True)
    shutil.copy(ROOT / RECIPES / "laptop.yaml", tmp_path / RECIPES)
    return tmp_path


def write(home: Path, **changed: object) -> None:
    content = {key: value for key, value in (WHOLE | changed).items() if value != "left out"}
    (home / RECIPES / "mine.yaml").write_text(yaml.safe_dump(content))


def refusal(home: Path, name: str = "mine") -> str:
    with pytest.raises(InputError) as caught:
        load_recipe(name, home)
    return str(caught.value)


@pytest.mark.parametrize("name", KNOWN)
def test_each_recipe_is_valid_and_its_params_fit_its_competition(name: str) -> None:
    params = load_recipe(name, ROOT).params
    task = load_competition(params.competition, ROOT / "workflow/competitions").task
    resolve_head(task, params.activation, params.loss)
    resolve_metrics(task, params.metric_names)
    check_softening(task, params.class_weights, params.label_smoothing)


@pytest.mark.parametrize("name", KNOWN)
def test_the_params_of_each_row_fit_its_competition_too(name: str) -> None:
    for params in load_recipe(name, ROOT).rows.values():
        task = load_competition(params.competition, ROOT / "workflow/competitions").task
        resolve_head(task, params.activation, params.loss)


def test_a_row_has_its_own_keys_and_else_those_that_all_have(home: Path) -> None:
    write(home, rows={"one": {}, "two": {"epochs": 4}}, blend={"weights": "nnls"})
    rows = load_recipe("mine", home).rows
    assert {name: row.epochs for name, row in rows.items()} == {"one": 2, "two": 4}


def test_the_recipes_that_the_docs_name_are_there() -> None:
    assert {"team-row-8", "laptop", "beans", "paddy-single", "paddy-best", "best-laptop"} <= set(KNOWN)


def test_the_teams_best_row_is_what_reproduce_makes_of_it() -> None:
    (run,) = plan_runs(["paddy/8"], None, {"images": 1.0, "epochs": 1.0, "size": 1.0}, 1, [], ROOT)
    assert load_recipe("team-row-8", ROOT).params == run.params


def test_the_laptops_row_is_the_default_one() -> None:
    assert load_recipe("laptop", ROOT).params == Params()


def test_the_row_of_beans_is_the_command_of_the_docs() -> None:
    page = (ROOT / "docs/competitions.md").read_text().partition("## A recipe for photos")[2]
    settings = page.partition("```\n")[2].partition("```")[0].replace("\\\n", "").replace("'", "").split("-S ")[1:]
    given = dict(setting.strip().split("=", 1) for setting in settings if "session.yaml" not in setting)
    expected = parse_params({key: yaml.safe_load(text) for key, text in given.items()}, "docs")
    assert load_recipe("beans", ROOT).params == expected


def test_a_recipe_that_nobody_has_run_says_so() -> None:
    assert load_recipe("paddy-single", ROOT).describe_outcome() == UNMEASURED


def test_what_a_recipe_gave_is_told_in_a_line(home: Path) -> None:
    write(home, gave=GAVE | {"seeds": [0, 1], "minutes": 3, "commit": "a2c2d63"})
    expected = "accuracy 0.5000 (0.4000 to 0.6000: 100 images), seeds 0, 1; 3 minutes on two cores, commit a2c2d63"
    assert load_recipe("mine", home).describe_outcome() == expected


def test_an_unknown_name_is_answered_with_the_nearest_one(home: Path) -> None:
    assert refusal(home, "labtop") == (
        "there is no recipe labtop (did you mean laptop?): `scoretable recipe` lists laptop."
    )


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"title": "left out"}, "title: field required"),
        ({"gave": "left out"}, "gave: field required"),
        ({"titel": "x"}, "unknown key titel (did you mean title?)"),
        ({"needs": NEEDS | {"minuts": 3}}, "unknown key needs.minuts (did you mean minutes?)"),
        ({"needs": {"data": "none"}}, "needs.gpu: field required"),
        ({"gave": GAVE | {"interval": [0.6, 0.7]}}, "gave.interval: must be the ends of an interval that holds"),
        ({"gave": GAVE | {"commit": "yesterday"}}, "gave.commit: string should match"),
        ({"params": {"epoch": 3}}, "mine.yaml, params: unknown key epoch (did you mean epochs?)"),
        ({"params": {"epochs": 0}}, "mine.yaml, params: epochs: 0 must be greater than or equal to 1"),
        ({"session": {"max_hour": 3}}, "mine.yaml, session: unknown key max_hour (did you mean max_hours?)"),
        ({"rows": {"one": {}}, "blend": {}}, "rows are two or more, and come with blend"),
        ({"rows": {"one": {}, "two": {"epochs": 3}}}, "rows are two or more, and come with blend"),
        ({"pseudo_threshold": 0.9}, "blend and pseudo_threshold are of rows, and there are none"),
        ({"rows": {"a b": {}, "c": {}}, "blend": {}}, "rows: a b is no name of a row"),
        ({"rows": {"one": {}, "two": {"epochs": 0}}, "blend": {}}, "mine.yaml, rows, two: epochs: 0 must be"),
        ({"rows": {"one": 1}}, "rows must hold the name of each row, with `key: value` lines"),
        ({"blend": {"averge": "logits"}}, "unknown key blend.averge (did you mean average?)"),
        ({"blend": {"average": "logits", "weights": "nnls"}}, "blend: nnls is of probabilities"),
        ({"params": [1]}, "mine.yaml must hold `key: value` lines, and so must its params and session"),
    ],
)
def test_a_mistake_in_a_file_is_one_sentence(home: Path, changed: dict[str, object], reason: str) -> None:
    write(home, **changed)
    sentence = refusal(home)
    assert reason in sentence
    assert sentence.startswith("workflow/recipes/mine.yaml")
    assert "\n" not in sentence
