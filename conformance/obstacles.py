"""Obstacles: what the run's first answer leaves nothing to judge by, told in one line with what to do."""

from __future__ import annotations

import re

from .answer import Reply
from .exchange import Failure, Response

ADVICE = {
    "no host": "Check the host in --base-url.",
    "refused": "Is the server running, and on this port?",
    "tls": "Check the scheme of --base-url, and the server's certificate: --ca-file says who may have signed it.",
    "closed": "Check the port of --base-url, and its scheme: a server of https hangs up on http.",
    "timeout": "Is the server reachable from here? --request-timeout gives it longer.",
    "": "Check --base-url.",
}
"""What to do about each kind of failure."""

WHOSE = "--region, --party and --tenant-id"

LONGEST_SAID = 160
"""Characters of what a server said that stand in the line."""


def obstacle(reply: Reply) -> str | None:
    """Why the preflight's answer leaves nothing to judge, in one line with what to do; None where it can be judged."""
    outcome = reply.exchange.outcome
    if isinstance(outcome, Failure):
        return f"the target gave no answer: {outcome.sentence}. {ADVICE.get(outcome.kind, ADVICE[''])}"
    if outcome.status >= 300:
        return _refusal(reply, outcome)
    if is_page(outcome.text):
        return "the target answered a page of HTML, as a login page or a proxy does. Check --base-url."
    return None


def _refusal(reply: Reply, response: Response) -> str:
    """What a status says that is no success."""
    status, said = response.status, _said(response.text)
    if status in {401, 403}:
        return f"the credentials were refused: {reply.came}. Check the token, and that it is for this tenant."
    if status == 404:
        where = f"the target has nothing at {reply.exchange.probe.path} below --base-url for the good request: 404"
        return f"{where}. {said} Check --base-url and its path prefix, {WHOSE}."
    if status < 400 and (place := response.header("Location")):
        elsewhere = f"{reply.came}, to {place[:LONGEST_SAID]}"
        return f"the target sends the good request elsewhere: {elsewhere}. Check --base-url."
    check = f" Check {WHOSE}." if 400 <= status < 500 else ""
    return f"the target did not serve the good request: {reply.came}. {said}{check}"


def is_page(text: str) -> bool:
    """Whether a text begins as a page of HTML does, whatever it is said to be, behind any number of comments."""
    text = text.removeprefix("\ufeff").lstrip()
    place = 0
    while text.startswith("<!--", place):
        end = text.find("-->", place)
        if end < 0:
            return False
        place = NO_BLANK.search(text, end + len("-->")).start()  # type: ignore[union-attr]  # the end matches, too
    return HTML.match(text, place) is not None


NO_BLANK = re.compile(r"\S|\Z")
HTML = re.compile(r"<(?:!doctype\s+html|html)\b", re.IGNORECASE)
"""How a page of HTML begins."""


def _said(text: str) -> str:
    """What a refusal said, short enough for a line."""
    return f"It said: {' '.join(text[:1000].split())[:LONGEST_SAID]}." if text.strip() else "It said nothing more."
