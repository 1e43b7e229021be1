"""DVC experiments, read from git and DVC's cache."""

import json
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from scoretable.experiments.dvc_settings import cache_folder
from scoretable.experiments.verifications import Verification, read_verifications, without_verifications
from scoretable.rows.param_groups import EXPONENTIAL
from scoretable.workspace.errors import InputError
from scoretable.workspace.yaml_text import parse_yaml

# The results of a row; equal files are the same result.
RESULTS = ("models/model.keras", "models/metrics.json", "data/submission.csv")
REFS = "refs/exps"
EXPERIMENT = re.compile(rf"{REFS}/([0-9a-f]{{2}})/([0-9a-f]{{38}})/(.+)")  # other refs are DVC's own
BLOCK = re.compile(r"^    (?P<kind>deps|outs):\n(?P<entries>(?:    [- ] .*\n?)*)", re.MULTILINE)
ENTRY = re.compile(  # path and MD5, neither of them quoted
    r"^    - path: ([A-Za-z_][A-Za-z0-9_./-]*)\n(?:      (?!md5:).*\n)*      md5: ([0-9a-f]{32}(?:\.dir)?)$",
    re.MULTILINE,
)
DIGEST = re.compile(r"[0-9a-f]{32}(?:\.dir)?")  # anything else could lead out of the cache
UNTOLD = "dvc: commit experiment"  # how DVC's own message begins where `-m` gives none
SCORE, SUBMISSION = "models/score.json", "models/submission.json"
BLEND = "models/blend.json"  # of a blend: what it is made of


@dataclass(frozen=True)
class Experiment:
    """One experiment. revision, baseline: commits; committed: ISO 8601, of the experiment.

    params: of its params.yaml and session.yaml; score: of its models/score.json and submission.json; lock: the text of
    its dvc.lock; message: of its commit; blend: of its models/blend.json, empty of a row that was trained.
    """

    name: str
    revision: str
    baseline: str
    committed: str
    params: dict[str, Any]
    score: dict[str, Any]
    lock: str
    message: str
    root: Path
    blend: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ref(self) -> str:
        """Where git keeps it."""
        return f"{REFS}/{self.baseline[:2]}/{self.baseline[2:]}/{self.name}"

    @property
    def insight(self) -> str:
        """What somebody noted about the row (`scoretable note`, `dvc exp run -m`), '' where nobody did."""
        return "" if self.message.startswith(UNTOLD) else without_verifications(self.message)

    @property
    def verifications(self) -> tuple[Verification, ...]:
        """What `scoretable verify` found, on each machine its newest outcome."""
        return read_verifications(self.message)

    @cached_property
    def outputs(self) -> dict[str, str]:
        """MD5 of each file and folder that DVC versions, by its path."""
        return read_hashes(self.lock, "outs")

    @cached_property
    def sources(self) -> dict[str, str]:
        """MD5 of each source file that a step depended on, by its path."""
        return {path: digest for path, digest in read_hashes(self.lock, "deps").items() if path.startswith("workflow/")}

    def cached(self, path: str) -> Path | None:
        """Return where DVC's cache has an output, or a file of a folder that is one, or None where it is not here."""
        folder, _, name = path.rpartition("/")
        return self._place(self.outputs.get(path) or self.listed(folder).get(name, ""))

    def _place(self, digest: str) -> Path | None:
        place = cache_folder(self.root) / digest[:2] / digest[2:]
        return place if DIGEST.fullmatch(digest) and place.is_file() else None

    def read_cached(self, digest: str) -> bytes | None:
        """Return the content that DVC's cache has under an MD5, or None where it has none here."""
        place = self._place(digest)
        return place.read_bytes() if place is not None else None

    def listed(self, folder: str) -> dict[str, str]:
        """Return the MD5 of each file in a folder that is an output, by its path in it; none where it is not here."""
        try:
            entries = json.loads(self.read_cached(self.outputs.get(folder, "")) or b"[]")
            return {str(entry["relpath"]): str(entry["md5"]) for entry in entries}
        except (ValueError, KeyError, TypeError):
            return {}

    def read(self, path: str) -> bytes | None:
        """Return the content of an output, or None where it is not in DVC's cache here."""
        place = self.cached(path)
        return place.read_bytes() if place is not None else None

    def read_json(self, path: str) -> dict[str, Any]:
        """Return the content of a JSON output, empty where it is not here."""
        return _parse_json(self.read(path) or b"", f"{path} of row {self.name}", _removal(self.ref))


def read_hashes(lock: str, kind: str) -> dict[str, str]:
    """Return the MD5 of each entry of kind `deps` or `outs` in the text of a dvc.lock, by its path.

    Plain entries are read as DVC writes them, one key per line, since YAML's own reader takes 20 ms for each of
    hundreds of locks. It reads those that hold something else.
    """
    plain: dict[str, list[tuple[str, str]]] = {"deps": [], "outs": []}
    for block in BLOCK.finditer(lock):
        plain[block["kind"]] += ENTRY.findall(block["entries"])
    if len(plain["deps"]) + len(plain["outs"]) == lock.count("- path:"):
        return dict(plain[kind])
    try:
        stages = (parse_yaml(lock, "dvc.lock") or {}).get("stages", {}).values()
        entries = [entry for stage in stages for entry in stage.get(kind, []) if "md5" in entry]
        found = {str(entry["path"]): str(entry["md5"]) for entry in entries}
    except (AttributeError, KeyError, TypeError):
        raise _broken_lock("it has no stages") from None
    odd = [digest for digest in found.values() if not DIGEST.fullmatch(digest)]
    if odd:
        raise _broken_lock(f"{odd[0]} is not an MD5")
    return found


def list_experiments(root: Path) -> list[Experiment]:
    """Return all experiments of the repository, the oldest first."""
    found = sorted(_read_refs(root), key=lambda ref: ref.seconds)
    names = ("params.yaml", "session.yaml", SCORE, SUBMISSION, "dvc.lock", BLEND)
    blobs = iter(_read_blobs(root, [f"{ref.revision}:{name}" for ref in found for name in names]))
    experiments = []
    for ref in found:
        name, mend = ref.name, _removal(ref.refname)
        params, session, score, submission, lock, blend = (
            _decode(next(blobs), f"{file} of row {name}", mend) for file in names
        )
        known = parse_params_text(params, f"params.yaml of row {name}", mend)
        known |= parse_params_text(session, f"session.yaml of row {name}", mend)
        scored = _parse_json(score, f"{SCORE} of row {name}", mend)
        scored |= _parse_json(submission, f"{SUBMISSION} of row {name}", mend)
        made_of = _parse_json(blend, f"{BLEND} of row {name}", mend)
        told = (name, ref.revision, ref.baseline, ref.committed, known, scored, lock, ref.message, root, made_of)
        experiments.append(Experiment(*told))
    return experiments


class _Ref(NamedTuple):
    refname: str
    name: str
    baseline: str
    revision: str
    committed: str
    seconds: int
    message: str


def _read_refs(root: Path) -> Iterator[_Ref]:
    fields = ("refname", "objectname", "creatordate:iso-strict", "creatordate:unix", "contents")
    form = "--format=" + "".join(f"%({field})%00" for field in fields)
    cells = _git(root, "for-each-ref", form, REFS).decode(errors="replace").split("\0")
    for place in range(0, len(cells) - 1, len(fields)):
        ref, revision, committed, seconds, message = cells[place : place + len(fields)]
        if match := EXPERIMENT.fullmatch(ref.strip()):
            yield _Ref(match[0], match[3], match[1] + match[2], revision, committed, int(seconds or 0), message)


def params_at(root: Path, revision: str) -> dict[str, Any]:
    """Return the content of params.yaml at a commit, empty where it has none."""
    source, mend = f"params.yaml at {revision}", "make the row again on another commit"
    (blob,) = _read_blobs(root, [f"{revision}:params.yaml"])
    return parse_params_text(_decode(blob, source, mend), source, mend)


def parse_params_text(text: str, source: str = "params.yaml", mend: str = "") -> dict[str, Any]:
    """Return the content of a params.yaml, with the numbers that YAML reads as text (1e-05, as DVC writes it).

    mend: what to do about a text that nobody can edit.
    Raises InputError, which begins with `source`, for broken YAML.
    """
    content = parse_yaml(text, source, mend)
    return {
        str(name): float(value) if isinstance(value, str) and EXPONENTIAL.fullmatch(value) else value
        for name, value in (content.items() if isinstance(content, dict) else ())
    }


def find_experiment(root: Path, name: str) -> Experiment:
    """Return the newest experiment called `name`; raise InputError where there is none."""
    experiments = list_experiments(root)
    found = [experiment for experiment in experiments if experiment.name == name]
    if not found:
        names = ", ".join(sorted({experiment.name for experiment in experiments})[:10])
        raise InputError(f"there is no row {name}: `scoretable table` lists {names or 'all rows'}.")
    return found[-1]


def _removal(ref: str) -> str:
    """Return what to do about a broken row; its name alone may be that of another row too, on another commit."""
    return f"remove that row with `dvc exp remove {ref}`"


def _decode(content: bytes, source: str, mend: str) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise InputError(f"{source} is not UTF-8 text: {mend}.") from None


def _parse_json(content: str | bytes, source: str, mend: str) -> dict[str, Any]:
    """Return a JSON object, empty where there is no text."""
    try:
        found = json.loads(content or "{}")
    except (ValueError, RecursionError):  # ValueError: also of bytes that are not UTF-8
        found = None
    if not isinstance(found, dict):
        raise InputError(f"{source} is not a JSON object: {mend}, or make it again.")
    return found


def _broken_lock(reason: str) -> InputError:
    return InputError(f"a dvc.lock is not as DVC writes it ({reason}): restore it with git, or make the row again.")


def _read_blobs(root: Path, names: Sequence[str]) -> Iterable[bytes]:
    """Yield the content of each `revision:path`, empty where there is no such file."""
    content = _git(root, "cat-file", "--batch", given="\n".join(names).encode() + b"\n") if names else b""
    place = 0
    for _ in names:
        end = content.index(b"\n", place)
        header = content[place:end].split()
        size = int(header[2]) if len(header) == 3 and header[1] == b"blob" else None
        place = end + 1
        yield b"" if size is None else content[place : place + size]
        place += 0 if size is None else size + 1


def _git(root: Path, *arguments: str, given: bytes | None = None) -> bytes:
    try:
        return subprocess.run(["git", *arguments], cwd=root, input=given, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        raise InputError(
            f"{root.resolve()} is not a git repository, so it has no experiments: work in a clone."
        ) from None
