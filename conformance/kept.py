"""Kept reports: report.json files read back and held to their schema, so that who uses them need not doubt them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from .report import FORMAT

SCHEMA = Path(__file__).with_name("report.schema.json")


class BadReport(ValueError):
    """A file that holds no report; the text is one line for the user."""


def read(path: Path) -> Mapping[str, Any]:
    """The object of a report.json, or of the one in a folder; BadReport with one line where there is none."""
    try:
        path = path / "report.json" if path.is_dir() else path
        report = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadReport(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise BadReport(f"{path}: is not JSON: {error}") from None
    if problem := next(problems(report), None):
        raise BadReport(f"{path}: is no {FORMAT}: {problem}")
    kept: Mapping[str, Any] = report
    return kept


def problems(report: Any) -> Iterator[str]:
    """What is wrong with the shape of a report, a line each."""
    # Half a surrogate pair, which a server may have said, can be spelled in JSON and not be handed to the validator.
    encodable = json.loads(json.dumps(report, ensure_ascii=False).encode("utf-8", "replace"))
    for error in _validator().iter_errors(encodable):
        place = "".join(f"[{part!r}]" for part in error.instance_path)
        yield f"{place or 'the whole'}: {' '.join(error.message.split())[:200]}"


@cache
def _validator() -> Any:
    # Imported here, because most runs read no report that was kept.
    import jsonschema_rs  # noqa: PLC0415

    return jsonschema_rs.validator_for(json.loads(SCHEMA.read_text(encoding="utf-8")))
