"""Change a module in every small way, one at a time, and list the changes that its tests do not notice.

    python tests/mutants.py training/folds [tests/unit/another_test.py ...]

It runs mutmut in .mutants/, with the module's own test file, where it has one, and those that are named beside it. Your
files stay as they are. mutmut takes a module's name from its path, and knows `src` only, so there the package lies in
`src`.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".mutants"
READ = ("workflow", "docs", "params.yaml", "session.yaml", "dvc.yaml", ".dvcignore", "pyproject.toml", "tests")
SETTINGS = """[mutmut]
source_paths = src
only_mutate = src/scoretable/{module}.py
also_copy =
    {read}
pytest_add_cli_args =
    -o
    pythonpath=src tests tests/unit tests/workflow
pytest_add_cli_args_test_selection =
    {tests}
"""


def main(module: str, *others: str) -> int:
    """Run mutmut on one module, such as training/folds; return its exit status."""
    package, _, name = module.removesuffix(".py").rpartition("/")
    own = f"tests/unit/{package}/test_{name}.py"
    tests = [own, *others] if (ROOT / own).is_file() or not others else others
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    for path in READ:
        (FOLDER / path).symlink_to(ROOT / path)
    (FOLDER / "src").symlink_to(ROOT / "workflow")
    written = SETTINGS.format(
        module=f"{package}/{name}", read="\n    ".join(READ), tests="\n    ".join(path for path in tests)
    )
    (FOLDER / "setup.cfg").write_text(written, encoding="utf-8")
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    command = ["mutmut", "run", "--max-children", "1"]
    status = subprocess.run(command, cwd=FOLDER, env=environment, check=False).returncode
    if status:
        return status
    results = [line.strip().partition(": ") for line in _output("results").splitlines()]
    names = [name for name, _, result in results if result != "timeout"]  # tests without end have noticed a change
    survivors = _diffs(names, f"src/scoretable/{package}/{name}.py")
    code = [diff for diff in survivors if not _only_changes_a_text(diff)]
    print(*code, sep="\n")
    print(f"{len(code)} changes were not noticed, and {len(survivors) - len(code)} of texts, which are not shown.")
    return status


def _only_changes_a_text(diff: str) -> bool:
    """Whether a change is of letters only, or marks a text with XX, as mutmut does; most are words of a message."""
    lines = diff.splitlines()
    old, new = ([line[1:] for line in lines if line[:1] == sign and line[:3] != 3 * sign] for sign in "-+")
    return "\n".join(old).lower() == "\n".join(new).replace("XX", "").lower()


def _diffs(names: list[str], path: str) -> list[str]:
    """Return what `mutmut show` prints of each, in one process, since it is seconds until mutmut is imported."""
    os.chdir(FOLDER)  # where mutmut looks for its settings as soon as it is imported
    from mutmut.mutation.diff_apply import get_diff_for_mutant

    return [f"# {name}\n{get_diff_for_mutant(name, path=path)}" for name in names]


def _output(*arguments: str) -> str:
    return subprocess.run(["mutmut", *arguments], cwd=FOLDER, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
