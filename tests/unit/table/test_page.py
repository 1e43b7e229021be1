"""The page of the score table needs nothing else, and nothing in a row can break it."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from made_experiments import SOURCE, add_experiment, commit, make_repository
from scoretable.experiments.experiment import find_experiment
from scoretable.table.page import LANGUAGES, REPORT, TEMPLATE, describe_draw, embed, write_page
from scoretable.table.plots import draw_curves, draw_factors
from scoretable.table.reported_rows import load_reported_rows
from scoretable.table.table import read_draw, read_score_table

ROOT = Path(__file__).parents[3]
TEXT = st.text() | st.sampled_from(["</script>", "<!--", "<script>", "-->", "\u2028"])


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
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


def described(repository: Path) -> dict[str, Any]:
    return describe_draw(read_draw(find_experiment(repository, "one"), "accuracy"))


def rewrite(repository: Path, name: str, path: str, content: str) -> None:
    place = find_experiment(repository, name).cached(path)
    assert place is not None
    place.write_text(content)


def test_a_browser_finds_no_address_on_the_page_but_the_names_of_namespaces(page: str) -> None:
    named = re.sub(r' (xmlns(:\w+)?|rdf:resource)="[^"]*"', "", page)
    assert re.findall(r"https?://[^\s\"']*", named) == []


def test_a_browser_loads_nothing_for_the_styles_and_scripts_of_the_page(page: str) -> None:
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
    assert set(data_of(page)["rows"]) == set(names)
    assert page.count("<!--") == 0
    assert page.count("<script") == 2


def test_every_text_that_the_template_asks_for_is_there_in_both_languages() -> None:
    template = (ROOT / REPORT / TEMPLATE).read_text()
    asked = set(re.findall(r"texts\.en\.(\w+)|data-text=\"(\w+)\"|\btext\.(\w+)|texts\[language\]\.(\w+)", template))
    names = {name for found in asked for name in found if name}
    assert {"title", "actual", "none"} <= names
    texts = [yaml.safe_load((ROOT / REPORT / f"score_table.{language}.yaml").read_text()) for language in LANGUAGES]
    for written in texts:
        assert set(written) == set(texts[0]) >= names
        assert all(isinstance(text, str) and text for text in written.values())


def test_the_page_has_a_line_for_each_reported_row_and_each_rerun(page: str) -> None:
    assert page.count('<tr class="reported">') == len(load_reported_rows(ROOT / "workflow/tables/paddy.csv"))
    assert "<td>one</td>" in page


def test_the_page_of_a_repository_without_experiments_has_no_marks(repository: Path) -> None:
    page = page_of(repository)
    assert data_of(page)["rows"] == {}
    assert 'data-text="scaled"' not in page
    assert 'data-text="sandbox"' not in page


def test_scaled_rows_and_those_of_the_sandbox_are_marked(page: str) -> None:
    assert "(sandbox, scaled: epochs x 0.1)" in page
    assert 'data-text="sandbox"' in page


def test_a_row_is_described_with_what_the_page_compares(repository: Path) -> None:
    add_experiment(repository, "one", 0.6, epochs=2, max_hours=5.0)
    row = described(repository)
    assert row["params"]["epochs"] == 2
    assert "max_hours" not in row["params"]
    assert row["recall"] == {"blast": 0.5, "tungro": 1.0}
    assert row["confusion"]["data"] == [["blast", 1, 1], ["tungro", 0, 2]]
    assert row["curve"] == [0.2, 0.4]
    assert row["mistakes"] == {"one.jpg": ["blast", "tungro"]}


def test_a_row_whose_outputs_are_not_here_is_described_without_them(repository: Path) -> None:
    add_experiment(repository, "one", 0.6)
    shutil.rmtree(repository / ".dvc/cache")
    row = described(repository)
    assert (row["recall"], row["confusion"], row["curve"], row["mistakes"]) == ({}, {}, [], {})


def test_two_rows_of_one_name_can_both_be_compared(repository: Path) -> None:
    add_experiment(repository, "row-8", 0.5, reruns=8)
    (repository / SOURCE).write_text("changed")
    commit(repository)
    add_experiment(repository, "row-8", 0.6, reruns=8)
    assert len(data_of(page_of(repository))["rows"]) == 2


def test_a_metric_that_ran_to_infinity_leaves_data_that_a_browser_reads(repository: Path) -> None:
    add_experiment(repository, "one", 0.6)
    rewrite(repository, "one", "models/history.csv", "epoch,val_loss,val_accuracy\n1,1,0.5\n2,1,inf\n")
    assert data_of(f'<script id="data" type="application/json">{embed(described(repository))}</script>')


def test_a_curve_is_of_numbers_where_an_epoch_has_none(repository: Path) -> None:
    add_experiment(repository, "one", 0.6)
    rewrite(repository, "one", "models/history.csv", "epoch,val_loss,val_accuracy\n1,1,\n2,1,0.5\n")
    assert [type(value) for value in described(repository)["curve"] if value] == [float]


@pytest.mark.parametrize(
    ("history", "measured", "curve"),
    [
        ("epoch,accuracy,val_loss,val_accuracy,val_log_loss\n1,0.1,2,0.2,3\n", "log_loss", [3.0]),
        ("epoch,accuracy,val_loss,val_accuracy\n1,0.1,2,0.2\n", "loss", [2.0]),
    ],
)
def test_a_curve_is_that_of_the_competitions_metric_or_else_of_the_loss(
    repository: Path, history: str, measured: str, curve: list[float]
) -> None:
    add_experiment(repository, "one", 0.6)
    rewrite(repository, "one", "models/history.csv", history)
    row = describe_draw(read_draw(find_experiment(repository, "one"), "log_loss"))
    assert (row["measured"], row["curve"]) == (measured, curve)


def test_rows_of_another_metric_are_drawn_apart_from_the_reported_ones_with_their_direction(repository: Path) -> None:
    add_experiment(repository, "one", 0.6, public=0.7, reruns=8)
    others = {"competition": "sandbox-log-loss", "metric": "log_loss", "figures": {"log_loss": 2.5}}
    add_experiment(repository, "two", 0.6, public=2.5, reruns=8, **others)
    page = page_of(repository)
    drawn = re.findall(r"<svg .*?</svg>", page, re.DOTALL)
    titles = [sorted(set(re.findall(r">((?:public|validation) [^<]*)</text>", plot))) for plot in drawn]
    assert titles == [
        ["public accuracy"],
        ["public log_loss (smaller is better)"],
        ["validation accuracy"],
        ["validation loss (smaller is better)"],
    ]
    assert [">reported<" in plot for plot in drawn] == [True, False, False, False]


def test_the_page_says_of_any_sandbox_that_it_is_scored_here(repository: Path) -> None:
    add_experiment(repository, "one", 0.6, competition="sandbox-log-loss")
    assert 'data-text="sandbox"' in page_of(repository)
    assert "Of log_loss, smaller values are better." in page_of(repository)


def test_a_class_with_leading_zeros_keeps_them(repository: Path) -> None:
    add_experiment(repository, "one", 0.6, classes=("007", "010"))
    assert list(described(repository)["recall"]) == ["007", "010"]


def test_a_name_that_looks_like_a_formula_is_drawn() -> None:
    assert ">a$_$b</text>" in draw_curves({"a$_$b": [0.2, 0.4]}, "accuracy")


def test_a_plot_is_the_same_in_every_call() -> None:
    assert draw_curves({"one": [0.2, 0.4]}, "accuracy") == draw_curves({"one": [0.2, 0.4]}, "accuracy")


def test_a_point_is_drawn_with_its_row_in_the_plots_whose_factor_it_has() -> None:
    plot = draw_factors([{"row": 77, "score": 0.84, "epochs": 50, "batch_size": 32}], [], "accuracy")
    assert plot.count(">77</text>") == 2


def test_a_plot_is_one_svg_element_that_scales_to_the_page() -> None:
    plot = draw_curves({"one": [0.2, 0.4]}, "accuracy")
    head = plot[: plot.index(">")]
    assert head.startswith("<svg ")
    assert "width=" not in head
    assert plot.rstrip().endswith("</svg>")


def test_curves_are_named_and_their_names_are_text() -> None:
    assert ">a&lt;b&gt;</text>" in draw_curves({"a<b>": [0.2, 0.4]}, "accuracy")
