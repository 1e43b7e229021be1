"""What DVC's own settings say: where its cache is, which `dvc cache dir` puts anywhere."""

from functools import cache
from pathlib import Path

from scoretable.workspace.errors import InputError


def cache_folder(root: Path) -> Path:
    """Return the folder in which DVC keeps each file of the repository `root` under its MD5.

    Raises InputError where DVC cannot read its settings.
    """
    return _cache_folder(root.resolve())


@cache
def _cache_folder(root: Path) -> Path:
    from dvc.config import Config, ConfigError

    try:
        settings = Config(str(root / ".dvc"))
    except ConfigError as error:
        raise InputError(f"DVC cannot read its settings ({error}): correct .dvc/config or .dvc/config.local.") from None
    return Path(settings["cache"].get("dir") or root / ".dvc" / "cache") / "files" / "md5"
