"""Mutants of a few requests among all that there are: a range of integers, a page in the middle, an odd word."""

from collections.abc import Callable

from reference.model import Machine, Refusal
from reference.mutant import CRASH, Hear, Mutant, When, in_ask, in_served, with_value
from reference.mutants_paging import Page, both, cutting, rewriting
from reference.mutants_scope import crashing, has
from reference.paging import LARGE, point
from reference.service import Ask, Service


def bound_in(name: str, numbers: range) -> When:
    """Whether a bound is one of these numbers."""
    return lambda ask, _: point(ask.value(name) or "") in numbers


def region_by(index: Callable[[str], int | None]) -> Hear:
    """A request for the region that something else than its name leads to."""

    def hear(ask: Ask, service: Service) -> Ask:
        regions = service.store.regions()
        named = ask.value("region") or ""
        found = None if named in regions else index(named)
        return ask if found is None else with_value(ask, "region", regions[found % len(regions)])

    return hear


def by_one_letter(text: str) -> int | None:
    """The main region for any one letter, unless it is a space."""
    return 0 if len(text) == 1 and not text.isspace() else None


def by_capitals(text: str) -> int | None:
    """The main region for capital letters of ASCII."""
    return 0 if text.isascii() and text.isalpha() and text.isupper() else None


def has_private_plane(text: str) -> bool:
    """Whether a text has one of the characters from U+F0000 on."""
    return any(letter >= "\U000f0000" for letter in text)


def has_control(text: str) -> bool:
    """Whether a text has one of the control characters beyond ASCII."""
    return any("\x80" <= letter <= "\x9f" for letter in text)


def from_to(first: range, width: range) -> Callable[[Page], bool]:
    """With both bounds, beginning at one of these indices and having room for so many."""
    return lambda page: both(page) and page.window.start in first and page.window.size in width


def less_middle(page: Page) -> list[Machine]:
    """A page less the machine in its middle."""
    middle = len(page.machines) // 2
    return page.machines[:middle] + page.machines[middle + 1 :]


MUTANTS = (
    Mutant(
        "f-from-2000-to-19999-crashes",
        "PAGE-10",
        "An f from 2,000 to 19,999 is answered 500",
        in_served(CRASH, bound_in("f", range(2_000, 20_000))),
    ),
    Mutant(
        "t-from-20000-to-32767-refused",
        "PROP-01",
        "A t from 20,000 to 32,767 is refused",
        in_served(Refusal(400, "The parameter t is out of range"), bound_in("t", range(20_000, 32_768))),
        drawn=True,
    ),
    Mutant(
        "f-boolean-accepted",
        "PROP-02",
        "An f of true or false is taken for 1 or 0",
        rewriting("f", "(?i:true|false)", lambda text: str(int(text.lower() == "true"))),
        drawn=True,
    ),
    Mutant(
        "t-true-ignored",
        "PROP-02",
        "A t of true or false is ignored",
        rewriting("t", "(?i:true|false)", lambda _: None),
        drawn=True,
    ),
    Mutant(
        "region-by-number-served",
        "PROP-02",
        "A region of digits is taken for the number of a row",
        in_ask(region_by(point)),
        drawn=True,
    ),
    Mutant(
        "region-of-one-letter-served",
        "SCOPE-02",
        "A region of one character is answered with the main region's list",
        in_ask(region_by(by_one_letter)),
    ),
    Mutant(
        "region-with-control-character-crashes",
        "SCOPE-02",
        "A region with a character from U+0080 to U+009F is answered 500",
        crashing(has("region", has_control)),
    ),
    Mutant(
        "page-from-eighth-loses-one",
        "PAGE-02",
        "A page that begins with the 8th, 9th or 10th machine lacks the one in its middle",
        cutting(from_to(range(7, 10), range(2, LARGE)), less_middle),
    ),
    Mutant(
        "wide-page-past-fourth-loses-one",
        "PAGE-03",
        "A page with room for more than 12, that begins after the 4th machine, lacks the one in its middle",
        cutting(from_to(range(4, LARGE), range(13, LARGE)), less_middle),
    ),
    Mutant(
        "narrow-page-from-twelfth-loses-one",
        "PROP-03",
        "A page with room for 4 to 9 that begins with the 12th or the 14th machine lacks the one in its middle",
        cutting(from_to(range(11, 14, 2), range(4, 10)), less_middle),
        drawn=True,
    ),
    Mutant(
        "region-of-capitals-served",
        "PROP-02",
        "A region of ASCII capitals alone is answered with the main region's list",
        in_ask(region_by(by_capitals)),
        drawn=True,
    ),
    Mutant(
        "region-beyond-the-basic-plane-crashes",
        "PROP-02",
        "A region with a character of a plane for private use is answered 500",
        crashing(has("region", has_private_plane)),
        drawn=True,
    ),
)
