"""Whatever a target answers, it is parsed, judged, reported, replayed and compared, and never an error of ours."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from conformance import compare, evidence, kept, page, report
from conformance.evidence import Evidence
from conformance.examine import Examination
from conformance.exchange import Exchange, Failure, Response
from conformance.probe import Probe
from conformance.report import overall
from conformance.verdicts import Verdicts
from tests.suite import reported
from tests.suite.miniature import SEED, TARGET, Miniature, catalogue, document, judging

Edit = Callable[[Response], Response | Failure]
"""What happens to one answer on its way."""

ANSWERS = 4
"""Answers that are mutated in one run, each of them up to twice."""

# -- what is put in the place of something else

ODD_BYTES: Sequence[bytes] = (
    *(b"\x00", b"\xff\xfe", b"\xc0\x80", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\x1b[2J", b"\r\n", b"\xe2\x80\xa8"),
    *(b'"', b"\\", b"\\u0000", b"\\ud800", b"\\udc00\\ud800", b"[", b"]", b"{", b"}", b",", b":", b"null", b"true"),
    *(b"NaN", b"-Infinity", b"1e999", b"-0", b"1E-999", b"9" * 400, b"9" * 4301),
    *(b"[" * 300, b'{"a":' * 120, b"[" * 90 + b"]" * 90, b"\xf0\x9f\x98\x80"),
    *(b"</script>", b"]]>", b"<!--", b"{{7*7}}", b"$MANA_TOKEN"),
    *(b'"__proto__":{},', b'"instance_id":"x",', b'"vm_servers":[],'),
)
ODD_TEXTS: Sequence[str] = (
    *("", " ", "\x00", "\ud800", "\x1b[31m", "</script>", "../../etc/passwd", "%s{0}", "1" * 5000, "٣", "²"),
    *("٢٠١٤-٠٧-٢٩ ١٥:٠٨:٣٩", "2014-07-29 15:08:39\n", "0000-00-00 00:00:00", "9999-12-31 23:59:60"),
    *("::ffff:1.2.3.4", "fe80::1%eth0", "1.2.3.4,", "01.2.3.4"),
    *("__proto__", "$MANA_TOKEN", "🖥️", "\u202e", "NaN", "null"),
)
ODD_DATES = (
    "Fri, 31 Dec 99999 23:59:59 GMT",
    "Mon, 01 Jan 0001 00:00:00 -0000",
    "Thu, 28 Jan 2016 05:53:28 +9999",
)
ODD_VALUES = ("-1", "9" * 40, "1, 2", "²", "max-age=" + "9" * 30, ", ,", "GET,,", "gzip", "application/json;;=", "a/b;")
ODD_STATUSES = (100, 101, 204, 206, 299, 301, 304, 400, 401, 404, 429, 500, 503, 599, 600, 999, 0)
KINDS = ("timeout", "closed", "cut", "too large", "encoding", "length", "protocol", "tls", "other")
plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from(ODD_TEXTS),
    st.text(max_size=20),
    st.sampled_from((10**400, -1, 0, 2**63, 2**64, 1e308, -0.0)),
)
values = st.recursive(
    plain,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(ODD_TEXTS), inner, max_size=3)
    ),
    max_leaves=6,
)
odd_headers = st.one_of(
    st.sampled_from((*ODD_TEXTS, *ODD_DATES, *ODD_VALUES)), st.text(st.characters(max_codepoint=255), max_size=20)
)
HEADERS = (
    "Content-Type",
    "Content-Length",
    "Date",
    "Retry-After",
    "Cache-Control",
    "Content-Encoding",
    "Allow",
    "WWW-Authenticate",
    "Server",
    "X-\xff",
    "Set-Cookie",
    "Age",
    "Vary",
)

# -- what is done to an answer


@st.composite
def spliced(draw: st.DrawFn) -> Edit:
    """Bytes put somewhere into the body, in the place of some or of all that follows."""
    where, gone = draw(st.floats(0, 1)), draw(st.sampled_from((0, 0, 1, 7, 10**9)))
    put = draw(st.one_of(st.sampled_from(ODD_BYTES), st.binary(max_size=12), st.just(b"")))

    def edit(one: Response) -> Response:
        at = round(where * len(one.body))
        return replace(one, body=one.body[:at] + put + one.body[at + gone :])

    return edit


@st.composite
def replaced(draw: st.DrawFn) -> Edit:
    """A value somewhere in the JSON is another, or gone, or a machine stands twice."""
    steps, value = draw(st.lists(st.integers(0, 99), max_size=4)), draw(values)
    how = draw(st.sampled_from(("set", "set", "set", "remove", "repeat")))

    def edit(one: Response) -> Response:
        try:
            whole = json.loads(one.body)
        except ValueError:
            return one
        return replace(one, body=json.dumps(_edited(whole, steps, value, how)).encode())

    return edit


def _edited(whole: Any, steps: Sequence[int], value: Any, how: str) -> Any:
    if not steps or not isinstance(whole, dict | list) or not whole:
        return value
    changed: Any = dict(whole) if isinstance(whole, dict) else list(whole)
    key = list(changed)[steps[0] % len(changed)] if isinstance(changed, dict) else steps[0] % len(changed)
    if len(steps) > 1:
        changed[key] = _edited(changed[key], steps[1:], value, how)
    elif how == "remove":
        del changed[key]
    elif how == "repeat" and isinstance(changed, list):
        changed.insert(0, changed[key])
    else:
        changed[key] = value
    return changed


@st.composite
def headed(draw: st.DrawFn) -> Edit:
    """A header is another, or there twice, or none is there."""
    name, value = draw(st.sampled_from(HEADERS)), draw(odd_headers)
    kept_too = draw(st.booleans())

    def edit(one: Response) -> Response:
        others = tuple(pair for pair in one.headers if kept_too or pair[0].lower() != name.lower())
        return replace(one, headers=(*others, (name, value)) if value else ())

    return edit


@st.composite
def lined(draw: st.DrawFn) -> Edit:
    """Another status, reason, version, length or echo."""
    change: dict[str, Any] = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "status": st.sampled_from(ODD_STATUSES),
                "reason": st.sampled_from(ODD_TEXTS),
                "version": st.sampled_from(("1.0", "1.1", "20", "9")),
                "length": st.integers(0, 10**12),
                "echoed": st.just(("$MANA_TOKEN",)),
            },
        )
    )
    return lambda one: replace(one, **change)


@st.composite
def failed(draw: st.DrawFn) -> Edit:
    """No answer, for any of the reasons."""
    kind = draw(st.sampled_from(KINDS))
    failure = Failure(kind, draw(st.sampled_from(ODD_TEXTS)))
    return lambda _: failure


edits = st.one_of(spliced(), replaced(), replaced(), headed(), lined(), failed())
plans = st.dictionaries(st.integers(0, 40), st.lists(edits, min_size=1, max_size=2), min_size=ANSWERS, max_size=ANSWERS)


class Mutated(Miniature):
    """The miniature whose answers are mutated by a plan: edits by the number of the answer."""

    def __init__(self, plan: Mapping[int, Sequence[Edit]]) -> None:
        super().__init__()
        self.plan = plan

    def send(self, probe: Probe) -> Exchange:
        exchange = super().send(probe)
        outcome = exchange.outcome
        for edit in self.plan.get(exchange.number - 1, ()):
            outcome = edit(outcome) if isinstance(outcome, Response) else outcome
        return replace(exchange, outcome=outcome)


# -- what is made of them


def told(verdicts: Verdicts) -> Mapping[str, Any]:
    """The report of a judged run, as it is read back; its page is made too."""
    outcomes = {clause: verdicts.outcome(clause.id) for clause in verdicts.catalogue}
    made = report.report(
        verdicts.known, outcomes, reported.HEADER, overall(outcomes, fail_on_should=True, allow_unjudged=False)
    )
    read: Mapping[str, Any] = json.loads(json.dumps(made, ensure_ascii=True))
    assert list(kept.problems(read)) == []
    assert page.render(read).encode("utf-8").endswith(b"</html>")
    return read


def replayed(verdicts: Verdicts, file: Path) -> Mapping[str, Any]:
    """The report of a run that is judged again from the evidence in a file."""
    ended = {"seconds": 0.5, "stopped": verdicts.stopped, "ended": verdicts.ended}
    header = {**reported.HEADER, "target": TARGET.as_json()}
    known = verdicts.known.evidence
    Evidence(header, known.preflight, known.takes, ended).write(file)
    again = Examination.of_evidence(document(), file, verdicts.catalogue, pinned={})
    return told(again.verdicts)


ids = st.lists(st.sampled_from([clause.id for clause in catalogue()]), min_size=3, max_size=8, unique=True)


def check(plan: Mapping[int, Sequence[Edit]], wanted: Sequence[str], file: Path) -> None:
    """Judge a target of these mutated answers by some clauses, tell it, replay it, and compare it with itself."""
    verdicts = judging(Mutated(plan), *wanted)
    first = told(verdicts)
    again = replayed(verdicts, file)
    assert again["clauses"] == first["clauses"]
    assert evidence.read(file).preflight is not None
    compared = compare.compare([first, again])
    assert list(compare.as_text(compared))
    assert page.render_comparison(compared).encode("utf-8")


def fuzzed(examples: int) -> settings:
    """So many runs, the same each time; a failure is not made smaller, which would take longer than all the rest."""
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where evidence is written."""
    return tmp_path_factory.mktemp("fuzz") / "evidence.jsonl"


@fuzzed(10)
@seed(SEED)
@given(plan=plans, wanted=ids)
def test_mutated_answers_are_judged(file: Path, plan: Any, wanted: Any) -> None:
    """Answers mutated in any way are judged, told, replayed and compared."""
    check(plan, wanted, file)


@pytest.mark.slow
@fuzzed(10_000 // ANSWERS)
@seed(SEED)
@given(plan=plans, wanted=ids)
def test_ten_thousand_mutated_answers_are_judged(file: Path, plan: Any, wanted: Any) -> None:
    """As above, at length."""
    check(plan, wanted, file)
