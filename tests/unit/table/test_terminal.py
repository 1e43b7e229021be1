"""The score table drawn for a terminal shows what matters, and never more than fits."""

import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_experiments import add_experiment, make_repository
from rich.cells import cell_len
from rich.console import Console
from scoretable.competition.metric import Score
from scoretable.table import terminal
from scoretable.table.table import ScoreTable, Setting, read_score_table
from scoretable.table.terminal import (
    COLUMNS,
    ScoreTableView,
    break_model,
    break_name,
    choose_columns,
    draw_lines,
    label,
    shorten,
)

LONG = "row-8-sandbox-scaled-images0.046-epochs0.1-size0.34"
SIZES = ("image", "size", "epochs", "batch")


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> ScoreTable:
    """Two draws of a rerun of row 8 with a long name, and a row that reruns nothing."""
    repository = make_repository(tmp_path_factory.mktemp("terminal") / "repository")
    for seed, public in enumerate((0.7, 0.8)):
        add_experiment(repository, f"{LONG}-draw{seed}", public, public=public, reruns=8, seed=seed)
    add_experiment(repository, "mine", 0.6, model="EfficientNetLite0", image_size="448x320")
    return read_score_table(repository)


def draw(view: object, width: int) -> list[str]:
    file = io.StringIO()
    Console(file=file, width=width).print(view)
    return file.getvalue().splitlines()


def header(lines: list[str]) -> str:
    rule = next(number for number, line in enumerate(lines) if line.startswith("─"))
    return " ".join(lines[:rule])


@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 120, 160, 240])
def test_no_line_is_wider_than_the_terminal(table: ScoreTable, width: int) -> None:
    assert max(map(cell_len, draw(ScoreTableView(table), width))) <= width


@pytest.mark.parametrize("width", [80, 120])
def test_what_matters_is_shown(table: ScoreTable, width: int) -> None:
    shown = header(draw(ScoreTableView(table), width)).split()
    assert {"row", "public", "accuracy", "model", *SIZES} <= set(shown)


def test_a_wider_terminal_shows_more_columns(table: ScoreTable) -> None:
    narrow, wide = (header(draw(ScoreTableView(table), width)).split() for width in (80, 160))
    assert "optimizer" not in narrow
    assert "optimizer" in wide


def test_what_does_not_fit_is_named(table: ScoreTable) -> None:
    text = " ".join(draw(ScoreTableView(table), 80))
    assert (
        "Not shown at this width: proof, optimizer, draws, time, hardware, images/s, competition, commit."
        in " ".join(text.split())
    )


def test_an_insight_stands_below_the_table_where_it_does_not_fit_in_it(table: ScoreTable) -> None:
    sentence = "8 reported: A smaller batch makes the fit finer and raises the score."
    assert sentence in " ".join(" ".join(draw(ScoreTableView(table), 80)).split())
    assert sentence not in " ".join(" ".join(draw(ScoreTableView(table), 160)).split())


def test_a_very_wide_terminal_leaves_nothing_out(table: ScoreTable) -> None:
    assert "Not shown" not in "\n".join(draw(ScoreTableView(table), 240))


def test_all_reported_rows_are_shown_with_their_scores(table: ScoreTable) -> None:
    first = [line.split()[:3] for line in draw(ScoreTableView(table), 80) if " reported " in line[:12]]
    assert [cells[0] for cells in first] == [str(number) for number in range(1, 9)]
    assert first[7] == ["8", "reported", "0.90003"]


@pytest.mark.parametrize("width", [80, 120])
def test_no_word_of_a_name_is_cut(table: ScoreTable, width: int) -> None:
    shown = " ".join(draw(ScoreTableView(table), width)).split()
    for part in ("images0.046-", "epochs0.1-", "size0.34-", "draw0"):
        assert any(part in word for word in shown)
    assert not any("…" in word for word in shown)


def test_a_column_without_any_figure_takes_no_place(table: ScoreTable) -> None:
    assert "private" not in header(draw(ScoreTableView(table), 240))


def scored_by(setting: Setting, metric: Score) -> Setting:
    return replace(setting, draws=tuple(replace(draw, metric=metric) for draw in setting.draws))


def test_beside_the_reported_scores_each_row_names_its_metric(table: ScoreTable) -> None:
    settings = tuple(scored_by(setting, "log_loss") for setting in table.settings)
    lines = draw(ScoreTableView(replace(table, settings=settings)), 80)
    assert {"metric", "validation"} <= set(header(lines).split())
    assert [line.split()[:3] for line in lines if line.startswith(("8 reported ", "mine "))] == [
        ["8", "reported", "accuracy"], ["mine", "log", "0.60000"],
    ]  # fmt: skip
    assert any(line.startswith("Of log_loss, smaller values are better.") for line in lines)


def test_scores_by_several_metrics_have_the_name_of_none(table: ScoreTable) -> None:
    first, *rest = table.settings
    shown = header(draw(ScoreTableView(replace(table, settings=(scored_by(first, "rmse"), *rest))), 80)).split()
    assert "validation" in shown
    assert "accuracy" not in shown


@pytest.fixture
def with_insight(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Adds a remark to each line of the table."""

    def add(insight: str) -> None:
        lines = terminal.table_lines
        monkeypatch.setattr(
            terminal, "table_lines", lambda table: ({**line, "insight": insight} for line in lines(table))
        )

    return add


@pytest.mark.parametrize("insight", ["A smaller batch makes the fit finer.", "작은 배치가 점수를 높인다." * 3])
def test_an_insight_stands_at_the_end_where_the_terminal_is_wide_enough(
    table: ScoreTable, with_insight: Callable[[str], None], insight: str
) -> None:
    with_insight(insight)
    lines = draw(ScoreTableView(table), 140)
    assert header(lines).split()[-1] == "insight"
    assert max(map(cell_len, lines)) <= 140


def test_the_less_important_columns_go_first(table: ScoreTable) -> None:
    lines = list(terminal.table_lines(table))
    for width in range(200):
        chosen = [column for column in choose_columns(lines, COLUMNS, width) if column.matters]
        assert chosen == [column for column in COLUMNS if column.matters][: len(chosen)]


@pytest.mark.parametrize(
    ("cell", "short"),
    [
        ("0.90003 (2341 of 2601)", "0.90003"),
        ("0.75000 ± 0.07071 (0.1147 to 1.3853)", "0.75000\n±0.0707"),
        ("- (no score)", ""),
        ("-", ""),
        ("20-25 min (estimated: no %%time)", "20-25 min"),
        ("a\x1b[31mred", "a?[31mred"),
    ],
)
def test_a_cell_keeps_its_figure_only(cell: str, short: str) -> None:
    assert shorten(cell) == short


def test_a_rerun_is_indented_below_its_row() -> None:
    assert label({"row": "8", "name": "row-8-sandbox"}) == "  row-8-sandbox"
    assert label({"row": "-", "name": "mine"}) == "mine"


@given(st.text("ab0.-", min_size=1), st.integers(4, 30))
def test_a_broken_name_is_whole_when_it_is_joined(name: str, width: int) -> None:
    assert "".join(line.strip() for line in break_name(f"  {name}", width).split("\n")) == name


@given(st.lists(st.text("ab0.가", min_size=1, max_size=5), min_size=1, max_size=8), st.integers(12, 30))
def test_a_name_is_broken_at_hyphens_into_lines_that_fit(parts: list[str], width: int) -> None:
    lines = break_name("-".join(parts), width).split("\n")
    assert all(cell_len(line) <= width for line in lines)
    assert all(line.endswith("-") for line in lines[:-1])


@pytest.mark.parametrize(
    ("model", "broken"),
    [("InceptionV3", "InceptionV3"), ("EfficientNetLite0", "EfficientNet\nLite0"), ("VGG16", "VGG16")],
)
def test_a_long_model_is_broken_before_its_last_word(model: str, broken: str) -> None:
    assert break_model(model) == broken


def test_markup_in_a_cell_is_shown_as_it_is() -> None:
    assert "[red]x[/red]" in "\n".join(draw(draw_lines([{"row": "[red]x[/red]"}]), 40))


def test_a_table_of_lines_breaks_between_words_only() -> None:
    lines = draw(draw_lines([{"job": "7", "row": "row 8: sandbox, EfficientNetLite0, 128 px, seed 0"}]), 30)
    assert max(map(len, lines)) <= 30
    assert "EfficientNetLite0," in " ".join(lines).split()
