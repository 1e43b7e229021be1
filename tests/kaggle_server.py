"""A server on loopback that speaks as much of Kaggle's protocol as the kaggle client needs, and fails as told.

The client finds it by `environment()`: for KAGGLE_API_ENVIRONMENT=LOCALHOST it talks to http://localhost, here through
a proxy, which is this server.
"""

import json
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from kaggle_datasets import Datasets
from kaggle_kernels import Kernels

TOKEN = secrets.token_hex(16)  # so that it stands in no file but those that got it from here
PAGE = 200
BLOCK = 1 << 20


@dataclass(frozen=True)
class Fault:
    """What goes wrong in one request.

    status: answered instead of the reply, with `headers` and `message`. cut: bytes of the body after which the
    connection closes. stall: seconds of silence instead of a reply. lost: do what is asked, then close the connection.
    wrong_length: of this many bytes more than there are. corrupt: one flipped byte in the middle of the file.
    """

    status: int | None = None
    message: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    stall: float = 0.0
    lost: bool = False
    wrong_length: int = 0
    corrupt: bool = False


@dataclass
class Kaggle:
    """A competition on the server, and what it was asked for.

    faults: by the name of the request, each used once, in order. score: of a submission's bytes, as (public, private)
    text. members: files that can be fetched one by one, by name. pending: looks at a submission before it is scored.
    sent: bytes of the archive. resumed_at: places from which it was asked for.
    """

    competition: str
    archive: Path
    files: dict[str, int]
    score: Callable[[bytes], tuple[str, str]]
    members: dict[str, Path] = field(default_factory=dict)
    pending: int = 1
    final_state: str = "COMPLETE"
    leaderboard: list[str] = field(default_factory=list)
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    requests: Counter[str] = field(default_factory=Counter)
    sent: int = 0
    resumed_at: list[int] = field(default_factory=list)
    uploads: dict[str, bytes] = field(default_factory=dict)
    submissions: list[dict[str, Any]] = field(default_factory=list)
    allowed: int = 5
    kernels: Kernels | None = None
    datasets: Datasets | None = None
    port: int = 0

    def environment(self, home: Path) -> dict[str, str]:
        """Environment variables that bring the client here, with a token in `home`."""
        (home / ".kaggle").mkdir(parents=True, exist_ok=True)
        key = home / ".kaggle/kaggle.json"
        key.write_text(json.dumps({"username": "ann", "key": TOKEN}))
        key.chmod(0o600)
        proxy = f"http://127.0.0.1:{self.port}"
        return {
            "HOME": str(home), "KAGGLE_API_ENVIRONMENT": "LOCALHOST", "HTTP_PROXY": proxy, "http_proxy": proxy,
            "NO_PROXY": "", "no_proxy": "",
        }  # fmt: skip

    def fault(self, name: str) -> Fault:
        """Take the next fault of a request, if there is one."""
        waiting = self.faults.get(name, [])
        return waiting.pop(0) if waiting else Fault()

    def reply(self, method: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Answer a call of the competition service, or of those of kernels and datasets."""
        for other in (self.kernels, self.datasets):
            if hasattr(other, method):
                return getattr(other, method)(asked)
        if asked.get("competitionName", self.competition) != self.competition:
            raise KeyError(asked["competitionName"])
        return getattr(self, f"_{method}")(asked)

    def _page(self, items: list[Any], asked: dict[str, Any], name: str) -> dict[str, Any]:
        start = int(asked.get("pageToken") or 0)
        size = min(asked.get("pageSize", 20), PAGE)
        end = start + size
        return {name: items[start:end], "nextPageToken": str(end) if end < len(items) else ""}

    def _ListDataFiles(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        files = [{"name": name, "totalBytes": size} for name, size in self.files.items()]
        return self._page(files, asked, "files")

    def _GetSubmissionLimits(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"numToday": len(self.submissions), "numAllowedNow": max(0, self.allowed - len(self.submissions))}

    def _StartSubmissionUpload(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        token = f"blob-{len(self.uploads)}"
        self.uploads[token] = b""
        return {"token": token, "createUrl": f"http://localhost/upload/{token}"}

    def _CreateSubmission(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if not self.uploads[asked["blobFileTokens"]]:
            return {"message": "nothing was uploaded"}
        return self._submit(self.uploads[asked["blobFileTokens"]], asked["submissionDescription"])

    def _CreateCodeSubmission(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        assert self.kernels is not None
        session = self.kernels.sessions[f"{asked['kernelOwner']}/{asked['kernelSlug']}"][asked["kernelVersion"] - 1]
        made = session.folder / "working" / asked["fileName"]
        return self._submit(made.read_bytes(), asked["submissionDescription"])

    def _submit(self, file: bytes, description: str) -> dict[str, Any]:
        public, private = self.score(file)
        ref = 1000 + len(self.submissions)
        self.submissions.append(
            {
                "ref": ref, "description": description, "date": "2026-11-25T12:00:00.000Z",
                "looks": 0, "publicScore": public, "privateScore": private,
            }
        )  # fmt: skip
        return {"message": "Successfully submitted", "ref": ref}

    def _ListSubmissions(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return self._page([self._shown(item) for item in self.submissions], asked, "submissions")

    def _GetSubmission(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return self._shown(next(item for item in self.submissions if item["ref"] == asked["ref"]))

    def _GetLeaderboard(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        teams = [{"teamName": f"team {number}", "score": score} for number, score in enumerate(self.leaderboard)]
        return self._page(teams, asked, "submissions")

    def _shown(self, item: dict[str, Any]) -> dict[str, Any]:
        item["looks"] += 1
        shown = {name: item[name] for name in ("ref", "description", "date")}
        if item["looks"] <= self.pending:
            return shown | {"status": "PENDING"}
        if self.final_state == "ERROR":
            return shown | {"status": "ERROR", "errorDescription": "label column missing"}
        return shown | {"status": "COMPLETE", "publicScore": item["publicScore"], "privateScore": item["privateScore"]}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    kaggle: Kaggle

    def log_message(self, *arguments: Any) -> None:
        pass

    def do_POST(self) -> None:
        body = self._body()
        method = urlsplit(self.path).path.rsplit("/", 1)[-1]
        fault = self._begin(method)
        if fault is None:
            return
        if "Authorization" not in self.headers:
            self._send(401, b"{}")
        elif method == "DownloadDataFiles":
            self._send(302, b"", {"Location": f"http://localhost/storage/{self.kaggle.competition}.zip?signature=abc"})
        elif method == "DownloadDataFile":
            name = json.loads(body)["fileName"]
            self._send(
                302,
                b"",
                {"Location": f"http://localhost/file/{quote(self.kaggle.members[name].name)}?name={quote(name)}"},
            )
        else:
            self._answer(method, json.loads(body or b"{}"), fault)

    def do_GET(self) -> None:
        path, asked = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        name = path.split("/")[1]
        fault = self._begin(name)
        if fault is None:
            return
        kernels = self.kaggle.kernels
        if name == "file":
            self._send_file(fault, self.kaggle.members[asked["name"][0]])
        else:
            self._send_file(fault, kernels.output(path) if kernels and name == "output" else self.kaggle.archive)

    def do_PUT(self) -> None:
        body = self._body()
        fault = self._begin("upload")
        if fault is None:
            return
        token = urlsplit(self.path).path.rsplit("/", 1)[-1]
        datasets = self.kaggle.datasets
        (datasets.uploads if datasets and token in datasets.names else self.kaggle.uploads)[token] = body
        self._send(200, b"{}")

    def _begin(self, name: str) -> Fault | None:
        """Count the request and take its fault; None where the fault was the answer."""
        self.kaggle.requests[name] += 1
        fault = self.kaggle.fault(name)
        if fault.stall:
            threading.Event().wait(fault.stall)
            self.close_connection = True
            return None
        if fault.status is not None:
            content = json.dumps({"code": fault.status, "message": fault.message}).encode()
            self._send(fault.status, content, fault.headers)
            return None
        return fault

    def _answer(self, method: str, asked: dict[str, Any], fault: Fault) -> None:
        try:
            content = json.dumps(self.kaggle.reply(method, asked)).encode()
        except KeyError:
            self._send(404, json.dumps({"code": 404, "message": "not found"}).encode())
            return
        if fault.lost:
            self.close_connection = True
            return
        self._send(200, content)

    def _send_file(self, fault: Fault, path: Path) -> None:
        size = path.stat().st_size
        first = int(self.headers.get("Range", "bytes=0-")[6:-1])
        if "Range" in self.headers:
            self.kaggle.resumed_at.append(first)
        headers = {
            "Accept-Ranges": "bytes", "ETag": '"one"', "Last-Modified": "Wed, 25 Nov 2020 12:00:00 GMT",
            "Content-Length": str(size - first + fault.wrong_length), "Content-Type": "application/zip",
        }  # fmt: skip
        self.send_response(206 if "Range" in self.headers else 200)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        end = size if fault.cut is None else min(size, first + fault.cut)
        with path.open("rb") as file:
            file.seek(first)
            for place in range(first, end, BLOCK):
                self._send_block(file.read(min(BLOCK, end - place)), flip=fault.corrupt and place <= size // 2)
        if fault.cut is not None or fault.wrong_length:
            self.close_connection = True

    def _send_block(self, block: bytes, flip: bool) -> None:
        self.kaggle.sent += len(block)  # before the client can see the last of it
        middle = len(block) // 2
        self.wfile.write(block[:middle] + bytes([block[middle] ^ (255 if flip else 0)]) + block[middle + 1 :])

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            return b"".join(iter(self._chunk, b""))
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _chunk(self) -> bytes:
        size = int(self.rfile.readline(), 16)
        chunk = self.rfile.read(size)
        self.rfile.readline()
        return chunk

    def _send(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        sent = {"Content-Type": "application/json", "Content-Length": str(len(content))} | (headers or {})
        for name, value in sent.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def serve(kaggle: Kaggle) -> Iterator[Kaggle]:
    """Run the server on a free port until the block ends."""
    handler = type("Handler", (_Handler,), {"kaggle": kaggle})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    kaggle.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield kaggle
    finally:
        server.shutdown()
        server.server_close()
