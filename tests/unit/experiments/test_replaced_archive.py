"""A replaced archive is noticed, an equal one is not."""

import os
from pathlib import Path

import pytest
from scoretable.experiments.replaced_archive import discard_records_of_replaced_archive
from scoretable.rows.layout import Layout
from scoretable.rows.lineage import Lineage, lineage_file, recorded, trace_lineage
from scoretable.rows.params import Params
from scoretable.rows.stages import STEPS

ROOT = Path(__file__).parents[3]


@pytest.fixture
def row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Layout, dict[str, Lineage]]:
    lineages = trace_lineage(Params(), ROOT)
    layout = Layout.of(Params())
    monkeypatch.chdir(tmp_path)
    layout.archive.parent.mkdir(parents=True)
    layout.archive.write_bytes(b"whole")
    for step in STEPS:
        with recorded(lineages[step], layout.lineage_folder(step), [layout.archive]):
            pass
    return layout, lineages


def records_left(row: tuple[Layout, dict[str, Lineage]]) -> int:
    layout, lineages = row
    return sum(lineage_file(layout.lineage_folder(step), lineages[step]).exists() for step in STEPS)


def test_an_archive_of_another_size_takes_all_records_away_which_is_said(
    row: tuple[Layout, dict[str, Lineage]], capsys: pytest.CaptureFixture[str]
) -> None:
    row[0].archive.write_bytes(b"mended archive")
    discard_records_of_replaced_archive(*row, brought=None)
    assert records_left(row) == 0
    assert capsys.readouterr().out.startswith("scoretable: data/raw/sandbox.zip is damaged or was replaced (")


def test_a_newer_archive_of_the_same_size_but_other_content_is_noticed(row: tuple[Layout, dict[str, Lineage]]) -> None:
    row[0].archive.write_bytes(b"WHOLE")
    os.utime(row[0].archive, (2e9, 2e9))
    discard_records_of_replaced_archive(*row, brought=None)
    assert records_left(row) == 0


@pytest.mark.parametrize("earlier", [1, 10**9])
def test_an_older_archive_of_the_same_size_that_is_moved_in_is_noticed(
    row: tuple[Layout, dict[str, Lineage]], tmp_path: Path, earlier: float
) -> None:
    """As it is after a clock that was set back."""
    other = tmp_path / "other.zip"
    other.write_bytes(b"WHOLE")
    os.utime(other, (other.stat().st_atime, other.stat().st_mtime - earlier))
    other.replace(row[0].archive)
    discard_records_of_replaced_archive(*row, brought=None)
    assert records_left(row) == 0


def test_an_equal_archive_with_a_newer_date_changes_nothing(
    row: tuple[Layout, dict[str, Lineage]], capsys: pytest.CaptureFixture[str]
) -> None:
    os.utime(row[0].archive, (2e9, 2e9))
    discard_records_of_replaced_archive(*row, brought=None)
    assert records_left(row) == len(STEPS)
    assert capsys.readouterr().out == ""


def test_a_brought_archive_that_was_mended_is_noticed(
    row: tuple[Layout, dict[str, Lineage]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    brought = tmp_path / "brought.zip"
    brought.write_bytes(b"mended archive")
    discard_records_of_replaced_archive(*row, brought=brought)
    assert records_left(row) == 0
    assert "brought.zip is another archive (" in capsys.readouterr().out


def test_a_missing_archive_changes_nothing(row: tuple[Layout, dict[str, Lineage]]) -> None:
    row[0].archive.unlink()
    discard_records_of_replaced_archive(*row, brought=Path("nowhere.zip"))
    assert records_left(row) == len(STEPS)


def test_where_the_archive_is_missing_another_one_that_is_kept_is_noticed(
    row: tuple[Layout, dict[str, Lineage]], tmp_path: Path
) -> None:
    kept = tmp_path / "data/archives" / row[0].archive.name
    kept.parent.mkdir()
    kept.write_bytes(b"another archive")
    discard_records_of_replaced_archive(*row, brought=None)
    assert records_left(row) == len(STEPS)
    row[0].archive.unlink()
    discard_records_of_replaced_archive(*row, brought=None)
    assert records_left(row) == 0
