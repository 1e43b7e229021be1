"""The page is one file that loads and runs nothing, and shows what the report says."""

import re
from html import unescape
from pathlib import Path

import numpy as np
from scoretable.audit.look import Look, look_at
from scoretable.audit.page import write_page
from scoretable.audit.report import describe
from unit.audit.planted import answer, make_cache, paint

ROOT = Path(__file__).parents[3]


def drawn(classes: list[str]) -> Look:
    random = np.random.default_rng(0)
    kinds = np.arange(60) % 3
    train = np.stack([paint(kind, random) for kind in kinds])
    test = np.stack([paint(kind, random) // 2 for kind in kinds[:30]])
    train[1], test[0] = train[0], train[5]
    cache = make_cache(train, test, kinds, classes)
    return look_at(cache, 2, 0, answer(cache))


def page(look: Look) -> str:
    found = {"image_size": "64x64", "sandbox": True, "skipped": 3, **describe(look)}
    return write_page(look, found, "Leaves", ROOT)


def test_the_page_shows_all_parts_and_escapes_labels() -> None:
    text = page(drawn(["a<b>", "hispa", "normal"]))
    assert "default-src 'none'" in unescape(text) and "img-src data:" in text
    assert not re.search(r"<script|https?://|<b>", text)
    assert "a&lt;b&gt;" in text
    assert "drawn by a program" in text and "3 rows of the tables are left out" in text
    assert "different labels: a&lt;b&gt;, hispa" in text and "in train and test" in text
    assert "They differ" in text and "Test images that look least like training images" in text
    assert text.count("data:image/jpeg;base64,") == 3 + 4 + 24  # sheets, duplicates, and images that tell
    assert "Of 60 images that a row answered" in text


def test_nothing_is_shown_of_train_against_test_where_images_are_too_few() -> None:
    kinds = np.arange(9) % 3
    pictures = np.stack([paint(kind, np.random.default_rng(kind)) for kind in kinds])
    text = page(look_at(make_cache(pictures, pictures[:3], kinds, ["a", "b", "c"]), 3, 0, None))
    assert "too few images to compare" in text
    assert "Not told: there is no row yet" in text
