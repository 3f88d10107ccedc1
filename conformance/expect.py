"""Rules: what a clause may require of one reply. Each gives the problem with it, or None; none of them judges."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime
from itertools import islice
from typing import Any

from .answer import Listing, Reply, identity
from .credentials import Secret
from .exchange import Exchange, Failure
from .judgement import Problem
from .paging import placed
from .shape import shown

JSON = "application/json"

LONG = 8
"""Characters of an id that stands in an answer by no accident."""

SOME = 20
"""Ids of a list that are looked for in answers that may be long."""

LONGEST_LENGTH = 20
"""Digits of a length in bytes that a body can have."""

CLOCKS_APART = 300
"""Seconds by which two clocks may differ."""

TRACE = re.compile(
    r"Traceback \(most recent call last\)"
    r"|File \"[^\"]+\", line \d+"
    r"|\bat [\w$.<>/]+\([\w$]+\.(?:java|kt|scala):\d+\)"
    r"|\bat (?:[\w$.<>]+ \()?[^\s()\"]+\.[cm]?[jt]s:\d+:\d+"
    r"|goroutine \d+ \[|panic: runtime error"
    r"|#\d+ [^\s\"]+\.php\(\d+\)|in [^\s\"]+\.php on line \d+"
    r"|\.rb:\d+:in [`']|\bat [\w.<>]+\([^)]{0,500}\) in [^\s\"]+\.cs:line \d+"
    r"|thread '[^']{0,100}' panicked at |\bat [\w./-]+\.p[lm] line \d+\.|stack traceback:\s"
    r"|\.exs?:\d+: [\w.]+/\d|\{[\w, ]{1,100}\[\{[\w']+,[\w']+,"
)
"""The stack traces of Python, the JVM, Node, Go, PHP, Ruby, .NET, Rust, Perl, Lua, Elixir and Erlang.

What may stand between two words is bounded, here and below, so that a long text is read in one pass.
"""

INTERNALS = re.compile(
    r"(?<![\w/:.])/(?:usr|home|var|opt|srv|root|tmp|app|etc|lib|Users|private|mnt|data)/[\w.+@/-]+"
    r"|(?<![\w:/.@+-])/(?:[\w.@+-]+/)+[\w.-]+\.(?:c|cpp|go|java|js|kt|php|py|rb|rs|ts):\d+"
    r"|\b[A-Za-z]:\\{1,2}[\w .\\-]+\.\w+"
    r"|\bSELECT\s(?:(?!SELECT\s).){1,1000}?\sFROM\s|\bINSERT\s+INTO\s|\bUPDATE\s\S+\sSET\s|\bDELETE\s+FROM\s"
    r"|Unknown column '|\bin 'where clause'|ERROR: +(?:relation|column|operator) "
    r"|SQLSTATE|ORA-\d{5}|\bsqlite3?\.\w+Error|syntax error at or near|unrecognized token:"
    r"|near \"[^\"]*\": syntax error"
    r"|You have an error in your SQL syntax"
    r"|\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@\"]{1,100}:[^\s/@\"]{1,100}@[\w.-]",
    re.DOTALL,
)
"""File paths and the SQL of servers and databases, and addresses with a password in them."""

Rule = Callable[[Reply], Problem | None]


def all_of(*rules: Rule) -> Rule:
    """The first problem that any of these rules has."""
    return lambda reply: next((problem for rule in rules if (problem := rule(reply)) is not None), None)


def answers(reply: Reply) -> Problem | None:
    """There is an answer, and it is no server error; 501 is one only to a method that every server knows."""
    if reply.status is None:
        return Problem("an answer", f"came {reply.came}")
    if reply.status >= 500 and not (reply.status == 501 and reply.exchange.probe.method not in {"GET", "HEAD"}):
        return Problem("no server error", f"came {reply.came}")
    return None


def bears_company(reply: Reply) -> Problem | None:
    """What was answered when it was asked alone is not answered by a 5xx beside others; by 503, a server may say so."""
    if reply.status is None or reply.status < 500 or reply.status == 503:
        return None
    return Problem("the answer that came when it was asked alone", f"came {reply.came} beside others")


def lists(reply: Reply) -> Problem | None:
    """It is answered 200 with a list of machines."""
    return None if reply.is_list else Problem("200 and a list of machines", f"came {reply.came}")


def refuses(reply: Reply) -> Problem | None:
    """It is refused by a 4xx."""
    return None if reply.refuses else Problem("a refusal (4xx)", f"came {reply.came}")


def refuses_or_knows_not(reply: Reply) -> Problem | None:
    """It is refused by a 4xx, or by 501 as a method that the server does not know."""
    return None if reply.status == 501 else refuses(reply)


def lists_nothing(reply: Reply) -> Problem | None:
    """No machine is listed, whatever the status; where there is no list, not under another name than its own either."""
    if reply.machines:
        return Problem("no machine in the answer", f"came {reply.came}")
    if reply.listing is not None:
        return None
    hidden = (one for one in objects(reply) if _is_a_machine(one, reply.terms.fields))
    told = next((f"came {reply.came} with {shown(identity(one))} in it" for one in hidden), None)
    return Problem("no machine in the answer", told) if told else None


def _is_a_machine(value: Mapping[str, Any], fields: frozenset[str]) -> bool:
    """Whether an object is one of the document's machines, be it a few fields short."""
    return identity(value) is not None and len(fields & value.keys()) * 2 >= len(fields)


def has_status(*statuses: int) -> Rule:
    """The status is one of these."""
    expected = " or ".join(str(status) for status in statuses)

    def rule(reply: Reply) -> Problem | None:
        return None if reply.status in statuses else Problem(f"status {expected}", f"came {reply.came}")

    return rule


is_refused = all_of(answers, refuses, lists_nothing)
"""A request that must not be served: answered by a 4xx, with no machine in it."""


def refuses_or_lists(reply: Reply) -> Problem | None:
    """It is refused by a 4xx, or answered 200 with a list: not with an error inside, nor with a page."""
    if reply.refuses or reply.is_list:
        return None
    return Problem("a refusal (4xx), or 200 and an empty list", f"came {reply.came}")


def is_no_other_success(reply: Reply) -> Problem | None:
    """It is no JSON by 200 but a list; a page by 200 is of the machinery before the application, and says nothing."""
    if reply.status != 200 or reply.is_list or not isinstance(reply.json.value, dict | list):
        return None
    return Problem("a refusal (4xx), or 200 and an empty list", f"came {reply.came} and {_outline(reply)}")


gives_nothing = all_of(answers, lists_nothing, is_no_other_success)
"""A request that must not be served, whose status is left open: no crash, no machine, and no error inside a 200."""

is_refused_or_empty = all_of(gives_nothing, refuses_or_lists)
"""A request for what does not exist: a refusal, or a list with nothing in it."""


# -- what stands around a body


def is_json_typed(reply: Reply) -> Problem | None:
    """Its media type is JSON's."""
    response = reply.exchange.response
    if response is None or response.media_type == JSON:
        return None
    return Problem(f"Content-Type: {JSON}", f"came {response.header('Content-Type') or 'none'}")


def has_the_type_of(other: Exchange) -> Rule:
    """Its media type is that of another answer."""
    usual = other.response.media_type if other.response else None

    def rule(reply: Reply) -> Problem | None:
        response = reply.exchange.response
        if response is None or response.media_type == usual:
            return None
        return Problem(f"Content-Type: {usual}, as without", f"came {response.header('Content-Type') or 'none'}")

    return rule


def is_json_typed_if_typed(reply: Reply) -> Problem | None:
    """As `is_json_typed`, or there is no media type at all: the document's own error sample has none."""
    response = reply.exchange.response
    return is_json_typed(reply) if response and response.media_type is not None else None


def is_some_json_if_typed(reply: Reply) -> Problem | None:
    """As `is_json_typed_if_typed`, or its media type says by its suffix that it is JSON (RFC 6839 section 3.1)."""
    response = reply.exchange.response
    named = (response.media_type or "") if response else ""
    return None if named.endswith("+json") else is_json_typed_if_typed(reply)


def content_length_is_true(reply: Reply) -> Problem | None:
    """Content-Length, if it is there, is the number of bytes that came; of HEAD it is another request's."""
    response = reply.exchange.response
    if isinstance(reply.exchange.outcome, Failure) and reply.exchange.outcome.kind == "length":
        return Problem("one Content-Length", f"came {reply.came}")
    if response is None:
        return None
    declared = response.header("Content-Length")
    if declared is not None and response.header("Transfer-Encoding") is not None:
        return Problem("Content-Length or Transfer-Encoding", "came both")
    if reply.exchange.probe.method == "HEAD":
        return None
    if declared is None or _as_length(declared) == response.length:
        return None
    return Problem("Content-Length to be the body's length", f"came {declared} for {response.length} bytes")


def _as_length(declared: str) -> int | None:
    """What a Content-Length says, in bytes: digits, and be they nought at first (RFC 9110 section 8.6)."""
    digits = declared.strip()
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= LONGEST_LENGTH else None


def comes_whole(reply: Reply) -> Problem | None:
    """Its body did not end before its length or its last chunk, and is in the coding that its header names."""
    outcome = reply.exchange.outcome
    if isinstance(outcome, Failure) and outcome.kind in {"cut", "encoding"}:
        return Problem("a whole body in the coding that it names", f"came {reply.came}")
    return None


def echoes_no_secret(reply: Reply) -> Problem | None:
    """No secret that was sent where the document has it came back; what stood in the URL, a server may quote."""
    response = reply.exchange.response
    in_query = any(isinstance(value, Secret) for _, value in reply.exchange.probe.query)
    if response is None or not response.echoed or in_query:
        return None
    return Problem("no secret in an answer", f"it holds {' and '.join(response.echoed)}")


# -- a list's body


def is_strict_json(reply: Reply) -> Problem | None:
    """The body is strict JSON."""
    problem = reply.json.problem
    return Problem("strict JSON", problem, kind=problem.split(":")[0]) if problem else None


def has_no_ambiguous_key(reply: Reply) -> Problem | None:
    """No object of the body has one key with two values."""
    keys = sorted({key for key, differs in reply.json.repeated_keys if differs})
    return Problem("no key with two values", f"twice in one object: {shown(keys)}") if keys else None


def repeats_no_key(reply: Reply) -> Problem | None:
    """No object of the body has a key twice, not even with one value."""
    keys = sorted({key for key, _ in reply.json.repeated_keys})
    return Problem("each key once", f"twice in one object: {shown(keys)}") if keys else None


def shows_machines(reading: str | None, fields: Collection[str]) -> Rule:
    """The body is an object with the machines in it, in the way that the target reads `vm_servers`.

    What has fewer than half of the ``fields`` that a machine has is none, so that it is one fault and not one for each.
    """

    def rule(reply: Reply) -> Problem | None:
        held = reply.listing
        if held is None:
            return Problem(f"an object with the machines in `{reply.container}`", f"came {_outline(reply)}")
        if not held.are_objects:
            strange = next(one for one in held.machines if not isinstance(one, dict))
            return Problem("an object for each machine", f"came {shown(strange)} among them")
        if lacking := {form for form in held.forms if len({*fields}.intersection(form)) * 2 < len(fields)}:
            strange = next(one for one in held.machines if tuple(one) in lacking)
            theirs = ", ".join(name for name in fields if name in strange) or "none"
            besides = shown(sorted(strange.keys() - {*fields}))
            wanted = f"each machine to have the fields of the table, {', '.join(fields)}"
            return Problem(wanted, f"one has {theirs} of these, and besides them {besides}", kind="fields")
        # PHP writes an empty dict as [], so an empty list shows nothing against a dict.
        if reading is None or held.shape == reading or (not held.machines and held.shape == "list"):
            return None
        return Problem(f"`{reply.container}` to be a {reading}, as elsewhere", f"came a {held.shape}")

    return rule


def code_follows(reading: str | None) -> Rule:
    """`code` is there or not, as the target reads the document; where it is, it is the status or 0."""

    def rule(reply: Reply) -> Problem | None:
        envelope = reply.json.value if isinstance(reply.json.value, dict) else {}
        if "code" not in envelope:
            return Problem("`code`, as elsewhere", "it is missing") if reading == "present" else None
        if reading == "absent":
            return Problem("no `code`, as elsewhere", f"came {shown(envelope['code'])}")
        if _code(reply) in {0, reply.status}:
            return None
        return Problem(f"`code` to be {reply.status} or 0, an int", f"came {shown(envelope['code'])}")

    return rule


def has_the_code_of(first: Reply) -> Rule:
    """`code`, where it is the status or 0, is the one of the two that it is in another answer."""

    def rule(reply: Reply) -> Problem | None:
        usual, code = _code(first), _code(reply)
        if {usual, code} != {0, reply.status}:
            return None
        return Problem(f"`code` to be {usual or 0}, as elsewhere", f"came {code}")

    return rule


def _code(reply: Reply) -> int | None:
    code = reply.json.value.get("code") if isinstance(reply.json.value, dict) else None
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def _outline(reply: Reply) -> str:
    """What a body is, in a few words."""
    value = reply.json.value
    if isinstance(value, dict):
        held = f"{reply.container} = {shown(value[reply.container])} in" if reply.container in value else ""
        return f"{held or 'only'} an object with {shown(sorted(value))}"
    return shown(value)


def has_the_machines_of(whole: Listing) -> Rule:
    """The same machines with the same records as in another list, in whatever order."""

    def rule(reply: Reply) -> Problem | None:
        found = reply.listing
        if found is None or found.same_machines(whole):
            return None
        return Problem("the same list as before", f"came {reply.came}: {difference(found, whole)}", moves=True)

    return rule


def has_the_order_of(whole: Listing) -> Rule:
    """The same machines as in another list, where they are the same, stand in the same order."""

    def rule(reply: Reply) -> Problem | None:
        found = reply.listing
        if found is None or found.ids == whole.ids or Counter(found.ids) != Counter(whole.ids):
            return None
        return Problem("the same order as before", f"came {placed(found.machines, whole)}", moves=True)

    return rule


def refuses_or(rule: Rule) -> Rule:
    """It is refused by a 4xx, or else served as another rule has it."""
    return lambda reply: lists_nothing(reply) if reply.refuses else rule(reply)


def names_none_but(own: Iterable[Reply], others: Iterable[Reply]) -> Rule:
    """No id of another list that does not stand in its own stands anywhere in it, of some that are long enough."""
    known = {name for one in own if one.listing for name in map(str, one.listing.ids)}
    theirs = (name for one in others if one.listing for name in map(str, one.listing.ids))
    strange = [*islice((name for name in dict.fromkeys(theirs) if _is_telling(name) and name not in known), SOME)]

    def rule(reply: Reply) -> Problem | None:
        named = _standing_in(strange, reply, reply.exchange.body.decode("utf-8", "replace"))
        return Problem("no machine of the other tenant's", f"it names {shown(named)}") if named else None

    return rule


def names_no_machine_of(others: Iterable[Reply]) -> Rule:
    """No id of another list stands in it by itself, of those that are long enough to be there by no accident."""
    ids = {name for other in others if other.listing for name in map(str, other.listing.ids) if _is_telling(name)}

    def rule(reply: Reply) -> Problem | None:
        named = _standing_in(ids, reply, "\n".join(texts(reply)))
        return Problem("a refusal that names no machine", f"it names {shown(named)}") if named else None

    return rule


def _is_telling(name: str) -> bool:
    """Whether a name is none that a sentence may use for something else."""
    return len(name) >= LONG and any(map(str.isdigit, name))


def _standing_in(names: Iterable[str], reply: Reply, text: str) -> str | None:
    """The first of some names that stands in a text of a reply by itself, and not in what was asked.

    Within a longer word, such as a number of the request, it stands by accident.
    """
    found = (name for name in names if name in text and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text))
    return next((name for name in found if name not in reply.exchange.probe.target), None)


def has_no_machine_of(
    others: Iterable[Reply], whose: str = "the good request's list", *, at_once: bool = False
) -> Rule:
    """No whole record of another list stands in it.

    Of several lists it is what stands in each: a machine that moved from one to the other meanwhile is in neither for
    good. Where no record does, it is what stands in the two lists next before and behind it; or, of lists that were
    asked ``at_once`` with it, what stands in any.
    """
    lists = [other for other in others if other.machines]
    records = [{*one.records} for one in lists]
    always = set.intersection(*records) if records else set()
    if at_once and records:
        always = always or set.union(*records)

    def rule(reply: Reply) -> Problem | None:
        theirs = always or _around(reply, lists)
        if theirs.isdisjoint(reply.records):
            return None
        leaked = [machine for machine in reply.machines if reply.terms.hashed(machine) in theirs]
        first = shown(identity(leaked[0]))
        return Problem(f"no machine of {whose}", f"came {len(leaked)} of them, {first} first", moves=True)

    return rule


def _around(reply: Reply, lists: Iterable[Reply]) -> set[int]:
    """What stands in the list that came last before a reply was asked for and in the first that was asked behind it."""
    begun, ended = reply.exchange.at, reply.exchange.at + reply.exchange.seconds
    before = [one for one in lists if one.exchange.at + one.exchange.seconds <= begun]
    behind = [one for one in lists if one.exchange.at >= ended]
    if not before or not behind:
        return set()
    last, first = (choose(those, key=lambda one: one.exchange.at) for choose, those in ((max, before), (min, behind)))
    return {*last.records} & {*first.records}


def lists_only(whole: Listing) -> Rule:
    """Every machine that it lists is one of another list, by its id."""
    known = set(whole.ids)

    def rule(reply: Reply) -> Problem | None:
        strange = [name for name in map(identity, reply.machines) if name not in known]
        if not strange:
            return None
        return Problem("no machine but those of the whole list", f"came {len(strange)} more, {shown(strange[0])} first")

    return rule


def _named(names: set[Any]) -> str:
    """Some machines, for a reader."""
    first = shown(min(names, key=str))
    return f"machine {first}" if len(names) == 1 else f"{len(names)} machines, {first} first"


def difference(found: Listing, whole: Listing) -> str:
    """How one list differs from another, for a reader."""
    theirs, ours = set(found.ids), set(whole.ids)
    if theirs != ours:
        changes = (("without", ours - theirs), ("with", theirs - ours))
        return " and ".join(f"{word} {_named(names)}" for word, names in changes if names)
    pairs = dict(zip(whole.ids, whole.machines, strict=True))
    changed = [name for name, machine in zip(found.ids, found.machines, strict=True) if pairs[name] != machine]
    return f"another record of machine {shown(changed[0])}" if changed else "the same machines in other numbers"


# -- a refusal's body


def is_json_object(reply: Reply) -> Problem | None:
    """The body is a JSON object."""
    if reply.json.problem:
        return Problem("a JSON body", reply.json.problem)
    return None if isinstance(reply.json.value, dict) else Problem("a JSON object", f"came {shown(reply.json.value)}")


def has_message(reply: Reply) -> Problem | None:
    """`msg` says in words what was wrong."""
    value = reply.json.value
    if not isinstance(value, dict) or (isinstance(value.get("msg"), str) and value["msg"].strip()):
        return None
    return Problem("`msg`, a text that is not empty", f"came {shown(value['msg']) if 'msg' in value else 'none'}")


def has_error_code(reply: Reply) -> Problem | None:
    """`code` is the status as an int."""
    value = reply.json.value
    if not isinstance(value, dict):
        return None
    code = value.get("code")
    if isinstance(code, int) and not isinstance(code, bool) and code == reply.status:
        return None
    came = f"came {shown(code)} with status {reply.status}" if "code" in value else "came none"
    return Problem("`code`, an int equal to the status", came)


def is_not_reflected(reply: Reply) -> Problem | None:
    """What was sent came back neither as HTML that a browser would run nor as a header."""
    response = reply.exchange.response
    if response is None:
        return None
    if response.header("X-Injected") is not None:
        return Problem("no header made of a parameter", "came X-Injected: yes")
    if response.media_type == "text/html" and b"<script>alert(1)</script>" in response.body:
        return Problem("no parameter in a page of HTML", "came the script that was sent, ready to run")
    return None


def shows_no_trace(reply: Reply) -> Problem | None:
    """It has no stack trace of a program in it, be it in a text of its JSON or in a header."""
    response = reply.exchange.response
    said = (*texts(reply), *(value for _, value in (response.headers if response else ())))
    found = next((found for text in said if (found := TRACE.search(text))), None)
    return Problem("no stack trace", f"came {shown(found[0])}") if found else None


def texts(reply: Reply) -> Iterator[str]:
    """The body as text, and each text that its JSON holds, whose escapes are undone there."""
    yield reply.exchange.body.decode("utf-8", "replace")
    yield from (value for value in _values(reply) if isinstance(value, str))


def objects(reply: Reply) -> Iterator[Mapping[str, Any]]:
    """Each object that its JSON holds."""
    return (value for value in _values(reply) if isinstance(value, dict))


def _values(reply: Reply) -> Iterator[Any]:
    """Each value that its JSON holds, at whatever depth."""
    held = [reply.json.value]
    while held:
        value = held.pop()
        yield value
        if isinstance(value, dict | list):
            held += value.values() if isinstance(value, dict) else value


def _said(reply: Reply) -> list[str]:
    """What it says to a reader: the texts that its JSON holds, escapes undone; without JSON, the body as text."""
    body, *held = texts(reply)
    return held if reply.json.problem is None else [body]


def tells_no_internals(reply: Reply) -> Problem | None:
    """It has no file path and no SQL in it but what was sent."""
    probe = reply.exchange.probe
    sent = {one for name, value in probe.query for one in (str(value), *probe.values(name)) if len(one) > 1}
    said = _said(reply)
    for one in sorted(sent, key=len, reverse=True):
        said = [text.replace(one, "") for text in said]
    found = next((found for text in said if (found := INTERNALS.search(text))), None)
    return Problem("no file path and no SQL of the server's", f"came {shown(found[0])}") if found else None


# -- headers


def says_a_true_date(reply: Reply) -> Problem | None:
    """Date, if it is there, is a date in the form of RFC 9110 section 5.6.7, and near the moment of the answer."""
    response = reply.exchange.response
    value = response.header("Date") if response else None
    if value is None:
        return None
    try:
        moment = parsedate_to_datetime(value).replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        moment = None
    # Many forms are read as dates; only the one that a server must send comes out again as it went in.
    if moment is None or format_datetime(moment, usegmt=True) != value:
        return Problem("a Date of HTTP's form", f"came {shown(value)}")
    away = abs(moment.timestamp() - reply.exchange.at)
    return (
        Problem("a Date near the truth", f"came {value}, {away:.0f} s away from here") if away > CLOCKS_APART else None
    )


def is_kept_private(reply: Reply) -> Problem | None:
    """A shared cache may not store it: Cache-Control is private or no-store."""
    response = reply.exchange.response
    value = (response.header("Cache-Control") or "") if response else ""
    # With names behind it, `private` is about those headers alone (RFC 9111 section 5.2.2.7).
    words = {word.strip().lower() for word in value.split(",")}
    if words & {"private", "no-store"}:
        return None
    return Problem("Cache-Control: private or no-store", f"came {shown(value) if value else 'none'}")


def challenges(reply: Reply) -> Problem | None:
    """A 401 says how to authenticate."""
    response = reply.exchange.response
    if response is None or response.status != 401 or response.header("WWW-Authenticate"):
        return None
    return Problem("WWW-Authenticate with the 401", "came none")


def allows(reply: Reply) -> Problem | None:
    """Allow names the methods, the document's own among them."""
    response = reply.exchange.response
    value = response.header("Allow") if response else None
    methods = {word.strip().upper() for word in (value or "").split(",")}
    return None if "GET" in methods else Problem("Allow with GET in it", f"came {shown(value) if value else 'none'}")


def has_the_length_of(goods: Iterable[Reply]) -> Rule:
    """Content-Length, where HEAD has one, is that of GET; nothing where the bodies of GET differ in length."""
    lengths = {good.exchange.response.length for good in goods if good.exchange.response}

    def rule(reply: Reply) -> Problem | None:
        response = reply.exchange.response
        declared = response.header("Content-Length") if response else None
        if declared is None or len(lengths) != 1 or _as_length(declared) in lengths:
            return None
        wanted = f"Content-Length: {min(lengths)}, as GET has"
        return Problem(wanted, f"came {declared}", kind="length of HEAD", moves=True)

    return rule


def has_no_body(reply: Reply) -> Problem | None:
    """There are no bytes after the header."""
    length = reply.exchange.response.length if reply.exchange.response else 0
    return Problem("no body", f"came {length} bytes after the header") if length else None
