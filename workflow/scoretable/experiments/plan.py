"""What Snakemake needs to know of a row: the files of each step, and what to do when a run ends."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scoretable.archive.kept import named_archive
from scoretable.competition.description import COMPETITIONS, load_competition
from scoretable.competition.task import check_softening, describe_score, resolve_head, resolve_metrics, task_of_further
from scoretable.devices.backend import choose_backend
from scoretable.experiments.damage import find_damaged_outputs, mend_damaged_outputs
from scoretable.experiments.earlier_rows import trace_row
from scoretable.experiments.preflight import (
    bring_back_from_the_future,
    refuse_links_out_of,
    refuse_lost_clock,
    refuse_read_only,
    settings_dvc_cannot_copy,
)
from scoretable.experiments.replaced_archive import discard_records_of_replaced_archive
from scoretable.experiments.run_outputs import drop_kept_outputs, keep_outputs, put_outputs_back
from scoretable.experiments.run_settings import settings_in_place
from scoretable.experiments.saving import is_inside_dvc_stage, save_experiment
from scoretable.experiments.score_file import reset_other_score
from scoretable.rows.layout import Layout
from scoretable.rows.lineage import Lineage, lineage_file
from scoretable.rows.naming import row_name
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import SESSION, Params, load_params, load_session
from scoretable.rows.stages import STAGES, STEPS
from scoretable.workspace.errors import LAST_ERROR

UNSAVED = Path(".snakemake/scoretable-unsaved")  # holds the lineage of the row that a run is making


@dataclass(frozen=True)
class Plan:
    """The files of one row of the score table."""

    params: Params
    session: SessionParams
    layout: Layout
    lineages: dict[str, Lineage]

    @classmethod
    def read(cls, path: Path, mend: bool = True) -> "Plan":
        """Plan the row of params.yaml at `path`, with session.yaml beside it; raise InputError if it is not valid.

        mend: whether this process may see to what is damaged or of another archive, as no other run is going on.
        """
        params, session = load_params(path, Path(path.name)), load_session(path.with_name(SESSION), Path(SESSION))
        competition = load_competition(params.competition)
        task = competition.task
        resolve_head(task, params.activation, params.loss)
        resolve_metrics(task, params.metric_names)
        check_softening(task, params.class_weights, params.label_smoothing)
        if params.second_target is not None:
            task_of_further(params.second_target, competition.train.further_columns or {})
        layout, lineages = Layout.of(params), trace_row(params, Path())
        if mend:
            put_outputs_back(STEPS, layout, lineages)
            mend_damaged_outputs(layout, lineages)
            discard_records_of_replaced_archive(layout, lineages, named_archive(session.archive))
            reset_other_score(layout.scored, layout.submission)
        return cls(params, session, layout, lineages)

    @property
    def digest(self) -> dict[str, str]:
        """The lineage digest of each step."""
        return {step: lineage.digest for step, lineage in self.lineages.items()}

    def record(self, step: str) -> str:
        """Path of the file that says that the step's outputs are those of this row."""
        return str(lineage_file(self.layout.lineage_folder(step), self.lineages[step]))

    def step_params(self, step: str) -> dict[str, Any]:
        """Params that the step itself depends on, for Snakemake's report."""
        return self.lineages[step].params

    def plots(self) -> list[str]:
        """Pictures for Snakemake's report."""
        return [str(path) for path in self.layout.outputs("evaluate") if path.suffix == ".png"]

    def outputs(self, step: str, exclude: Collection[str] = ()) -> list[str]:
        """Files that the step makes, its lineage record last.

        An archive that is there is not among them: Snakemake deletes a rule's outputs before it runs, and an
        archive that you brought must stay.
        """
        files = [str(path) for path in self.layout.outputs(step)]
        kept = [path for path in files if path not in exclude and (step != "download" or not Path(path).exists())]
        return [*kept, self.record(step)]

    def inputs(self, step: str) -> list[str]:
        """Files that the step reads: outputs of the steps before, and their lineage records."""
        return self._made_by(*STAGES[step].makers)

    def finished_row(self) -> list[str]:
        """Files that make a row complete."""
        return self._made_by("train", "evaluate", "predict", "submission")

    def _made_by(self, *steps: str) -> list[str]:
        return [str(path) for step in steps for path in [*self.layout.outputs(step), self.record(step)]]

    @property
    def is_unsaved(self) -> bool:
        """Whether a run made this row, or was about to, and died before it was saved."""
        return UNSAVED.exists() and UNSAVED.read_text(encoding="utf-8") == self.digest["submission"]

    def begin(self) -> None:
        """Note that a run has begun, and forget the sentence of an earlier run's step.

        Raises InputError where a step that is to run could not write its files, or not now, or lacks its backend.
        """
        missing = [step for step in STEPS if not Path(self.record(step)).exists()]
        if missing:
            choose_backend(self.session.backend)
        refuse_lost_clock()
        refuse_links_out_of(Path(), map(Path, self._made_by(*STEPS)))
        refuse_read_only(map(Path, self._made_by(*missing)))
        bring_back_from_the_future(map(Path, self._made_by(*STEPS)))
        LAST_ERROR.unlink(missing_ok=True)
        drop_kept_outputs()
        keep_outputs(STEPS, self.layout, self.lineages)
        if missing and not is_inside_dvc_stage():
            UNSAVED.write_text(self.digest["submission"], encoding="utf-8")

    def save_row(self) -> None:
        """Tell what the row came to and save it as a DVC experiment, where it is complete and DVC is not running it."""
        if is_inside_dvc_stage():
            return
        put_outputs_back(STEPS, self.layout, self.lineages)
        if not all(Path(path).exists() for path in self.finished_row()):
            return
        if self.is_unsaved:
            print(self._outcome())
        damaged = find_damaged_outputs(self.layout, self.lineages)
        if damaged:
            changed = f"{damaged[0].path} was changed after it was made"
            print(f"{changed}, so the row was not saved: run the same command again to fix it.")
            return
        described = [COMPETITIONS / f"{self.params.competition}.yaml"]
        described += [Path(self.params.drop)] if self.params.drop else []
        with settings_in_place():
            saved, sentence = save_experiment(self.row, STEPS, described, self.params.model_dump())
        print(sentence)
        for hindrance in settings_dvc_cannot_copy(Path()):
            print(f"scoretable: {hindrance}")
        if saved:
            UNSAVED.unlink(missing_ok=True)
            drop_kept_outputs()

    def _outcome(self) -> str:
        competition, layout = load_competition(self.params.competition), self.layout
        figures = json.loads(layout.evaluation.read_text(encoding="utf-8"))
        reached, images = describe_score(figures, competition.score)
        return (
            f"\nValidation {reached} ({images}, {competition.title})\n"
            f"  submission  {layout.submission}\n"
            f"  model       {layout.model}\n"
            f"  metrics     {layout.metrics}\n"
            f"  plots       {layout.plots}/"
        )

    @property
    def row(self) -> str:
        """Name of the row's experiment, where you give it none."""
        is_drawn = load_competition(self.params.competition).source == "sandbox"
        return row_name(self.params, self.digest["submission"], is_drawn)

    def look_after_outputs(self) -> None:
        """Put back what this row's run, which is going on in another process, has made so far."""
        put_outputs_back(STEPS, self.layout, self.lineages)

    def repeat_last_error(self) -> None:
        """Print the sentence of the step that failed once more, below Snakemake's own messages."""
        if LAST_ERROR.exists():
            print(f"\nscoretable: {LAST_ERROR.read_text(encoding='utf-8').strip()}")
            LAST_ERROR.unlink()
            return
        logs = sorted(Path("logs").glob("*.log"), key=lambda path: path.stat().st_mtime)
        if logs:
            print(f"\nscoretable: a step ended without a word, perhaps because memory ran out; newest log: {logs[-1]}")
