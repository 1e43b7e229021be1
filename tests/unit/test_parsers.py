"""Whatever the parsers are given, they return something or raise InputError."""

import re
import tempfile
from pathlib import Path

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from scoretable.archive.archive import open_archive
from scoretable.competition.description import Competition, load_competition
from scoretable.competition.tables import read_table
from scoretable.experiments.experiment import parse_params_text, read_hashes
from scoretable.rows.params import Params, load_params
from scoretable.workspace.errors import InputError
from scoretable.workspace.yaml_text import parse_yaml
from unit.archives import make_zip
from unit.hostile_files import Member, raw_zip

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT | st.dates() | st.binary(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT | st.integers() | st.none(), inner, max_size=3)
    ),
    max_leaves=8,
)
YAML_TEXTS = ANY_TEXT | st.text("-:[]{}&*!|>'\"%@`#,? \nabx019._~=<", max_size=40) | VALUES.map(yaml.safe_dump)


def keys_of(model: type) -> st.SearchStrategy[dict]:
    """Draw mappings with the keys of a model."""
    return st.dictionaries(st.sampled_from([*model.model_fields]) | ANY_TEXT, VALUES, max_size=4)


@given(YAML_TEXTS)
def test_any_text_is_yaml_or_a_sentence(text: str) -> None:
    try:
        parse_yaml(text, "a.yaml")
    except InputError as error:
        assert str(error).startswith("a.yaml ")


@settings(deadline=None)
@given(YAML_TEXTS | keys_of(Params).map(yaml.safe_dump))
def test_any_params_yaml_is_params_or_a_sentence(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "params.yaml"
        path.write_text(text, encoding="utf-8")
        try:
            assert isinstance(load_params(path), Params)
        except InputError as error:
            assert "params.yaml" in str(error)


@settings(deadline=None)
@given(YAML_TEXTS | keys_of(Competition).map(yaml.safe_dump))
def test_any_competition_file_is_a_competition_or_a_sentence(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "mine.yaml").write_text(text, encoding="utf-8")
        try:
            assert load_competition("mine", Path(folder)).name == "mine"
        except InputError as error:
            assert "mine.yaml" in str(error)


ENTRIES = st.lists(st.fixed_dictionaries({"path": VALUES, "md5": VALUES}) | VALUES, max_size=3) | VALUES
STAGES = st.dictionaries(ANY_TEXT, st.fixed_dictionaries({"outs": ENTRIES}) | VALUES, max_size=3) | VALUES


@given(YAML_TEXTS | st.fixed_dictionaries({"stages": STAGES}).map(yaml.safe_dump))
def test_any_lock_is_hashes_or_a_sentence(text: str) -> None:
    try:
        found = read_hashes(text, "outs")
    except InputError:
        return
    assert all(re.fullmatch(r"[0-9a-f]{32}(\.dir)?", digest) for digest in found.values())


@given(YAML_TEXTS)
def test_any_params_of_a_row_are_a_mapping_or_a_sentence(text: str) -> None:
    try:
        assert isinstance(parse_params_text(text), dict)
    except InputError as error:
        assert "params.yaml" in str(error)


CSV = st.binary() | st.text("a,\"'\n\r;\t1=\ufeff\x00", max_size=60).map(str.encode)


@settings(deadline=None)
@given(CSV, st.booleans())
def test_any_table_is_texts_or_a_sentence(content: bytes, headed: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = make_zip(Path(folder) / "a.zip", {"a.csv": b"a,b\n" + content if headed else content})
        with open_archive(path, Path(folder)) as archive:
            try:
                table = read_table(archive, "a.csv", {"a": "train.id_column"}, "train.table")
            except InputError:
                return
            assert all(isinstance(cell, str) for cell in table["a"])


PART = st.sampled_from(["..", ".", "/", "\\", "C:", "a", "a.zip", "", "\x00", "\n", "~", "con"]) | ANY_TEXT


@settings(deadline=None)
@given(st.lists(PART, max_size=5).map("".join))
def test_any_name_of_a_member_lies_below_the_folder_or_is_refused(name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.zip"
        path.write_bytes(raw_zip([Member(name, b"\3\0", 0)]))
        try:
            with open_archive(path, Path(folder) / "scratch") as archive:
                names = archive.names
        except InputError:
            return
        base = Path(folder).resolve() / "base"
        assert all((base / name.replace("\x00", "")).resolve().is_relative_to(base) for name in names)
