"""The page in a real browser, from disk and without a network: it sorts, filters, compares, draws, and fits a phone."""

import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from browser import CHROMIUM, Browser, start_browser
from made_experiments import add_experiment, add_output, make_repository
from many_rows import answers_file, make_many_rows
from scoretable.page.page import write_page
from scoretable.table.table import read_score_table

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")

ROOT = Path(__file__).parents[3]
HOSTILE = "<img src=x onerror=hacked=1><script>hacked=1</script>"
CELLS = """(name) => {
    const place = heads.findIndex((head) => head.dataset.column === name);
    const shown = [...byId("rows").tBodies[0].rows].filter((row) => !row.hidden);
    return shown.map((row) => row.cells[place].textContent.trim());
}"""
SHOWN = "[...byId('rows').tBodies[0].rows].filter((row) => row.offsetHeight).map((row) => row.dataset.id)"
TABLES = """(ids) => ids.map((id) => byId(id).innerText)"""
DRAWN = "(async () => { let last; do { last = queue; await last; } while (last !== queue); })()"
VIOLATIONS = """axe.run(document, {resultTypes: ["violations"]}).then(({violations}) => violations.map(
    (found) => `${found.id}: ${found.nodes.map((node) => node.html).join(" ")}`))"""
CLASSES = ("blast", "tungro")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two rows of the team's, made again, with two validation images; both answer one alike, and wrong."""
    folder = tmp_path_factory.mktemp("page")
    repository = make_repository(folder / "repository")
    for number, batch_size, chosen in ((6, 32, (1, 0)), (8, 16, (0, 0))):
        name = f"row-{number}-here"
        more = {"batch_size": batch_size, "scale": "epochs x 0.1", "cost": 0.5 * number}
        add_experiment(repository, name, 0.1 * number, public=0.1 * number + 0.05, reruns=number, **more)
        given = answers_file(np.array([0, 1]), np.eye(2, dtype=np.float32)[list(chosen)], CLASSES)
        add_output(repository, name, "models/validation.npz", given)
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


@pytest.fixture
def drawn(opened: Browser) -> Browser:
    """The page with all of its charts, which it draws one after the other once it is open."""
    opened.value(DRAWN)
    return opened


def cells(browser: Browser, column: str) -> list[str]:
    return browser.value(f"({CELLS})({column!r})")


def tables(browser: Browser, *ids: str) -> list[str]:
    return browser.value(f"({TABLES})({list(ids)})")


def tick(browser: Browser, row: str) -> None:
    browser.click(f"tr[data-id='{row}'] input")


def scores(browser: Browser) -> list[float]:
    return [float(cell.split()[0]) for cell in cells(browser, "public") if not cell.startswith("-")]


def test_a_click_on_a_head_sorts_and_a_second_one_turns_the_order(opened: Browser) -> None:
    orders = []
    for _ in range(2):
        opened.click("th[data-column=public] button")
        orders.append(scores(opened))
    rising, falling = orders
    assert rising == sorted(rising)
    assert falling == rising[::-1]


def test_a_row_without_a_score_stands_last_in_either_order(opened: Browser) -> None:
    for _ in range(2):
        opened.click("th[data-column=public] button")
        assert [cell.startswith("-") for cell in cells(opened, "public")] == [False] * 9 + [True]


def test_times_are_sorted_by_how_long_they_are(opened: Browser) -> None:
    opened.click("th[data-column=time] button")
    assert cells(opened, "time")[:3] == ["1 min 0 s", "1 min 0 s", "21min 12s"]
    assert cells(opened, "time")[-1].startswith("20-25 min (estimated")  # which is no measured time


def test_the_filter_leaves_the_rows_that_have_all_words(opened: Browser) -> None:
    opened.click("#filter")
    opened.type("inception 224")
    assert opened.value(SHOWN) == ["reported 2", "reported 4"]
    assert opened.value("byId('status').textContent") == "2 of 10 rows, 0 ticked"


def test_a_param_that_has_no_column_can_be_filtered_by(opened: Browser) -> None:
    opened.click("#filter")
    opened.type("batch_size=16")
    assert opened.value(SHOWN) == ["reported 8", "row-8-here"]


def test_ticked_rows_can_be_hidden_and_shown_again(opened: Browser) -> None:
    tick(opened, "reported 1")
    opened.click("#hide")
    assert "reported 1" not in opened.value(SHOWN)
    opened.click("#show")
    assert "reported 1" in opened.value(SHOWN)


def test_only_the_ticked_rows_can_be_shown(opened: Browser) -> None:
    tick(opened, "reported 1")
    opened.click("#only")
    assert opened.value(SHOWN) == ["reported 1"]


def test_columns_can_be_put_away_and_those_of_other_params_brought(opened: Browser) -> None:
    opened.click("#columns summary")
    opened.click("#columns input[value=model]")
    assert opened.value("document.querySelector('th[data-column=model]').hidden")
    opened.click("#columns input[value=batch_size]")
    opened.click("#columns input[value=batch_size]")
    assert not opened.value("document.querySelector('th[data-column=batch_size]').hidden")


def test_the_address_brings_back_what_was_set(opened: Browser, page: Path) -> None:
    opened.click("th[data-column=public] button")
    opened.click("#filter")
    opened.type("inception")
    tick(opened, "reported 2")
    opened.click("#language")
    state = "[location.hash, lines.filter(({tick}) => tick.checked).map(({id}) => id), document.title]"
    before = opened.value(state), cells(opened, "public")
    opened.open(page, part=before[0][0][1:])
    assert (opened.value(state), cells(opened, "public")) == before


def test_two_ticked_rows_are_compared_in_figures_params_recall_and_images(opened: Browser) -> None:
    tick(opened, "row-6-here")
    tick(opened, "row-8-here")
    figures, params, recall, disagree = tables(opened, "figures", "params", "recall", "disagree")
    assert re.search(r"public score\s+0.65\s+0.85\s+\+0.2", figures)
    assert re.search(r"batch_size\s+32\s+16", params)
    assert re.search(r"blast\s+0.5\s+0.5", recall)
    assert re.search(r"000000.jpg\s+blast\s+tungro\s+blast", disagree)
    assert "000001.jpg" not in disagree
    assert (
        "Of 2 images that both answered: both are right on 0, only the first on 0, only the second on 1"
        in opened.value("byId('agreed').textContent")
    )


def test_a_reported_row_is_compared_in_what_is_known_of_it(opened: Browser) -> None:
    opened.value("update({first: 'reported 6', second: 'reported 8'})")
    figures, params, code, disagree = tables(opened, "figures", "params", "code", "disagree")
    assert re.search(r"public score\s+0.84083\s+0.90003\s+\+0.0592", figures)
    assert re.search(r"batch_size\s+32\s+16", params)
    assert "not known here" in code
    assert "none" in disagree


def test_the_badges_and_notes_of_two_rows_stand_side_by_side(opened: Browser) -> None:
    (proofs,) = tables(opened, "proofs")
    assert "rerun scaled" in proofs


def test_a_click_turns_page_and_charts_to_korean_and_another_one_back(opened: Browser) -> None:
    shown = "[document.title, document.documentElement.lang, byId('chart-time').textContent.includes('학습 시간')]"
    for expected in (["점수표", "ko", True], ["The score table", "en", False]):
        opened.click("#language")
        opened.value(DRAWN)
        assert opened.value(shown) == expected


CHARTS = ("time", "cost", "agreement", "effects", "parallel", "curves", "pair", "confusion-first", "confusion-second")


def test_each_chart_is_drawn_as_wide_as_its_place(drawn: Browser) -> None:
    places = [f"byId('chart-{name}').querySelector('svg')?.getBoundingClientRect().width" for name in CHARTS]
    widths = dict(zip(CHARTS, drawn.value(f"[{', '.join(places)}]"), strict=True))
    assert all(width and width > 400 for width in widths.values()), widths


def test_a_mark_tells_its_row_to_the_pointer_and_ticks_it_on_a_click(drawn: Browser) -> None:
    mark = "#chart-agreement .mark-symbol path"
    drawn.click(mark)
    told = drawn.value("document.querySelector('#vg-tooltip-element')?.innerText ?? ''")
    assert re.search(r"row-\d-here", told)
    assert len(drawn.value("[...state.ticked]")) == 1


def test_the_charts_draw_the_rows_that_the_table_shows(drawn: Browser) -> None:
    count = "document.querySelectorAll('#chart-time .mark-symbol.role-mark path').length"
    assert drawn.value(count) == 8
    drawn.click("#filter")
    drawn.type("inception")
    drawn.value(DRAWN)
    assert drawn.value(count) == 5


def test_the_curves_are_those_of_ticked_rows(drawn: Browser) -> None:
    names = "drawn.get('curves').view.data('curves').map(({id}) => id)"
    assert set(drawn.value(names)) == {"row-6-here", "row-8-here"}
    tick(drawn, "row-8-here")
    drawn.value(DRAWN)
    assert set(drawn.value(names)) == {"row-8-here"}


def test_the_keyboard_sorts_and_ticks(opened: Browser) -> None:
    opened.value("document.querySelector('th[data-column=public] button').focus()")
    opened.press("Enter", "\r")
    assert scores(opened) == sorted(scores(opened))
    opened.value("document.querySelector('#rows tbody input').focus()")
    opened.press(" ", " ")
    assert len(opened.value("[...state.ticked]")) == 1


def test_the_keyboard_reaches_all_that_can_be_used_in_the_order_of_the_page(opened: Browser) -> None:
    reached = []
    for _ in range(6):
        opened.press("Tab")
        reached.append(opened.value("document.activeElement.id || document.activeElement.tagName"))
    assert reached[:3] == ["language", "filter", "SUMMARY"]
    assert opened.value("getComputedStyle(document.activeElement).outlineStyle") != "none"


@pytest.mark.parametrize("width", [1200, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_that_keeps_people_from_using_the_page(
    chromium: Browser, page: Path, width: int, scheme: str
) -> None:
    chromium.open(page, width=width, scheme=scheme)
    chromium.value(DRAWN)
    chromium.value((resources.files("axe_core_python") / "axe.min.js").read_text(encoding="utf-8") + "; 0")
    assert chromium.value(VIOLATIONS) == []


def test_a_phone_scrolls_down_only(chromium: Browser, page: Path) -> None:
    chromium.open(page, width=390)
    chromium.value(DRAWN)
    wide, shown = chromium.value("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide == shown


def test_the_page_is_dark_where_the_reader_wants_it_so(chromium: Browser, page: Path) -> None:
    colours = {}
    for scheme in ("light", "dark"):
        chromium.open(page, scheme=scheme)
        chromium.value(DRAWN)
        axis = "getComputedStyle(document.querySelector('#chart-time .role-axis-label text')).fill"
        colours[scheme] = chromium.value(f"[getComputedStyle(byId('rows').rows[0].cells[0]).color, {axis}]")
    assert colours == {"light": ["rgb(0, 0, 0)"] * 2, "dark": ["rgb(255, 255, 255)"] * 2}


def test_paper_has_the_whole_table_and_no_buttons(drawn: Browser) -> None:
    drawn.tell("Emulation.setEmulatedMedia", media="print")
    shown = "['.tools', '#rows', '#chart-time svg'].map((name) => document.querySelector(name).offsetHeight !== 0)"
    overflow = "getComputedStyle(byId('rows').parentElement).overflowX"
    assert drawn.value(f"[...{shown}, {overflow}]") == [False, True, True, "visible"]
    drawn.tell("Emulation.setEmulatedMedia", media="")


def test_the_page_asks_for_no_other_file_and_its_script_throws_nothing(chromium: Browser, page: Path) -> None:
    chromium.requests.clear()
    chromium.problems.clear()
    chromium.open(page)
    chromium.click("#language")
    chromium.click("th[data-column=public] button")
    chromium.value("update({first: 'reported 1', second: 'row-8-here'})")
    chromium.value(DRAWN)
    assert {request.partition("#")[0] for request in chromium.requests} <= {page.as_uri(), "about:blank"}
    assert chromium.problems == []


def test_the_browser_runs_no_script_that_comes_with_data(chromium: Browser, tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "repository")
    for number in (1, 2):
        name = f"<script>hacked=1<|script>{number}"
        classes = (HOSTILE, "</script><script>hacked=1</script>")
        add_experiment(
            repository, name, 0.5, public=0.6, classes=classes, batch_size=number, versions={HOSTILE: HOSTILE}
        )
    path = tmp_path / "page.html"
    path.write_text(write_page(read_score_table(repository), repository), encoding="utf-8")
    chromium.open(path)
    chromium.value(DRAWN)
    chromium.click("#chart-agreement .mark-symbol path")
    chromium.value(DRAWN)
    assert chromium.value("[typeof hacked, document.querySelectorAll('script, img').length]") == ["undefined", 3]


def test_the_policy_stops_a_script_that_got_in_all_the_same(opened: Browser) -> None:
    opened.value('setTimeout("hacked=1")')
    opened.value("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=hacked=1>')")
    opened.value("document.body.append(Object.assign(document.createElement('script'), {textContent: 'hacked=1'}))")
    assert opened.value("new Promise((done) => setTimeout(() => done(typeof hacked), 50))") == "undefined"


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of 500 rows, each of 2,081 validation images and 50 epochs."""
    folder = tmp_path_factory.mktemp("many")
    path = folder / "page.html"
    path.write_text(write_page(make_many_rows(folder / "rows", 500), ROOT), encoding="utf-8")
    return path


@pytest.mark.turns(3)
def test_a_page_of_500_rows_has_under_five_megabytes(many: Path) -> None:
    assert many.stat().st_size < 5e6


@pytest.mark.turns(3)
def test_500_rows_are_sorted_filtered_and_drawn(chromium: Browser, many: Path) -> None:
    chromium.open(many)
    chromium.click("th[data-column=public] button")
    found = scores(chromium)
    assert len(found) == 507 and found == sorted(found)
    chromium.click("#filter")
    chromium.type("smallcnn")
    chromium.value(DRAWN)
    assert chromium.value("document.querySelectorAll('#chart-time .mark-symbol.role-mark path').length") == 125


@pytest.mark.turns(3)
def test_two_of_500_rows_are_compared_image_by_image(chromium: Browser, many: Path) -> None:
    chromium.open(many, part="first=sandbox-row-3&second=sandbox-row-498")
    assert "Of 2081 images that both answered" in chromium.value("byId('agreed').textContent")
    assert len(chromium.value("[...byId('disagree').tBodies[0].rows].map((row) => row.cells.length)")) == 300
