"""Script kernels of the loopback server: it really runs what is pushed, in a process of its own."""

import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Session:
    """One version of a kernel. asked: as it was pushed; folder: has its input/ and working/."""

    version: int
    asked: dict[str, Any]
    folder: Path
    process: subprocess.Popen[bytes]
    looks: int = 0

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")


@dataclass
class Kernels:
    """All kernels of the server. archive: of its competition; queued: looks at a session before it is seen running.

    gpu_hours: used and allowed in a week. broken: a state and a reason that the next session ends with at once.
    datasets: folder of those that may be attached.
    """

    folder: Path
    competition: str
    archive: Path
    queued: int = 1
    gpu_hours: tuple[float, float] = (0.0, 30.0)
    broken: list[tuple[str, str]] = field(default_factory=list)
    refusal: str = ""
    rules_accepted: bool = True
    sessions: dict[str, list[Session]] = field(default_factory=dict)
    datasets: Path | None = None

    def SaveKernel(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if self.refusal:
            return {"error": self.refusal}
        attached = asked.get("competitionDataSources", [])
        if attached and not self.rules_accepted:
            return {"invalidCompetitionSources": attached}
        slug = asked["slug"].partition("/")[2]
        assert slug == asked["newTitle"].lower().replace(" ", "-")
        versions = self.sessions.setdefault(asked["slug"], [])
        versions.append(self._start(slug, len(versions) + 1, asked))
        return {"ref": f"/{asked['slug']}", "versionNumber": len(versions)}

    def GetKernelSessionStatus(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        session = self._session(asked)
        session.looks += 1
        if "end" in session.asked:
            state, reason = session.asked["end"]
            return {"status": state, "failureMessage": reason}
        if session.looks <= self.queued:
            return {"status": "QUEUED"}
        status = session.process.poll()
        return {"status": "RUNNING" if status is None else "ERROR" if status else "COMPLETE"}

    def ListKernelSessionOutput(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        session = self._session(asked)
        if session.process.poll() is None:
            return {"log": session.log}
        files = sorted(path for path in (session.folder / "working").rglob("*") if path.is_file())
        names = [str(path.relative_to(session.folder / "working")) for path in files]
        base = f"http://localhost/output/{asked['userName']}/{asked['kernelSlug']}/{session.version}"
        return {"files": [{"fileName": name, "url": f"{base}/{name}"} for name in names], "log": session.log}

    def GetKernel(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"metadata": {"currentVersionNumber": self._session(asked).version}}

    def GetAcceleratorQuotaStatistics(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        used, allowed = (f"{3600 * hours:.0f}s" for hours in self.gpu_hours)
        quota = {"timeUsed": used, "totalTimeAllowed": allowed}
        return {"quotaRefreshTime": "2026-11-28T00:00:00.000Z", "gpuQuota": quota}

    def output(self, path: str) -> Path:
        """The file behind an address of ListKernelSessionOutput."""
        owner, slug, version, name = path.removeprefix("/output/").split("/", 3)
        return self.sessions[f"{owner}/{slug}"][int(version) - 1].folder / "working" / name

    def pushed(self) -> list[Session]:
        """All sessions, in the order of their kernels' names and versions."""
        return [session for _, versions in sorted(self.sessions.items()) for session in versions]

    def stop(self) -> None:
        for session in self.pushed():
            session.process.kill()
            session.process.wait()

    def _session(self, asked: dict[str, Any]) -> Session:
        versions = self.sessions[f"{asked['userName']}/{asked['kernelSlug']}"]
        label = asked.get("versionLabel", f"v{len(versions)}")
        return versions[int(label.removeprefix("v")) - 1]

    def _start(self, slug: str, version: int, asked: dict[str, Any]) -> Session:
        folder = self.folder / slug / str(version)
        (folder / "working").mkdir(parents=True)
        self._attach(folder / "input", asked)
        if self.broken:
            asked["end"] = self.broken.pop(0)
        script = folder / "script.py"
        script.write_text(asked["text"].replace('"/kaggle/', f'"{folder}/'))  # as if they were mounted there
        environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder)}
        command = [sys.executable, "-c", "pass"] if "end" in asked else [sys.executable, str(script)]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
        return Session(version, asked, folder, process)

    def _attach(self, folder: Path, asked: dict[str, Any]) -> None:
        folder.mkdir()
        for competition in asked.get("competitionDataSources", []):
            assert competition == self.competition
            with zipfile.ZipFile(self.archive) as archive:
                archive.extractall(folder / "competitions" / competition)
        for kernel in asked.get("kernelDataSources", []):
            shutil.copytree(self.sessions[kernel][-1].folder / "working", folder / kernel.partition("/")[2])
        for dataset in asked.get("datasetDataSources", []):
            assert self.datasets is not None
            shutil.copytree(self.datasets / dataset, folder / dataset.partition("/")[2])
