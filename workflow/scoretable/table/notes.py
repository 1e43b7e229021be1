"""Remarks on rows, kept as the message of an experiment's commit."""

from pathlib import Path

from scoretable.experiments.amending import amend_experiment
from scoretable.experiments.experiment import UNTOLD, find_experiment
from scoretable.experiments.verifications import MARK, with_verifications
from scoretable.workspace.errors import InputError


def add_note(root: Path, row: str, text: str) -> str:
    """Keep a remark with a row in place of an earlier one, or remove it with '', and return a line that says so.

    It travels with the experiment (`dvc exp push` and `pull`, `scoretable merge`). Raises InputError for a row that is
    not there, and for a text that git cannot keep.
    """
    experiment, text = find_experiment(root, row), text.strip()
    if "\0" in text or text.startswith(UNTOLD) or any(line.startswith(MARK) for line in text.splitlines()):
        raise InputError("a note must not contain zero bytes or lines like those of DVC and scoretable: reword it.")
    if text == experiment.insight:
        return f"{row}: the note already says so" if text else f"{row} has no note"
    message = text or f"{UNTOLD} {experiment.revision}"
    amend_experiment(experiment, message=with_verifications(message, experiment.verifications))
    if not text:
        return f"{row}: the note is removed"
    return f"{row}: {text}" + (f"\nbefore: {experiment.insight}" if experiment.insight else "")
