"""Params as text."""

import yaml
from scoretable.rows.param_text import show_value, yaml_value


def test_values_are_written_as_yaml_reads_them() -> None:
    for value in (None, 3, 0.5, "flip", "448x320", ["accuracy", "auc"]):
        assert yaml.safe_load(yaml_value(value)) == value


def test_a_list_is_shown_without_spaces_as_the_command_line_takes_it() -> None:
    assert show_value(["flip", "crop"]) == "[flip,crop]"
    assert show_value(None) == "null"
