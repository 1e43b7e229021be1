"""A step's lineage is all that its outputs depend on, and its record is there only beside whole outputs."""

import json
import shutil
from pathlib import Path

import pytest
from scoretable.rows.lineage import STEPS, lineage_file, recorded, step_sources, trace_lineage
from scoretable.rows.params import Params

ROOT = Path(__file__).parents[3]


def changed_steps(**changes: object) -> set[str]:
    before = trace_lineage(Params(), ROOT)
    after = trace_lineage(Params(**changes), ROOT)
    return {step for step in STEPS if before[step].digest != after[step].digest}


@pytest.mark.parametrize(
    ("changes", "steps"),
    [
        ({"sandbox_seed": 7}, set(STEPS)),
        ({"image_size": 96}, set(STEPS) - {"download"}),
        ({"batch_size": 16}, {"train", "evaluate", "predict", "submission"}),
        ({"tta": "flip"}, {"evaluate", "predict", "submission"}),
        ({"max_hours": 1.0}, set()),
    ],
)
def test_a_param_changes_its_own_step_and_those_after_it(changes: dict[str, object], steps: set[str]) -> None:
    assert changed_steps(**changes) == steps


def test_two_params_that_swap_values_change_the_lineage() -> None:
    one = trace_lineage(Params(batch_size=16, epochs=8), ROOT)["train"]
    other = trace_lineage(Params(batch_size=8, epochs=16), ROOT)["train"]
    assert one.digest != other.digest


def test_the_sources_of_a_step_are_its_rule_and_all_that_its_module_imports() -> None:
    sources = {path.name for path in step_sources("train", "sandbox", ROOT)}
    assert {"train.smk", "train.py", "training.py", "backbones.py", "folds.py", "image_cache.py"} <= sources
    assert not {"params.py", "cli.py", "plots.py", "download.py"} & sources


def test_a_changed_source_changes_the_lineage(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "workflow", tmp_path / "workflow")
    before = trace_lineage(Params(), tmp_path)
    with (tmp_path / "workflow/scoretable/prediction/submission.py").open("a") as file:
        file.write("# changed\n")
    after = trace_lineage(Params(), tmp_path)
    assert {step for step in STEPS if before[step].digest != after[step].digest} == {"submission"}


def test_a_record_says_what_the_outputs_were_made_from(tmp_path: Path) -> None:
    lineage = trace_lineage(Params(), ROOT)["train"]
    output, folder = tmp_path / "model", tmp_path / "lineage"
    with recorded(lineage, folder, [output]):
        output.write_text("weights")
    content = json.loads(lineage_file(folder, lineage).read_text())
    assert content["params"]["batch_size"] == Params().batch_size
    assert content["outputs"][str(output)]["bytes"] == len("weights")


def test_a_step_that_fails_leaves_no_record_even_of_earlier_outputs(tmp_path: Path) -> None:
    lineage = trace_lineage(Params(), ROOT)["train"]
    output, folder = tmp_path / "model", tmp_path / "lineage"
    with recorded(lineage, folder, [output]):
        output.write_text("weights")
    with pytest.raises(RuntimeError), recorded(lineage, folder, [output]):
        raise RuntimeError
    assert not folder.exists()


def test_a_step_that_did_not_make_an_output_leaves_no_record(tmp_path: Path) -> None:
    lineage = trace_lineage(Params(), ROOT)["train"]
    with pytest.raises(FileNotFoundError), recorded(lineage, tmp_path / "lineage", [tmp_path / "model"]):
        pass
    assert not (tmp_path / "lineage").exists()
