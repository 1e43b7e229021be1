"""The sample submission in a competition's archive."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from scoretable.archive.archive import Archive, open_archive
from scoretable.competition.submission_layout import SubmissionLayout
from scoretable.competition.tables import read_table_or_header, refuse_harmful


def read_sample(archive: Path, layout: SubmissionLayout, encoding: str | None = None) -> pd.DataFrame:
    """Return the sample submission that lies in the archive at that path, all cells text."""
    with tempfile.TemporaryDirectory() as scratch, open_archive(archive, Path(scratch)) as opened:
        return read_sample_in(opened, layout, encoding)


def read_sample_in(opened: Archive, layout: SubmissionLayout, encoding: str | None = None) -> pd.DataFrame:
    """Return the sample submission of an archive that is open, all cells text; it may have no rows."""
    table = read_table_or_header(opened, layout.sample, layout.keys_of_columns, "submission.sample", encoding)
    for column in table:
        refuse_harmful(layout.sample, str(column), [str(column), *table[column]])
    return table


def with_rows(sample: pd.DataFrame, layout: SubmissionLayout, ids: Sequence[str]) -> pd.DataFrame:
    """Return a sample with an empty row for each of `ids` where it has a header only, as some code competitions' do."""
    if len(sample):
        return sample
    return pd.DataFrame("", index=range(len(ids)), columns=sample.columns).assign(**{layout.id_column: list(ids)})
