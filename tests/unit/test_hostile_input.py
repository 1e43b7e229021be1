"""What is made to do harm is refused in one sentence, in bounded time and memory, and leaves nothing half-written.

Here are archives, pictures, tables, YAML and shells; `test_hostile_names.py`, `test_hostile_weights.py` and
`test_parsers.py` go on with names and rows of other people, files of weights, and whatever else there may be.
"""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from scoretable.archive.archive import open_archive
from scoretable.archive.limits import MOST_READ
from scoretable.competition.description import load_competition
from scoretable.decoding.unreadable import MAX_PIXELS
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params
from scoretable.workspace.errors import MOST_CHARACTERS, InputError
from unit.hostile_files import (
    ARCHIVES,
    HOSTILE_YAML,
    competition_archive,
    competition_with_large_table,
    picture_that_says,
    write_all,
    write_archives,
)

ROOT = Path(__file__).parents[2]
PICTURES = {
    "JPEG": "100.jpg (test): it has 60000x60000 pixels, more than 100 million",
    "PNG": "100.jpg (test): it has far more than 100 million pixels",
}
TABLES = {
    "large table": "member train.csv takes 900 MB unpacked, but at most 100 MB are read",
    "many rows": "train.csv in the archive has more than 5,000,000 cells",
    "many columns": "train.csv in the archive has more than 10,000 columns",
    "wide row": "train.csv in the archive has more than 10,000 columns",
}
YAML_FILES = ("params.yaml", "session.yaml", "competition", "experiment", "dvc.lock")


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], dict[str, Any]]:
    """What the program says of each hostile file, read one after the other in one process of limited memory."""
    folder = tmp_path_factory.mktemp("hostile")
    files = {"archive": write_archives(folder / "archives")}
    pictures = {
        kind: competition_archive(**{"test_images/100.jpg": picture_that_says(kind, 60_000)}) for kind in PICTURES
    }
    tables = {
        "large table": competition_with_large_table("train.csv", 900_000_000),
        "many rows": competition_archive(**{"train.csv": b"image_id,label\n" + b"1,2\n" * 2_600_000}),
        "many columns": competition_archive(**{"train.csv": b"a," * 1_000_000}),
        "wide row": competition_archive(**{"train.csv": b"a\n" + b"," * 1_000_000}),
    }
    files["cache"] = write_all(folder / "competitions", pictures | tables, ".zip")
    texts = {name: text.encode() for name, text in HOSTILE_YAML.items()}
    files |= dict.fromkeys(YAML_FILES, write_all(folder / "yaml", texts, ".yaml"))
    jobs = [[kind, name, str(path)] for kind, paths in files.items() for name, path in paths.items()]
    command = [sys.executable, str(ROOT / "tests/unit/hostile_runner.py"), str(folder / "outputs")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "workflow"), str(ROOT / "tests")])}
    done = subprocess.run(
        command, input=json.dumps(jobs), env=environment, cwd=folder, check=True, capture_output=True, text=True,
        timeout=300,
    )  # fmt: skip
    assert not (folder / "pwned").exists()
    return {(kind, name): verdict for kind, name, verdict in json.loads(done.stdout.splitlines()[-1])}


def refused(verdict: dict[str, Any]) -> str:
    """Return the one sentence, after a check of what all refusals have in common."""
    assert verdict["other"] == ""
    assert verdict["sentence"].isprintable()
    assert len(verdict["sentence"]) < 1000
    assert verdict["seconds"] < 5
    assert verdict["megabytes"] < 1000
    assert verdict["written"] == []
    return verdict["sentence"]


@pytest.mark.parametrize(("name", "reason"), ARCHIVES.items())
def test_a_hostile_archive_is_refused_before_it_is_copied(verdicts: dict, name: str, reason: str) -> None:
    assert reason in refused(verdicts["archive", name])


@pytest.mark.parametrize(("name", "reason"), PICTURES.items())
def test_a_picture_of_3600_million_pixels_is_refused_by_its_header(verdicts: dict, name: str, reason: str) -> None:
    assert reason in refused(verdicts["cache", name])


@pytest.mark.parametrize(("name", "reason"), TABLES.items())
def test_a_table_that_takes_all_memory_is_refused(verdicts: dict, name: str, reason: str) -> None:
    assert reason in refused(verdicts["cache", name])


@pytest.mark.parametrize("kind", ["params.yaml", "session.yaml", "competition"])
@pytest.mark.parametrize("name", HOSTILE_YAML)
def test_hostile_yaml_is_refused(verdicts: dict, kind: str, name: str) -> None:
    assert refused(verdicts[kind, name])


@pytest.mark.parametrize("kind", ["experiment", "dvc.lock"])
@pytest.mark.parametrize("name", [name for name in HOSTILE_YAML if name not in ("list", "keys")])
def test_hostile_yaml_of_another_persons_row_is_refused(verdicts: dict, kind: str, name: str) -> None:
    assert refused(verdicts[kind, name])


def test_a_member_may_take_what_the_largest_picture_takes_and_not_a_byte_more(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(competition_with_large_table("a.jpg", 10_000_000))
    assert MOST_READ == 4 * MAX_PIXELS
    with open_archive(path, tmp_path) as archive:
        assert len(archive.read("a.jpg", most=10_000_000)) == 10_000_000
        with pytest.raises(InputError, match=r"a\.jpg takes "):
            archive.read("a.jpg", most=9_999_999)


def test_a_picture_that_inflates_beyond_that_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(competition_with_large_table("a.jpg", MOST_READ + 10_000_000))
    with open_archive(path, tmp_path) as archive, pytest.raises(InputError, match=r"a.jpg takes 410 MB unpacked"):
        archive.read("a.jpg")


def test_a_competition_file_cannot_choose_another_name(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text((ROOT / "workflow/competitions/sandbox.yaml").read_text() + "\nname: ../../x\n")
    with pytest.raises(InputError, match="has the key name: remove it"):
        load_competition("mine", tmp_path)


@pytest.mark.parametrize("name", ["../sandbox", "/etc/passwd", "sandbox; touch pwned", "$(touch pwned)", "a\x00b"])
def test_a_competition_is_only_looked_for_among_the_files_that_there_are(name: str) -> None:
    with pytest.raises(InputError, match="has no file"):
        load_competition(name, ROOT / "workflow/competitions")


def test_a_sentence_is_one_printable_line_of_bounded_length() -> None:
    sentence = str(InputError("member \x1b]0;owned\x07\r\n\u202e" + "x" * 1_000_000 + " is damaged: get it again."))
    assert sentence.startswith("member \\x1b]0;owned\\x07\\r\\n\\u202exx")
    assert sentence.endswith("xx is damaged: get it again.")
    assert sentence.isprintable()
    assert len(sentence) < MOST_CHARACTERS + 100


def test_the_package_starts_no_shell() -> None:
    sources = [path.read_text() for path in (ROOT / "workflow/scoretable").rglob("*.py")]
    calls = [node for source in sources for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    names = {ast.unparse(call.func) for call in calls}
    assert names.isdisjoint({"os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput", "eval"})
    assert [call for call in calls for keyword in call.keywords if keyword.arg == "shell"] == []


def test_no_value_of_a_param_but_the_words_of_train_on_reaches_the_shell_of_a_rule() -> None:
    rules = "".join(path.read_text() for path in (ROOT / "workflow/rules").glob("*.smk"))
    commands = re.findall(r"shell:\n\s+(.*)\n", rules)
    named = {name for command in commands for name in re.findall(r"\{(.*?)\}", command)}
    ours = {"params.run", "params.lineage", "params.place", "params.launch", "log"}
    assert named == ours
    given = set(re.findall(r"^        (run|lineage|place|launch)=(.*),$", rules, re.MULTILINE))
    assert {re.sub(r"\[.*\]", "", value) for _, value in given} == {"RUN", "PLAN.digest", "TRAIN_ON", "LAUNCH"}
    assert {name.removeprefix("params.") for name in ours} & {*Params.model_fields} == set()
    assert 'LAUNCH = config.get("launch", "")' in (ROOT / "Snakefile").read_text()  # from the command line alone
    assert SessionParams.model_json_schema()["properties"]["train_on"]["enum"] == ["here", "kaggle"]


def test_no_value_of_a_param_reaches_the_shell_of_a_stage() -> None:
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
    assert [stage["cmd"] for stage in stages.values() if re.search(r"[^\w. -]", stage["cmd"])] == []
