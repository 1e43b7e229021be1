"""Gives hostile files to the program in a process of its own, whose memory is limited: prints a verdict each as JSON.

`python hostile_runner.py FOLDER` reads [kind, name, path] from standard input. FOLDER is where outputs would go.
"""

import json
import resource
import shutil
import sys
import time
from pathlib import Path

from scoretable.competition.description import load_competition
from scoretable.competition.download import obtain_archive
from scoretable.experiments.experiment import parse_params_text, read_hashes
from scoretable.images.preprocessing import build_cache
from scoretable.rows.params import load_params, load_session
from scoretable.workspace.errors import InputError
from unit.archives import competition
from unit.peak_memory import forget_peak, peak_kilobytes

ADDRESS_SPACE = 4 << 30  # bytes; as many as OpenBLAS and Arrow reserve without using them, and some more


def not_fetched(competition: str, folder: Path) -> Path:
    """Stand in for the download from Kaggle."""
    raise AssertionError(f"{competition} is fetched into {folder}")


def give(kind: str, path: Path, folder: Path) -> None:
    """Let the program read a file as it would in a run."""
    match kind:
        case "archive":
            raw, kept, answers = (folder / name for name in ("raw/leaves.zip", "kept.zip", "answers.csv"))
            obtain_archive(competition(), raw, path, kept, answers, 40, 0, not_fetched)
        case "cache":
            build_cache(path, competition(), folder / "cache/8", 8, 8, "stretch", "ignore", 0.0, "refuse", workers=1)
        case "params.yaml":
            load_params(path)
        case "session.yaml":
            load_session(path)
        case "competition":
            load_competition(path.stem, path.parent)
        case "experiment":
            parse_params_text(path.read_text(encoding="utf-8"))
        case "dvc.lock":
            # The words in the comment make it a lock with an entry that only YAML's own reader knows.
            read_hashes(path.read_text(encoding="utf-8") + "\n# - path:", "outs")


def judge(kind: str, path: Path, folder: Path) -> dict[str, object]:
    """Return the sentence, or the type of another exception, the seconds, and what was written."""
    forget_peak()
    start = time.process_time()
    try:
        give(kind, path, folder)
        sentence, other = "", ""
    except InputError as error:
        sentence, other = str(error), ""
    except BaseException as error:
        sentence, other = "", repr(error)[:300]
    seconds = time.process_time() - start
    peak = peak_kilobytes() / 1000
    written = [str(left.relative_to(folder)) for left in folder.rglob("*") if left.is_file()]
    shutil.rmtree(folder)
    folder.mkdir()
    return {"sentence": sentence, "other": other, "seconds": seconds, "megabytes": peak, "written": written}


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    jobs = json.load(sys.stdin)
    Path(sys.argv[1]).mkdir()
    verdicts = [[kind, name, judge(kind, Path(path), Path(sys.argv[1]))] for kind, name, path in jobs]
    print("\n" + json.dumps(verdicts))
