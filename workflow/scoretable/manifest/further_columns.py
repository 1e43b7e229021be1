"""What else a table says of each image, which can be learned beside the label."""

import numpy as np
import pandas as pd

from scoretable.competition.description import Competition
from scoretable.competition.layouts import FURTHER
from scoretable.competition.spelling import NO_VALUE, Notes, tell, with_points
from scoretable.competition.tables import refuse_values, shorten
from scoretable.competition.targets import parse_numbers
from scoretable.workspace.yaml_text import as_yaml


def read_further(table: pd.DataFrame, ids: pd.Series, competition: Competition, notes: Notes) -> pd.DataFrame:
    """Return the further columns that the table has as text, named `further <name>`; '' where a number is not known.

    ids: of the same rows. `notes` gets what is missing or was read otherwise than it stands. Raises InputError for a
    cell of a column of numbers that is none.
    """
    layout, further = competition.train, pd.DataFrame(index=table.index)
    for name, task in (layout.further_columns or {}).items():
        if name not in table:  # which is no reason to refuse an archive that has all that a label takes
            tell(notes, f"{layout.place} has no column {name}, so it cannot be a second_target")
            continue
        cells = table[name]
        if task == "regression":
            cells = with_points(cells, f"{layout.place}, column {name}", notes, competition.commas)
            cells = cells.mask(cells.str.casefold().isin(NO_VALUE | {"none"}), "")
            broken = (cells != "") & np.isnan(parse_numbers(cells))
            shown = ids[broken] + " (" + cells[broken] + ")"
            mend = f"set train.further_columns: {{{as_yaml(name)}: multiclass}}, or remove {shorten(name)} from there"
            refuse_values(layout.place, name, shown, "cell that is no finite number", mend)
        further[FURTHER + name] = cells
    return further
