"""Reported rows become runs whose params are the row's, and bad input is one sentence."""

import csv
from pathlib import Path

import pytest
import yaml
from dvc.utils.hydra import apply_overrides
from dvc.utils.serialize import dumps_yaml
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import given
from hypothesis import strategies as st
from made_experiments import SOURCE, add_experiment, rewrite_experiment
from scoretable.cli import main as cli
from scoretable.rows.params import load_params, load_session
from scoretable.table.reported_rows import ReportedRow
from scoretable.table.reproduce import Run, finished_runs, name_of, override, parse_settings, plan_runs
from scoretable.table.rerun_params import parse_scale
from scoretable.workspace.errors import InputError

ROOT = Path(__file__).parents[3]
COMPETITION = "paddy-disease-classification"
EIGHT = ReportedRow("paddy", 8, COMPETITION, "accuracy")
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp"))) | st.text("'\"\\,: =[]{}$é한")


def plan(
    repository: Path, *numbers: str, scale: str = "1", seeds: int = 1, settings: tuple[str, ...] = ()
) -> list[Run]:
    return plan_runs(numbers, COMPETITION, parse_scale([scale]), seeds, settings, repository)


def change_params(repository: Path, changes: dict[str, object]) -> None:
    path = repository / "params.yaml"
    path.write_text(yaml.safe_dump(load_params(path).model_dump() | changes))


def change_session(repository: Path, changes: dict[str, object]) -> None:
    path = repository / "session.yaml"
    path.write_text(yaml.safe_dump(load_session(path).model_dump() | changes))


def add_as_dvc_writes(repository: Path, run: Run) -> None:
    """Add the run's experiment with a params.yaml and a session.yaml in DVC's own hand."""
    add_experiment(repository, run.name, 0.5, **run.settings)
    params, session = (dumps_yaml(settings.model_dump()) for settings in (run.params, run.session))
    rewrite_experiment(repository, run.name, {"params.yaml": params, "session.yaml": session})


def test_what_was_reported_of_each_row_is_in_the_params_of_its_run() -> None:
    with (ROOT / "workflow/tables/paddy.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row, run in zip(rows, plan(ROOT, "all"), strict=True):
        for column in ("model", "epochs", "optimizer", "loss", "metrics"):
            assert str(getattr(run.params, column)) == row[column]
        assert run.params.image_size == int(row["image_height"]) == int(row["image_width"])
        assert run.params.batch_size == int(row["batch_size"] or 32)
        assert run.params.steps_per_epoch == (int(row["steps_per_epoch"]) if row["steps_per_epoch"] else None)
        assert run.params.learning_rate == (float(row["learning_rate"]) if row["learning_rate"] else None)


def test_all_stands_for_the_eight_rows_in_their_order() -> None:
    assert [run.session.reruns for run in plan(ROOT, "all")] == [f"paddy/{number}" for number in range(1, 9)]


def test_a_row_that_is_named_twice_is_planned_once() -> None:
    assert [run.name for run in plan(ROOT, "8", "6", "8", seeds=2)] == ["row-8", "row-8-draw1", "row-6", "row-6-draw1"]


def test_the_runs_of_rows_6_and_7_differ_in_the_seed_and_the_rows_number_only() -> None:
    six, seven = (run.params.model_dump() | run.session.model_dump() for run in plan(ROOT, "6", "7"))
    assert {name for name in six if six[name] != seven[name]} == {"seed", "reruns"}


def test_a_scaled_run_says_how_it_was_scaled() -> None:
    (run,) = plan(ROOT, "8", scale="epochs=0.1,size=0.5")
    assert (run.session.scale, run.params.epochs, run.params.image_size) == ("epochs x 0.1, size x 0.5", 5, 224)


def test_a_full_size_run_on_the_sandbox_draws_no_fewer_images_than_a_scaled_one() -> None:
    full, half = (plan_runs(["8"], "sandbox", parse_scale([scale]), 1, [], ROOT)[0].params for scale in ("1", "0.5"))
    assert full.sandbox_images >= half.sandbox_images


@pytest.mark.parametrize(
    ("competition", "scale", "draw", "name"),
    [
        (COMPETITION, "1", 0, "row-8"),
        (COMPETITION, "1", 3, "row-8-draw3"),
        ("sandbox", "1", 0, "row-8-sandbox"),
        (COMPETITION, "epochs=0.25", 0, "row-8-scaled-epochs0.25"),
        ("beans", "images=0.1,size=0.5", 1, "row-8-beans-scaled-images0.1-size0.5-draw1"),
    ],
)
def test_a_name_marks_all_that_is_not_as_the_team_had_it(competition: str, scale: str, draw: int, name: str) -> None:
    assert name_of(EIGHT, competition, parse_scale([scale]), draw) == name


def test_a_competition_that_is_set_is_marked_in_the_name() -> None:
    (run,) = plan(ROOT, "8", settings=("competition=beans",))
    assert run.name == "row-8-beans"


def test_draws_have_different_seeds_where_a_seed_is_set() -> None:
    first, second = plan(ROOT, "8", seeds=2, settings=("seed=5",))
    assert first.params.seed != second.params.seed


@given(st.permutations(["images", "epochs", "size"]), st.lists(st.floats(1e-6, 1), min_size=3, max_size=3))
def test_the_factors_of_a_scale_are_read_as_written_in_any_order(order: list[str], factors: list[float]) -> None:
    expected = dict(zip(order, factors, strict=True))
    assert parse_scale([",".join(f"{name}={factor!r}" for name, factor in expected.items())]) == expected


@pytest.mark.parametrize("factor", ["nan", "inf", "-0.1", "0.0", "1.0000001"])
@pytest.mark.parametrize("prefix", ["", "images=", "size="])
def test_a_factor_outside_of_0_to_1_is_refused(prefix: str, factor: str) -> None:
    with pytest.raises(InputError, match=r"is not a factor: give one above 0 and up to 1"):
        parse_scale([prefix + factor])


def test_what_belongs_to_the_machine_comes_through_to_a_rerun(repository: Path) -> None:
    machine = {"archive": "/data/paddy.zip", "steps_per_call": 7, "train_on": "kaggle", "max_hours": 5.0}
    change_session(repository, machine)
    assert machine.items() <= plan(repository, "8")[0].session.model_dump().items()


def test_what_belongs_to_the_row_of_the_workspace_does_not_leak_into_a_rerun(repository: Path) -> None:
    row = {"dropout": 0.5, "tta": "flip", "sandbox_seed": 3, "fold": 1, "ema": 0.9, "aspect": "pad", "seed": 4}
    change_params(repository, row)
    assert row.items().isdisjoint(plan(repository, "8")[0].params.model_dump().items())


def test_a_setting_of_the_call_goes_before_the_rows_own() -> None:
    assert plan(ROOT, "8", settings=("epochs=3",))[0].params.epochs == 3


@pytest.mark.parametrize("setting", ["augment=[flip", "weights=!!python/none 1"])
def test_a_setting_that_is_no_yaml_is_refused_in_a_sentence(setting: str) -> None:
    with pytest.raises(InputError, match=r"^-S "):
        parse_settings([setting])


@pytest.mark.parametrize("setting", ["seed=abc", "seed="])
def test_a_seed_that_is_no_number_is_refused_in_a_sentence(setting: str) -> None:
    with pytest.raises(InputError, match="seed"):
        plan(ROOT, "8", settings=(setting,))


def test_a_finished_run_stays_finished_under_other_session_settings(repository: Path) -> None:
    (run,) = plan(repository, "8")
    add_experiment(repository, run.name, 0.5, **run.settings)
    runs = plan(repository, "8", settings=("max_hours=5.0", "checkpoint_minutes=0.0"))
    assert [found.name for found, _ in finished_runs(runs, repository)] == ["row-8"]


@pytest.mark.parametrize("is_shared", [False, True])
def test_a_finished_run_that_names_its_row_by_the_number_alone_is_recognised(repository: Path, is_shared: bool) -> None:
    (run,) = plan(repository, "8")
    add_experiment(repository, "row-8", 0.5, **run.settings | {"reruns": 8})
    if is_shared:
        rows = "row,competition,model\n8,beans,VGG16\n"
        (repository / "workflow/tables/other.csv").write_text(rows)
    (known,) = finished_runs(plan(repository, "paddy/8"), repository)
    assert (known[0].name, known[1].name) == ("row-paddy-8" if is_shared else "row-8", "row-8")


def test_a_run_is_to_be_made_again_where_params_or_sources_have_changed(repository: Path) -> None:
    (run,) = plan(repository, "8")
    add_experiment(repository, run.name, 0.5, **run.settings)
    assert list(finished_runs(plan(repository, "8", settings=("epochs=3",)), repository)) == []
    (repository / SOURCE).write_text("changed")
    assert list(finished_runs([run], repository)) == []


def test_an_experiment_that_is_not_named_for_the_row_is_not_its_run(repository: Path) -> None:
    (run,) = plan(repository, "8")
    add_experiment(repository, "mine", 0.5, **run.settings)
    assert list(finished_runs([run], repository)) == []


def test_a_finished_run_is_recognised_in_dvcs_hand(repository: Path) -> None:
    (run,) = plan(repository, "1", settings=("learning_rate=0.01",))
    add_as_dvc_writes(repository, run)
    assert [found.name for found, _ in finished_runs([run], repository)] == ["row-1"]


def test_a_finished_run_with_a_small_learning_rate_is_recognised_in_dvcs_hand(repository: Path) -> None:
    (run,) = plan(repository, "1", settings=("learning_rate=1e-5",))
    add_as_dvc_writes(repository, run)
    assert [found.name for found, _ in finished_runs([run], repository)] == ["row-1"]


@given(TEXTS)
def test_hydra_reads_a_text_as_it_was_meant(text: str) -> None:
    assert OverridesParser.create().parse_override(f"k={override(text)}").value() == text


@given(st.lists(TEXTS, max_size=4))
def test_hydra_reads_a_list_of_texts_as_it_was_meant(texts: list[str]) -> None:
    assert OverridesParser.create().parse_override(f"k={override(texts)}").value() == texts


@given(st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(allow_nan=False, allow_infinity=False))
def test_hydra_reads_a_value_that_is_no_text_as_it_was_meant(value: object) -> None:
    read = OverridesParser.create().parse_override(f"k={override(value)}").value()
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    "text", ["it's", 'a "quoted", one: 한글', "ends in \\", "a\\'b", "null", "nan", "Inf", "4x3", " ", ""]
)
def test_dvc_writes_a_text_into_params_yaml_as_it_was_meant(tmp_path: Path, text: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_text("weights: null\n")
    apply_overrides(path, [f"weights={override(text)}"])
    assert load_params(path).weights == text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["9"], "there is no row 9 in the score table: choose from 1, 2, 3, 4, 5, 6, 7, 8, or all."),
        (["8", "--scale", "2"], "--scale 2 is not a factor"),
        (["8", "--seeds", "0"], "--seeds and --jobs need a number of 1 or more"),
        (["8", "-S", "epoch=5"], "-S epoch=5 is not a setting"),
        (["8", "-S", "image_size=32"], "row 8: image_size: 32 is too small"),
        (["8", "--competition", "none"], "competition: none has no file"),
    ],
)
def test_the_command_refuses_bad_input_in_one_sentence(
    repository: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    sentence: str,
) -> None:
    monkeypatch.chdir(repository)
    assert cli.main(["reproduce", *arguments]) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith(f"scoretable: {sentence}")
    assert (printed.out, printed.err.count("\n")) == ("", 1)


def test_the_command_makes_nothing_that_is_there(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (run,) = plan(repository, "8")
    add_experiment(repository, run.name, 0.5, **run.settings)
    monkeypatch.chdir(repository)
    assert cli.main(["reproduce", "8"]) == 0
    assert "row-8: already done" in capsys.readouterr().out


def test_any_sandbox_draws_the_scaled_number_of_images(repository: Path) -> None:
    (run,) = plan_runs(["8"], "sandbox-log-loss", parse_scale(["images=0.1"]), 1, [], repository)
    assert (run.params.sandbox_images, run.params.steps_per_epoch) == (1388, None)
