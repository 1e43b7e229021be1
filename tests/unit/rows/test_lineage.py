"""A step's lineage is all that its outputs depend on, and its record is there only beside whole outputs."""

import hashlib
import json
import re
import shutil
from dataclasses import asdict
from pathlib import Path

import grimp
import pytest
from scoretable.rows.lineage import lineage_file, parse_record, read_record, recorded, trace_lineage
from scoretable.rows.params import Params
from scoretable.rows.stages import STAGES, STEPS
from scoretable.workspace.errors import InputError

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
        ({"group": "duplicates"}, set(STEPS) - {"download"}),
        ({"batch_size": 16}, set(STEPS) - {"download", "preprocess"}),
        ({"tta": "flip"}, {"evaluate", "predict", "submission"}),
    ],
)
def test_a_param_changes_its_own_step_and_those_after_it(changes: dict[str, object], steps: set[str]) -> None:
    assert changed_steps(**changes) == steps


def test_two_params_that_swap_values_change_the_lineage() -> None:
    one = trace_lineage(Params(batch_size=16, epochs=8), ROOT)["train"]
    other = trace_lineage(Params(batch_size=8, epochs=16), ROOT)["train"]
    assert one.digest != other.digest


def test_the_digest_is_that_of_all_else_in_an_order_that_does_not_change() -> None:
    for lineage in trace_lineage(Params(), ROOT).values():
        content = asdict(lineage)
        digest = content.pop("digest")
        assert hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest().startswith(digest)


def test_the_competitions_file_is_a_source_of_the_download_alone() -> None:
    for step, lineage in trace_lineage(Params(), ROOT).items():
        described = [path for path in lineage.sources if path.endswith(".yaml")]
        assert described == (["workflow/competitions/sandbox.yaml"] if step == "download" else [])


def test_the_list_of_images_to_leave_out_counts_by_its_names_alone(copied: Path) -> None:
    listed = Params(drop="workflow/drops/leaves.txt")
    path = copied / "workflow/drops/leaves.txt"
    path.parent.mkdir(exist_ok=True)
    digests = []
    for text in ("1.jpg\n2.jpg\n", "# both are blurred\n2.jpg\n1.jpg", "1.jpg\n3.jpg\n"):
        path.write_text(text)
        digests.append({step: lineage.digest for step, lineage in trace_lineage(listed, copied).items()})
    assert digests[0] == digests[1]
    assert {step for step in STEPS if digests[0][step] != digests[2][step]} == set(STEPS) - {"download"}


def test_a_missing_list_of_images_to_leave_out_is_refused(copied: Path) -> None:
    with pytest.raises(InputError, match=r"leaves\.txt is missing: write it, or set drop: null"):
        trace_lineage(Params(drop="workflow/drops/leaves.txt"), copied)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the sources, to change."""
    shutil.copytree(ROOT / "workflow", tmp_path / "workflow", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def steps_changed_by(root: Path, name: str, old: str, new: str) -> set[str]:
    """Edit a file below workflow/ and return the steps whose lineage is another one then."""
    before = trace_lineage(Params(), root)
    path = root / "workflow" / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    after = trace_lineage(Params(), root)
    return {step for step in STEPS if before[step].digest != after[step].digest}


TRAINED = set(STEPS) - {"download", "preprocess"}


@pytest.mark.parametrize(
    ("name", "old", "new", "steps"),
    [
        ("scoretable/training/pauses.py", "SAVING_SHARE = 0.02", "SAVING_SHARE = 0.03", TRAINED),
        ("scoretable/decoding/decode.py", "\n\n\n", "\n\nEXTRA = 1\n\n\n", set(STEPS) - {"download"}),
        ("scoretable/competition/task.py", "\n\n\n", "\n\nEXTRA = 1\n\n\n", set(STEPS)),
        ("scoretable/prediction/submission.py", "\n\n\n", "\n\nEXTRA = 1\n\n\n", TRAINED - {"train"}),
        ("scoretable/evaluation/plots.py", "\n\n\n", "\n\nEXTRA = 1\n\n\n", {"evaluate", "submission"}),
        ("scoretable/steps/submission.py", "\n\n\n", "\n\nEXTRA = 1\n\n\n", {"submission"}),
        ("competitions/sandbox.yaml", "title: ", "title: Another ", set(STEPS)),
    ],
)
def test_a_changed_source_changes_the_steps_that_are_made_of_it(
    copied: Path, name: str, old: str, new: str, steps: set[str]
) -> None:
    assert steps_changed_by(copied, name, old, new) == steps


@pytest.mark.parametrize(
    "name",
    [
        *(f"scoretable/{package}" for package in ("cli", "table", "study", "kaggle", "rows", "session")),
        "rules/train.smk",
        "profiles/default/config.yaml",
        "competitions/beans.yaml",
    ],
)
def test_what_cannot_change_a_result_changes_no_lineage(copied: Path, name: str) -> None:
    before = trace_lineage(Params(), copied)
    place = copied / "workflow" / name
    for path in place.rglob("*.py") if place.is_dir() else [place]:
        with path.open("a") as file:
            file.write("\nEXTRA = 1\n")
    assert trace_lineage(Params(), copied) == before


def test_a_comment_in_a_competitions_file_changes_no_lineage(copied: Path) -> None:
    assert steps_changed_by(copied, "competitions/sandbox.yaml", "title:", "# what a person calls it\ntitle:") == set()


def test_a_step_uses_no_module_outside_of_the_packages_that_it_is_made_of() -> None:
    graph = grimp.build_graph("scoretable")
    for module in [name for name in graph.modules if name.startswith(("scoretable.rows", "scoretable.session"))]:
        graph.remove_module(module)  # how a row is kept and a session watched
    for step in STEPS:
        used = graph.find_upstream_modules(f"scoretable.steps.{step}")
        assert {module.split(".")[1] for module in used} == set(STAGES[step].packages), step


def test_a_record_says_what_the_outputs_were_made_from(tmp_path: Path) -> None:
    lineage = trace_lineage(Params(), ROOT)["train"]
    output, folder = tmp_path / "model", tmp_path / "lineage"
    with recorded(lineage, folder, [output]):
        output.write_text("weights")
    content = read_record(lineage_file(folder, lineage))
    assert content == asdict(lineage) | {
        "outputs": {str(output): {"bytes": 7, "sha256": hashlib.sha256(b"weights").hexdigest()}}
    }
    assert re.fullmatch("[0-9a-f]{16}", lineage.digest)
    assert read_record(folder / "other.json") is None


@pytest.mark.parametrize(
    "text",
    [b"", b"\0\0", b"[]", b"7", b"{}", b'{"outputs": []}', b'{"outputs": {"a": 1}}',
     b'{"outputs": {"a": {"bytes": 1}}}', b'{"outputs": {"a": {"sha256": ""}}}'],
)  # fmt: skip
def test_a_record_that_a_power_failure_left_half_written_is_none(text: bytes) -> None:
    assert parse_record(text) is None


def test_the_old_record_goes_before_anything_else_is_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lineage = trace_lineage(Params(), ROOT)["download"]
    folder, removed = tmp_path / "lineage", []
    with recorded(lineage, folder, []) as record:
        assert record.digest == lineage.digest
        (record.folder / "answers.csv").write_text("small files beside the record")
    remove = shutil.rmtree
    monkeypatch.setattr(shutil, "rmtree", lambda path, **named: removed.append(names(path)) or remove(path, **named))
    with recorded(lineage, folder, []):
        assert removed == [["answers.csv"]]
        assert not folder.exists()


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.glob("*")]


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
