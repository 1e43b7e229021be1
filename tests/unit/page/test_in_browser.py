"""The page in a real browser, from disk and without a network: it sorts, filters, compares, and fits a phone."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import CHROMIUM, Browser, start_browser
from made_experiments import add_experiment, make_repository
from scoretable.table.page import write_page
from scoretable.table.table import read_score_table

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")

SCORES = '[...document.querySelectorAll("#rows tbody tr")].map((row) => parseFloat(row.cells[10].textContent))'
MODELS = """[...document.querySelectorAll("#rows tbody tr")]
    .filter((row) => row.offsetHeight).map((row) => row.cells[2].textContent)"""
SCORE_HEAD = "#rows th:nth-child(11) button"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    repository = make_repository(folder / "repository")
    add_experiment(repository, "row-6-here", 0.5, public=0.6, reruns=6, batch_size=32, scale="epochs x 0.1")
    add_experiment(repository, "row-8-here", 0.7, public=0.8, reruns=8, batch_size=16, scale="epochs x 0.1")
    path = folder / "page.html"
    path.write_text(write_page(read_score_table(repository), repository), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with start_browser(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture
def opened(chromium: Browser, page: Path) -> Browser:
    chromium.open(page)
    return chromium


def test_a_click_on_a_head_sorts_and_a_second_one_turns_the_order(opened: Browser) -> None:
    orders = []
    for _ in range(2):
        opened.click(SCORE_HEAD)
        orders.append(opened.value(SCORES))
    rising, falling = orders
    assert rising[:9] == sorted(rising[:9])
    assert falling[:9] == rising[:9][::-1]


def test_a_row_without_a_score_stands_last_in_either_order(opened: Browser) -> None:
    for _ in range(2):
        opened.click(SCORE_HEAD)
        assert [score is None for score in opened.value(SCORES)] == [False] * 9 + [True]


def test_the_filter_leaves_the_rows_that_have_the_words(opened: Browser) -> None:
    opened.click("#filter")
    opened.type("vgg")
    assert opened.value(MODELS) == ["VGG16"]


def test_two_rows_are_compared_in_params_recall_confusion_and_images(opened: Browser) -> None:
    shown = opened.value('["params", "recall", "confusion", "disagree"].map((id) => byId(id).innerText)')
    assert re.search(r"batch_size\s+32\s+16", shown[0])
    assert re.search(r"blast\s+0.5\s+0.5", shown[1])
    assert "row-6-here" in shown[2]
    assert re.search(r"row-6-here.jpg\s+blast\s+tungro\s+blast", shown[3])


def test_a_click_turns_the_page_to_korean_and_another_one_back(opened: Browser) -> None:
    shown = "[document.title, document.documentElement.lang, byId('disagree').rows[0].cells[1].textContent]"
    opened.click("#language")
    assert opened.value(shown) == ["점수표", "ko", "실제"]
    opened.click("#language")
    assert opened.value(shown) == ["The score table", "en", "actual"]


def test_the_plots_are_shown(opened: Browser) -> None:
    widths = opened.value('[...document.querySelectorAll("svg")].map((plot) => plot.getBoundingClientRect().width)')
    assert len(widths) == 2
    assert all(width > 300 for width in widths)


def test_a_phone_scrolls_down_only(chromium: Browser, page: Path) -> None:
    chromium.open(page, width=360)
    wide, shown = chromium.value("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide == shown


def test_the_page_is_dark_where_the_reader_wants_it_so(chromium: Browser, page: Path) -> None:
    colours = {}
    for scheme in ("light", "dark"):
        chromium.open(page, scheme=scheme)
        colours[scheme] = chromium.value('getComputedStyle(byId("rows").rows[0].cells[0]).color')
    assert colours == {"light": "rgb(0, 0, 0)", "dark": "rgb(255, 255, 255)"}


def test_the_page_asks_for_no_other_file_and_its_script_throws_nothing(opened: Browser, page: Path) -> None:
    opened.click("#language")
    opened.click(SCORE_HEAD)
    opened.value('["first", "second"].forEach((id) => byId(id).dispatchEvent(new Event("change")))')
    assert set(opened.requests) == {page.as_uri()}
    assert opened.problems == []
