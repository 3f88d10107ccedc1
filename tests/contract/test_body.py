"""Body: what every answer to a good request is made of."""

from __future__ import annotations

from itertools import islice

from conformance.clause import clause
from conformance.expect import (
    code_follows,
    has_no_ambiguous_key,
    has_the_code_of,
    has_whole_characters,
    is_strict_json,
    repeats_no_key,
    shows_machines,
)
from conformance.judgement import MUST, SHOULD, Judgement
from conformance.paging import Window
from conformance.probe import Probe
from conformance.probes import Probes
from conformance.readings import Readings
from conformance.sight import Asked
from contracts import Document


def page_behind_head(probes: Probes) -> list[Probe]:
    """A page by HEAD, before anybody asks for it, and behind that by GET: a cache may hold it without its body."""
    page = probes.window(Window(f=1, t=3))
    return [page.by("HEAD"), page]


@clause(
    "BODY-01",
    MUST,
    area="body",
    source="RFC 8259 section 2",
    asks=page_behind_head,
    in_order=True,
    rests_on=("HEAD-03",),
    usually=(
        "JSON put together by hand, NaN from a number that is missing, a warning printed before the body, or a cache "
        "that holds the answer to HEAD for that to GET."
    ),
)
def test_body_is_strict_json(served: Asked) -> Judgement:
    """The body is JSON in UTF-8 and nothing else: no byte order mark, no NaN, nothing after it."""
    return served.each(is_strict_json)


@clause(
    "BODY-02",
    MUST,
    area="body",
    source="response table: vm_servers",
    rests_on=("BODY-01",),
    usually=(
        "The list is sent bare or under another name, an empty one as null, or the machines by the names of the "
        "database and not by those of the table."
    ),
)
def test_body_holds_the_machines(served: Asked, readings: Readings, document: Document) -> Judgement:
    """The body is an object whose `vm_servers` holds the machines, a list in every answer or a dict in every one."""
    fields = [field.name for field in document.machine_fields]
    return served.each(shows_machines(readings["vm_servers"], fields))


@clause(
    "BODY-03",
    MUST,
    area="body",
    source="response table: code",
    rests_on=("BODY-02",),
    usually="The code is sent as a string, or only by some of the routes.",
)
def test_code_is_the_status(served: Asked, readings: Readings) -> Judgement:
    """`code` is absent from every list answer, or present in each as an int: the HTTP status in each, or 0 in each."""
    like_the_first = map(has_the_code_of, islice(served, 1))
    return served.each(code_follows(readings["code"]), *like_the_first)


@clause(
    "BODY-04",
    MUST,
    area="body",
    source="RFC 8259 section 4",
    rests_on=("BODY-01",),
    usually="Two layers that each add a member of the same name.",
)
def test_no_key_is_ambiguous(served: Asked) -> Judgement:
    """No object has a key twice with two values, of which each reader takes another."""
    return served.each(has_no_ambiguous_key)


@clause(
    "BODY-05",
    SHOULD,
    area="body",
    source="RFC 8259 section 4",
    rests_on=("BODY-04",),
    usually="Two layers that each add the same member.",
)
def test_keys_are_unique(served: Asked) -> Judgement:
    """No object has a key twice."""
    return served.each(repeats_no_key)


@clause(
    "BODY-06",
    SHOULD,
    area="body",
    source="RFC 8259 section 8.2",
    rests_on=("BODY-01",),
    usually="A name cut to a length that was counted in UTF-16, as Java, JavaScript and .NET count.",
)
def test_characters_are_whole(served: Asked) -> Judgement:
    """Every text is whole characters: no half of a surrogate pair stands alone."""
    return served.each(has_whole_characters)
