"""The page in a real browser, from disk and without a network: it sorts, filters, compares, and fits a phone."""

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from made_experiments import add_experiment, make_repository
from scoretable.table.page import write_page
from scoretable.table.table import read_score_table

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(BROWSER is None, reason="there is no Chromium on this machine")

HEADS = '[...document.querySelectorAll("#rows th button")]'
ROWS = '[...document.querySelectorAll("#rows tbody tr")]'


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    repository = make_repository(folder / "repository")
    add_experiment(repository, "row-6-here", 0.5, public=0.6, reruns=6, batch_size=32, scale="epochs x 0.1")
    add_experiment(repository, "row-8-here", 0.7, public=0.8, reruns=8, batch_size=16, scale="epochs x 0.1")
    path = folder / "page.html"
    path.write_text(write_page(read_score_table(repository), repository), encoding="utf-8")
    return path


def look(page: Path, expression: str, before: str = "", width: int = 1200) -> Any:
    """Open the page in the browser, run `before`, and return the value of a JavaScript expression."""
    asked = page.with_name(f"asked-{width}.html")
    script = (
        'document.body.innerHTML = "<pre id=answer></pre>"; document.getElementById("answer").textContent = answer;'
    )
    text = page.read_text(encoding="utf-8") + (
        f"<script>{before}; const answer = JSON.stringify({expression}); {script}</script>"
    )
    asked.write_text(text, encoding="utf-8")
    command = [
        str(BROWSER), "--headless=new", "--no-sandbox", "--disable-gpu", f"--window-size={width},900",
        "--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=2000", "--dump-dom", asked.as_uri(),
    ]  # fmt: skip
    printed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    answer = re.search(r'<pre id="answer">(.*?)</pre>', printed, re.DOTALL)
    assert answer, printed[-2000:]
    return json.loads(unescape(answer[1]))


def test_a_click_on_a_head_sorts_and_a_second_one_turns_the_order(page: Path) -> None:
    shown = f"{ROWS}.map((row) => parseFloat(row.cells[10].textContent)).filter((score) => !isNaN(score))"
    once, twice = (look(page, shown, clicks * f"{HEADS}[10].click();") for clicks in (1, 2))
    assert once == sorted(once)
    assert twice == sorted(once, reverse=True)
    assert len(once) == 9


def test_the_filter_leaves_the_rows_that_have_the_words(page: Path) -> None:
    typed = 'byId("filter").value = "VGG"; byId("filter").dispatchEvent(new Event("input"))'
    assert look(page, f"{ROWS}.filter((row) => !row.hidden).map((row) => row.cells[2].textContent)", typed) == ["VGG16"]


def test_two_rows_are_compared_in_params_recall_confusion_and_images(page: Path) -> None:
    shown = look(page, '["params", "recall", "confusion", "disagree"].map((id) => byId(id).innerText)')
    assert re.search(r"batch_size\s+32\s+16", shown[0])
    assert re.search(r"blast\s+0.5\s+0.5", shown[1])
    assert "row-6-here" in shown[2]
    assert re.search(r"row-6-here.jpg\s+blast\s+tungro\s+blast", shown[3])


def test_the_page_speaks_korean_too(page: Path) -> None:
    assert look(page, "[document.title, document.documentElement.lang]", 'byId("language").click()') == ["점수표", "ko"]


def test_the_plots_are_shown(page: Path) -> None:
    widths = look(page, '[...document.querySelectorAll("svg")].map((plot) => plot.getBoundingClientRect().width)')
    assert len(widths) == 2
    assert all(width > 300 for width in widths)


def test_a_phone_scrolls_down_only(page: Path) -> None:
    # The browser's own windows are no narrower than 500 pixels.
    wide = look(page, "document.body.scrollWidth", 'document.body.style.width = "360px"', width=500)
    assert wide <= 360 + 2 * 16  # its padding
