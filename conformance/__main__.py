"""`python -m conformance`: read what runs have kept, and write down the clauses."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path

from contracts import DEFAULT
from contracts import read as read_document

from . import catalogue, compare, evidence, github, kept, page, sent
from .layout import visible

CATALOGUE = catalogue.ROOT / "docs" / "clauses.md"

EPILOG = """\
REPORT and EVIDENCE are the report.json and evidence.jsonl that `--report-dir` wrote. Exit: 0 when the command did its
work, whatever the reports say, 1 when what it reads is broken or what it writes cannot be written.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    options = _parser().parse_args(arguments)
    try:
        done: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has seen enough; let the interpreter's last flush go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (kept.BadReport, evidence.BadEvidence) as error:
        print(github.inert(visible(" ".join(str(error).split()))), file=sys.stderr)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
    else:
        return done
    return 1


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m conformance", description=(__doc__ or "").split(": ", 1)[1], epilog=EPILOG, formatter_class=raw
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    side_by_side = commands.add_parser("compare", help="print the reports of several targets side by side")
    side_by_side.add_argument("reports", nargs="+", type=Path, metavar="REPORT", help="a report.json, or its folder")
    side_by_side.add_argument("--html", type=Path, metavar="FILE", help="also write the comparison as a page")
    side_by_side.set_defaults(run=_compare)
    paged = commands.add_parser("page", help="print the page of a report")
    paged.add_argument("report", type=Path, metavar="REPORT", help="a report.json")
    paged.set_defaults(run=_page)
    counted = commands.add_parser("sent", help="count what a run asked of its target, by kind")
    counted.add_argument("evidence", type=Path, metavar="EVIDENCE", help="an evidence.jsonl")
    counted.set_defaults(run=_sent)
    listed = commands.add_parser("catalogue", help="write the catalogue of clauses, generated from them")
    listed.add_argument(
        "--out", type=Path, default=CATALOGUE, metavar="FILE", help="where to (default: docs/clauses.md)"
    )
    listed.set_defaults(run=_catalogue)
    return parser


def _compare(options: argparse.Namespace) -> int:
    compared = compare.compare([kept.read(path) for path in options.reports])
    if options.html:
        options.html.write_text(page.render_comparison(compared), encoding="utf-8")
    for line in compare.as_text(compared):
        print(github.inert(visible(line).replace("\n", "\\n")))
    return 0


def _page(options: argparse.Namespace) -> int:
    print(page.render(kept.read(options.report)), end="")
    return 0


def _sent(options: argparse.Namespace) -> int:
    found = list(sent.counted(evidence.read(options.evidence)))
    for what, number in (*found, ("in all", sum(number for _, number in found))):
        print(f"{number:5}  {what}")
    return 0


def _catalogue(options: argparse.Namespace) -> int:
    document = read_document(DEFAULT)
    options.out.write_text(catalogue.page(*catalogue.collected(document), document), encoding="utf-8")
    print(options.out)
    return 0


if __name__ == "__main__":
    if isinstance(sys.stdout, TextIOWrapper):
        # A page is UTF-8 wherever it goes; a terminal that cannot show Chinese shows its escapes.
        sys.stdout.reconfigure(encoding=None if sys.stdout.isatty() else "utf-8", errors="backslashreplace")
    sys.exit(main())
