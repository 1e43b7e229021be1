"""The command line: its commands, and how each of them ends."""

import contextlib
import errno
import io
import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.main import get_command

from scoretable.cli import audit, cluster, competition, kaggle, recipe, reproduce, rows, serving, steps, study, table
from scoretable.cli.help import Group
from scoretable.cli.log import Log
from scoretable.cli.shared import Interrupted
from scoretable.experiments.dvc_lock import mend_locks_of_dvc
from scoretable.workspace.errors import LAST_ERROR, InputError, TrainingStopped

NAME = "scoretable"
MISTAKE, TIME_LIMIT, INTERRUPTED = 1, 3, 130  # exit statuses; a command that cannot be parsed has 2
EXAMPLES = """\
snakemake --cores 1 submission    # make the row that params.yaml describes
dvc exp run -S batch_size=16      # make one that differs in a param
scoretable table                  # compare all rows
"""


def _print(closing: str | None, **options: Any) -> None:
    """Print what a command came to."""
    if closing is not None:
        print(closing, flush=True)


app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    result_callback=_print,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EXAMPLES,
)
for part in (rows, serving, recipe, reproduce, study, table, competition, audit, kaggle, cluster, steps):
    app.add_typer(part.app)


def _show_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"{NAME} {version(NAME)}")
        except PackageNotFoundError:  # a copy that is only on PYTHONPATH
            print(f"{NAME} (not installed)")
        raise typer.Exit


@app.callback()
def describe(
    context: typer.Context,
    log: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write what is printed to a file.", show_default=False)
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Make, compare and submit the rows of a Kaggle score table."""
    if log is not None:
        context.obj.open(log)
    if not {"-h", "--help"} & set(sys.argv):  # which a command prints only after this
        _refuse_folder_within_a_repository()
    mend_locks_of_dvc()


def _refuse_folder_within_a_repository() -> None:
    """Raise InputError in a folder below the one of the Snakefile, from which all paths are counted."""
    here = Path.cwd()
    above = [folder for folder in here.parents if all((folder / name).is_file() for name in ("Snakefile", "dvc.yaml"))]
    if above and not Path("Snakefile").exists():
        way = Path(*[".."] * len(here.relative_to(above[0]).parts))
        raise InputError(f"this is a folder within the repository: type `cd {way}` and the same command again.")


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status.

    0: done; 1: a mistake that you can fix; 2: no such command or option; 3: a training stopped at a time limit or a
    signal, with what is done saved; 130: interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without UTF-8 shows a question mark
    signal.signal(signal.SIGTERM, _interrupt)
    with Log() as log:
        try:
            return _run(arguments, log)
        except Exception as error:
            _note_for_snakemake(f"the program failed ({type(error).__name__}: {error}): please report this.", log)
            raise


def _run(arguments: list[str] | None, log: Log) -> int:
    try:
        status = get_command(app).main(arguments, prog_name=NAME, standalone_mode=False, obj=log)
    except InputError as error:
        return _fail(str(error), MISTAKE, log)
    except (TrainingStopped, Interrupted) as stop:
        return _fail(str(stop), TIME_LIMIT if isinstance(stop, TrainingStopped) else INTERRUPTED, log)
    except OSError as error:
        return _fail(_explain(error), MISTAKE, log)
    except typer.TyperException as error:  # last, since an older Typer, as Kaggle's own, lacks it
        return _refuse(error)
    if status == INTERRUPTED:
        return _fail(
            "interrupted: run the same command again to continue after the last finished step.", INTERRUPTED, log
        )
    return status or 0


def _explain(error: OSError) -> str:
    """Return what you can do about an error of the disk; raise it again where it is of another kind."""
    file, reason = error.filename or "a file", error.strerror
    if error.errno == errno.ENOSPC:
        return (
            f"the disk is full ({error.filename or 'while writing'}): free some space and run the same command again."
        )
    if error.errno in (errno.EDQUOT, errno.EFBIG):
        return f"{file} cannot grow ({reason}): free some space, or raise the quota or `ulimit -f`, and retry."
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return f"{file} cannot be written or read ({reason}): get permission, and run the same command again."
    raise error


def _refuse(error: "typer.TyperException") -> int:
    """Say in one line what is wrong with the command as it was typed; without a command, its help was printed."""
    message = " ".join(error.format_message().split()).replace("Value error, ", "")
    if message:
        context = getattr(error, "ctx", None)
        path = context.command_path if context else NAME
        print(f"{NAME}: {InputError(message[0].lower() + message[1:])} See `{path} --help`.", file=sys.stderr)
    return error.exit_code


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _fail(sentence: str, status: int, log: Log) -> int:
    print(f"{NAME}: {sentence}", file=sys.stderr)
    _note_for_snakemake(sentence, log)
    return status


def _note_for_snakemake(sentence: str, log: Log) -> None:
    """Leave the sentence where the Snakefile finds it, which says it once more below Snakemake's own messages."""
    told = f"{sentence}\nThe log of this step: {log.path}\n" if log.path else f"{sentence}\n"
    with contextlib.suppress(OSError):  # on a full disk it is said only once
        LAST_ERROR.parent.mkdir(exist_ok=True)
        LAST_ERROR.write_text(told, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
