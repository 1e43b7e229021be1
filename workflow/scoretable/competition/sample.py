"""The sample submission in a competition's archive."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from scoretable.archive.archive import Archive, open_archive
from scoretable.competition.spelling import clean_table
from scoretable.competition.submission_layout import SubmissionLayout
from scoretable.competition.tables import read_as_spelt, refuse_absent, refuse_harmful


def read_sample(archive: Path, layout: SubmissionLayout, encoding: str | None = None) -> pd.DataFrame:
    """Return the sample submission that lies in the archive at that path, all cells text."""
    with tempfile.TemporaryDirectory() as scratch, open_archive(archive, Path(scratch)) as opened:
        return read_sample_in(opened, layout, encoding)


def read_sample_in(opened: Archive, layout: SubmissionLayout, encoding: str | None = None) -> pd.DataFrame:
    """Return the sample submission of an archive that is open, all cells text; it may have no rows."""
    opened.read_names_in(encoding)
    return _clean(read_as_spelt(opened, layout.sample, "submission.sample", encoding), layout)


def read_both(
    archive: Path, layout: SubmissionLayout, encoding: str | None, ids: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the sample `with_rows`, and the same with its header and ids as they stand in the archive.

    The latter are what a grader looks for: the spaces at their ends and their Unicode form are handed in.
    """
    with tempfile.TemporaryDirectory() as scratch, open_archive(archive, Path(scratch)) as opened:
        opened.read_names_in(encoding)
        spelt = read_as_spelt(opened, layout.sample, "submission.sample", encoding)
    sample = with_rows(_clean(spelt, layout), layout, ids)
    return sample, spelt if len(spelt) else sample.set_axis(spelt.columns, axis=1)


def _clean(spelt: pd.DataFrame, layout: SubmissionLayout) -> pd.DataFrame:
    table = clean_table(spelt, layout.sample)
    refuse_absent(layout.sample, list(table.columns), layout.keys_of_columns)
    for column in table:
        refuse_harmful(layout.sample, str(column), [str(column), *table[column]])
    return table


def with_rows(sample: pd.DataFrame, layout: SubmissionLayout, ids: Sequence[str]) -> pd.DataFrame:
    """Return a sample with an empty row for each of `ids` where it has a header only, as some code competitions' do."""
    if len(sample):
        return sample
    return pd.DataFrame("", index=range(len(ids)), columns=sample.columns).assign(**{layout.id_column: list(ids)})
