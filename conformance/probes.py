"""The probes that a document and a target determine: the good request, the document's sample, and edits of them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version

from contracts import Document

from .credentials import OTHER_TOKEN, TOKEN, Secret
from .paging import END, START, Window
from .probe import Pairs, Probe, encoded, shown
from .target import Target

LARGE = 2**31 - 1
"""A `t` that every list ends before and every program's integer holds."""

PAGE = Window(f=1, t=2)
"""A page that is asked where the whole list is, for another route or a cache may serve it."""

HALF_OPEN = (Window(f=2), Window(t=2))
"""Windows of one bound, which another branch of a program may serve."""

UNKNOWN = "no-such-name-8d1f"
"""A party, agent or region that nobody has."""


def suite_version() -> str:
    """The version of this suite as it is installed; "0" in a checkout that is not."""
    try:
        return version("mana-conformance")
    except PackageNotFoundError:
        return "0"


def changed(text: str, place: int) -> str:
    """A text with another character in one place; empty where it is."""
    if not text:
        return ""
    letters = list(text)
    letters[place] = "a" if letters[place] != "a" else "b"
    return "".join(letters)


class Probes:
    """What can be asked of a target, built from the document's own method, path, headers and parameters."""

    def __init__(self, document: Document, target: Target) -> None:
        self._document = document
        self._target = target

    @cached_property
    def good(self) -> Probe:
        """The good request: the whole list of the target's tenant in its region."""
        return Probe(self._document.operation.method, self._document.operation.path, self._query(), self._headers())

    @cached_property
    def sample(self) -> Probe:
        """The document's own sample request, with the target's values in place of the sample's."""
        ours = self._identity()
        query = tuple((name, encoded(ours.get(name, value))) for name, value in self._document.request_sample.query)
        return Probe(self.good.method, self.good.path, query, self._headers(), edits=("the document's sample request",))

    @cached_property
    def without_party(self) -> Probe:
        """The good request less the parameter that names the party."""
        return self.good.without("party")

    @cached_property
    def without_party_by_unknown_agent(self) -> Probe:
        """As `without_party`, and the vendor's header names nobody; unchanged where the sample has no such header."""
        header = self._document.agent_header
        return self.without_party.with_header(header, UNKNOWN) if header else self.without_party

    @cached_property
    def without_party_and_agent(self) -> Probe:
        """As `without_party`, and less the vendor's header, where the sample has one."""
        header = self._document.agent_header
        return self.without_party.without_header(header) if header else self.without_party

    @cached_property
    def unknown_agent(self) -> Probe:
        """The good request, and the vendor's header names nobody; unchanged where the sample has no such header."""
        header = self._document.agent_header
        return self.good.with_header(header, UNKNOWN) if header else self.good

    @cached_property
    def without_agent(self) -> Probe:
        """The good request less the vendor's header; unchanged where the sample has no such header."""
        header = self._document.agent_header
        return self.good.without_header(header) if header else self.good

    @cached_property
    def sample_with_party(self) -> Probe:
        """The sample request, with the party that the document's table requires."""
        return self.sample.having("party", self._target.party)

    @cached_property
    def unknown_party(self) -> Probe:
        """The good request with a parameter that names no party."""
        return self.good.having("party", UNKNOWN)

    @cached_property
    def elsewhere(self) -> Probe:
        """The good request for the tenant's other region; needs ``other_region``."""
        return self._elsewhere(self.good)

    @cached_property
    def as_other(self) -> Probe:
        """The other tenant's own good request; needs ``other_token`` and ``other_tenant_id``."""
        theirs = self.good.having("tenant_id", self._target.other_tenant_id, said="the other tenant")
        return theirs.with_header(self._document.token_header, Secret(OTHER_TOKEN), said="with its token")

    @cached_property
    def fresh(self) -> Probe:
        """The good request on a connection of its own, closed after it."""
        return self.good.with_header("Connection", "close")

    def is_owed_a_list(self, probe: Probe) -> bool:
        """Whether any conforming target answers a probe with a list: a good one, whole or bounded to a window.

        A window that ends before it begins, or counts from below nought, is owed nothing; and whether a list comes in
        a coding that was asked for is a question by itself.
        """
        if probe.header("Accept-Encoding"):
            return False
        bounds = [value for name in (START, END) for value in probe.values(name)]
        if probe.method != self.good.method or probe.path != self.good.path or not all(map(str.isdecimal, bounds)):
            return False
        if len(bounds) == 2 and int(bounds[0]) > int(bounds[1]):
            return False
        token = probe.header(self._document.token_header)
        own = [self.good, *self.in_other_region(self.good)] if token == Secret(TOKEN) else []
        other = [self.as_other] if token == Secret(OTHER_TOKEN) and self._target.other_tenant_id else []
        whole = sorted(probe.without(START, END).query, key=str)
        return any(whole == sorted(good.without(START, END).query, key=str) for good in (*own, *other))

    def in_other_region(self, *probes: Probe) -> list[Probe]:
        """Requests for the tenant's other region; none where no ``other_region`` was given."""
        return [*map(self._elsewhere, probes)] if self._target.other_region else []

    def _elsewhere(self, probe: Probe) -> Probe:
        return probe.having("region", self._target.other_region, said="the other region")

    def with_token(self, token: Secret | str) -> Probe:
        """The good request with another token."""
        return self.good.with_header(self._document.token_header, token, said=f"token {shown(token)}")

    @cached_property
    def without_token(self) -> Probe:
        """The good request without the header that carries the token."""
        return self.good.without_header(self._document.token_header)

    def window(self, window: Window, of: Probe | None = None) -> Probe:
        """A request, the good one if no other is given, bounded to a window of the list."""
        probe = (of or self.good).without(START, END)
        for name, bound in ((START, window.f), (END, window.t)):
            if bound is not None:
                probe = probe.having(name, str(bound))
        return probe

    def with_a_page(self, probe: Probe) -> list[Probe]:
        """A request for a whole list, and the same for a page of it."""
        return [probe, self.window(PAGE, probe)]

    def in_every_form(self, probe: Probe) -> list[Probe]:
        """A request for a whole list, and the same with both bounds and with either."""
        return [*self.with_a_page(probe), *(self.window(one, probe) for one in HALF_OPEN)]

    def windows(self, windows: Iterable[Window]) -> list[Probe]:
        """The good request bounded to each of some windows."""
        return [self.window(one) for one in windows]

    def _identity(self) -> dict[str, str]:
        """The values that say whose list is asked for, by parameter."""
        return {"party": self._target.party, "tenant_id": self._target.tenant_id, "region": self._target.region}

    def _query(self) -> Pairs:
        ours = self._identity()
        asked = [one for one in self._document.parameters if one.required or one.name in ours]
        return tuple((one.name, encoded(ours.get(one.name) or self._value(one.name, one.type))) for one in asked)

    def _value(self, name: str, type_: str) -> str:
        """A value for a parameter that no option gives: the widest end, else the sample's, else any of its type."""
        sample = dict(self._document.request_sample.query)
        return str(LARGE) if name == END else sample.get(name) or ("1" if type_ == "int" else "default")

    def _headers(self) -> Pairs:
        agent = self._document.agent_header
        return (
            ("User-Agent", f"mana-conformance/{suite_version()}"),
            ("Accept", "*/*"),
            (self._document.token_header, Secret(TOKEN)),
            *(((agent, self._target.sp_agent),) if agent else ()),
        )
