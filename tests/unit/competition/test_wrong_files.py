"""A mistake in a competition's file is told in one short sentence that names the mend, before anything is decoded."""

from pathlib import Path

import pytest
import yaml
from drawn_competitions import DRAWN, draw_digit_recognizer
from drawn_files import zipped
from graders import GRADERS
from scoretable.archive.archive import open_archive
from scoretable.competition.answer_form import check_sample
from scoretable.competition.description import load_competition
from scoretable.competition.sample import read_sample_in
from scoretable.manifest.manifest import read_manifest
from scoretable.workspace.errors import InputError
from wrong_files import Content, Files, Mistake, mistakes_in, spoil

PRESETS = Path(__file__).parents[3] / "workflow/competitions"
FORM_OF = {"distribution": "columns", "number": "numbers"}


def right(name: str) -> tuple[Content, Files]:
    """Return a preset's file, and an archive that it fits."""
    content = yaml.safe_load((PRESETS / f"{name}.yaml").read_text(encoding="utf-8"))
    if name != "digit-recognizer":
        return content, DRAWN[name]()
    # Its 784 columns would take as long to read as half of all the others.
    for split in ("train", "test"):
        content[split]["pixels"] |= {"height": 4, "width": 4}
    return content, draw_digit_recognizer(side=4)


def check(name: str, content: Content, archive: bytes, folder: Path) -> str:
    """Return the sentence by which a competition's file is refused, '' where it fits the archive."""
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    (folder / "a.zip").write_bytes(archive)
    try:
        competition = load_competition(name, folder)
        with open_archive(folder / "a.zip", folder) as opened:
            classes = read_manifest(opened, competition).classes
            check_sample(read_sample_in(opened, competition.submission), competition, classes)
    except InputError as refusal:
        return str(refusal).removeprefix(f"{folder}/")
    return ""


def judge(mistake: Mistake, said: str) -> str:
    """Return what is wrong with a refusal, '' for nothing."""
    if not said:
        return "it was accepted"
    absent = [part for part in mistake.mend if part not in said]
    return f"it lacks {absent}" if absent else f"it has {len(said)} characters" if len(said) > 300 else ""


@pytest.mark.turns(4)
@pytest.mark.parametrize("name", sorted(DRAWN))
def test_each_mistake_in_a_preset_is_refused_in_a_short_sentence_that_names_the_mend(name: str, tmp_path: Path) -> None:
    content, files = right(name)
    archive, kind = zipped(files), GRADERS[name].kind
    assert check(name, content, archive, tmp_path) == ""
    failures = []
    for mistake in mistakes_in(name, content, files, FORM_OF.get(kind, kind)):
        there = {member: text for member, text in (files | mistake.members).items() if text is not None}
        spoilt = zipped(there) if mistake.members else archive
        said = check(name, spoil(content, mistake), spoilt, tmp_path)
        if wrong := judge(mistake, said):
            failures.append(f"{mistake.what}: {wrong}: {said}")
    assert not failures, "\n".join(failures)
