"""The way to a target: TLS is verified as told, and what a user should know of it is said in every output."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from conformance import page, target
from conformance.credentials import TOKEN, Vault
from conformance.exchange import Exchange, Failure
from conformance.probe import Probe
from conformance.target import Limits, Target
from conformance.wire import Wire
from tests.suite import reported
from tests.suite.gate import Gate
from tests.suite.hostile import LIST
from tests.suite.servers import answer

GIVEN = {"MANA_PARTY": "p", "MANA_TENANT_ID": "t", "MANA_REGION": "r", "MANA_TOKEN": "token-of-nobody-77"}
GOOD = Probe("GET", "/mana_api/vm")
ONES = pytest.mark.parametrize("probe", [GOOD, GOOD.with_header("Connection", "close")], ids=["kept alive", "closed"])

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    # S603: the words are this file's own.
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)  # noqa: S603
    return certificate, key


@contextmanager
def tls(certificate: Path, key: Path) -> Iterator[str]:
    """A server behind TLS that answers each connection once with a list of one machine."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer_one, args=(plain,), daemon=True).start()

    def answer_one(plain: socket.socket) -> None:
        try:
            with context.wrap_socket(plain, server_side=True) as channel:
                if channel.recv(65536):
                    channel.sendall(answer(body=LIST, Connection="close"))
        except OSError:
            plain.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def ask(base_url: str, probe: Probe, limits: Limits) -> Exchange:
    """One exchange on a wire of its own."""
    with closing(Wire(Target("a server", base_url, "p", "t", "r"), Vault({TOKEN: "token-77-abc"}), limits)) as one:
        return one.send(probe)


@needs_openssl
@ONES
def test_certificate_that_nobody_signed_is_refused(certificate: tuple[Path, Path], probe: Probe) -> None:
    """A server whose certificate nobody signed who is trusted is not asked."""
    with tls(*certificate) as base_url:
        outcome = ask(base_url, probe, Limits()).outcome
    assert isinstance(outcome, Failure)
    assert outcome.kind == "tls"


@needs_openssl
@ONES
def test_certificate_is_trusted_by_file(certificate: tuple[Path, Path], probe: Probe) -> None:
    """A server whose certificate is signed by what a file holds is asked."""
    with tls(*certificate) as base_url:
        assert ask(base_url, probe, Limits(trust=str(certificate[0]))).status == 200


@needs_openssl
@ONES
@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_certificate_is_not_looked_at_on_demand(certificate: tuple[Path, Path], probe: Probe) -> None:
    """A server is asked whatever its certificate, where that was asked for."""
    with tls(*certificate) as base_url:
        assert ask(base_url, probe, Limits(trust=False)).status == 200


@needs_openssl
def test_insecure_run_is_called_so(gate: Gate, certificate: tuple[Path, Path]) -> None:
    """A run that verifies no certificate says so on the console, in report.json and on the page."""
    with tls(*certificate) as base_url:
        run = gate("-k", "HEAD-02", "--insecure", environment={**GIVEN, "PYTEST_BASE_URL": base_url})
    assert run.verdicts == {"HEAD-02": "pass"}, run.said
    [warning] = run.report["warnings"]
    assert "--insecure" in warning
    assert f"warning: {warning}" in run.out
    assert "InsecureRequestWarning" not in run.said
    assert "--insecure" in (run.folder / "report.html").read_text(encoding="utf-8")


@needs_openssl
def test_file_of_certificates_leaves_nothing_to_warn_of(gate: Gate, certificate: tuple[Path, Path]) -> None:
    """A run that trusts by a file has no warning."""
    with tls(*certificate) as base_url:
        run = gate("-k", "HEAD-02", f"--ca-file={certificate[0]}", environment={**GIVEN, "PYTEST_BASE_URL": base_url})
    assert (run.verdicts, run.report["warnings"]) == ({"HEAD-02": "pass"}, [])


def test_handshake_that_never_ends_ends_in_time() -> None:
    """A server that answers a handshake in drops is waited for no longer than the limit for the whole."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        accepted: list[socket.socket] = []

        def drip() -> None:
            channel, _ = listener.accept()
            accepted.append(channel)
            # A record of the handshake that announces 16,000 bytes, which then come one by one.
            drops = b"\x16\x03\x03\x3e\x80" + b"\x02" + bytes(16_000)
            try:
                for drop in drops:
                    channel.sendall(bytes([drop]))
                    threading.Event().wait(0.02)
            except OSError:
                return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        outcome = ask(f"https://127.0.0.1:{listener.getsockname()[1]}", GOOD, Limits(timeout=0.3)).outcome
        thread.join(timeout=10)
        assert not thread.is_alive()
        accepted[0].close()
    assert isinstance(outcome, Failure)
    assert outcome.kind == "timeout"


@pytest.mark.parametrize(
    ("address", "trust", "words"),
    [
        ("http://staging.example.org", True, ["plain HTTP", "staging.example.org"]),
        ("http://127.0.0.1:8080", True, []),
        ("http://localhost", False, []),
        ("https://staging.example.org", True, []),
        ("https://staging.example.org", False, ["--insecure"]),
    ],
)
def test_what_a_user_should_know_is_said(address: str, trust: bool, words: list[str]) -> None:
    """A token that travels in the clear, and a certificate that nobody looks at, are each a warning."""
    warnings = target.warnings(Target("x", address, "p", "t", "r"), Limits(trust=trust))
    assert len(warnings) == bool(words)
    assert all(word in warnings[0] for word in words)


def test_warning_stands_on_the_page() -> None:
    """The page of a report shows its warnings."""
    report = reported.kept(reported.clause("A"), warnings=["Somebody <listens>."])
    assert "Somebody &lt;listens&gt;." in page.render(report)
