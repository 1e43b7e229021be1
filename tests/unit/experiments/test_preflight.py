"""What would stop a run in its middle is told or mended before."""

import os
import time
from pathlib import Path

import pytest
from scoretable.experiments.preflight import bring_back_from_the_future, refuse_read_only
from scoretable.workspace.errors import InputError


def test_a_folder_that_cannot_be_written_is_refused_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_read_only([tmp_path / "models/plots/a.png"])
    monkeypatch.setattr(os, "access", lambda *arguments: False)  # root may write everywhere
    with pytest.raises(InputError, match=r"where .*a\.png belongs, cannot be written"):
        refuse_read_only([tmp_path / "models/plots/a.png"])


def test_a_time_that_is_still_to_come_becomes_the_time_of_now_and_others_stay(tmp_path: Path) -> None:
    times = {"1980": 315532800, "2100": 4102444800}
    for name, seconds in times.items():
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (seconds, seconds))
    bring_back_from_the_future([*(tmp_path / name for name in times), tmp_path / "missing"])
    assert (tmp_path / "1980").stat().st_mtime == times["1980"]
    assert (tmp_path / "2100").stat().st_mtime <= time.time()
