"""Digests of sources that see what the code does and not how it is written.

Comments, docstrings, blank space, quotes, parentheses and line ends make no difference. A syntax tree is written out
here and not by `ast.dump`, whose text differs between versions of Python.
"""

import ast
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from scoretable.workspace.yaml_text import read_yaml

DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


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
