"""What the page runs is what its policy names."""

import base64
import hashlib
import re
from pathlib import Path

import pytest
from scoretable.page.page import FOLDER
from scoretable.page.scripts import PARTS, content_policy, escape_script, page_script

ROOT = Path(__file__).parents[3]


def test_the_policy_lets_nothing_be_loaded_and_no_text_become_code() -> None:
    policy = content_policy(["1"], "b{}")
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "http" not in policy


def test_the_policy_names_each_script_and_the_style_by_its_digest() -> None:
    policy = content_policy(["one", "two"], "style")
    digests = [base64.b64encode(hashlib.sha256(text).digest()).decode() for text in (b"one", b"two", b"style")]
    assert re.findall(r"'sha256-([^']+)'", policy) == digests


@pytest.mark.parametrize("text", ["'</script>'", "'</SCRIPT>'", "'<!-- <script'"])
def test_no_script_can_end_its_element(text: str) -> None:
    assert re.search("</script|<!--", escape_script(text), re.IGNORECASE) is None


def test_lines_end_as_a_browser_reads_them() -> None:
    assert escape_script("a\r\nb\rc\n") == "a\nb\nc\n"


def test_the_pages_script_is_all_of_its_parts_in_their_order() -> None:
    assert {path.name for path in (ROOT / FOLDER).glob("*.js")} == set(PARTS)
    script = page_script(ROOT / FOLDER)
    heads = [(ROOT / FOLDER / part).read_text(encoding="utf-8").splitlines()[0] for part in PARTS]
    assert [line for line in script.splitlines() if line in heads] == heads
