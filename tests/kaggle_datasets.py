"""Private datasets of the loopback server."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Datasets:
    """All datasets of the server, a folder each. preparing: looks at a new one before it is ready."""

    folder: Path
    preparing: int = 1
    uploads: dict[str, bytes] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    created: dict[str, dict[str, Any]] = field(default_factory=dict)

    def StartBlobUpload(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        token = f"file-{len(self.names)}"
        self.names[token] = asked["name"]
        return {"token": token, "createUrl": f"http://localhost/upload/{token}"}

    def CreateDataset(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        name = f"{asked['ownerSlug']}/{asked['slug']}"
        (self.folder / name).mkdir(parents=True)
        for file in asked["files"]:
            (self.folder / name / self.names[file["token"]]).write_bytes(self.uploads[file["token"]])
        self.created[name] = asked | {"looks": 0}
        return {"ref": name, "status": "ok"}

    def GetDatasetStatus(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        created = self.created[f"{asked['ownerSlug']}/{asked['datasetSlug']}"]
        created["looks"] += 1
        return {"status": "READY" if created["looks"] > self.preparing else "BLOBS_RECEIVED"}
