"""Servers to judge: the reference in this process with anything done to what it says, and sockets that say anything."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from wsgiref.types import WSGIApplication

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from reference import app, fleet, readings
from reference.__main__ import introduced
from reference.service import Service
from reference.store import Store
from reference.tokens import Tokens

PASSWORD = "correct horse battery staple/+%"

Edit = Callable[[Request, Response], Response]
"""What a server that goes wrong does to a response of the reference."""


@dataclass(frozen=True)
class Served:
    """A server that listens, and who may ask it for what: the reference's card."""

    base_url: str
    card: Mapping[str, str]

    @property
    def environment(self) -> dict[str, str]:
        """What a gate needs in its environment to judge it, every optional input included."""
        names = ("party", "tenant_id", "region", "token")
        optional = ("other_token", "other_tenant_id", "other_region", "expired_token")
        values = {f"MANA_{name.upper()}": self.card[name] for name in (*names, *optional)}
        return {"PYTEST_BASE_URL": self.base_url, **values}


class Reference:
    """The reference's data and rules, to be served as they are or edited; ``card`` says who may ask for what."""

    def __init__(self, vms: int = 25) -> None:
        store = Store()
        store.fill(fleet.world("mana", vms))
        tokens = Tokens(store, 3600.0)
        self.card = introduced(tokens, PASSWORD, "http://127.0.0.1:0")
        self.application: Flask = app.create(Service(store, tokens, readings.DEFAULT))

    @contextlib.contextmanager
    def serving(
        self, edit: Edit | None = None, prefix: str = "", around: Callable[[Any], Any] | None = None
    ) -> Iterator[Served]:
        """The reference on a port of its own, something around it, each response edited, below a prefix of the path."""
        application = around(self.application) if around else self.application
        application = edited(application, edit) if edit else application
        with serving(below(prefix, application)) as base_url:
            yield Served(base_url + prefix, self.card)


def edited(application: Any, edit: Edit) -> WSGIApplication:
    """An application whose responses are edited on their way out."""

    @Request.application
    def answering(request: Request) -> Response:
        # Unpacked first, so that an edit sees the text; the client may take either.
        request.environ.pop("HTTP_ACCEPT_ENCODING", None)
        return edit(request, Response.from_app(application, request.environ))

    return answering


def below(prefix: str, application: Any) -> WSGIApplication:
    """An application that is found below a prefix of the path only."""

    def mounted(environ: Any, start_response: Any) -> Any:
        path = environ["PATH_INFO"]
        if not path.startswith(f"{prefix}/"):
            return Response("nothing here", 404)(environ, start_response)
        return application({**environ, "PATH_INFO": path[len(prefix) :]}, start_response)

    return mounted


def moved(application: Any, new: str, old: str) -> WSGIApplication:
    """An application that has at a new path what it had at an old one, which is no more."""

    def answering(environ: Any, start_response: Any) -> Any:
        path = {new: old, old: new}.get(environ["PATH_INFO"], environ["PATH_INFO"])
        return application({**environ, "PATH_INFO": path}, start_response)

    return answering


def with_body(response: Response, change: Callable[[Any], Any]) -> Response:
    """A response whose JSON body, where it has one, is changed."""
    if response.get_data():
        response.set_data(json.dumps(change(json.loads(response.get_data()))))
    return response


def in_machines(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Edit:
    """An edit of every machine that is listed."""

    def machines(body: dict[str, Any]) -> dict[str, Any]:
        listed = body.get("vm_servers", ())
        return {**body, "vm_servers": [change(machine) for machine in listed]} if listed else body

    return lambda _, response: with_body(response, machines) if response.status_code == 200 else response


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serving(application: WSGIApplication) -> Iterator[str]:
    """A WSGI application on a loopback port; the base URL."""
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Talk:
    """One connection to a socket that says anything: requests are read whole, and nothing else is understood."""

    connection: socket.socket
    number: int
    heads: list[bytes] = field(default_factory=list)

    def request(self) -> bytes:
        """The next request's head; nothing where the client went away."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = self.connection.recv(1)
            if not byte:
                return b""
            head += byte
        self.heads.append(head)
        return head

    def say(self, answer: bytes) -> None:
        """Send some bytes."""
        self.connection.sendall(answer)


@dataclass
class Sockets:
    """A socket that listens; ``heads`` are the requests that came, in order, and ``connections`` counts them."""

    base_url: str = ""
    heads: list[bytes] = field(default_factory=list)
    connections: int = 0

    @property
    def lines(self) -> list[str]:
        """The request lines that came."""
        return [head.split(b"\r\n", 1)[0].decode("latin-1") for head in self.heads]


@contextlib.contextmanager
def talking(talk: Callable[[Talk], None]) -> Iterator[Sockets]:
    """A loopback port on which each connection is talked to as told, then closed."""
    sockets, open_ = Sockets(), set[socket.socket]()
    listener = socket.create_server(("127.0.0.1", 0))
    sockets.base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            sockets.connections += 1
            open_.add(connection)
            threading.Thread(target=attend, args=(connection, sockets.connections), daemon=True).start()

    def attend(connection: socket.socket, number: int) -> None:
        with connection, contextlib.suppress(OSError):
            talk(Talk(connection, number, sockets.heads))
            # What was not read would have the system reset the connection, and the answer be lost with it.
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield sockets
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
        for connection in open_:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def answers(*said: bytes) -> Callable[[Talk], None]:
    """A talk in which each request of a connection is given the next answer, the last one for ever."""

    def talk(one: Talk) -> None:
        number = 0
        while one.request():
            one.say(said[min(number, len(said) - 1)])
            number += 1

    return talk


def answer(status: str = "200 OK", body: bytes = b"{}", **headers: str) -> bytes:
    """An answer of HTTP/1.1 with its Content-Length; an underscore in a header's name stands for a dash."""
    named = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin-1") + body


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
