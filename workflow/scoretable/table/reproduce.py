"""Rerunning reported rows as DVC experiments."""

import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from scoretable.competition.description import COMPETITIONS, load_competition
from scoretable.experiments.child_processes import Commands
from scoretable.experiments.earlier_rows import trace_row
from scoretable.experiments.experiment import Experiment, list_experiments
from scoretable.experiments.preflight import refuse_uncopied_settings
from scoretable.experiments.row_records import is_made_of
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import (
    LABELS,
    SESSION,
    Params,
    load_params,
    load_session,
    parse_params,
    parse_session,
    yaml_value,
)
from scoretable.table.reported_rows import ReportedRow, choose_rows, load_tables, resolve_reruns
from scoretable.table.rerun_params import describe_scale, row_params
from scoretable.workspace.errors import InputError
from scoretable.workspace.yaml_text import parse_yaml

SPECIAL = ("null", "true", "false", "inf", "nan")  # words that Hydra does not take for texts
SUBMIT_STAGE = "workflow/submit/dvc.yaml"
LOGS = Path("logs")
# Where the data lie and how a session runs is this machine's; all else is the row's or a default.
MACHINE = tuple(SessionParams.model_fields)


@dataclass(frozen=True)
class Run:
    """One experiment to make, with all of its params and all keys of its session."""

    name: str
    params: Params
    session: SessionParams

    @property
    def settings(self) -> dict[str, Any]:
        """Params and what says which reported row it is, as an experiment has them."""
        return counted(self.params.model_dump() | self.session.model_dump())


def plan_runs(
    numbers: Sequence[str],
    competition: str | None,
    scale: Mapping[str, float],
    seeds: int,
    settings: Sequence[str],
    root: Path,
) -> list[Run]:
    """Return the runs of the reported rows `numbers` (8, paddy/8, or all), with `seeds` draws each.

    competition: whose data to use; None: each row's own. A row that repeats an earlier one's settings is another draw:
    it begins with the next seed. settings: further `key=value` of this call; a seed is that of the first draw. Raises
    InputError for an unknown row or setting.
    """
    given = parse_settings(settings)
    competition = given.pop("competition", competition)
    seed = parse_params({"seed": given.pop("seed", 0)}, "-S").seed
    rows = load_tables(root)
    here = load_session(root / SESSION).model_dump()
    for_session = {name: given.pop(name) for name in list(given) if name in MACHINE}
    runs = []
    for row in choose_rows(rows, numbers):
        home, target = (
            load_competition(name, root / COMPETITIONS) for name in (row.competition, competition or row.competition)
        )
        of_table = [other for other in rows.values() if other.table == row.table]
        first = sum(other.params == row.params for other in of_table if other.number < row.number)
        is_shared = any(other.number == row.number for other in rows.values() if other.table != row.table)
        for draw in range(seeds):
            settled = row_params(row, scale, target.name, home, target.source == "sandbox") | {
                "seed": seed + first + draw
            }
            label = {"reruns": row.reference, "scale": describe_scale(scale) or None}
            params = parse_params(settled | given, f"row {row.number}")
            session = parse_session(here | label | for_session, f"row {row.number}")
            runs.append(Run(name_of(row, target.name, scale, draw, is_shared), params, session))
    return runs


def name_of(row: ReportedRow, competition: str, scale: Mapping[str, float], draw: int, is_shared: bool = False) -> str:
    """Return the experiment's name: row-8, and what is not as the team had it, as row-8-sandbox-scaled-epochs0.1-draw2.

    is_shared: whether another table has a row of that number, so that the name needs the table: row-paddy-8.
    """
    parts = [f"row-{row.table}-{row.number}" if is_shared else f"row-{row.number}"]
    if competition != row.competition:
        parts.append(competition)
    scaled = [f"{name}{factor:g}" for name, factor in scale.items() if factor != 1]
    parts += ["scaled", *scaled] if scaled else []
    return "-".join(parts + ([f"draw{draw}"] if draw else []))


def finished_runs(runs: Sequence[Run], root: Path) -> Iterator[tuple[Run, Experiment]]:
    """Yield those runs that are experiments with these params, made by the sources that are here, already.

    Experiments that name their reported row by its number alone, as all did while there was one table, count too.
    """
    rows = load_tables(root)
    experiments = {experiment.name: experiment for experiment in list_experiments(root)}
    for run in runs:
        for name in dict.fromkeys((run.name, _name_without_table(run))):
            known = experiments.get(name)
            if known is None or _settled(known.params, rows) != _settled(run.settings, rows):
                continue
            if is_made_of(known, trace_row(run.params, root)):
                yield run, known
                break


def _settled(params: Mapping[str, Any], rows: Mapping[str, ReportedRow]) -> dict[str, Any]:
    settled = counted(params)
    if isinstance(settled.get("reruns"), int):
        settled["reruns"] = resolve_reruns(params, rows)
    return settled


def _name_without_table(run: Run) -> str:
    table = str(run.session.reruns or "").rpartition("/")[0]
    return f"row-{run.name.removeprefix(f'row-{table}-')}" if run.name.startswith(f"row-{table}-") else run.name


def start_runs(runs: Sequence[Run], root: Path, jobs: int, submit: bool) -> list[str]:
    """Make the experiments, `jobs` at a time, and return the names of those that did not finish.

    What runs side by side prints into logs/<name>.log. jobs: more than one is of use where another machine computes
    (a profile of Snakemake's for Slurm), since runs of one machine share its cores.
    """

    def start(run: Run) -> bool:
        log = root / LOGS / f"{run.name}.log"
        print(f"{run.name}: started; its output goes to {log}", flush=True)
        log.parent.mkdir(exist_ok=True)
        with log.open("wb") as file:
            ended = start_run(run, root, queue=False, submit=submit, printed=file, commands=commands)
        print(f"{run.name}: {'done' if ended else f'failed; see {log}'}", flush=True)
        return ended

    if jobs == 1:
        return [run.name for run in runs if not start_run(run, root, queue=False, submit=submit)]
    with Commands() as commands, ThreadPoolExecutor(jobs) as pool:
        return [run.name for run, ended in zip(runs, pool.map(start, runs), strict=True) if not ended]


def start_run(
    run: Run, root: Path, queue: bool, submit: bool, printed: IO[bytes] | None = None, commands: Commands | None = None
) -> bool:
    """Let DVC make the experiment in a copy of the repository, and return whether it finished.

    A run that was stopped goes on from its checkpoint, which lies in the repository itself. submit: submit
    the row as well, so that it has a score. queue: only queue it, for `dvc exp run --run-all`. printed:
    where its output goes, if not to this process's. commands: what runs it beside others. Raises KeyboardInterrupt
    when this process was interrupted and the run has ended.
    """
    refuse_uncopied_settings(root)
    params, session = load_params(root / "params.yaml").model_dump(), load_session(root / SESSION).model_dump()
    changes = {name: value for name, value in run.params.model_dump().items() if value != params[name]}
    changes |= {
        f"{SESSION}:{name}": value for name, value in run.session.model_dump().items() if value != session[name]
    }
    settings = [part for name, value in changes.items() for part in ("--set-param", f"{name}={override(value)}")]
    # DVC alone waits 3 s for the lock that runs side by side take while they begin and end, and then gives up.
    command = [
        sys.executable, "-m", "dvc", "--wait-for-lock", "exp", "run", "--queue" if queue else "--temp",
        "--force", "--name", run.name, *settings, *([SUBMIT_STAGE] if submit else []),
    ]  # fmt: skip
    environment = os.environ | tools_on_path()
    with nullcontext(commands) if commands else Commands() as running:
        return running.run(command, cwd=root, env=environment, stdout=printed, stderr=printed) == 0


def tools_on_path() -> dict[str, str]:
    """Return a PATH on which commands find the snakemake and the dvc of this Python, for an environment."""
    return {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def override(value: Any) -> str:
    """Return a value as DVC's `--set-param` reads it (Hydra's grammar of overrides).

    >>> override(None), override(["flip", "crop"]), override("448x320"), override("images x 0.1, size x 0.5")
    ('null', '[flip,crop]', "'448x320'", "'images x 0.1, size x 0.5'")
    """
    if isinstance(value, list):
        return f"[{','.join(override(item) for item in value)}]"
    if isinstance(value, str) and (not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value) or value.lower() in SPECIAL):
        # Only backslashes before a quote, or at the end, are read as escapes.
        escaped = re.sub(r"(\\*)('|$)", lambda found: 2 * found[1] + ("\\'" if found[2] else ""), value)
        return f"'{escaped}'"
    return yaml_value(value)


def counted(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the params on which a row's result depends, with the number of the row that it reruns."""
    return {name: value for name, value in params.items() if name not in MACHINE or name in LABELS}


def parse_settings(settings: Sequence[str]) -> dict[str, Any]:
    """Return the params of `-S key=value`, given as YAML; raise InputError for what is not a setting."""
    given = {}
    for setting in settings:
        name, separator, text = setting.partition("=")
        name = name.removeprefix(f"{SESSION}:")
        if not separator or not (name in Params.model_fields or name in MACHINE):
            raise InputError(f"-S {setting} is not a setting: give key=value with a key of params.yaml or {SESSION}.")
        given[name] = parse_yaml(text, f"-S {name}")
    return given
