"""Rules: what a clause may require of one reply. Each gives the problem with it, or None; none of them judges."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from .answer import Listing, Reply, identity
from .judgement import Problem
from .paging import placed
from .shape import shown

JSON = "application/json"

Rule = Callable[[Reply], Problem | None]


def all_of(*rules: Rule) -> Rule:
    """The first problem that any of these rules has."""
    return lambda reply: next((problem for rule in rules if (problem := rule(reply)) is not None), None)


def answers(reply: Reply) -> Problem | None:
    """There is an answer, and it is no server error; 501 is one only to a method that every server knows."""
    if reply.status is None:
        return Problem("an answer", f"came {reply.came}", kind="no answer")
    if reply.status >= 500 and not (reply.status == 501 and reply.exchange.probe.method not in {"GET", "HEAD"}):
        return Problem("no server error", f"came {reply.came}", kind="5xx")
    return None


def lists(reply: Reply) -> Problem | None:
    """It is answered 200 with a list of machines."""
    return None if reply.is_list else Problem("200 and a list of machines", f"came {reply.came}")


def refuses(reply: Reply) -> Problem | None:
    """It is refused by a 4xx."""
    return None if reply.refuses else Problem("a refusal (4xx)", f"came {reply.came}")


def lists_nothing(reply: Reply) -> Problem | None:
    """No machine is listed, whatever the status."""
    return None if not reply.machines else Problem("no machine in the answer", f"came {reply.came}")


def has_status(*statuses: int) -> Rule:
    """The status is one of these."""
    expected = " or ".join(str(status) for status in statuses)

    def rule(reply: Reply) -> Problem | None:
        return None if reply.status in statuses else Problem(f"status {expected}", f"came {reply.came}")

    return rule


is_refused = all_of(answers, refuses, lists_nothing)
"""A request that must not be served: answered by a 4xx, with no machine in it."""

gives_nothing = all_of(answers, lists_nothing)
"""A request that must not be served, whose status is left open: no crash, and no machine."""


# -- what stands around a body


def is_json_typed(reply: Reply) -> Problem | None:
    """Its media type is JSON's."""
    response = reply.exchange.response
    if response is None or response.media_type == JSON:
        return None
    return Problem(f"Content-Type: {JSON}", f"came {shown(response.header('Content-Type'))}")


def is_json_typed_if_typed(reply: Reply) -> Problem | None:
    """As `is_json_typed`, or there is no media type at all: the document's own error sample has none."""
    response = reply.exchange.response
    return is_json_typed(reply) if response and response.media_type is not None else None


def content_length_is_true(reply: Reply) -> Problem | None:
    """Content-Length, if it is there, is the number of bytes that came; of HEAD it is another request's."""
    response = reply.exchange.response
    if response is None or reply.exchange.probe.method == "HEAD":
        return None
    declared = response.header("Content-Length")
    if declared is None or declared.strip() == str(response.length):
        return None
    return Problem("Content-Length to be the body's length", f"came {declared} for {response.length} bytes")


def echoes_no_secret(reply: Reply) -> Problem | None:
    """No secret that was sent came back."""
    response = reply.exchange.response
    if response is None or not response.echoed:
        return None
    return Problem("no secret in an answer", f"it holds {' and '.join(response.echoed)}")


# -- a list's body


def is_strict_json(reply: Reply) -> Problem | None:
    """The body is strict JSON, and no key in it has two values."""
    read = reply.json
    if read.problem:
        return Problem("strict JSON", read.problem, kind=read.problem.split(":")[0])
    differing = sorted({key for key, differs in read.repeated_keys if differs})
    return Problem("each key once", f"{shown(differing)} has two values", kind="repeated key") if differing else None


def shows_machines(reading: str | None) -> Rule:
    """The body is an object with the machines in it, in the way that the target reads `vm_servers`."""

    def rule(reply: Reply) -> Problem | None:
        held = reply.listing
        if held is None:
            return Problem(f"an object with the machines in `{reply.container}`", f"came {_outline(reply)}")
        # PHP writes an empty dict as [], so an empty list shows nothing against a dict.
        if reading is None or held.shape == reading or (not held.machines and held.shape == "list"):
            return None
        return Problem(f"`{reply.container}` to be a {reading}, as in other answers", f"came a {held.shape}")

    return rule


def code_follows(reading: str | None) -> Rule:
    """`code` is there or not, as the target reads the document; where it is, it is the status or 0."""

    def rule(reply: Reply) -> Problem | None:
        envelope = reply.json.value if isinstance(reply.json.value, dict) else {}
        if "code" not in envelope:
            return Problem("`code`, as in other answers", "it is missing") if reading == "present" else None
        if reading == "absent":
            return Problem("no `code`, as in other answers", f"came {shown(envelope['code'])}")
        code = envelope["code"]
        if isinstance(code, int) and not isinstance(code, bool) and code in {0, reply.status}:
            return None
        return Problem(f"`code` to be {reply.status} or 0, an int", f"came {shown(code)}")

    return rule


def _outline(reply: Reply) -> str:
    """What a body is, in a few words."""
    value = reply.json.value
    if isinstance(value, dict):
        held = f"{reply.container} = {shown(value[reply.container])} in" if reply.container in value else ""
        return f"{held or 'only'} an object with {shown(sorted(value))}"
    return shown(value)


def is_the_same_list(whole: Listing) -> Rule:
    """The same machines with the same records as in another list, in the same order where there is one."""

    def rule(reply: Reply) -> Problem | None:
        found = reply.listing
        if found is None or found.same_as(whole):
            return None
        return Problem("the same list as the ask before", f"came {reply.came}: {placed(found.machines, whole)}")

    return rule


def has_no_machine_of(others: Iterable[Reply]) -> Rule:
    """No whole record of another's list stands in it."""
    theirs = {json.dumps(machine, sort_keys=True) for other in others for machine in other.machines}

    def rule(reply: Reply) -> Problem | None:
        leaked = [one for one in reply.machines if json.dumps(one, sort_keys=True) in theirs]
        if not leaked:
            return None
        return Problem(
            "no machine of the other's list", f"came {len(leaked)} of them, {shown(identity(leaked[0]))} first"
        )

    return rule


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
    return Problem("`code`, an int equal to the status", came, kind="code")


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
