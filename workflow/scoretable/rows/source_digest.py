"""Digests of sources that see what the code does and not how it is written.

Comments, docstrings, blank space, quotes, parentheses and line ends make no difference. A syntax tree is written out
here and not by `ast.dump`, whose text differs between versions of Python. That takes half a second for all code, so
what came of a text is kept under the text's checksum, for the many processes of a run.
"""

import ast
import contextlib
import hashlib
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from scoretable.workspace.atomic import read_json, write_json
from scoretable.workspace.yaml_text import read_yaml

DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
KNOWN = Path(".snakemake/scoretable-sources.json")
RULES = Path(__file__).read_bytes()  # part of each checksum, so that nothing counts that other rules made


def source_digests(paths: Iterable[Path]) -> dict[Path, str]:
    """Return what `source_digest` does for each file, looked up where a process before this one saw the same text."""
    known, used, found = read_json(KNOWN) or {}, {}, {}
    for path in set(paths):
        key = hashlib.sha256(RULES + path.read_bytes()).hexdigest()
        found[path] = used[key] = known.get(key) or source_digest(path)
    if not used.keys() <= known.keys() and KNOWN.parent.is_dir():
        with contextlib.suppress(OSError):  # on a read-only disk each process computes them again
            write_json(KNOWN, used)
    return found


def source_digest(path: Path) -> str:
    """Return 64 hexadecimal digits for a Python module or a YAML file; a change of meaning changes them.

    Raises SyntaxError for a module that Python cannot read, and InputError for such a YAML file.
    """
    if path.suffix == ".py":
        return _code_digest(path.read_text(encoding="utf-8"))
    return _digest(read_yaml(path, f"restore it with `git checkout {path}`"))


@cache
def _code_digest(text: str) -> str:
    return _digest(_written_out(ast.parse(text)))


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def _written_out(node: Any) -> Any:
    """Return a syntax tree as nested lists: names of nodes, and those fields that hold something."""
    if isinstance(node, list):
        return [_written_out(item) for item in node]
    if isinstance(node, ast.Constant):
        return ["Constant", repr(node.value)]
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = {name: value for name, value in ast.iter_fields(node) if value is not None and value != []}
    if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
        fields["body"] = fields["body"][1:]
    return [type(node).__name__, [[name, _written_out(value)] for name, value in fields.items()]]
