"""The arithmetic of the benchmark of what images and experiments cost."""

import importlib
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
SIZES = [500, 1000, 2000, 4000]


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))


def growth_of(values: list[float]) -> Any:
    return importlib.import_module("measured_commands").Growth.of(SIZES, values)


def test_a_straight_line_has_its_start_its_slope_and_an_exponent_of_1() -> None:
    growth = growth_of([3 + 0.01 * size for size in SIZES])
    assert (growth.start, growth.slope, growth.exponent) == pytest.approx((3, 0.01, 1))
    assert growth.at(1_000_000) == pytest.approx(10_003)


def test_what_grows_with_the_square_has_an_exponent_well_above_1() -> None:
    assert growth_of([1e-4 * size**2 for size in SIZES]).exponent == pytest.approx(2)


def test_what_does_not_grow_has_a_slope_of_0_and_no_exponent() -> None:
    growth = growth_of([7.0] * len(SIZES))
    assert growth.slope == pytest.approx(0) and growth.exponent is None


def test_a_file_with_two_names_takes_its_room_once(tmp_path: Path) -> None:
    disk_bytes = importlib.import_module("measured_commands").disk_bytes
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner/one").write_bytes(b"x" * 100)
    folders = disk_bytes(tmp_path / "inner")
    (tmp_path / "inner/two").hardlink_to(tmp_path / "inner/one")
    assert disk_bytes(tmp_path / "inner") == folders == 100
