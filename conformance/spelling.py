"""Spellings: the ways in which a text may stand in another, to be found there however it was echoed.

Letters of any case are the same. What is encoded as a whole, as base64 or hexadecimal, or stands backwards, is looked
for as such; what is escaped in places, as JSON, URLs and HTML do it, is undone first.
"""

from __future__ import annotations

import base64
import html
import json
import re
import secrets
from collections.abc import Iterator
from urllib.parse import quote

MARKS = (b"\\", b"%", b"&")
"""What each escape begins with."""

PIECE = 64 * 1024
LONGEST_ESCAPE = 12
"""Bytes."""

ESCAPE = re.compile(
    rb"\\u00([2-7][0-9a-f])|\\x([2-7][0-9a-f])|%([2-7][0-9a-f])|&#x0*([2-7][0-9a-f]);|&#0*([0-9]{2,3});"
    rb"|&(quot|amp|lt|gt|apos);",
    re.IGNORECASE,
)
"""One character of ASCII, escaped by its number or name."""

ITSELF = b"\"/'"
"""What stands behind a backslash as itself, besides a backslash."""

APART = bytes(0x80 | byte for byte in secrets.token_bytes(16))
"""What stands in no text: no character of ASCII, and nothing that can be guessed."""

NAMED = {b"quot": b'"', b"amp": b"&", b"lt": b"<", b"gt": b">", b"apos": b"'"}


def folded(text: bytes) -> bytes:
    """A text with its letters of ASCII in lower case; each byte keeps its place."""
    return text.lower()


def forms(value: str) -> Iterator[bytes]:
    """The ways in which a value is written as a whole."""
    plain = value.encode()
    yield plain
    yield plain[::-1]
    yield plain.hex().encode()
    # As UTF-16 has it, by either end first; what stands around it is another character's half.
    yield value.encode("utf-16-le", "surrogatepass").strip(b"\0")
    yield "\\u0000".join(value).encode()
    yield quote(value, safe="").encode()
    yield json.dumps(value)[1:-1].encode()
    yield html.escape(value).encode()
    yield "".join(f"\\u{ord(character):04x}" for character in value).encode()
    yield from _in_base64(plain)


def _in_base64(plain: bytes) -> Iterator[bytes]:
    """The letters of base64 that a value alone determines, wherever in a longer text it stands."""
    yield base64.b64encode(plain).rstrip(b"=")
    for before in range(3):
        first = -(-before * 8 // 6)
        last = (before + len(plain)) * 8 // 6
        encoded = base64.b64encode(bytes(before) + plain)[first:last]
        yield encoded
        yield encoded.replace(b"+", b"-").replace(b"/", b"_")


def unescaped(text: bytes) -> bytes:
    """A text with what is escaped in it of ASCII as itself; the text as it is where there is no escape."""
    if not _is_marked(text):
        return text
    # What JSON escapes most is done by itself, which is quicker; an escaped backslash begins no other escape.
    text = text.replace(rb"\\", APART)
    for byte in ITSELF:
        text = text.replace(b"\\%c" % byte, b"%c" % byte)
    plain = b"".join(ESCAPE.sub(_character, one) if _is_marked(one) else one for one in _pieces(text))
    return plain.replace(APART, b"\\")


def _is_marked(text: bytes) -> bool:
    return any(mark in text for mark in MARKS)


def _pieces(text: bytes) -> Iterator[bytes]:
    """A text in pieces, for what is replaced in one at once takes many times its room; none ends within an escape."""
    start = 0
    while start < len(text):
        end = start + PIECE
        begun = max(text.rfind(mark, end - LONGEST_ESCAPE, end) for mark in MARKS)
        end = begun if begun > start else end
        yield text[start:end]
        start = end


def _character(found: re.Match[bytes]) -> bytes:
    *hexadecimal, decimal, named = found.groups()
    for digits in hexadecimal:
        if digits:
            return bytes([int(digits, 16)])
    if decimal:
        return bytes([int(decimal)]) if int(decimal) < 128 else found[0]
    return NAMED[named.lower()]


def escaped(value: bytes) -> re.Pattern[bytes]:
    """A pattern that finds a value, each of its characters in any case and as itself or escaped."""
    return re.compile(b"".join(_any_spelling(byte) for byte in value), re.IGNORECASE)


def _any_spelling(byte: int) -> bytes:
    plain = re.escape(bytes([byte]))
    if byte >= 128:
        return plain
    ways = [plain]
    for one in sorted({bytes([byte]).lower()[0], bytes([byte]).upper()[0]}):
        ways += [rb"\\u00%02x" % one, rb"\\x%02x" % one, b"%%%02x" % one, b"&#x0*%x;" % one, b"&#0*%d;" % one]
    ways += [b"&%s;" % name for name, character in NAMED.items() if character == bytes([byte])]
    if byte in b"\"\\/'":
        ways.append(rb"\\" + plain)
    return b"(?:" + b"|".join(ways[::-1]) + b")"
