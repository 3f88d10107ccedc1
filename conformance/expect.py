"""Rules: what a clause may require of one reply. Each gives the problem with it, or None; none of them judges."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import Any

from .answer import Listing, Reply, identity
from .judgement import Problem
from .paging import placed
from .shape import shown

HALF = re.compile("[\ud800-\udfff]")
"""One half of a surrogate pair; where both are there, reading JSON makes one character of them."""

ESCAPED_HALF = re.compile(rb"\\u[dD](?:[89abAB]..(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..\\u[dD])[c-fC-F])")
"""An escape of one half alone, or what looks like it behind a backslash, so that few lists are read text by text."""

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
    hidden = (one for one in reply.objects if _is_a_machine(one, reply.terms.fields))
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


def has_whole_characters(reply: Reply) -> Problem | None:
    """Each text in the body is Unicode: no escape stands for one half of a surrogate pair alone."""
    if not ESCAPED_HALF.search(reply.exchange.body):
        return None
    cut = next((text for text in reply.texts if HALF.search(text)), None)
    return Problem("whole characters", f"came half a surrogate pair in {shown(cut)}") if cut else None


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


# -- headers
