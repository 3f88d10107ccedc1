"""Methods: what is answered to other methods than the document's."""

from __future__ import annotations

from conformance.clause import clause
from conformance.expect import has_status
from conformance.judgement import MUST, Judgement
from conformance.probe import Probe
from conformance.probes import Probes
from conformance.sight import Asked


def head(probes: Probes) -> Probe:
    """The good request by HEAD."""
    return probes.good.by("HEAD")


@clause(
    "METHOD-01",
    MUST,
    area="methods",
    source="RFC 9110 section 9.3.2",
    asks=head,
    usually="A router that knows GET only.",
)
def test_head_is_answered_as_get(asked: Asked) -> Judgement:
    """HEAD is answered with the status of GET."""
    return asked.each(has_status(200))
