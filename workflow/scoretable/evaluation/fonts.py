"""Fonts for names in Korean, Japanese and Chinese, which matplotlib's own has no letters of."""

from matplotlib import rcParams
from matplotlib.font_manager import get_font_names

_OWN = "DejaVu Sans"
_OTHERS = (  # of Linux, Windows and macOS
    "Noto Sans CJK KR", "Noto Sans CJK JP", "Noto Sans CJK SC", "NanumGothic", "Malgun Gothic", "Yu Gothic",
    "Microsoft YaHei", "Apple SD Gothic Neo", "Hiragino Sans", "PingFang SC",
)  # fmt: skip


def use_installed_fonts() -> None:
    """Let figures take letters that matplotlib's own font lacks from those that are installed."""
    installed = set(get_font_names())
    rcParams["font.family"] = [_OWN, *(name for name in _OTHERS if name in installed)]
