"""Sessions of a training on the loopback Kaggle, with scripts that stand for what a session leaves."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from kaggle_competition import NAME
from kaggle_kernels import Kernels
from kaggle_server import Fault, Kaggle
from scoretable.competition.description import Competition, load_competition
from scoretable.kaggle.client import KaggleClient
from scoretable.kaggle.kernel_push import Machine
from scoretable.kaggle.training import (
    Order,
    _keep_checkpoints,
    _run_sessions,
    _take_over,
    check_trainable_there,
)
from scoretable.rows.layout import Layout
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params
from scoretable.workspace.errors import InputError, TrainingStopped

ROOT = Path(__file__).parents[3]
LINEAGE = "0123456789abcdef"
ORDER = Order(NAME, True, LINEAGE, {}, {}, 11.0, False, True, "requirements.lock", "manifest.json", "")
CHECKPOINT = f"checkpoints/{LINEAGE}/fold-0.npz"
STOP = "max_hours: stopped after 1.00 h of training with {} of 9 epochs and 0 steps done and saved"


def leaving(state: str, sentence: str, files: dict[str, str]) -> str:
    """A script that ends as a session does, with these files and their true checksums."""
    digests = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in files.items()}
    report = {"state": state, "sentence": sentence, "lineage": LINEAGE, "files": digests}
    return (
        f'import json, pathlib\nfiles, report = {files!r}, {report!r}\nout = pathlib.Path("/kaggle/working")\n'
        "for name, text in files.items():\n    (out / name).parent.mkdir(parents=True, exist_ok=True)\n"
        "    (out / name).write_text(text)\n(out / 'session.json').write_text(json.dumps(report))\n"
    )


# Goes on from the session that is attached, and is finished after three epochs.
ONWARD = f"""
import hashlib, json, pathlib
out = pathlib.Path("/kaggle/working")
before = [json.loads(path.read_text())["epochs"] for path in pathlib.Path("/kaggle/input").rglob("session.json")]
epochs = 1 + max(before, default=0)
name = "models/model.keras" if epochs == 3 else "checkpoints/{LINEAGE}/fold-0.npz"
text = f"after epoch {{epochs}}"
(out / name).parent.mkdir(parents=True)
(out / name).write_text(text)
report = {{
    "state": "finished" if epochs == 3 else "stopped", "epochs": epochs, "lineage": "{LINEAGE}",
    "sentence": f"max_hours: stopped with {{epochs}} of 3 epochs",
    "files": {{name: hashlib.sha256(text.encode()).hexdigest()}},
}}
(out / "session.json").write_text(json.dumps(report))
"""
FINISHED = leaving("finished", "", {"models/model.keras": "the model"})


def sessions(client: KaggleClient, code: str, folder: Path) -> str:
    return _run_sessions(client, ORDER, code, Machine(None, internet=True), folder / f"{LINEAGE}-kaggle")


def test_a_finished_session_leaves_its_files(client: KaggleClient, tmp_path: Path) -> None:
    assert sessions(client, FINISHED, tmp_path) == f"ann/scoretable-{LINEAGE}-1"
    assert (tmp_path / f"{LINEAGE}-kaggle/1/models/model.keras").read_text() == "the model"


def test_the_same_command_later_pushes_nothing_again(client: KaggleClient, kernels: Kernels, tmp_path: Path) -> None:
    for folder in ("first", "second"):
        sessions(client, FINISHED, tmp_path / folder)
    assert len(kernels.pushed()) == 1


def test_a_session_that_runs_is_waited_for(client: KaggleClient, kernels: Kernels, tmp_path: Path) -> None:
    kernels.SaveKernel(
        {"slug": f"ann/scoretable-{LINEAGE}-1", "newTitle": f"scoretable {LINEAGE} 1",
         "text": "import time\ntime.sleep(0.5)\n" + FINISHED}
    )  # fmt: skip
    sessions(client, "raise SystemExit(1)", tmp_path)
    assert len(kernels.pushed()) == 1


def test_a_session_that_failed_is_pushed_once_more_by_the_next_command(
    client: KaggleClient, kernels: Kernels, tmp_path: Path
) -> None:
    kernels.broken = [("ERROR", "no machine was free")]
    with pytest.raises(InputError, match=r"no machine was free.*the same command runs it again"):
        sessions(client, FINISHED, tmp_path)
    sessions(client, FINISHED, tmp_path)
    assert [session.version for session in kernels.pushed()] == [1, 2]


def test_a_session_that_reports_a_failure_is_that_sentence(client: KaggleClient, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"on Kaggle: the loss became nan"):
        sessions(client, leaving("failed", "the loss became nan", {}), tmp_path)


def test_a_session_without_a_report_is_told_with_its_last_words(client: KaggleClient, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"on Kaggle: killed"):
        sessions(client, 'print("killed")', tmp_path)


def test_a_file_that_arrives_damaged_is_fetched_once_more(client: KaggleClient, kaggle: Kaggle, tmp_path: Path) -> None:
    kaggle.faults = {"output": [Fault(), Fault(corrupt=True)]}
    sessions(client, FINISHED, tmp_path)
    assert (tmp_path / f"{LINEAGE}-kaggle/1/models/model.keras").read_text() == "the model"
    assert kaggle.requests["output"] == 3


def test_a_file_that_stays_damaged_is_refused(client: KaggleClient, kaggle: Kaggle, tmp_path: Path) -> None:
    kaggle.faults = {"output": [Fault(), Fault(corrupt=True), Fault(corrupt=True)]}
    with pytest.raises(InputError, match=r"models/model.keras of .* arrived damaged"):
        sessions(client, FINISHED, tmp_path)


def test_sessions_without_a_step_between_them_end(client: KaggleClient, kernels: Kernels, tmp_path: Path) -> None:
    stopped = leaving("stopped", STOP.format(3), {f"checkpoints/{LINEAGE}/fold-0.npz": "weights"})
    with pytest.raises(InputError, match=r"is too short to train a step: raise kaggle_hours"):
        sessions(client, stopped, tmp_path)
    assert kernels.pushed()[1].asked["kernelDataSources"] == [f"ann/scoretable-{LINEAGE}-1"]


def test_the_limit_of_all_sessions_ends_the_training(client: KaggleClient, kernels: Kernels, tmp_path: Path) -> None:
    with pytest.raises(TrainingStopped, match=r"^max_total_hours"):
        sessions(client, leaving("stopped", "max_total_hours: stopped", {}), tmp_path)
    assert len(kernels.pushed()) == 1


def checkpoints(folder: Path, text: str) -> Path:
    """A session's folder with a checkpoint."""
    path = folder / f"{LINEAGE}-kaggle/1/checkpoints/{LINEAGE}/fold-0.npz"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return folder / f"{LINEAGE}-kaggle/1"


def test_a_sessions_checkpoints_lie_where_a_training_here_goes_on(tmp_path: Path) -> None:
    _keep_checkpoints(checkpoints(tmp_path, "theirs"), LINEAGE)
    assert (tmp_path / LINEAGE / "fold-0.npz").read_text() == "theirs"


def test_checkpoints_of_a_training_here_stay(tmp_path: Path) -> None:
    ours = tmp_path / LINEAGE / "fold-0.npz"
    ours.parent.mkdir()
    ours.write_text("ours")
    _keep_checkpoints(checkpoints(tmp_path, "theirs"), LINEAGE)
    assert ours.read_text() == "ours"


def check_there(competition: Competition, **changes: Any) -> None:
    session = {name: changes.pop(name) for name in list(changes) if name in SessionParams.model_fields}
    check_trainable_there(Params(competition=competition.name, **changes), SessionParams(**session), competition)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"archive": "a.zip"}, "needs a competition whose data Kaggle has"),
        ({"weights": "mine.weights.h5"}, "cannot read weights: mine.weights.h5"),
        ({"pseudo_labels": "row-8"}, "cannot read pseudo_labels: row-8"),
        ({"kaggle_internet": False}, "set kaggle_internet: true, or weights: null"),
        (
            {"model": "ConvNeXtTiny", "weights": "convnext_tiny.fb_in22k", "kaggle_internet": False},
            "weights: convnext_tiny.fb_in22k are fetched over the internet",
        ),
    ],
)
def test_what_only_this_machine_has_is_refused(changes: dict[str, Any], sentence: str) -> None:
    competition = load_competition("paddy-disease-classification", ROOT / "workflow/competitions")
    with pytest.raises(InputError, match=sentence):
        check_there(competition, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"weights": None, "kaggle_internet": False},
        {"model": "ConvNeXtTiny", "weights": "convnext_tiny.fb_in22k"},
    ],
)
def test_what_kaggle_has_is_accepted(changes: dict[str, Any]) -> None:
    competition = load_competition("paddy-disease-classification", ROOT / "workflow/competitions")
    check_there(competition, **changes)


def test_a_competition_of_brought_archives_is_refused() -> None:
    competition = load_competition("paddy-disease-classification", ROOT / "workflow/competitions")
    brought = competition.model_copy(update={"source": "archive"})
    with pytest.raises(
        InputError, match=r"needs a competition whose data Kaggle has, not an archive: set train_on: here"
    ):
        check_there(brought)


def test_sessions_go_on_one_from_the_other_to_the_last_epoch(
    client: KaggleClient, kernels: Kernels, tmp_path: Path
) -> None:
    assert sessions(client, ONWARD, tmp_path) == f"ann/scoretable-{LINEAGE}-3"
    attached = [session.asked.get("kernelDataSources") or [] for session in kernels.pushed()]
    assert attached == [[], [f"ann/scoretable-{LINEAGE}-1"], [f"ann/scoretable-{LINEAGE}-2"]]
    assert (tmp_path / f"{LINEAGE}-kaggle/3/models/model.keras").read_text() == "after epoch 3"


def test_the_last_checkpoint_of_several_sessions_lies_where_a_training_here_goes_on(
    client: KaggleClient, tmp_path: Path
) -> None:
    sessions(client, ONWARD, tmp_path)
    assert (tmp_path / LINEAGE / "fold-0.npz").read_text() == "after epoch 2"


def test_used_up_hours_of_gpu_are_told_before_anything_is_pushed(
    client: KaggleClient, kernels: Kernels, tmp_path: Path
) -> None:
    kernels.gpu_hours = (30.0, 30.0)
    with pytest.raises(InputError, match=r"hours of Kaggle's GPUs are used up until 2026-11-28"):
        _run_sessions(client, ORDER, FINISHED, Machine("NvidiaTeslaT4", internet=True), tmp_path / "kaggle")
    assert kernels.pushed() == []


def test_without_a_gpu_its_hours_do_not_matter(client: KaggleClient, kernels: Kernels, tmp_path: Path) -> None:
    kernels.gpu_hours = (30.0, 30.0)
    assert sessions(client, FINISHED, tmp_path) == f"ann/scoretable-{LINEAGE}-1"


def test_a_session_that_reported_a_failure_is_pushed_once_more_by_the_next_command(
    client: KaggleClient, kernels: Kernels, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=r"no GPU"):
        sessions(client, leaving("failed", "Kaggle gave the session no GPU", {}), tmp_path)
    sessions(client, FINISHED, tmp_path)
    assert [session.version for session in kernels.pushed()] == [1, 2]


def test_files_that_are_there_are_not_fetched_again(client: KaggleClient, kaggle: Kaggle, tmp_path: Path) -> None:
    sessions(client, FINISHED, tmp_path)
    fetched = kaggle.requests["output"]
    sessions(client, FINISHED, tmp_path)
    assert kaggle.requests["output"] == fetched + 1  # the report


def test_a_report_that_arrives_damaged_is_fetched_once_more(
    client: KaggleClient, kaggle: Kaggle, tmp_path: Path
) -> None:
    kaggle.faults = {"output": [Fault(corrupt=True)]}
    assert sessions(client, FINISHED, tmp_path) == f"ann/scoretable-{LINEAGE}-1"


def test_a_finished_session_is_not_run_again_for_a_report_that_arrives_damaged(
    client: KaggleClient, kaggle: Kaggle, kernels: Kernels, tmp_path: Path
) -> None:
    sessions(client, FINISHED, tmp_path)
    kaggle.faults = {"output": [Fault(corrupt=True)]}
    sessions(client, FINISHED, tmp_path)
    assert len(kernels.pushed()) == 1


def test_more_hours_a_session_help_where_the_command_asked_for_them(client: KaggleClient, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"raise kaggle_hours"):
        sessions(client, leaving("stopped", STOP.format(0), {CHECKPOINT: "weights"}), tmp_path)
    longer, machine = replace(ORDER, hours=2 * ORDER.hours), Machine(None, internet=True)
    assert _run_sessions(client, longer, FINISHED, machine, tmp_path / f"{LINEAGE}-kaggle")


def test_a_training_goes_on_when_its_total_hours_are_raised(client: KaggleClient, tmp_path: Path) -> None:
    def run(hours: float, code: str) -> str:
        order = replace(ORDER, session={"max_total_hours": hours})
        return _run_sessions(client, order, code, Machine(None, internet=True), tmp_path / f"{LINEAGE}-kaggle")

    with pytest.raises(TrainingStopped):
        run(1.0, leaving("stopped", STOP.format(1).replace("max_hours", "max_total_hours"), {CHECKPOINT: "weights"}))
    assert run(2.0, FINISHED)


def test_at_the_limit_of_all_sessions_a_training_here_has_the_last_checkpoint(
    client: KaggleClient, tmp_path: Path
) -> None:
    with pytest.raises(TrainingStopped):
        sessions(client, leaving("stopped", "max_total_hours: stopped", {CHECKPOINT: "weights"}), tmp_path)
    assert (tmp_path / LINEAGE / "fold-0.npz").read_text() == "weights"


def test_a_training_here_that_went_on_from_a_session_is_not_thrown_back(tmp_path: Path) -> None:
    folder = checkpoints(tmp_path, "after epoch 1")
    _keep_checkpoints(folder, LINEAGE)
    (tmp_path / LINEAGE / "fold-0.npz").write_text("after epoch 2, trained here")
    _keep_checkpoints(folder, LINEAGE)
    assert (tmp_path / LINEAGE / "fold-0.npz").read_text() == "after epoch 2, trained here"


def results(folder: Path, *numbers: int) -> Path:
    """What finished sessions of these numbers left; returns the folder of all of them."""
    for number in numbers:
        models = folder / f"{LINEAGE}-kaggle/{number}/models"
        (models / "live/plots").mkdir(parents=True)
        (models / "model.keras").write_text(f"model {number}")
        (models / "history.csv").write_text("epoch")
        (models / "training.json").write_text('{"sessions": 1}')
        (models / "live/plots/loss.tsv").write_text("loss")
    return folder / f"{LINEAGE}-kaggle"


def test_the_tenth_sessions_model_is_taken_over_and_not_the_ninths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    _take_over(results(tmp_path, 9, 10), Layout(NAME, "64"), "ann/scoretable-10")
    assert Path("models/model.keras").read_text() == "model 10"
    assert Path("models/live/plots/loss.tsv").read_text() == "loss"
    assert json.loads(Path("models/training.json").read_text()) == {"sessions": 1, "kernel": "ann/scoretable-10"}


@pytest.mark.parametrize("began_here", [True, False])
def test_when_kaggle_has_finished_only_checkpoints_from_there_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, began_here: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = results(tmp_path, 2)
    if began_here:
        (tmp_path / LINEAGE).mkdir()
        (tmp_path / LINEAGE / "fold-0.npz").write_text("ours")
    _keep_checkpoints(checkpoints(tmp_path, "theirs"), LINEAGE)
    _take_over(folder, Layout(NAME, "64"), "ann/scoretable-2")
    assert (tmp_path / LINEAGE).exists() == began_here
