"""RFC: the sections that clauses name as their source."""

from __future__ import annotations

import re

SECTION = re.compile(r"RFC (\d+)(?: section ([\d.]+))?")


def link(source: str) -> str:
    """The address of the section that a source names; empty where it names none."""
    found = SECTION.search(source)
    if not found:
        return ""
    section = f"#section-{found[2]}" if found[2] else ""
    return f"https://www.rfc-editor.org/rfc/rfc{found[1]}{section}"
