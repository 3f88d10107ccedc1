"""Mutants of who may ask: of the tokens, and of whose list a token opens."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from wsgiref.types import WSGIApplication

from reference import app
from reference.model import Place, Refusal, Tenant
from reference.mutant import (
    BAD_TOKEN,
    EXPIRED_TOKEN,
    NO_TOKEN,
    OTHER_TENANT,
    PATH,
    STRANGE_TENANT,
    Answer,
    Asked,
    Change,
    Mutant,
    Outcome,
    Parts,
    Say,
    When,
    crash,
    empty_list,
    error_within_200,
    ever_held,
    in_ask,
    in_outcome,
    in_refusal_answers,
    in_refusals,
    in_second_region,
    in_served,
    in_service,
    is_others,
    listing,
    records,
    remade,
    status,
    with_value,
)
from reference.paging import Window, point
from reference.service import Ask, Check, Service, place_of, tenant_is_the_tokens, token_is_good
from reference.tokens import Token, Tokens

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

# Tokens


def trusting(believed: When) -> Change:
    """The fault that some requests are let in whatever their token, to whatever tenant they name."""

    def lenient(check: Check) -> Check:
        if check not in {token_is_good, tenant_is_the_tokens}:
            return check
        return lambda ask, service: None if believed(ask, service) else check(ask, service)

    return in_service(lambda service: replace(service, checks=tuple(map(lenient, service.checks))))


def without_token(ask: Ask, _service: Service) -> bool:
    """Whether a request has no header for the token."""
    return ask.token is None


def with_empty_token(ask: Ask, _service: Service) -> bool:
    """Whether a request has a header for the token with nothing in it."""
    return ask.token == ""


def with_unknown_token(ask: Ask, service: Service) -> bool:
    """Whether a request has a token that nobody ever held."""
    return bool(ask.token) and ever_held(ask.token, service.tokens) is None


@dataclass(frozen=True)
class Lenient(Tokens):
    """Tokens that are kept as they are, and of which one that is `alike` does as well."""

    alike: Callable[[str, str], bool] = lambda known, text: known == text
    issued: list[str] = field(default_factory=list, repr=False)

    def issue(self, tenant: Tenant, age: float = 0.0) -> Token:
        """A new token, which is remembered."""
        token = super().issue(tenant, age)
        self.issued.append(token.text)
        return token

    def holder(self, text: str | None) -> str | None:
        """The tenant of the token itself, or else of one that is alike and has not expired."""
        exact = super().holder(text)
        if exact is not None or text is None or ever_held_exactly(text, self):
            return exact
        holders = (super(Lenient, self).holder(known) for known in self.issued if self.alike(known, text))
        return next(filter(None, holders), None)


def ever_held_exactly(text: str, tokens: Tokens) -> bool:
    """Whether somebody holds or held this very token."""
    return Tokens(tokens.store, clock=lambda: 0.0).holder(text) is not None


def taking(alike: Callable[[str, str], bool]) -> Change:
    """The fault that a token that is like a good one is as good."""
    return in_service(lambda service: replace(service, tokens=replace(remade(Lenient, service.tokens), alike=alike)))


def is_prefix(known: str, text: str) -> bool:
    """Whether the text begins the token, with more than half of it."""
    return known.startswith(text) and len(text) > len(known) // 2


def is_padded(known: str, text: str) -> bool:
    """Whether the text goes on after the token."""
    return text.startswith(known)


def is_led(known: str, text: str) -> bool:
    """Whether the text ends with the token."""
    return text.endswith(known)


def is_one_off(known: str, text: str) -> bool:
    """Whether the text has one other character than the token, and more than the case is other."""
    others = [(ours, theirs) for ours, theirs in zip(known, text, strict=False) if ours != theirs]
    return len(known) == len(text) and len(others) == 1 and others[0][0].lower() != others[0][1].lower()


def is_other_at_its_end(known: str, text: str) -> bool:
    """Whether the text is the token but for its last six characters."""
    return len(known) == len(text) and known[:-6] == text[:-6]


def is_other_case(known: str, text: str) -> bool:
    """Whether the text is the token but for upper and lower case."""
    return known.lower() == text.lower()


def is_injection(_known: str, text: str) -> bool:
    """Whether the text would end a literal of SQL and go on with a condition that always holds."""
    return bool(re.fullmatch(r"' OR '(.*)'='\1", text))


def is_suffix(known: str, text: str) -> bool:
    """Whether the text ends the token, with more than half of it."""
    return known.endswith(text) and len(text) > len(known) // 2


def with_long_token(ask: Ask, _service: Service) -> bool:
    """Whether a request has a token that is longer than any that was given out."""
    return len(ask.token or "") > 255


def with_foreign_letters(ask: Ask, _service: Service) -> bool:
    """Whether a request has a token with more than ASCII in it."""
    return not (ask.token or "").isascii()


OF_EVERY_OBJECT = frozenset({"constructor", "__proto__", "toString"})


def with_word_of_a_language(ask: Ask, _service: Service) -> bool:
    """Whether a request's token is the name of a member that every object of JavaScript has."""
    return ask.token in OF_EVERY_OBJECT


def with_expired_token(ask: Ask, service: Service) -> bool:
    """Whether a request has a token that was good once."""
    return service.tokens.holder(ask.token) is None and ever_held(ask.token, service.tokens) is not None


def elsewhere(when: When) -> When:
    """The same of a request for another region than the main one."""
    return lambda ask, service: in_second_region(ask, service) and when(ask, service)


def of_page(when: When) -> When:
    """Whether a request that meets a condition has both bounds."""
    return lambda ask, service: None not in {ask.value("f"), ask.value("t")} and when(ask, service)


def from_f_on(when: When) -> When:
    """Whether a request that meets a condition has an `f` and no `t`."""
    return lambda ask, service: ask.value("f") is not None and ask.value("t") is None and when(ask, service)


def up_to_t(when: When) -> When:
    """Whether a request that meets a condition has a `t` and no `f`."""
    return lambda ask, service: ask.value("f") is None and ask.value("t") is not None and when(ask, service)


def with_others_token(ask: Ask, service: Service) -> bool:
    """Whether the second tenant's token asks for the first tenant's list."""
    first, second, *_ = service.store.tenants()
    return service.tokens.holder(ask.token) == second.tenant_id and ask.value("tenant_id") == first.tenant_id


class Everlasting(Tokens):
    """Tokens that never expire."""

    def holder(self, text: str | None) -> str | None:
        """The tenant that a token speaks for, or once did."""
        return Tokens(self.store, clock=lambda: 0.0).holder(text)


def with_token_of_query(ask: Ask, service: Service) -> Ask:
    """A request whose token is in its query, where it has none in its header."""
    values = (value for given in ask.parameters.values() for value in given)
    good = (value for value in values if service.tokens.holder(value) is not None)
    return ask if ask.token else replace(ask, token=next(good, None))


# Tenants


def own_tenant_for_strange(ask: Ask, service: Service) -> Ask:
    """A request for its own tenant's list, where it names a tenant that there is not."""
    known = {tenant.tenant_id for tenant in service.store.tenants()}
    holder = service.tokens.holder(ask.token)
    named = ask.value("tenant_id") or ""
    return ask if holder is None or not named.strip() or named in known else with_value(ask, "tenant_id", holder)


def own_tenant_for_prefix(ask: Ask, service: Service) -> Ask:
    """A request for its own tenant's list, where it names most of that tenant."""
    holder, named = service.tokens.holder(ask.token) or "", ask.value("tenant_id") or ""
    near = len(holder) // 2 < len(named) < len(holder) and holder.startswith(named)
    return with_value(ask, "tenant_id", holder) if near else ask


def own_tenant_for_one_letter_off(ask: Ask, service: Service) -> Ask:
    """A request for its own tenant's list, where it names that tenant but for one letter."""
    holder, named = service.tokens.holder(ask.token) or "", ask.value("tenant_id") or ""
    off = sum(one != other for one, other in zip(holder, named, strict=False))
    return with_value(ask, "tenant_id", holder) if (len(holder), off) == (len(named), 1) else ask


def main_region_for_others(ask: Ask, service: Service) -> Ask:
    """A request for the main region, where another tenant than the first asks for a second one."""
    first = service.store.tenants()[0].tenant_id
    theirs = service.tokens.holder(ask.token) not in {None, first} and in_second_region(ask, service)
    return with_value(ask, "region", service.store.regions()[0]) if theirs else ask


def naming_machines(ask: Ask, service: Service, refusal: Refusal) -> Outcome:
    """The refusal, with the ids of the machines that were asked for in its message."""
    machines = service.store.machines(Place(ask.value("tenant_id") or "", ask.value("region") or ""), Window())
    return replace(refusal, message=f"{refusal.message}: {', '.join(machine.instance_id for machine in machines)}")


def everybodys_as_ones_own(ask: Ask, service: Service, outcome: Outcome) -> Outcome:
    """The list of the region, whosever it is, each machine said to be of the tenant who asked."""
    first = service.store.tenants()[0].tenant_id
    if isinstance(outcome, Refusal) or not is_others(ask, service):
        return outcome
    machines = service.store.machines(Place(first, ask.value("region") or ""), service.window(ask, service.readings))
    told = service.listing(machines, service.readings)
    return listing(told, [{**record, "tenant_id": ask.value("tenant_id")} for record in records(told)])


def unchecked(when: Callable[["WSGIEnvironment"], bool]) -> Change:
    """The fault that some requests are led to the list by another way, on which nothing is checked."""

    def change(parts: Parts) -> Parts:
        service = replace(parts.service, checks=())

        def wrap(application: WSGIApplication) -> WSGIApplication:
            open_to_all = app.create(service)

            def wrapped(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
                if when(environ):
                    return open_to_all({**environ, "PATH_INFO": PATH}, start_response)
                return application(environ, start_response)

            return wrapped

        return replace(parts, wrap=wrap)

    return change


def at(path: str) -> Callable[["WSGIEnvironment"], bool]:
    """Whether a request is for a path."""
    return lambda environ: bool(environ["PATH_INFO"] == path)


def opening_others(ask: Ask, service: Service) -> bool:
    """Whether a request with a good token names a tenant that there is."""
    return (
        service.tokens.holder(ask.token) is not None
        and len(set(ask.parameters.get("tenant_id", ()))) == 1
        and ask.value("tenant_id") in {tenant.tenant_id for tenant in service.store.tenants()}
    )


def another(service: Service, tenant_id: str | None) -> str:
    """The id of a tenant who is not this one."""
    return next(tenant.tenant_id for tenant in service.store.tenants() if tenant.tenant_id != tenant_id)


def in_other_case(ask: Ask, service: Service) -> bool:
    """Whether a request names its own tenant but for upper and lower case."""
    holder, named = service.tokens.holder(ask.token) or "", ask.value("tenant_id") or ""
    return named != holder and named.lower() == holder.lower()


def opening_another_in_other_case(service: Service) -> Service:
    """A service that compares a tenant in any case, then does not find it, and takes another."""

    def lenient(check: Check) -> Check:
        if check is not tenant_is_the_tokens:
            return check
        return lambda ask, service: None if in_other_case(ask, service) else check(ask, service)

    def place(ask: Ask) -> Place:
        if in_other_case(ask, service):
            return replace(place_of(ask), tenant_id=another(service, service.tokens.holder(ask.token)))
        return place_of(ask)

    return replace(service, checks=tuple(map(lenient, service.checks)), place=place)


def of_two_tenants(checked: int, listed: int) -> Change:
    """The fault that, of a tenant given twice, one is checked and the other listed."""

    def only(ask: Ask, index: int) -> Ask:
        values = ask.parameters.get("tenant_id", ())
        return with_value(ask, "tenant_id", values[index]) if values else ask

    def lenient(check: Check) -> Check:
        return lambda ask, service: check(only(ask, checked), service)

    def change(service: Service) -> Service:
        checks = tuple(map(lenient, service.checks))
        return replace(service, checks=checks, place=lambda ask: place_of(only(ask, listed)))

    return in_service(change)


def of_joined_tenants(service: Service) -> Service:
    """A service that checks the first of the tenants that a comma joins, and lists the last."""

    def only(ask: Ask, index: int) -> Ask:
        return with_value(ask, "tenant_id", (ask.value("tenant_id") or "").split(",")[index])

    def lenient(check: Check) -> Check:
        return lambda ask, service: check(only(ask, 0) if "," in (ask.value("tenant_id") or "") else ask, service)

    return replace(service, checks=tuple(map(lenient, service.checks)), place=lambda ask: place_of(only(ask, -1)))


def listing_the_project(service: Service) -> Service:
    """A service that lists the tenant that `project_id` names, where one does, and checks the tenant."""

    def place(ask: Ask) -> Place:
        own = place_of(ask)
        return replace(own, tenant_id=ask.value("project_id") or own.tenant_id)

    return replace(service, place=place)


def listing_main_tenant(service: Service) -> Service:
    """A service that lists the first tenant's machines, whoever asks."""
    main, *_ = service.store.tenants()
    return replace(service, place=lambda ask: replace(place_of(ask), tenant_id=main.tenant_id))


def with_one_of_main_tenant(ask: Ask, service: Service, outcome: Outcome) -> Outcome:
    """Another tenant's list, with a machine of the first tenant in the place of its first."""
    if isinstance(outcome, Refusal) or not outcome["vm_servers"] or not is_others(ask, service):
        return outcome
    main, *_ = service.store.tenants()
    foreign = service.store.machines(Place(main.tenant_id, ask.value("region") or ""), Window(0, 1))
    own = service.store.machines(service.place(ask), service.window(ask, service.readings))
    return service.listing([*foreign, *own[1:]], service.readings)


def telling_of_others(first: bool) -> Say:
    """Lists that tell the ids of another tenant's machines besides; the first tenant's own, or those of the others."""

    def say(ask: Ask, service: Service, outcome: Outcome) -> Outcome:
        holder = service.tokens.holder(ask.token)
        if isinstance(outcome, Refusal) or (holder == service.store.tenants()[0].tenant_id) is not first:
            return outcome
        place = Place(another(service, holder), ask.value("region") or "")
        return {**outcome, "neighbours": [one.instance_id for one in service.store.machines(place, Window())]}

    return say


def firsts_list(ask: Ask, service: Service) -> Outcome:
    """The first tenant's whole list in the region that is asked for."""
    place = Place(service.store.tenants()[0].tenant_id, ask.value("region") or "")
    return service.listing(service.store.machines(place, Window()), service.readings)


def going_on_with_the_first(ask: Ask, service: Service, outcome: Outcome) -> Outcome:
    """The first tenant's list for another tenant, where the page that is asked for has no machine and an f."""
    ends = not isinstance(outcome, Refusal) and not outcome["vm_servers"] and ask.value("f") is not None
    return firsts_list(ask, service) if ends and is_others(ask, service) else outcome


def nobodys_list(ask: Ask, service: Service, outcome: Outcome) -> Outcome:
    """The first tenant's list for who has neither token nor tenant: no holder is no tenant."""
    nobody = ask.token is None and ask.value("tenant_id") is None
    return firsts_list(ask, service) if nobody and isinstance(outcome, Refusal) else outcome


def holding_the_list(asked: Asked, answer: Answer) -> Answer:
    """A refusal that holds the list all the same, under a name of its own."""
    service = asked.service
    machines = service.store.machines(service.place(asked.ask), Window())
    held = service.listing(machines, service.readings)["vm_servers"]
    return answer.holding({**answer.document, "data": {"servers": held}})


MUTANTS = (
    Mutant(
        "token-injected-into-sql",
        "AUTH-13",
        "A token that is a condition of SQL opens every list",
        taking(is_injection),
    ),
    Mutant(
        "long-token-crashes",
        "AUTH-13",
        "A token of more than 255 characters is answered 500",
        in_refusals(BAD_TOKEN, crash, with_long_token),
    ),
    Mutant(
        "token-beyond-ascii-crashes",
        "AUTH-13",
        "A token with other letters than ASCII's is answered 500",
        in_refusals(BAD_TOKEN, crash, with_foreign_letters),
    ),
    Mutant(
        "second-region-without-token-served",
        "AUTH-15",
        "In the second region a request without a token is served",
        trusting(elsewhere(without_token)),
    ),
    Mutant(
        "second-region-unknown-token-served",
        "AUTH-15",
        "In the second region any token is as good as a good one",
        trusting(elsewhere(with_unknown_token)),
    ),
    Mutant(
        "expired-token-served-in-second-region",
        "AUTH-09",
        "In the second region a token is good for ever",
        trusting(elsewhere(with_expired_token)),
    ),
    Mutant(
        "page-with-expired-token-served-in-second-region",
        "AUTH-09",
        "In the second region a token is good for ever where both f and t are given",
        trusting(elsewhere(of_page(with_expired_token))),
    ),
    Mutant(
        "other-tenants-list-in-second-region-shows-one-of-main",
        "AUTH-16",
        "In the second region, the first machine of another tenant's list is one of the first tenant's",
        in_outcome(
            lambda ask, service, outcome: (
                with_one_of_main_tenant(ask, service, outcome) if in_second_region(ask, service) else outcome
            )
        ),
    ),
    Mutant(
        "project_id-opens-another",
        "AUTH-08",
        "The tenant_id is checked, and the tenant that project_id names is listed",
        in_service(listing_the_project),
    ),
    Mutant(
        "token-that-is-a-word-of-javascript-accepted",
        "AUTH-13",
        "The token constructor opens every list",
        trusting(with_word_of_a_language),
    ),
    Mutant(
        "token-that-is-none-written-out-accepted",
        "AUTH-13",
        "The token None, as a missing one is written into a text, opens every list",
        trusting(lambda ask, _: ask.token == str(None)),
    ),
    Mutant(
        "tenant_id-for-token-accepted",
        "AUTH-13",
        "The id of a tenant, for a token, opens its list",
        trusting(lambda ask, _: ask.token == ask.value("tenant_id")),
    ),
    Mutant(
        "token-changed-at-its-end-accepted",
        "AUTH-03",
        "The last six characters of a token are not looked at",
        taking(is_other_at_its_end),
    ),
    Mutant(
        "second-region-opens-others",
        "AUTH-15",
        "In the second region a token opens the list of any tenant",
        trusting(elsewhere(opening_others)),
    ),
    Mutant(
        "other-tenants-token-opens-first",
        "AUTH-14",
        "The second tenant's token opens the first tenant's list",
        trusting(with_others_token),
    ),
    Mutant("token-suffix-accepted", "AUTH-03", "The second half of a token is enough", taking(is_suffix)),
    Mutant(
        "page-without-token-served",
        "AUTH-01",
        "A page is served without a token, and the whole list is not",
        trusting(of_page(without_token)),
    ),
    Mutant(
        "start-without-token-served",
        "AUTH-01",
        "With an f and no t, a request without a token is served",
        trusting(from_f_on(without_token)),
    ),
    Mutant("no-token-served", "AUTH-01", "A request without a token is served", trusting(without_token)),
    Mutant("empty-token-served", "AUTH-01", "A request with an empty token is served", trusting(with_empty_token)),
    Mutant("no-token-crashes", "AUTH-01", "A request without a token is answered 500", in_refusals(NO_TOKEN, crash)),
    Mutant(
        "no-token-answered-200",
        "AUTH-01",
        "A request without a token is answered 200, with the error in the body",
        in_refusals(NO_TOKEN, error_within_200),
    ),
    Mutant("unknown-token-served", "AUTH-02", "Any token is as good as a good one", trusting(with_unknown_token)),
    Mutant(
        "end-with-unknown-token-served",
        "AUTH-02",
        "With a t and no f, any token is as good as a good one",
        trusting(up_to_t(with_unknown_token)),
    ),
    Mutant("unknown-token-crashes", "AUTH-02", "An unknown token is answered 500", in_refusals(BAD_TOKEN, crash)),
    Mutant("token-prefix-accepted", "AUTH-03", "The beginning of a token is as good as the token", taking(is_prefix)),
    Mutant("token-padded-accepted", "AUTH-03", "A token with more after it is as good as the token", taking(is_padded)),
    Mutant(
        "token-led-by-more-accepted", "AUTH-03", "A token with more before it is as good as the token", taking(is_led)
    ),
    Mutant(
        "token-one-changed-accepted",
        "AUTH-03",
        "A token with one other character is as good as the token",
        taking(is_one_off),
    ),
    Mutant(
        "strange-tenant-served-own-list",
        "AUTH-04",
        "A tenant_id that there is not is answered with the list of the token's tenant",
        in_ask(own_tenant_for_strange),
    ),
    Mutant(
        "tenant-prefix-accepted",
        "AUTH-04",
        "The beginning of a tenant_id is as good as the tenant_id",
        in_ask(own_tenant_for_prefix),
    ),
    Mutant(
        "strange-tenant-answered-empty",
        "AUTH-04",
        "A tenant_id that there is not is answered 200, with no machines",
        in_refusals(STRANGE_TENANT, empty_list),
    ),
    Mutant(
        "tenant-but-for-one-letter-accepted",
        "AUTH-04",
        "A tenant_id that differs from the token's tenant in one letter opens that tenant's list",
        in_ask(own_tenant_for_one_letter_off),
    ),
    Mutant(
        "path-with-slash-unchecked",
        "AUTH-01",
        "With a slash behind the path no token is asked for",
        unchecked(at(f"{PATH}/")),
    ),
    Mutant(
        "path-with-double-slash-unchecked",
        "AUTH-01",
        "With two slashes within the path no token is asked for",
        unchecked(at(PATH.replace("/vm", "//vm"))),
    ),
    Mutant(
        "path-in-capitals-unchecked",
        "AUTH-01",
        "With the path in capitals no token is asked for",
        unchecked(at(PATH.upper())),
    ),
    Mutant(
        "forwarded-from-loopback-unchecked",
        "AUTH-01",
        "Of a request that says by X-Real-IP that it comes from 127.0.0.1, no token is asked",
        unchecked(lambda environ: environ.get("HTTP_X_REAL_IP") == "127.0.0.1"),
    ),
    Mutant(
        "other-tenants-token-opens-page-of-first",
        "AUTH-14",
        "The second tenant's token opens pages of the first tenant's list, and not the whole",
        trusting(of_page(with_others_token)),
    ),
    Mutant(
        "other-tenants-token-opens-first-in-second-region",
        "AUTH-16",
        "In the second region, the second tenant's token opens the first tenant's list",
        trusting(elsewhere(with_others_token)),
    ),
    Mutant(
        "refusal-names-machines",
        "AUTH-05",
        "The refusal of another tenant's list names the machines that are in it",
        in_refusals(OTHER_TENANT, naming_machines),
    ),
    Mutant(
        "refusal-without-token-names-machines",
        "AUTH-01",
        "The refusal of a request without a token names the machines that were asked for",
        in_refusals(NO_TOKEN, naming_machines),
    ),
    Mutant(
        "refusal-of-unknown-token-names-machines",
        "AUTH-02",
        "The refusal of an unknown token names the machines that were asked for",
        in_refusals(BAD_TOKEN, naming_machines),
    ),
    Mutant(
        "refusal-of-expired-token-names-machines",
        "AUTH-09",
        "The refusal of an expired token names the machines that were asked for",
        in_refusals(EXPIRED_TOKEN, naming_machines),
    ),
    Mutant(
        "other-tenants-list-is-firsts-with-its-own-name",
        "AUTH-10",
        "Another tenant is shown the first tenant's machines, each with a member that says they are its own",
        in_outcome(everybodys_as_ones_own),
    ),
    Mutant(
        "second-region-is-the-first-for-others",
        "AUTH-16",
        "For every tenant but the first, the second region has the main region's machines",
        in_ask(main_region_for_others),
    ),
    Mutant("other-tenant-served", "AUTH-05", "A token opens every tenant's list", trusting(opening_others)),
    Mutant(
        "end-of-other-tenant-served",
        "AUTH-05",
        "With a t and no f, a token opens every tenant's list",
        trusting(up_to_t(opening_others)),
    ),
    Mutant(
        "later-pages-of-other-tenant-served",
        "AUTH-05",
        "With an f of more than 1, a token opens every tenant's list",
        trusting(lambda ask, service: (point(ask.value("f") or "") or 0) > 1 and opening_others(ask, service)),
    ),
    Mutant(
        "other-tenant-answered-empty",
        "AUTH-05",
        "Another tenant's list is answered 200, with no machines",
        in_refusals(OTHER_TENANT, empty_list),
    ),
    Mutant(
        "token-in-query-accepted",
        "AUTH-06",
        "A token in the query is as good as one in the header",
        in_ask(with_token_of_query),
    ),
    Mutant(
        "tenant-in-other-case-opens-another",
        "AUTH-07",
        "A tenant_id in other case is answered with another tenant's list",
        in_service(opening_another_in_other_case),
    ),
    Mutant(
        "tenant-twice-opens-last",
        "AUTH-08",
        "Of a tenant_id given twice, the first is checked and the last is listed",
        of_two_tenants(checked=0, listed=-1),
    ),
    Mutant(
        "tenants-joined-open-last",
        "AUTH-08",
        "Of tenants that a comma joins in tenant_id, the first is checked and the last is listed",
        in_service(of_joined_tenants),
    ),
    Mutant(
        "tenant-twice-opens-first",
        "AUTH-08",
        "Of a tenant_id given twice, the last is checked and the first is listed",
        of_two_tenants(checked=-1, listed=0),
    ),
    Mutant(
        "expired-token-served",
        "AUTH-09",
        "A token is good for ever",
        in_service(lambda service: replace(service, tokens=remade(Everlasting, service.tokens))),
    ),
    Mutant(
        "start-with-expired-token-served",
        "AUTH-09",
        "With an f and no t, a token is good for ever",
        trusting(from_f_on(with_expired_token)),
    ),
    Mutant(
        "expired-token-opens-other-tenant",
        "AUTH-09",
        "An expired token opens another tenant's list",
        trusting(lambda ask, service: with_expired_token(ask, service) and is_others(ask, service)),
    ),
    Mutant(
        "expired-token-answered-empty",
        "AUTH-09",
        "An expired token is answered 200, with no machines",
        in_refusals(EXPIRED_TOKEN, empty_list),
    ),
    Mutant(
        "other-token-lists-main-tenant",
        "AUTH-10",
        "Every good token is answered with the first tenant's list",
        in_service(listing_main_tenant),
    ),
    Mutant(
        "other-token-lists-one-of-main-tenant",
        "AUTH-10",
        "The first machine of another tenant's list is one of the first tenant's",
        in_outcome(with_one_of_main_tenant),
    ),
    Mutant(
        "other-tenants-page-past-the-end-is-firsts",
        "AUTH-10",
        "Behind the end of another tenant's list the first tenant's machines are listed",
        in_outcome(going_on_with_the_first),
    ),
    Mutant(
        "list-tells-ids-of-another-tenant",
        "AUTH-10",
        "The first tenant's lists tell the ids of another tenant's machines besides",
        in_outcome(telling_of_others(first=True)),
    ),
    Mutant(
        "other-tenants-list-tells-ids-of-first",
        "AUTH-10",
        "Another tenant's lists tell the ids of the first tenant's machines besides",
        in_outcome(telling_of_others(first=False)),
    ),
    Mutant(
        "neither-token-nor-tenant-lists-first",
        "AUTH-01",
        "A request with neither a token nor a tenant_id is answered with the first tenant's list",
        in_outcome(nobodys_list),
    ),
    Mutant(
        "refusal-without-token-holds-the-list",
        "AUTH-01",
        "The refusal of a request without a token holds the list under another name",
        in_refusal_answers(NO_TOKEN, holding_the_list),
    ),
    Mutant(
        "refusal-of-other-tenant-holds-its-list",
        "AUTH-05",
        "The refusal of another tenant's list holds that list under another name",
        in_refusal_answers(OTHER_TENANT, holding_the_list),
    ),
    Mutant(
        "other-token-refused",
        "AUTH-10",
        "A tenant who is not the first is refused its own list",
        in_served(Refusal(403, "The tenant_id is not that of the token's tenant"), is_others),
    ),
    Mutant(
        "no-token-answered-400",
        "AUTH-11",
        "A request without a token is answered 400",
        in_refusals(NO_TOKEN, status(400)),
    ),
    Mutant(
        "bad-token-answered-403",
        "AUTH-11",
        "An unknown token is answered 403",
        in_refusals(BAD_TOKEN, status(403)),
    ),
    Mutant(
        "token-case-ignored",
        "AUTH-12",
        "A token in other case is as good as the token",
        taking(is_other_case),
    ),
)
