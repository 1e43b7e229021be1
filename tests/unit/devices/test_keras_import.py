"""Chatter is held back, and shown when something fails."""

import importlib
import os
import subprocess
import sys

import pytest
from scoretable.devices.keras_import import OPTIONAL, not_found, quiet_stderr, unused_modules


def test_what_a_good_block_writes_is_held_back(capfd: pytest.CaptureFixture[str]) -> None:
    with quiet_stderr():
        os.write(2, b"chatter\n")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


def test_what_a_failing_block_writes_is_shown(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError), quiet_stderr():
        os.write(2, b"the reason\n")
        raise RuntimeError
    assert capfd.readouterr().err == "the reason\n"


def test_what_a_block_does_not_find_is_there_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    with not_found(["colorsys"]), pytest.raises(ImportError):
        importlib.import_module("colorsys")
    assert importlib.import_module("colorsys").rgb_to_hsv(0, 0, 0) == (0, 0, 0)


def test_what_is_imported_already_stays() -> None:
    with not_found(["pytest"]):
        assert importlib.import_module("pytest") is pytest
    assert importlib.import_module("pytest") is pytest


def test_keras_comes_without_what_no_step_uses() -> None:
    code = f"""
import sys
from scoretable.devices.keras_import import import_keras
import_keras()
print(*sorted({set(OPTIONAL)} & set(sys.modules)))
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout.split() == []


@pytest.mark.parametrize(("backend", "is_needed"), [("tensorflow", False), ("jax", True)])
def test_the_backend_is_no_module_that_goes_unused(
    backend: str, is_needed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_BACKEND", backend)
    assert ("jax" not in unused_modules()) == is_needed
