"""The lineage records that a saved row brings along: its code, and whether it is what would be made today."""

import json
from typing import Any

from scoretable.experiments.experiment import RESULTS, Experiment
from scoretable.rows.layout import Layout
from scoretable.rows.lineage import Lineage
from scoretable.rows.stages import STEPS


def row_record(experiment: Experiment, step: str) -> dict[str, Any]:
    """Return the record of one of the row's steps, empty where DVC's cache does not have it here."""
    params = experiment.params
    layout = Layout(str(params.get("competition")), str(params.get("image_size")))
    found = experiment.listed(str(layout.lineage_folder(step)))
    records = [digest for name, digest in found.items() if name.endswith(".json")]
    content = experiment.read_cached(records[0]) if records else None
    try:
        record = json.loads(content or b"{}")
    except ValueError:  # damaged, or no text
        return {}
    return record if isinstance(record, dict) else {}


def row_code(experiment: Experiment) -> dict[str, str]:
    """Return the digest of each source that the row was made by, by its path; none where no record is here."""
    code: dict[str, str] = {}
    for step in STEPS:
        code |= row_record(experiment, step).get("sources", {})
    return code


def submission_digest(experiment: Experiment) -> str:
    """Return the SHA-256 of the row's submission, by which Kaggle's list names it, '' where it is not known here."""
    known = experiment.score.get("sha256")
    made = row_record(experiment, "submission").get("outputs", {})
    submission = made.get(RESULTS[-1], {}) if isinstance(made, dict) else {}
    return str(known or submission.get("sha256", ""))


def is_made_of(experiment: Experiment, lineages: dict[str, Lineage]) -> bool:
    """Whether the row is what its params and today's code would make."""
    ends = ("evaluate", "submission")
    return all(row_record(experiment, step).get("digest") == lineages[step].digest for step in ends)
