"""Headers: the sample request of the document, and what stands around the body of an answer."""

from __future__ import annotations

from conformance.clause import clause
from conformance.expect import content_length_is_true, echoes_no_secret, is_json_typed, lists
from conformance.judgement import MUST, Judgement
from conformance.probes import Probes
from conformance.readings import Readings
from conformance.sight import Asked


def as_printed_and_with_party(probes: Probes) -> dict[str, object]:
    """The sample as the document prints it, and with the party that its table requires."""
    return {"as printed": probes.sample, "with party": probes.sample_with_party}


@clause(
    "HEAD-01",
    MUST,
    area="headers",
    source="request sample",
    asks=as_printed_and_with_party,
    usually="A route that insists on a parameter or header which the sample does not have, or on another spelling.",
)
def test_sample_request_is_answered(asked: Asked, readings: Readings) -> Judgement:
    """The document's own sample request, with the target's values in it, is answered 200 with a list."""
    return asked.only("as printed" if readings["party"] in {"header", "either"} else "with party").each(lists)


@clause(
    "HEAD-02",
    MUST,
    area="headers",
    source="success sample",
    rests_on=("BODY-01",),
    usually="A framework's default of text/html, where JSON is written by hand.",
)
def test_content_type_is_json(served: Asked) -> Judgement:
    """A list is sent as `application/json`, with any parameters."""
    return served.each(is_json_typed)


@clause(
    "HEAD-03",
    MUST,
    area="headers",
    source="RFC 9110 section 8.6",
    usually="The length is counted in characters and not in bytes, or before the body is compressed.",
)
def test_content_length_is_true(everything: Asked) -> Judgement:
    """Content-Length, where it is sent, is the length of the body in bytes."""
    return everything.each(content_length_is_true)


@clause(
    "HEAD-04",
    MUST,
    area="headers",
    source="summary",
    usually="A debugging aid that returns the request's headers, or an error message that quotes the token.",
)
def test_token_is_never_echoed(everything: Asked) -> Judgement:
    """No answer holds a token that was sent, neither in a header nor in the body."""
    return everything.each(echoes_no_secret)
