"""The page holds all that it needs, and nothing in a row can break it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from made_experiments import add_experiment, make_repository
from scoretable.page.page import FOLDER, LANGUAGES, TEMPLATE, embed, write_page
from scoretable.page.scripts import PARTS
from scoretable.table.reported_rows import load_reported_rows
from scoretable.table.table import read_score_table

ROOT = Path(__file__).parents[3]
TEXT = st.text() | st.sampled_from(["</script>", "<!--", "<script>", "-->", "\u2028"])


@pytest.fixture(autouse=True, scope="module")
def _no_vega() -> Iterator[None]:
    """Vega's JavaScript, which takes seconds to put together, belongs to the tests in a browser."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("scoretable.page.page.vega_script", lambda: "'Vega'")
        yield


@pytest.fixture(scope="module")
def page(_no_vega: None, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of a repository with one row, scaled and on the sandbox."""
    repository = make_repository(tmp_path_factory.mktemp("page") / "repository")
    add_experiment(repository, "one", 0.6, public=0.7, reruns=8, scale="epochs x 0.1")
    return page_of(repository)


def page_of(repository: Path) -> str:
    return write_page(read_score_table(repository), repository)


def data_of(page: str) -> dict[str, Any]:
    def refuse(constant: str) -> None:
        raise ValueError(f"{constant}, which JSON.parse refuses")

    (text,) = re.findall(r'<script id="data" type="application/json">(.*?)</script>', page, re.DOTALL)
    return json.loads(text, parse_constant=refuse)


def test_no_address_stands_on_the_page(page: str) -> None:
    assert re.findall(r"https?://[^\s\"']*", page) == []


def test_the_page_names_no_other_file_to_load(page: str) -> None:
    loading = r"url\((?!#)|@import|<link|<img|<iframe|\bfetch\(|XMLHttpRequest|\bimport\("
    assert re.findall(loading, page) == []


@given(st.dictionaries(TEXT, TEXT | st.lists(TEXT)))
def test_embedded_data_parse_back_and_cannot_close_their_element(content: dict[str, Any]) -> None:
    embedded = embed(content)
    assert json.loads(embedded) == content
    assert "<" not in embedded


def test_the_names_of_rows_are_shown_as_text(repository: Path) -> None:
    names = ["<!--x", "a<script>b", "a&amp;b", 'a"b']
    for number, name in enumerate(names):
        add_experiment(repository, name, 0.6, public=0.7, epochs=1 + number)
    page = page_of(repository)
    assert {row["id"] for row in data_of(page)["rows"] if not row["reported"]} == set(names)
    assert page.count("<!--") == 0
    assert page.count("<script") == 3


def test_html_in_classes_archives_and_scales_is_shown_as_text(repository: Path) -> None:
    attack = "<img src=x onerror=alert(1)>"
    add_experiment(repository, "one", 0.6, 0.7, classes=("</script><script>alert(1)</script>", attack), archive=attack)
    add_experiment(repository, "two", 0.6, 0.7, scale=attack, reruns=8)
    page = page_of(repository)
    assert page.count("<script") == 3
    assert "<img" not in page
    assert page.count("&lt;img src=x") > 0


def test_every_text_that_page_charts_and_scripts_ask_for_is_there_in_both_languages() -> None:
    files = [ROOT / FOLDER / name for name in (TEMPLATE, *PARTS)] + [ROOT / "workflow/scoretable/page/charts.py"]
    asked = re.findall(
        r"words\(\"(\w+)\"\)|texts\.en\.(\w+)|text\(\"(\w+)\"\)|\"\{(\w+)\}\"|chart\(\"\w+\", \"(\w+)\"\)",
        "\n".join(path.read_text(encoding="utf-8") for path in files),
    )
    names = {name for found in asked for name in found if name} - {"name", "frames"}  # which the rows give
    assert {"title", "actual", "none", "hours", "chart_curves"} <= names
    texts = [yaml.safe_load((ROOT / FOLDER / f"{language}.yaml").read_text()) for language in LANGUAGES]
    for written in texts:
        assert set(written) == set(texts[0]) >= names
        assert all(isinstance(text, str) and text for text in written.values())


def test_the_page_has_a_line_for_each_reported_row_and_each_rerun(page: str) -> None:
    reported = load_reported_rows(ROOT / "workflow/tables/paddy.csv")
    assert len(re.findall(r'<tr data-id="[^"]*" class="reported">', page)) == len(reported)
    assert len(re.findall(r'<tr data-id="one">', page)) == 1


def test_the_page_of_a_repository_without_experiments_has_no_marks(repository: Path) -> None:
    page = page_of(repository)
    assert all(row["reported"] for row in data_of(page)["rows"])
    assert 'data-text="scaled"' not in page
    assert 'data-text="sandbox"' not in page


def test_scaled_rows_and_those_of_the_sandbox_are_marked(page: str) -> None:
    assert "(sandbox, scaled: epochs x 0.1)" in page
    assert 'data-text="sandbox"' in page


def test_a_badge_stands_in_its_row_with_what_it_means(page: str) -> None:
    assert re.search(r'<span class="badge" data-proof="scaled" title="It reruns [^"]*">rerun scaled</span>', page)


def test_the_page_says_of_any_sandbox_that_it_is_scored_here(repository: Path) -> None:
    add_experiment(repository, "one", 0.6, competition="sandbox-log-loss")
    page = page_of(repository)
    assert 'data-text="sandbox"' in page
    assert "Of log_loss, smaller values are better." in page


def test_a_time_sorts_by_its_seconds(page: str) -> None:
    assert '<td data-sort="60.0">1 min 0 s</td>' in page
