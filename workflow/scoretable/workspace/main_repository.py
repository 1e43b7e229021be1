"""The repository that a temporary copy belongs to, for what must outlive the copy."""

from pathlib import Path


def main_repository(workspace: Path) -> Path:
    """Return the repository of which `workspace` is DVC's temporary copy for an experiment, or `workspace` itself."""
    parts = workspace.resolve().parts
    for index in range(len(parts) - 2):
        if parts[index : index + 3] == (".dvc", "tmp", "exps"):
            return Path(*parts[:index])
    return workspace
