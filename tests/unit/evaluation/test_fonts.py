"""Names in Korean, Japanese and Chinese are drawn where a font for them is installed, and warn of nothing."""

import warnings
from pathlib import Path

import pytest
from matplotlib import rcParams
from scoretable.evaluation import fonts
from scoretable.evaluation.plots import new_figure, save_figure


def test_letters_without_a_font_are_boxes_and_no_warnings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "get_font_names", list)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        save_figure(new_figure(2, "고양이 猫 ネコ"), tmp_path / "a.png")


def test_fonts_that_are_installed_follow_the_own_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "get_font_names", lambda: ["Arial", "Malgun Gothic", "Noto Sans CJK KR"])
    monkeypatch.setitem(rcParams, "font.family", ["DejaVu Sans"])
    fonts.use_installed_fonts()
    assert rcParams["font.family"] == ["DejaVu Sans", "Noto Sans CJK KR", "Malgun Gothic"]
