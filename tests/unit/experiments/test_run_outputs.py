"""What a run has made so far comes back where other files have taken its place."""

import os
from pathlib import Path

import pytest
from scoretable.experiments.run_outputs import (
    KEPT,
    drop_kept_outputs,
    keep_outputs,
    put_inputs_back,
    put_outputs_back,
)
from scoretable.rows.layout import Layout
from scoretable.rows.lineage import Lineage, lineage_file, recorded
from scoretable.rows.params import Params
from scoretable.workspace.errors import InputError

LAYOUT = Layout.of(Params())
LINEAGES = {step: Lineage(step, f"{step:0<16}", {}, {}, {}) for step in ("preprocess", "train", "predict")}
RECORD = lineage_file(LAYOUT.lineage_folder("train"), LINEAGES["train"])


@pytest.fixture(autouse=True)
def _trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder in which this run has trained a model."""
    monkeypatch.chdir(tmp_path)
    make("train", "new")
    keep_outputs(["train"], LAYOUT, LINEAGES)


def make(step: str, text: str) -> None:
    with recorded(LINEAGES[step], LAYOUT.lineage_folder(step), LAYOUT.outputs(step)):
        for path in LAYOUT.outputs(step):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


def check_out_an_older_row() -> None:
    """Do as DVC does: take files away, and link older ones in their place."""
    LAYOUT.model.unlink()
    LAYOUT.model.write_text("old")
    RECORD.unlink()
    RECORD.with_name("older.json").write_text("{}")


def test_a_model_that_dvc_has_checked_out_over_the_new_one_makes_way_again(capsys: pytest.CaptureFixture[str]) -> None:
    check_out_an_older_row()
    put_outputs_back(["train"], LAYOUT, LINEAGES)
    assert LAYOUT.model.read_text() == "new"
    assert list(RECORD.parent.iterdir()) == [RECORD]
    assert "models/model.keras was replaced during this run, so it was put back" in capsys.readouterr().out


def test_what_nobody_touched_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    before = LAYOUT.model.stat().st_ino
    put_outputs_back(["train"], LAYOUT, LINEAGES)
    assert (LAYOUT.model.stat().st_ino, capsys.readouterr().out) == (before, "")


def test_the_same_bytes_in_another_file_are_no_replacement(capsys: pytest.CaptureFixture[str]) -> None:
    LAYOUT.model.unlink()
    LAYOUT.model.write_text("new")
    put_outputs_back(["train"], LAYOUT, LINEAGES)
    assert capsys.readouterr().out == ""


def test_a_kept_file_that_is_damaged_replaces_nothing() -> None:
    check_out_an_older_row()
    (KEPT / LAYOUT.model).write_text("bad")
    put_outputs_back(["train"], LAYOUT, LINEAGES)
    assert LAYOUT.model.read_text() == "old"


def test_what_another_row_left_is_not_put_back_for_this_one() -> None:
    check_out_an_older_row()
    put_outputs_back(["train"], LAYOUT, {"train": Lineage("train", 16 * "0", {}, {}, {})})
    assert LAYOUT.model.read_text() == "old"


def test_a_step_whose_input_is_lost_is_refused() -> None:
    make("preprocess", "images")
    drop_kept_outputs()
    put_inputs_back("predict", LAYOUT, LINEAGES)
    check_out_an_older_row()
    with pytest.raises(InputError, match=r"models/model\.keras was replaced during this run: run the same command"):
        put_inputs_back("predict", LAYOUT, LINEAGES)


def test_a_disk_without_links_keeps_nothing_and_stops_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    drop_kept_outputs()

    def refuse(*arguments: object, **options: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    keep_outputs(["train"], LAYOUT, LINEAGES)
    assert not (KEPT / LAYOUT.model).exists()
