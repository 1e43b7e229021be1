"""The commands about rows hand on what was typed."""

import sys
from pathlib import Path
from types import ModuleType

import pytest
from scoretable.cli import main as cli


@pytest.mark.parametrize("text", ["작은 배치가 점수를 높인다.", ""])
def test_a_note_is_handed_on_as_it_was_typed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    asked = []

    def add_note(root: Path, row: str, note: str) -> str:
        asked.append((root, row, note))
        return "noted"

    notes = ModuleType("scoretable.table.notes")
    monkeypatch.setattr(notes, "add_note", add_note, raising=False)
    monkeypatch.setitem(sys.modules, "scoretable.table.notes", notes)
    assert cli.main(["note", "row-8", text]) == 0
    assert asked == [(Path(), "row-8", text)]
    assert capsys.readouterr().out == "noted\n"


def test_an_average_without_the_competitions_archive_is_refused(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(repository)
    monkeypatch.setattr("scoretable.blending.blend.fetch_predictions", lambda *arguments: None)
    assert cli.main(["ensemble", "row-6", "row-7"]) == 1
    assert "data/raw/sandbox.zip is missing" in capsys.readouterr().err
