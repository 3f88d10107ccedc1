"""Auth: who may see a list at all."""

from __future__ import annotations

from conformance.clause import clause
from conformance.credentials import TOKEN, Secret
from conformance.expect import is_refused
from conformance.judgement import MUST, Judgement
from conformance.probe import Probe
from conformance.probes import UNKNOWN, Probes
from conformance.sight import Asked
from conformance.target import Target

NEAR_MISSES = (
    "less its last character",
    "with one more character",
    "with its middle character changed",
)


def no_token(probes: Probes) -> list[Probe]:
    """The good request without a token, and with an empty one."""
    return [probes.without_token, probes.with_token("")]


def unknown_token(probes: Probes) -> Probe:
    """The good request with a token that nobody was given."""
    return probes.with_token(UNKNOWN)


def near_misses(probes: Probes) -> list[Probe]:
    """The good request with tokens that are almost the good one."""
    return [probes.with_token(Secret(TOKEN, variation)) for variation in NEAR_MISSES]


def strange_tenants(probes: Probes, target: Target) -> list[Probe]:
    """The good request for tenants that are almost the target's, or nobody."""
    tenant = target.tenant_id
    almost = [tenant[:-1]] if len(tenant) > 1 else []
    return [probes.good.having("tenant_id", value) for value in (*almost, UNKNOWN)]


@clause(
    "AUTH-01",
    MUST,
    area="auth",
    source="request sample",
    asks=no_token,
    usually="A check that runs only when the header is there.",
)
def test_no_token_is_refused(asked: Asked) -> Judgement:
    """Without a token, or with an empty one, the request is refused by a 4xx, and no machine is listed."""
    return asked.each(is_refused)


@clause(
    "AUTH-02",
    MUST,
    area="auth",
    source="summary",
    asks=unknown_token,
    usually="A check that a token is there, and not whose it is.",
)
def test_unknown_token_is_refused(asked: Asked) -> Judgement:
    """A token that was never given out is refused by a 4xx, and no machine is listed."""
    return asked.each(is_refused)


@clause(
    "AUTH-03",
    MUST,
    area="auth",
    source="summary",
    asks=near_misses,
    rests_on=("AUTH-02",),
    usually="Tokens compared by their beginnings, by LIKE, or only as far as a column is wide.",
)
def test_near_miss_token_is_refused(asked: Asked) -> Judgement:
    """A token that is one character short, long or different is refused by a 4xx, and no machine is listed."""
    return asked.each(is_refused)


@clause(
    "AUTH-04",
    MUST,
    area="auth",
    source="error sample",
    asks=strange_tenants,
    usually="The tenant is compared by its beginning, or not with the token's at all.",
)
def test_strange_tenant_is_refused(asked: Asked) -> Judgement:
    """A tenant that is not the token's, down to the last character, is refused by a 4xx, and no machine is listed."""
    return asked.each(is_refused)


def other_tenant(probes: Probes, target: Target) -> Probe:
    """The good request for the other tenant, with the target's own token."""
    return probes.good.having("tenant_id", target.other_tenant_id)


@clause(
    "AUTH-05",
    MUST,
    area="auth",
    source="error sample",
    asks=other_tenant,
    needs=("other_tenant_id",),
    rests_on=("AUTH-04",),
    usually="The tenant is looked up by the parameter, and the token only checked for being valid.",
)
def test_other_tenant_is_refused(asked: Asked) -> Judgement:
    """Another tenant's list is refused by a 4xx, and no machine is listed."""
    return asked.each(is_refused)
