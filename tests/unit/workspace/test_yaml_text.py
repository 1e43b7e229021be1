"""What is written into a YAML file is read as it was meant."""

import pytest
import yaml
from scoretable.workspace.yaml_text import as_yaml


@pytest.mark.parametrize("text", ["label", "train/{id}", "comp/{label}/{id}.png", "0", "1.5", "잎/{id}"])
def test_a_plain_text_stands_as_it_is(text: str) -> None:
    assert as_yaml(text) == text


@pytest.mark.parametrize(
    "text", ["{id}", "'label'", "# leaves", "a: b", "007", "no", "null", " x", "", "[a", "@x", "*"]
)
def test_a_text_that_yaml_would_read_otherwise_is_quoted(text: str) -> None:
    assert as_yaml(text) != text and yaml.safe_load(f"key: {as_yaml(text)}") == {"key": text}
