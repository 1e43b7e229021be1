"""The outcomes of `scoretable verify`, kept at the end of the message of a row's commit, as its note is.

So they travel with the experiment, and go when the row is made again, which makes another commit.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

MARK = "Scoretable-verified: "  # begins a line, as a trailer of git does


@dataclass(frozen=True)
class Verification:
    """One outcome. when: ISO 8601, UTC; machine: what it was trained on there; different: results that came out so.

    The name of the host is not kept: what decides whether results are equal is the kind of its processor.
    """

    when: str
    machine: str
    different: tuple[str, ...] = ()


def read_verifications(message: str) -> tuple[Verification, ...]:
    """Return the outcomes that a message ends with; lines that are none are passed over."""
    return tuple(filter(None, map(_parse, _lines(message))))


def without_verifications(message: str) -> str:
    """Return the rest of a message."""
    return "\n".join(line for line in message.splitlines() if not line.startswith(MARK)).strip()


def with_verifications(text: str, outcomes: Iterable[Verification]) -> str:
    """Return a message of this text and, of each machine, its newest outcome."""
    newest = {outcome.machine: outcome for outcome in sorted(outcomes, key=lambda outcome: outcome.when)}
    lines = [MARK + json.dumps(asdict(outcome), ensure_ascii=False) for outcome in newest.values()]
    return "\n\n".join(filter(None, (text.strip(), "\n".join(lines)))) + "\n"


def _lines(message: str) -> list[str]:
    return [line.removeprefix(MARK) for line in message.splitlines() if line.startswith(MARK)]


def _parse(text: str) -> Verification | None:
    try:
        content = json.loads(text)
        return Verification(str(content["when"]), str(content["machine"]), tuple(map(str, content["different"])))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
