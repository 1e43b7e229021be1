"""A line to a server on loopback that breaks or is slow."""

import contextlib
import math
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import BaseRequestHandler, ThreadingTCPServer

BLOCK = 1 << 14


class Line(ThreadingTCPServer):
    """Relays every connection to `target`.

    room: bytes that still go through, after which all connections break. pause: seconds that a block of 16 KiB waits.
    """

    daemon_threads = True

    def __init__(self, target: int) -> None:
        super().__init__(("127.0.0.1", 0), _Relay)
        self.target = target
        self.room = math.inf
        self.pause = 0.0

    @property
    def address(self) -> str:
        """Where an HTTP client finds it."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Relay(BaseRequestHandler):
    server: Line

    def handle(self) -> None:
        if self.server.room <= 0:
            return
        with socket.create_connection(("127.0.0.1", self.server.target)) as far:
            back = threading.Thread(target=self._relay, args=(far, self.request))
            back.start()
            self._relay(self.request, far)
            back.join()

    def _relay(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):  # the other direction has ended it
            while self.server.room > 0 and (block := source.recv(BLOCK)):
                self.server.room -= len(block)
                time.sleep(self.server.pause)
                target.sendall(block)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def line_to(target: int) -> Iterator[Line]:
    """Put a line before the server at port `target`."""
    with Line(target) as line:
        threading.Thread(target=line.serve_forever, daemon=True).start()
        yield line
        line.shutdown()
