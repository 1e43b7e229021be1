"""The schemas and the docs page of a competition's keys are those of the models."""

from pathlib import Path

import pytest
from schemas.write import KEYS_PAGE, made_files
from scoretable.competition.layouts import TrainLayout

ROOT = Path(__file__).parents[2]
MADE = made_files()


@pytest.mark.parametrize("path", MADE, ids=str)
def test_a_file_is_what_make_schemas_writes(path: Path) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == MADE[path], "type make schemas"


def test_the_page_of_keys_names_each_key_of_a_part() -> None:
    section = MADE[KEYS_PAGE].split("## `train`")[1].split("## ")[0]
    assert [key for key in TrainLayout.model_fields if f"| `{key}` |" not in section] == []


def test_a_schema_leaves_out_the_name_that_is_the_files_own() -> None:
    assert '"name"' not in MADE[Path("workflow/schemas/competition.schema.json")]
