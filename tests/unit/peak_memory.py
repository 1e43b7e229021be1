"""The most memory that this process had since a moment of its choice."""

import re
from pathlib import Path


def forget_peak() -> None:
    """Let the peak begin anew with what the process has now.

    Linux keeps the peak of a process's resident memory and begins anew where 5 is written (man 5 proc). That of
    getrusage never falls, and a child's begins with its parent's, so in a large test process it would show nothing.
    """
    Path("/proc/self/clear_refs").write_text("5")


def peak_kilobytes() -> int:
    """Return the peak since `forget_peak`."""
    return int(re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[0])
