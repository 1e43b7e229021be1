"""Sessions of a training on the loopback Kaggle, with scripts that stand for what a session leaves."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from kaggle_competition import NAME
from kaggle_kernels import Kernels
from kaggle_server import Fault, Kaggle
from scoretable.competition import load_competition
from scoretable.errors import InputError, TrainingStopped
from scoretable.kaggle_client import KaggleClient
from scoretable.kaggle_kernel import Machine
from scoretable.kaggle_training import Order, _keep_checkpoints, _run_sessions, check_trainable_there
from scoretable.params import Params

ROOT = Path(__file__).parents[2]
LINEAGE = "0123456789abcdef"
ORDER = Order(NAME, True, LINEAGE, {}, 11.0, False, True, "requirements.lock", "manifest.json", "")
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
    with pytest.raises(InputError, match=r"no machine was free.*the same command runs it once more"):
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
    with pytest.raises(InputError, match=r"models/model.keras of .* arrives damaged"):
        sessions(client, FINISHED, tmp_path)


def test_sessions_without_a_step_between_them_end(client: KaggleClient, kernels: Kernels, tmp_path: Path) -> None:
    stopped = leaving("stopped", STOP.format(3), {f"checkpoints/{LINEAGE}/fold-0.npz": "weights"})
    with pytest.raises(InputError, match=r"trains no step: raise kaggle_hours"):
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


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"archive": "a.zip"}, "needs a competition whose data Kaggle has"),
        ({"weights": "mine.weights.h5"}, "cannot read weights: mine.weights.h5"),
        ({"kaggle_internet": False}, "set kaggle_internet: true, or weights: null"),
    ],
)
def test_what_only_this_machine_has_is_refused(changes: dict[str, Any], sentence: str) -> None:
    competition = load_competition("paddy-disease-classification", ROOT / "workflow/competitions")
    with pytest.raises(InputError, match=sentence):
        check_trainable_there(Params(competition=competition.name, **changes), competition)
