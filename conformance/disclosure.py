"""Rules: what no answer may disclose, be it a secret, the insides of the server, or machines that are another's."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from itertools import islice

from .answer import Reply, identity
from .credentials import Secret
from .expect import Rule
from .judgement import Problem
from .shape import shown

LONG = 8
"""Characters of an id that stands in an answer by no accident."""

SOME = 20
"""Ids of a list that are looked for in answers that may be long."""

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

# -- what was sent


def echoes_no_secret(reply: Reply) -> Problem | None:
    """No secret that was sent where the document has it came back; what stood in the URL, a server may quote."""
    response = reply.exchange.response
    in_query = any(isinstance(value, Secret) for _, value in reply.exchange.probe.query)
    if response is None or not response.echoed or in_query:
        return None
    return Problem("no secret in an answer", f"it holds {' and '.join(response.echoed)}")


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


# -- the insides of the server


def shows_no_trace(reply: Reply) -> Problem | None:
    """It has no stack trace of a program in it, be it in a text of its JSON or in a header."""
    response = reply.exchange.response
    said = (*reply.texts, *(value for _, value in (response.headers if response else ())))
    found = next((found for text in said if (found := TRACE.search(text))), None)
    return Problem("no stack trace", f"came {shown(found[0])}") if found else None


def tells_no_internals(reply: Reply) -> Problem | None:
    """It has no file path and no SQL in it but what was sent."""
    probe = reply.exchange.probe
    sent = {one for name, value in probe.query for one in (str(value), *probe.values(name)) if len(one) > 1}
    said = _said(reply)
    for one in sorted(sent, key=len, reverse=True):
        said = [text.replace(one, "") for text in said]
    found = next((found for text in said if (found := INTERNALS.search(text))), None)
    return Problem("no file path and no SQL of the server's", f"came {shown(found[0])}") if found else None


def _said(reply: Reply) -> list[str]:
    """What it says to a reader: the texts that its JSON holds, escapes undone; without JSON, the body as text."""
    body, *held = reply.texts
    return held if reply.json.problem is None else [body]


# -- machines


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
        named = (machine for machine in reply.machines if identity(machine) is not None)
        # Records without an id may be equal by chance, as those of two small machines of one name are.
        leaked = [machine for machine in named if reply.terms.hashed(machine) in theirs]
        if not leaked:
            return None
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


def names_none_but(own: Iterable[Reply], others: Iterable[Reply]) -> Rule:
    """No id of another list that does not stand in its own stands anywhere in it, of some that are long enough."""
    known = {name for one in own if one.listing for name in map(str, one.listing.ids)}
    theirs = (name for one in others if one.listing for name in map(str, one.listing.ids))
    strange = [*islice((name for name in dict.fromkeys(theirs) if _is_telling(name) and name not in known), SOME)]

    @functools.cache
    def held(body: bytes) -> tuple[str, ...]:
        return tuple(_standing_in(strange, body.decode("utf-8", "replace")))

    def rule(reply: Reply) -> Problem | None:
        named = _not_asked_for(held(reply.exchange.body), reply)
        return Problem("no machine of the other tenant's", f"it names {shown(named)}") if named else None

    return rule


def names_no_machine_of(others: Iterable[Reply]) -> Rule:
    """No id of another list stands in it by itself, of those that are long enough to be there by no accident."""
    ids = {name for other in others if other.listing for name in map(str, other.listing.ids) if _is_telling(name)}

    def rule(reply: Reply) -> Problem | None:
        named = _not_asked_for(_standing_in(ids, "\n".join(reply.texts)), reply)
        return Problem("a refusal that names no machine", f"it names {shown(named)}") if named else None

    return rule


def _is_telling(name: str) -> bool:
    """Whether a name is none that a sentence may use for something else."""
    return len(name) >= LONG and any(map(str.isdigit, name))


def _standing_in(names: Iterable[str], text: str) -> Iterator[str]:
    """Those of some names that stand in a text by themselves; within a longer word, such as a number, by accident."""
    return (name for name in names if name in text and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text))


def _not_asked_for(names: Iterable[str], reply: Reply) -> str | None:
    """The first of some names that does not stand in what was asked."""
    return next((name for name in names if name not in reply.exchange.probe.target), None)
