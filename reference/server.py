"""A WSGI application on a loopback port, from the first connection until told to stop."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from wsgiref.types import WSGIApplication

from waitress.channel import HTTPChannel  # type: ignore[import-untyped]  # waitress has no types
from waitress.parser import HTTPRequestParser  # type: ignore[import-untyped]  # waitress has no types
from waitress.server import TcpWSGIServer, create_server  # type: ignore[import-untyped]  # waitress has no types
from waitress.task import ErrorTask  # type: ignore[import-untyped]  # waitress has no types
from waitress.wasyncore import ExitNow  # type: ignore[import-untyped]  # waitress has no types

from reference import present
from reference.model import Refusal

NAMES_AS_SENT = "HTTP_reference.names"
"""Where the WSGI environment has the names of a request's headers, joined by commas, as the client wrote them."""


class Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    """Keeps what WSGI has no place for. No client can send a header of this name: those come in upper case."""

    def parse_header(self, header_plus: bytes) -> None:
        """Read the request line and the headers."""
        super().parse_header(header_plus)
        names = (line.partition(":")[0] for line in header_plus.decode("latin-1").split("\r\n")[1:])
        self.headers[NAMES_AS_SENT.removeprefix("HTTP_")] = ",".join(filter(None, names))


class RefusalTask(ErrorTask):  # type: ignore[misc]  # waitress has no types
    """Answers, in the form of every other refusal, what is no HTTP or too large and never reaches the application."""

    def execute(self) -> None:
        """Write the refusal, and have the connection closed after it: where the next request starts is unknown."""
        error = self.request.error
        body = present.encoded(present.refusal(Refusal(error.code, error.reason)))
        self.status = f"{error.code} {error.reason}"
        self.response_headers.append(("Content-Type", "application/json"))
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class Channel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """A connection whose unreadable requests are refused in our form."""

    error_task_class = RefusalTask
    parser_class = Parser


def listen(application: WSGIApplication, port: int, threads: int) -> TcpWSGIServer:
    """The server, listening on this port of 127.0.0.1, or with 0 on any that is free. Raises OSError if it is taken."""
    server = create_server(
        application,
        host="127.0.0.1",
        port=port,
        threads=threads,
        ident="reference",
        connection_limit=1000,
        asyncore_use_poll=True,
    )
    server.channel_class = Channel
    return server


def serve(server: TcpWSGIServer, ready: Callable[[], None]) -> None:
    """Answer requests until SIGINT or SIGTERM; what is then under way is dropped. `ready` is called once, before."""
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _leave)
        ready()
        server.run()
    except ExitNow:
        pass


def stop_with_stdin() -> None:
    """Have the process end, as by SIGTERM, when its standard input does: when whoever started it is gone."""
    threading.Thread(target=_outlast_stdin, name="stdin", daemon=True).start()


def _leave(_number: int, _frame: FrameType | None) -> None:
    # SystemExit would have waitress wait for its threads; this is the exception that it lets through.
    raise ExitNow


def _outlast_stdin() -> None:
    # Past Python's buffer: a thread that holds its lock at the interpreter's end is a fatal error.
    descriptor = sys.__stdin__.fileno() if sys.__stdin__ else None
    while descriptor is not None and os.read(descriptor, 4096):
        pass
    # To the main thread, which alone runs handlers, so that its waiting for sockets is broken off.
    main = threading.main_thread().ident
    if main is not None:
        signal.pthread_kill(main, signal.SIGTERM)
