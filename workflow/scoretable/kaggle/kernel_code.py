"""The code file of a kernel: a short script with the committed package in it."""

import base64
import json
import textwrap
from typing import Any

from scoretable.rows.committed_source import CommittedSource

SCRIPT = '''\
"""Made by scoretable: {purpose}.

It unpacks the files of commit {commit}, which lie at the end of this file, and calls them.
"""

import base64
import io
import json
import os
import pathlib
import sys
import tarfile
import tempfile

ORDER = json.loads({order!r})


def main() -> None:
    folder = tempfile.mkdtemp(prefix="scoretable-")
    with tarfile.open(fileobj=io.BytesIO(base64.b85decode("".join(SOURCE.split()))), mode="r:xz") as archive:
        archive.extractall(folder, filter="data")
    os.chdir(folder)
    sys.path.insert(0, str(pathlib.Path(folder, "workflow")))
    from scoretable.{module} import {function}

    {function}(ORDER, pathlib.Path("/kaggle/input"), pathlib.Path("/kaggle/working"))


SOURCE = """
{source}
"""

if __name__ == "__main__":
    main()
'''


def write_kernel_code(source: CommittedSource, module: str, function: str, order: dict[str, Any], purpose: str) -> str:
    """Return a script that calls `function(order, /kaggle/input, /kaggle/working)` of a module of the package."""
    # Base 85 as Python writes it has no quote and no backslash, so it stands in a string as it is.
    lines = "\n".join(textwrap.wrap(base64.b85encode(source.tar).decode(), 118))
    text = json.dumps(order, sort_keys=True)
    return SCRIPT.format(
        purpose=purpose, commit=source.commit, order=text, module=module, function=function, source=lines
    )
