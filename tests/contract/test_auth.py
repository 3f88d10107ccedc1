"""Auth: who may see a list at all, and whose."""

from __future__ import annotations

from conformance.answer import Listing
from conformance.clause import clause
from conformance.credentials import EXPIRED_TOKEN, OTHER_TOKEN, TOKEN, Secret
from conformance.disclosure import has_no_machine_of, names_no_machine_of, names_none_but
from conformance.expect import answers, gives_nothing, has_status, is_refused, lists, lists_nothing, lists_only
from conformance.judgement import MUST, SHOULD, Inapplicable, Judgement
from conformance.paging import Window
from conformance.probe import Probe, percent
from conformance.probes import PAGE, UNKNOWN, Probes, changed
from conformance.sight import Asked
from conformance.target import Target

NEAR_MISSES = (
    "less its last character",
    "less its first character",
    "with its first character changed",
    "with one more character",
    "behind one more character",
    "with its middle character changed",
    "with a character near its end changed",
)

ENDS = ("less its last character", "with one more character")
"""Near misses of which base64 that is padded says the same as the good one, as many read it."""

QUERY_NAMES = ("X-Auth-Token", "token", "token_id", "access_token", "auth_token")
"""Parameters in which a server may be tempted to look for a token."""


ODD_TOKENS = ("' OR '1'='1", "0", "true", "%", "*", "%s%n{0}", "constructor", "None", "a" * 4000, "令牌")
"""Texts for a token that careless servers take for a part of their query, or choke on."""


def beside(path: str) -> dict[str, str]:
    """Other addresses that a router may take for a path, and a rule in front of it may not."""
    start, slash, name = path.rpartition("/")
    return {
        "slash": f"{path}/",
        "slashes": f"{start}/{slash}{name}",
        "encoded letter": f"{path[:-1]}{percent(path[-1:])}",
        "capitals": path.upper(),
        "parameter of the path": f"{path};a=1",
        "suffix": f"{path}.json",
    }


FROM_WITHIN = {
    **dict.fromkeys(("X-Forwarded-For", "X-Real-IP", "X-Client-IP", "True-Client-IP"), "127.0.0.1"),
    "Forwarded": "for=127.0.0.1",
    "X-Identity-Status": "Confirmed",
    "X-Roles": "admin",
}
"""Headers by which a proxy, or what checks tokens before the application, says who asks; anybody can send them."""


def no_token_behind_a_page(probes: Probes, target: Target) -> dict[str, Probe]:
    """A good page, behind it what `no_token` asks, a page of the same address first, and other ways past a check."""
    page, without = probes.window(PAGE).again("before the same without a token"), probes.without_token
    from_within = without.with_header("X-Tenant-Id", target.tenant_id)
    for name, value in FROM_WITHIN.items():
        from_within = from_within.with_header(name, value)
    refused = {str(number): one for number, one in enumerate(reversed(no_token(probes)), 1)}
    other = {label: without.at(path) for label, path in beside(without.path).items()}
    other |= {method: without.by(method) for method in ("PROPFIND", "OPTIONS")}
    # Where neither is there, both may be the same nothing.
    other["nobody's tenant"] = without.without("tenant_id")
    return {
        "good": page,
        **refused,
        "from within": from_within,
        **{f"beside, {key}": one for key, one in other.items()},
    }


def no_token(probes: Probes) -> list[Probe]:
    """The good request and pages without a token, and the good request with an empty one."""
    return [probes.with_token(""), *probes.in_every_form(probes.without_token)]


def unknown_token(probes: Probes) -> list[Probe]:
    """The good request and pages with a token that nobody was given."""
    return probes.in_every_form(probes.with_token(UNKNOWN))


def near_misses(probes: Probes, target: Target) -> list[Probe]:
    """The good request with tokens that are almost the good one; of a padded one, what is before the padding varies."""
    within = NEAR_MISSES if "token_without_padding" in target.given else [one for one in NEAR_MISSES if one not in ENDS]
    return [probes.with_token(Secret(TOKEN, variation)) for variation in within]


def strange_tenants(probes: Probes, target: Target) -> list[Probe]:
    """The good request for tenants that are almost the target's, or nobody."""
    tenant = target.tenant_id
    almost = (f"{tenant}0", tenant[:-1], *(changed(tenant, at) for at in (0, len(tenant) // 2, -1)))
    return [probes.good.having("tenant_id", value) for value in dict.fromkeys((UNKNOWN, *almost)) if value]


@clause(
    "AUTH-01",
    MUST,
    area="auth",
    source="request sample",
    asks=no_token_behind_a_page,
    in_order=True,
    confirmed=True,
    usually="A check that runs only when the header is there, or a cache or a rule before it that goes by the address.",
)
def test_no_token_is_refused(asked: Asked, goods: Asked) -> Judgement:
    """Without a token, or with an empty one, the request is refused by a 4xx, and no machine is listed or named."""
    # Of another address or method the document says nothing, and of what else is missing others judge: a list is ours.
    others = asked.labelled("beside").each(lists_nothing)
    refused = asked.without("good", *asked.labelled("beside").labels)
    return refused.each(is_refused, names_no_machine_of(goods)) + others


@clause(
    "AUTH-02",
    MUST,
    area="auth",
    source="summary",
    asks=unknown_token,
    usually="A check that a token is there, and not whose it is.",
)
def test_unknown_token_is_refused(asked: Asked, goods: Asked) -> Judgement:
    """A token that was never given out is refused by a 4xx, and no machine is listed or named."""
    return asked.each(is_refused, names_no_machine_of(goods))


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


def other_tenant(probes: Probes, target: Target) -> list[Probe]:
    """The good request and pages for the other tenant, with the target's own token."""
    return probes.in_every_form(probes.good.having("tenant_id", target.other_tenant_id))


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
def test_other_tenant_is_refused(asked: Asked, others: Asked) -> Judgement:
    """Another tenant's list is refused by a 4xx, and no machine is listed or named."""
    return asked.each(is_refused, names_no_machine_of(others))


def token_in_the_query(probes: Probes, target: Target) -> list[Probe]:
    """The good request with its token in the query, by one name and by several, and in no header.

    Asked only where nobody on the way can read it.
    """
    if not target.private_channel:
        raise Inapplicable("a token in a URL is sent over TLS or loopback only")
    several = probes.without_token
    for name in QUERY_NAMES:
        several = several.having(name, Secret(TOKEN))
    # The document's own name for it by itself, for a target may refuse what it does not know.
    return [probes.without_token.having(QUERY_NAMES[0], Secret(TOKEN)), several]


@clause(
    "AUTH-06",
    MUST,
    area="auth",
    source="request sample",
    asks=token_in_the_query,
    rests_on=("AUTH-01",),
    usually="A fallback for browsers, by which tokens end up in logs and histories.",
)
def test_token_in_the_query_does_not_count(asked: Asked) -> Judgement:
    """A token that stands in the query only is none: 4xx, and no machine is listed."""
    return asked.each(is_refused)


def tenant_in_other_case(probes: Probes, target: Target) -> Probe:
    """The good request with the letters of the tenant's id in other case."""
    if target.tenant_id.swapcase() == target.tenant_id:
        raise Inapplicable("the tenant's id has no letters")
    return probes.good.having("tenant_id", target.tenant_id.swapcase())


@clause(
    "AUTH-07",
    MUST,
    area="auth",
    source="error sample",
    asks=tenant_in_other_case,
    compares=True,
    rests_on=("STAB-01",),
    usually="A database that compares without case what the check of the token compares with it.",
)
def test_tenant_in_other_case_opens_nobody_elses_list(asked: Asked, listing: Listing) -> Judgement:
    """The tenant's id with its letters in other case is refused, or opens no list but the tenant's own."""
    return asked.each(answers, lists_only(listing))


def other_tenant_beside_ours(probes: Probes, target: Target) -> list[Probe]:
    """The good request with the other tenant in it too: beside ours, in either order, and in words of nobody's."""
    good, own, other = probes.good, target.tenant_id, target.other_tenant_id
    twice = [good.twice("tenant_id", own, other), good.twice("tenant_id", other, own)]
    both = good.having("tenant_id", f"{own},{other}")
    elsewise = good.having("project_id", other).having("all_tenants", "1").having("tenant", other)
    return [*twice, both, elsewise, good.with_header("X-Project-Id", other).with_header("X-Tenant-Id", other)]


@clause(
    "AUTH-08",
    MUST,
    area="auth",
    source="error sample",
    asks=other_tenant_beside_ours,
    needs=("other_tenant_id",),
    compares=True,
    rests_on=("AUTH-05", "PARAM-05", "STAB-01"),
    usually="The check reads the first of two values and the query the last, or a header of a proxy is believed.",
)
def test_other_tenant_beside_ours_opens_no_other_list(asked: Asked, listing: Listing) -> Judgement:
    """With the other tenant named beside ours, in `tenant_id` or in other words, its machines are not listed."""
    return asked.each(answers, lists_only(listing))


def expired_token(probes: Probes, target: Target) -> list[Probe]:
    """The good request and pages with a token that was good once, some for the other region, one for another tenant."""
    expired = probes.with_token(Secret(EXPIRED_TOKEN))
    elsewhere = probes.in_other_region(*probes.with_a_page(expired))
    others = [expired.having("tenant_id", target.other_tenant_id)] if target.other_tenant_id else []
    return [*probes.in_every_form(expired), *elsewhere, *others]


@clause(
    "AUTH-09",
    MUST,
    area="auth",
    source="summary",
    asks=expired_token,
    needs=("expired_token",),
    rests_on=("AUTH-02",),
    usually="The time of expiry is stored and never looked at.",
)
def test_expired_token_is_refused(asked: Asked, goods: Asked) -> Judgement:
    """A token that has expired is refused by a 4xx, and no machine is listed or named."""
    return asked.each(is_refused, names_no_machine_of(goods))


BEHIND_ANY_END = Window(f=1_000_000, t=1_000_001)


def as_other(probes: Probes) -> list[Probe]:
    """The other tenant's good request, a page and one behind any end, with its own token."""
    return [*probes.with_a_page(probes.as_other), probes.window(BEHIND_ANY_END, probes.as_other)]


@clause(
    "AUTH-10",
    MUST,
    area="auth",
    source="summary",
    asks=as_other,
    alone=True,
    confirmed=True,
    needs=("other_token", "other_tenant_id"),
    rests_on=("STAB-01",),
    usually="A list that is filtered by region alone.",
)
def test_other_tenant_sees_its_own_list(asked: Asked, goods: Asked) -> Judgement:
    """Another tenant is served a list with its own token; none of ours stands in its answers, nor its own in ours."""
    # An empty list may refuse a page of it.
    served = asked.only("1").each(lists) + asked.only("1", "2").each(answers)
    theirs = asked.each(has_no_machine_of(goods), names_none_but(asked, goods))
    return served + theirs + goods.each(names_none_but(goods, asked))


def bad_tokens(probes: Probes, target: Target) -> list[Probe]:
    """Every request whose fault is its token."""
    return [*no_token(probes), *unknown_token(probes), *near_misses(probes, target)]


@clause(
    "AUTH-11",
    SHOULD,
    area="auth",
    source="RFC 9110 section 15.5.2",
    asks=bad_tokens,
    rests_on=("AUTH-01", "AUTH-02", "AUTH-03"),
    usually="400 or 403, which do not tell a caller to log in again.",
)
def test_refusals_of_tokens_are_unauthorized(asked: Asked) -> Judgement:
    """A request without a good token is refused by 401."""
    return asked.each(has_status(401))


def token_in_other_case(probes: Probes) -> Probe:
    """The good request with the letters of the token in other case."""
    return probes.with_token(Secret(TOKEN, "in other case"))


@clause(
    "AUTH-12",
    MUST,
    area="auth",
    source="summary",
    asks=token_in_other_case,
    needs=("token_with_letters",),
    rests_on=("AUTH-02",),
    usually="A database that compares text without case, which makes tokens easier to guess.",
)
def test_token_in_other_case_lists_nothing(asked: Asked) -> Judgement:
    """The token with its letters in other case is another token: no machine is listed."""
    return asked.each(gives_nothing)


def odd_tokens(probes: Probes, target: Target) -> list[Probe]:
    """The good request with odd strings for a token, and with the tenant's id, which is no secret."""
    known = [target.tenant_id] if "tenant_for_token" not in target.given else []
    return [probes.with_token(text) for text in (*ODD_TOKENS, *known)]


@clause(
    "AUTH-13",
    MUST,
    area="auth",
    source="summary",
    asks=odd_tokens,
    rests_on=("AUTH-02",),
    usually="A token pasted into SQL or a pattern, or a column that is too narrow for it.",
)
def test_odd_tokens_are_refused(asked: Asked) -> Judgement:
    """A string that breaks careless servers, or anybody knows, is no token: refused by a 4xx, no machine listed."""
    return asked.each(is_refused)


def ours_as_other(probes: Probes) -> list[Probe]:
    """The good request and pages for the target's own tenant, with the other tenant's token."""
    return probes.in_every_form(probes.with_token(Secret(OTHER_TOKEN)))


@clause(
    "AUTH-14",
    MUST,
    area="auth",
    source="error sample",
    asks=ours_as_other,
    needs=("other_token", "other_tenant_id"),
    rests_on=("AUTH-04", "AUTH-05"),
    usually="The tenant is compared with a list of all tenants, or one tenant's token opens every door.",
)
def test_other_token_does_not_open_our_list(asked: Asked, goods: Asked) -> Judgement:
    """The other tenant's token is refused for our list by a 4xx, and no machine is listed or named."""
    return asked.each(is_refused, names_no_machine_of(goods))


def elsewhere(probes: Probes, target: Target) -> list[Probe]:
    """The request for the other region, and a page, without a good token, and for a tenant that is not the token's."""
    strange = probes.good.having("tenant_id", target.other_tenant_id or UNKNOWN)
    # Not the page of the others, which may be kept under its bounds: that is another clause's question.
    pages = [probes.window(Window(f=1, t=3), one) for one in (probes.without_token, strange)]
    return probes.in_other_region(probes.without_token, probes.with_token(UNKNOWN), strange, *pages)


@clause(
    "AUTH-15",
    MUST,
    area="auth",
    source="summary",
    asks=elsewhere,
    needs=("other_region",),
    rests_on=("AUTH-01", "AUTH-02", "AUTH-04"),
    usually="Each region is served by a part of its own, and one of them has no check.",
)
def test_other_region_is_guarded_too(asked: Asked) -> Judgement:
    """In the other region, too, a bad token and a strange tenant are refused by a 4xx, and no machine is listed."""
    return asked.each(is_refused)


def both_elsewhere(probes: Probes) -> dict[str, Probe]:
    """Each tenant's own list in the other region, by its own token; theirs in the first; and ours by their token.

    All but theirs are asked before it and behind it, for a machine may have moved from one to another in between.
    """
    theirs, crossed = probes.in_other_region(probes.as_other, probes.with_token(Secret(OTHER_TOKEN)))
    around = {"theirs in the first": probes.as_other, "ours": probes.elsewhere}
    behind = {f"{label}, again": one.again("behind the other tenant's") for label, one in around.items()}
    return {**around, "theirs": theirs, **behind, "crossed": crossed}


@clause(
    "AUTH-16",
    MUST,
    area="auth",
    source="summary",
    asks=both_elsewhere,
    in_order=True,
    confirmed=True,
    needs=("other_token", "other_tenant_id", "other_region"),
    rests_on=("AUTH-10", "AUTH-14", "AUTH-15", "SCOPE-04", "STAB-02"),
    usually="A region that is served by a part of its own, whose list is filtered by region alone.",
)
def test_tenants_are_kept_apart_in_the_other_region(asked: Asked, goods: Asked) -> Judgement:
    """In the other region, too, no record is in both tenants' lists or in both regions', and no token opens both."""
    ours, first = asked.labelled("ours"), asked.labelled("theirs in the first")
    apart_from = {"theirs": (ours, goods, first), "ours": (first,), "theirs in the first, again": (ours,)}
    judged = (
        asked.only(label).each(answers, *(has_no_machine_of(one, "another list") for one in others))
        for label, others in apart_from.items()
    )
    return sum(judged, asked.only("crossed").each(is_refused))
