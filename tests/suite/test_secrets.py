"""Tokens and passwords stand nowhere: not in what is written, not on the console, not in a server's echo."""

from __future__ import annotations

import base64
import html
import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.wrappers import Request, Response

from conformance import spelling as spelled
from conformance.credentials import OTHER_TOKEN, TOKEN, Vault
from tests.suite import slow
from tests.suite.gate import ROOT, Gate, Run
from tests.suite.servers import PASSWORD, Reference, Served, answer, answers, edited, serving, talking, with_body

LOUD = ("-vv", "--showlocals", "--log-cli-level=DEBUG", "-rA")
"""As much as pytest can be made to say."""

TOKENS = {
    "token": 'own"token/with+all&sorts%of=signs',
    "other_token": "other-token-of-the-other-tenant",
    "expired_token": "expired-token-of-last-year",
}
"""Tokens that look different in each spelling, as a gate knows them."""


def disguised(application: Any, card: Mapping[str, str]) -> Any:
    """An application that takes these tokens for the card's own."""
    own = {TOKENS[name]: card[name] for name in TOKENS}

    def answering(environ: Any, start_response: Any) -> Any:
        token = environ.get("HTTP_X_AUTH_TOKEN")
        return application(
            {**environ, "HTTP_X_AUTH_TOKEN": own.get(token, token)} if token else environ, start_response
        )

    return answering


def spellings(secret: str) -> Iterator[bytes]:
    """The ways in which a secret, or almost all of it, may stand in a text."""
    for text in (secret, secret[:-1]):
        yield text.encode()
        yield base64.b64encode(text.encode()).rstrip(b"=")
        yield base64.urlsafe_b64encode(text.encode()).rstrip(b"=")
        yield quote(text, safe="").encode()
        yield quote(text).encode()
        yield json.dumps(text)[1:-1].encode()
        yield text.swapcase().encode()
        yield text[::-1].encode()
        yield text.encode().hex().encode()
        yield html.escape(text).encode()
        yield base64.b64encode(b"\0" + text.encode())[2:-4]


def leaks(run: Run, *secrets: str) -> list[str]:
    """Where a secret stands in what a run printed or wrote, with what is around it."""
    texts = {"standard output": run.out.encode(), "standard error": run.err.encode()}
    texts |= {path.name: path.read_bytes() for path in run.folder.rglob("*") if path.is_file()}
    found = []
    for secret in secrets:
        for spelling in spellings(secret):
            found += [f"{where}: {_around(text, spelling)!r}" for where, text in texts.items() if spelling in text]
    return found


def _around(text: bytes, found: bytes) -> bytes:
    at = text.index(found)
    return text[max(0, at - 80) : at + len(found) + 20]


@pytest.fixture(scope="module")
def quiet(reference: Reference) -> Iterator[Served]:
    """The healthy reference, which takes the tokens above."""
    with serving(disguised(reference.application, reference.card)) as base_url:
        yield Served(base_url, {**reference.card, **TOKENS})


def login(server: Served, password: str) -> dict[str, str]:
    """An environment to log in from."""
    environment = {name: value for name, value in server.environment.items() if name != "MANA_TOKEN"}
    return {**environment, "MANA_USERNAME": server.card["username"], "MANA_PASSWORD": password}


def test_loud_run_tells_no_secret(gate: Gate, quiet: Served, tmp_path: Path) -> None:
    """A run tells no token, however much pytest is made to say and whatever it is made to write."""
    log = tmp_path / "log"
    run = gate("-m", "auth or errors or fields", *LOUD, f"--log-file={log}", environment=quiet.environment)
    assert run.exit == 0, run.said
    assert leaks(run, *TOKENS.values()) == []
    (run.folder / "log").write_bytes(log.read_bytes())
    assert leaks(run, *TOKENS.values()) == []


def test_login_tells_no_secret(gate: Gate, quiet: Served) -> None:
    """A run that logs in tells neither the password nor the token that it was given."""
    run = gate("-k", "HEAD-02", *LOUD, environment=login(quiet, PASSWORD))
    assert run.exit == 0, run.said
    assert leaks(run, PASSWORD, *TOKENS.values()) == []


def test_refused_login_tells_no_secret(gate: Gate, quiet: Served) -> None:
    """A login that is refused says so without the password."""
    wrong = "wrong/password+%1"
    run = gate("-k", "HEAD-02", *LOUD, environment=login(quiet, wrong))
    assert run.exit != 0
    assert leaks(run, wrong, *TOKENS.values()) == []


def test_crash_tells_no_secret(gate: Gate, quiet: Served, tmp_path: Path) -> None:
    """An error of our own while asking ends the run as such, and its traceback tells no secret."""
    (tmp_path / "out_of_order.py").write_text(
        "from requests.adapters import HTTPAdapter\n\n\n"
        "def send(self, request, **keywords):\n"
        "    raise RuntimeError('out of order')\n\n\n"
        "HTTPAdapter.send = send\n"
    )
    environment = {**quiet.environment, "PYTHONPATH": str(tmp_path)}
    run = gate("-k", "HEAD-02", *LOUD, "--full-trace", "-p", "out_of_order", environment=environment)
    assert run.exit == 3
    assert "out of order" in run.said
    assert leaks(run, *TOKENS.values()) == []


def test_crash_is_reported(gate: Gate, quiet: Served, tmp_path: Path) -> None:
    """An error of our own while asking leaves a report in which no clause has a verdict on the target."""
    (tmp_path / "broken_rounds.py").write_text(
        "from conformance import rounds\n\n\n"
        "def ask(*arguments):\n"
        "    raise RuntimeError('out of order')\n\n\n"
        "rounds.ask = ask\n"
    )
    environment = {**quiet.environment, "PYTHONPATH": str(tmp_path)}
    run = gate("-k", "HEAD-02", "-p", "broken_rounds", environment=environment)
    assert run.exit == 3
    assert run.verdicts == {"HEAD-02": "inconclusive"}
    assert run.report["verdict"] == "could-not-judge"


def half_escaped(text: str) -> str:
    """A text with every third character as JSON escapes it, and every third as a URL does."""
    ways = (str, lambda one: f"\\u{ord(one):04x}", lambda one: f"%{ord(one):02X}")
    return "".join(ways[number % 3](one) for number, one in enumerate(text))


DISGUISES: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in capitals": str.upper,
    "in mixed case": lambda text: "".join(one.upper() if place % 2 else one for place, one in enumerate(text)),
    "backwards": lambda text: text[::-1],
    "in hexadecimal": lambda text: text.encode().hex(),
    "in UTF-16, its smaller end first": lambda text: text.encode("utf-16-le").decode("latin-1"),
    "in UTF-16, its larger end first": lambda text: text.encode("utf-16-be").decode("latin-1"),
    "in capital hexadecimal": lambda text: text.encode().hex().upper(),
    "in base64": lambda text: base64.b64encode(text.encode()).decode(),
    "in base64, behind a name": lambda text: base64.b64encode(b"me:" + text.encode()).decode(),
    "in base64, within a header": lambda text: base64.b64encode(f"Token {text}\r\nA: b".encode()).decode(),
    "in base64 for URLs": lambda text: base64.urlsafe_b64encode(b"??" + text.encode()).decode(),
    "encoded for a URL": lambda text: quote(text, safe=""),
    "encoded for a URL in small letters": lambda text: quote(text, safe="").lower(),
    "every letter encoded for a URL": lambda text: "".join(f"%{ord(one):02x}" for one in text),
    "escaped as JSON": lambda text: json.dumps(text)[1:-1],
    "every letter escaped as JSON": lambda text: "".join(f"\\u{ord(one):04X}" for one in text),
    "half escaped": half_escaped,
    "escaped as HTML": html.escape,
    "as numbers of HTML": lambda text: "".join(f"&#{ord(one)};" for one in text),
    "as hexadecimal numbers of HTML": lambda text: "".join(f"&#x{ord(one):X};" for one in text),
    "escaped as Python": lambda text: "".join(f"\\x{ord(one):02x}" for one in text),
    "less its last letter": lambda text: text[:-1],
}
"""How a server may repeat a secret."""


@pytest.mark.parametrize("secret", [*TOKENS.values(), "5f4dcc3b5aa765d61d8327deb882cf99"])
@pytest.mark.parametrize("disguise", DISGUISES)
def test_disguised_secret_is_found_and_hidden(disguise: str, secret: str) -> None:
    """A secret is found however it is written, and named in its place, and what stands around it is left as it is."""
    said = DISGUISES[disguise](secret)
    clean, found = Vault({TOKEN: secret}).scrub(f'{{"before": 1, "echo": "{said}", "after": "\\u6570 %"}}'.encode())
    assert [name.partition(" ")[0] for name in found] == [TOKEN], clean
    assert said.encode() not in clean
    assert clean.startswith(b'{"before": 1, "echo": "')
    assert clean.endswith(b'", "after": "\\u6570 %"}')


@pytest.mark.parametrize("before", slow.but_every(2, [65_535, 0, 1_048_570, 1, 65_530, 1_048_576, 2_000_000]))
def test_secret_is_found_in_a_long_file(before: int, tmp_path: Path) -> None:
    """A secret is found wherever in a file it stands, though the file is looked at in parts, and escapes are undone."""
    file = tmp_path / "file"
    said = DISGUISES["half escaped"](TOKENS["token"]).encode()
    escaped = before // 20
    file.write_bytes(b"\\n" * escaped + b"." * (before - 2 * escaped) + said + b"%20" * 70_000 + b"." * 1_900_000)
    with file.open("rb") as opened:
        assert Vault({TOKEN: TOKENS["token"]}).stand_in(opened) == (TOKEN,)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (rb"a\/b\"c\'d", b"a/b\"c'd"),
        (rb"\\\"", rb"\""),
        (rb"\\\\\/", rb"\\/"),
        (rb"\\u0041\u0042%43&#x44;&#69;&amp;", rb"\u0041BCDE&"),
        (rb"\\/", rb"\/"),
        (b"\xff\\/\x80", b"\xff/\x80"),
    ],
)
def test_each_character_is_read_with_its_own_escape(text: bytes, plain: bytes) -> None:
    """An escaped backslash begins no other escape, and what is escaped within another text is undone but once."""
    assert spelled.unescaped(text) == plain


def test_long_text_that_was_clean_is_searched_again_for_a_new_secret() -> None:
    """A text that is remembered to be free of secrets is remembered for those that there were."""
    vault, text = Vault({TOKEN: TOKENS["token"]}), b"." * 100_000 + b"a-token-that-comes-later"
    assert vault.scrub(text) == vault.scrub(text) == (text, ())
    vault.put(OTHER_TOKEN, "a-token-that-comes-later")
    assert vault.scrub(text)[1] == (OTHER_TOKEN,)


def test_what_is_no_secret_is_left_as_it_is() -> None:
    """A text without a secret comes through to the byte, whatever escapes stand in it."""
    text = b'{"a": "\\u0041\\\\ %41 &amp; &#65; own-token", "b": "\xff\x00"}'
    assert Vault({TOKEN: TOKENS["token"]}).scrub(text) == (text, ())


def echo(request: Request, response: Response) -> Response:
    """A response that repeats the request's token, in header and body, in every spelling."""
    token = request.headers.get("X-Auth-Token", "")
    if not token:
        return response
    spelled = [disguise(token) for disguise in DISGUISES.values()]
    for number, one in enumerate(spelled):
        response.headers[f"X-Echo-{number}"] = one
    return with_body(response, lambda body: {**body, "debug": spelled})


def test_echoed_token_is_red_and_hidden(gate: Gate, reference: Reference) -> None:
    """A server that repeats the token breaks a clause, and what is shown of it names the token and not its value."""

    def answering(environ: Any, start_response: Any) -> Any:
        inner = disguised(reference.application, reference.card)
        return edited(inner, echo)(environ, start_response)

    with serving(answering) as base_url:
        server = Served(base_url, {**reference.card, **TOKENS})
        run = gate("-m", "headers or auth", *LOUD, environment=server.environment)
    assert run.exit == 1
    assert run.verdicts["HEAD-04"] == "fail"
    shown = run.clauses["HEAD-04"]["findings"][0]["exchanges"][0]
    assert shown["request"]["headers"]["X-Auth-Token"] == "$MANA_TOKEN"
    assert "$MANA_TOKEN" in shown["response"]["headers"]["X-Echo-0"]
    assert "$MANA_TOKEN" in shown["response"]["body"]
    assert "${MANA_TOKEN}" in shown["curl"]
    assert leaks(run, *TOKENS.values()) == []


def test_secret_in_what_was_written_is_our_own_error(gate: Gate, quiet: Served, tmp_path: Path) -> None:
    """What was written is searched: a token in it, as a fault of ours may leave it there, ends the run as our error."""
    (tmp_path / "leaking.py").write_text(
        "import os\n\nfrom conformance.evidence import Evidence\n\n"
        "write = Evidence.write\n\n\n"
        "def leak(evidence, path):\n"
        "    write(evidence, path)\n"
        "    path.write_text(path.read_text() + os.environ['MANA_TOKEN'])\n\n\n"
        "Evidence.write = leak\n"
    )
    environment = {**quiet.environment, "PYTHONPATH": str(tmp_path)}
    run = gate("-k", "HEAD-02", "-p", "leaking", environment=environment)
    assert run.exit == 3
    assert "$MANA_TOKEN" in run.said
    assert "evidence.jsonl" in run.said


def test_secret_in_what_pytest_wrote_is_our_own_error(gate: Gate, quiet: Served, tmp_path: Path) -> None:
    """The file of JUnit is searched too, though pytest writes it last of all."""
    (tmp_path / "telling.py").write_text(
        "import os\n\nimport pytest\n\n\n"
        "@pytest.hookimpl(tryfirst=True)\n"
        "def pytest_runtest_logreport(report):\n"
        "    report.user_properties.append(('backwards', os.environ['MANA_TOKEN'][::-1]))\n"
    )
    environment = {**quiet.environment, "PYTHONPATH": str(tmp_path)}
    run = gate("-k", "HEAD-02", "-p", "telling", environment=environment)
    assert run.exit == 3, run.said
    assert "junit.xml" in run.said


def test_token_stands_in_no_process_list(gate: Gate, quiet: Served) -> None:
    """A run that is given its secrets by the environment shows them in no command line of any process."""
    folder, command, environment = gate.prepared("-k", "HEAD-02", environment=quiet.environment)
    assert not any(token in word for word in command for token in TOKENS.values())
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE) as process:  # noqa: S603
        seen: set[bytes] = set()
        while process.poll() is None:
            seen.update(_command_lines())
    assert (folder / "report.json").exists()
    assert any(str(folder).encode() in line for line in seen)
    assert not any(token.encode() in line for line in seen for token in TOKENS.values())


def _command_lines() -> Iterator[bytes]:
    """The command line of each process that there is, as others see it."""
    # S607: found by its name, as it stands elsewhere on every system.
    yield from subprocess.run(["ps", "-ewwo", "args"], capture_output=True, check=True).stdout.splitlines()  # noqa: S607


def test_short_secret_is_said_so(gate: Gate) -> None:
    """A token that is too short to be searched for is named on the console."""
    with talking(answers(answer(body=b'{"vm_servers": []}'))) as server:
        environment = {"MANA_PARTY": "p", "MANA_TENANT_ID": "t", "MANA_REGION": "r", "MANA_TOKEN": "short"}
        run = gate("-k", "HEAD-02", environment={**environment, "PYTEST_BASE_URL": server.base_url})
    assert "$MANA_TOKEN is too short" in run.said
