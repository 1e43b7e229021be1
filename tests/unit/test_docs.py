"""What stands outside of docs/, whose own links `mkdocs build --strict` checks: links, length, and the translation."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from scoretable.cli.main import app
from typer.main import get_command

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "README.ko.md", "CONTRIBUTING.md", "CHANGELOG.md", "config/README.md")
MOST_WORDS = 1_500
COMMAND = r"`(?:scoretable )?([a-z]+)(?: [^`]*)?`"


def prose(name: str) -> str:
    """Return a page without its blocks of code and its comments."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return re.sub(r"<!--.*?-->", "", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE), flags=re.DOTALL)


def links(name: str) -> list[str]:
    return [target for target in re.findall(r"\]\(([^)\s]+)\)", prose(name)) if "://" not in target]


def anchors(path: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-") for title in titles}


def is_there(page: str, target: str) -> bool:
    file, _, anchor = target.partition("#")
    path = (ROOT / page).parent / file if file else ROOT / page
    return path.exists() and (not anchor or anchor in anchors(path))


@pytest.mark.parametrize("page", PAGES)
def test_each_link_leads_somewhere(page: str) -> None:
    assert [target for target in links(page) if not is_there(page, target)] == []


def test_a_link_to_nowhere_would_be_found() -> None:
    assert not is_there("README.md", "docs/nothing.md")
    assert not is_there("README.md", "docs/training.md#nothing")
    assert is_there("README.md", "docs/training.md#equal-runs-equal-weights")


NAMED = r"`((?:workflow|tests|benchmarks|docs|\.ci)/[\w./-]+|\w+/\w+\.py)(?: [^`]*)?`"
MADE = {"workflow/scoretable/models/tiny_cnn.py", "workflow/competitions/cactus.yaml", "benchmarks/results/"}


@pytest.mark.parametrize("page", [*PAGES, *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))])
def test_each_file_that_is_named_is_there(page: str) -> None:
    named = set(re.findall(NAMED, prose(page))) - MADE
    folders = (ROOT, ROOT / "workflow/scoretable", ROOT / "tests/unit")
    assert [name for name in sorted(named) if not any((folder / name).exists() for folder in folders)] == []


def test_the_readme_is_read_in_five_minutes() -> None:
    words = [word for word in (ROOT / "README.md").read_text(encoding="utf-8").split() if re.search(r"\w", word)]
    assert len(words) <= MOST_WORDS


def test_the_korean_readme_is_a_full_counterpart() -> None:
    english, korean = (re.findall(r"^#+ ", prose(name), re.MULTILINE) for name in ("README.md", "README.ko.md"))
    assert korean == english
    assert [target for target in links("README.md") if target != "README.ko.md"] == [
        target for target in links("README.ko.md") if target != "README.md"
    ]


def test_both_readmes_show_the_same_commands() -> None:
    blocks = [
        re.findall(r"^```.*?^```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
        for name in ("README.md", "README.ko.md")
    ]
    english, korean = ([re.findall(r"^(?:make|dvc|snakemake) \w+", block, re.M) for block in each] for each in blocks)
    assert korean == english
    assert ["make submission", "make test"] in english


def test_every_page_of_the_docs_is_reached_from_the_index() -> None:
    index = (ROOT / "docs/index.md").read_text(encoding="utf-8")
    pages = [path.name for path in (ROOT / "docs").glob("*.md") if path.name != "index.md"]
    assert [page for page in pages if f"({page})" not in index] == []


def test_each_command_is_described() -> None:
    page = (ROOT / "docs/commands.md").read_text(encoding="utf-8").partition("## scoretable")[2]
    named = {name for cell in re.findall(r"^\| (`.+?) \|", page, re.MULTILINE) for name in re.findall(COMMAND, cell)}
    assert named == set(get_command(app).commands)  # type: ignore[attr-defined]


def test_the_code_map_lists_the_packages_in_the_order_of_the_layers() -> None:
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    (contract,) = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert re.findall(r"^\| `(\w+)` \| ", page, re.MULTILINE) == contract["layers"][::-1]


def test_the_version_is_the_same_everywhere() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"] == version
    assert f"\n## {version} - " in (ROOT / "CHANGELOG.md").read_text()
