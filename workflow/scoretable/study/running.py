"""The runs of a study: each is a DVC experiment, which is made where it is missing."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from scoretable.experiments.experiment import Experiment
from scoretable.study.budget import Budget
from scoretable.study.trials import BASE_TRIAL, Step, Study, Trial
from scoretable.table.reproduce import Run, finished_runs, start_run
from scoretable.table.table import read_draw
from scoretable.workspace.errors import InputError


def _tell_nobody() -> None:
    pass


@dataclass
class Runner:
    """Makes the runs of a study.

    confirming: how many fresh seeds will confirm; changed: called after each new run; around: the most seconds that a
    run took in this call but for its training.
    """

    study: Study
    budget: Budget = field(default_factory=Budget)
    confirming: int = 0
    changed: Callable[[], object] = _tell_nobody
    around: float = 0.0

    def score(self, trial: Trial, number: int, is_fresh: bool = False, joins: bool = False) -> float:
        """Return the validation score of a trial at a seed. joins: with this score the trial is a candidate.

        Raises BudgetSpent where the hours do not allow a run that is missing, and InputError where it fails.
        """
        study = self.study
        study.trials[trial.label] = trial
        known = (study.fresh if is_fresh else study.scores).setdefault(trial.label, {})
        if number in known:
            self._join(trial, joins)
            return known[number]
        known[number], is_new = self._make(trial, study.run(trial, number, is_fresh), is_fresh)
        self._join(trial, joins)
        self._note(trial, number, is_fresh)
        if is_new:
            print(progress(study), flush=True)
            self.changed()
        return known[number]

    def _join(self, trial: Trial, joins: bool) -> None:
        if joins and trial not in self.study.candidates:
            self.study.candidates.append(trial)

    def _make(self, trial: Trial, run: Run, is_fresh: bool) -> tuple[float, bool]:
        experiment, seconds = find_row(self.study, run), None
        if experiment is None:
            self.budget.check(self._seconds(trial), 0.0 if is_fresh else self._reserved())
            seconds = self._start(run)
            experiment = find_row(self.study, run)
        if experiment is None:
            raise InputError(f"{run.name} did not finish (see above): run the same command again to continue it.")
        draw = read_draw(experiment, self.study.metric)
        self._time(trial, draw.seconds or 0.0, seconds)
        if draw.validation is None:
            name = experiment.name
            raise InputError(f"{name} has no metrics here: type `dvc exp pull origin {name}`, or remove the row.")
        return draw.validation, seconds is not None

    def _start(self, run: Run) -> float:
        """Make a row, and return the seconds that it took, which count whether it finished or not."""
        started = time.monotonic()
        print(f"{run.name}:", flush=True)
        start_run(run, self.study.root, queue=False, submit=False)
        seconds = time.monotonic() - started
        self.budget.spent += seconds
        return seconds

    def _note(self, trial: Trial, number: int, is_fresh: bool) -> None:
        study = self.study
        score = (study.fresh if is_fresh else study.scores)[trial.label][number]
        best, mean = study.best() or (trial, score)
        study.steps.append(Step(trial.label, study.seed(number, is_fresh), score, is_fresh, best.label, mean))

    def _time(self, trial: Trial, training: float, whole: float | None) -> None:
        """Note how long a row trained, and where it was made now, how long all else of it took."""
        self.study.seconds[trial.label] = max(training, self.study.seconds.get(trial.label, 0.0))
        if whole is not None:
            self.around = max(self.around, whole - training)

    def _seconds(self, trial: Trial) -> float:
        """Return what a run of a trial may take: as long as its longest training, or as the longest of any trial."""
        known = self.study.seconds
        return known.get(trial.label, max(known.values(), default=0.0)) + self.around

    def _reserved(self) -> float:
        """Return the seconds that the confirmation of the setting that is the best now would take."""
        found = self.study.best()
        return self.missing(found[0]) if self.budget.hours is not None and found and found[0].changes else 0.0

    def missing(self, winner: Trial) -> float:
        """Return the seconds of the runs that the confirmation of a winner still lacks."""
        runs = [
            (self.study.run(trial, number, is_fresh=True), self._seconds(trial))
            for trial in (BASE_TRIAL, winner)
            for number in range(self.confirming)
        ]
        made = {run.name for run, _ in finished_runs([run for run, _ in runs], self.study.root)}
        return sum(seconds for run, seconds in runs if run.name not in made)


def find_row(study: Study, run: Run) -> Experiment | None:
    """Return the experiment of a run, None where it is not made or was made by other sources."""
    return next((experiment for _, experiment in finished_runs([run], study.root)), None)


def progress(study: Study) -> str:
    """Return in a line how far a study is, what has run last, and the best setting so far."""
    last = study.steps[-1]
    return (
        f"{len(study.steps)} of at most {study.planned} runs: {last.label} at seed {last.seed}: {last.score:.5f}; "
        f"best so far: {last.best}, {last.mean:.5f}"
    )
