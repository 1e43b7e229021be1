"""A digest of code sees what it does, not how it is written."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scoretable.rows import source_digest as digests
from scoretable.rows.source_digest import KNOWN, source_digest, source_digests
from scoretable.workspace.errors import InputError

CODE = '''"""A module."""

RATE = 0.1


def scale(value: float, by: float = RATE) -> float:
    """Scale a value."""
    return value * by
'''


@pytest.fixture(autouse=True)
def _digested_anew() -> None:
    """Forget what was digested before, by a mutation test with other code too."""
    digests._code_digest.cache_clear()


def digest(folder: Path, code: str, name: str = "module.py") -> str:
    path = folder / name
    path.write_bytes(code.encode())
    return source_digest(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("RATE = 0.1", "RATE = 0.1  # as in the paper"),
        ("A module.", "Another docstring."),
        ('    """Scale a value."""\n', ""),
        ("Scale a value.", "Multiply."),
        ("\n\n\ndef", "\n\n\n\n\ndef"),
        ("return value * by", "return (\n        value\n        * by\n    )"),
        ("(value: float, by: float = RATE)", "(\n    value: float,\n    by: float = RATE,\n)"),
        ("\n", "\r\n"),
    ],
)
def test_what_is_only_written_otherwise_has_the_same_digest(tmp_path: Path, old: str, new: str) -> None:
    assert old in CODE
    assert digest(tmp_path, CODE.replace(old, new)) == digest(tmp_path, CODE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("0.1", "0.2"),
        ("0.1", "None"),
        ("value * by", "by * value"),
        ("value * by", "value + by"),
        ("by: float = RATE", "by: float = None"),
        ("return value", "value"),
        ("scale", "scaled"),
    ],
)
def test_what_does_something_else_has_another_digest(tmp_path: Path, old: str, new: str) -> None:
    assert old in CODE
    assert digest(tmp_path, CODE.replace(old, new)) != digest(tmp_path, CODE)


def test_the_digest_stays_the_same_from_one_python_to_another(tmp_path: Path) -> None:
    """If it changed, each row that anyone has made would run again."""
    assert digest(tmp_path, CODE) == "02d17cff248ba4f32c5a964f25f081fdc3df3f9b486af1454224a83641de6f60"
    assert (
        digest(tmp_path, "a: [1, 2020-01-31]\n", "file.yaml")
        == "8aec15b09e9bef8662aea37d00868d6fb6cba092854d6a9fc1dd0a1a98451234"
    )


def test_a_yaml_file_that_is_gone_is_refused_with_how_to_get_it_back(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"restore it with `git checkout .*gone\.yaml`"):
        source_digest(tmp_path / "gone.yaml")


def test_a_text_that_is_no_docstring_counts(tmp_path: Path) -> None:
    assert digest(tmp_path, 'NAME = "a"\n') != digest(tmp_path, 'NAME = "b"\n')
    assert digest(tmp_path, 'x = 1\n"a"\n') != digest(tmp_path, 'x = 1\n"b"\n')


def test_an_empty_else_and_a_missing_one_of_another_kind_are_told_apart(tmp_path: Path) -> None:
    assert digest(tmp_path, "return_ = [None]\n") != digest(tmp_path, "return_ = []\n")
    assert digest(tmp_path, "def f():\n    return None\n") != digest(tmp_path, "def f():\n    return 0\n")


@settings(max_examples=30)
@given(st.floats(allow_nan=False) | st.integers() | st.text(max_size=20) | st.binary(max_size=20))
def test_a_constant_counts_by_its_value(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    folder = tmp_path_factory.getbasetemp()
    assert (digest(folder, f"X = {value!r}\n") == digest(folder, "X = 1\n")) == (repr(value) == "1")


def test_a_comment_in_yaml_does_not_count_and_a_value_does(tmp_path: Path) -> None:
    first = digest(tmp_path, "a: 1\nb: [2, 3]\n", "file.yaml")
    assert digest(tmp_path, "# said\nb:\n  - 2\n  - 3 # more\na: 1\n", "file.yaml") == first
    assert digest(tmp_path, "a: 1\nb: [2, 4]\n", "file.yaml") != first


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """A module and a YAML file, in a folder where Snakemake has run."""
    monkeypatch.chdir(tmp_path)
    KNOWN.parent.mkdir()
    module, table = tmp_path / "module.py", tmp_path / "table.yaml"
    module.write_text(CODE)
    table.write_text("title: A table\n")
    return [module, table]


def test_what_came_of_a_text_is_looked_up_by_later_processes(
    sources: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = source_digests(sources)
    assert first == {path: source_digest(path) for path in sources}
    monkeypatch.setattr("scoretable.rows.source_digest.source_digest", None)
    assert source_digests(sources) == first


def test_an_edit_of_the_same_size_and_time_is_another_text(sources: list[Path]) -> None:
    module = sources[0]
    before, times = source_digests(sources), module.stat()
    module.write_text(CODE.replace("0.1", "0.2"))
    os.utime(module, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert source_digests(sources)[module] == source_digest(module) != before[module]


def test_nothing_counts_that_other_rules_made(sources: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    source_digests(sources)
    monkeypatch.setattr("scoretable.rows.source_digest.RULES", b"other rules")
    monkeypatch.setattr("scoretable.rows.source_digest.source_digest", lambda path: "a" * 64)
    assert set(source_digests(sources).values()) == {"a" * 64}


@pytest.mark.parametrize("content", ["", "[]", '{"cut o', "\0"])
def test_a_damaged_list_of_digests_is_made_anew(sources: list[Path], content: str) -> None:
    first = source_digests(sources)
    KNOWN.write_text(content)
    assert source_digests(sources) == first
    assert set(json.loads(KNOWN.read_text()).values()) == set(first.values())


def test_digests_are_kept_only_where_snakemake_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "module.py").write_text(CODE)
    source_digests([Path("module.py")])
    assert [path.name for path in tmp_path.iterdir()] == ["module.py"]
