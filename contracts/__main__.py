"""`python -m contracts`: look at the contract document, and keep what is derived from it up to date."""

from __future__ import annotations

import argparse
import json
import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

from . import DEFAULT
from .derive import files
from .document import DocumentError, read
from .drift import drift
from .lint import lint
from .readings import READINGS, ReadingsError, register

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .document import Document, Field

SCHEMAS = Path(__file__).parent.parent / "schemas"

EPILOG = """\
Edit the document, then:

  python -m contracts show            is it read as it is meant?
  python -m contracts lint            where does it contradict itself now?
  python -m contracts derive          write the schemas anew
  python -m contracts check           does everything agree? (for CI)

DOC is a page of reStructuredText with the same tables; without it, the contract that lies beside the program.
A contradiction is settled by a sentence in readings.toml, under its id. Exit: 0 when the command did its work,
1 when the document cannot be read or, for check, when something drifted or is unsettled.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    options = _parser().parse_args(arguments)
    run: Callable[[Document, argparse.Namespace], int] = options.run
    try:
        return run(read(options.document), options)
    except BrokenPipeError:
        # Whoever read our output has seen enough; let the interpreter's last flush go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (DocumentError, ReadingsError) as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m contracts", description=(__doc__ or "").split(": ", 1)[1], epilog=EPILOG, formatter_class=raw
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[Document, argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=f"{text.capitalize()}.")
        added.add_argument("document", nargs="?", type=Path, default=DEFAULT, metavar="DOC", help="the document")
        added.set_defaults(run=run)
        return added

    show = command("show", _show, "print the document as it is understood")
    show.add_argument("--json", action="store_true", help="print it as JSON, its samples and all")
    derive = command("derive", _derive, "write the JSON Schemas and the OpenAPI document")
    derive.add_argument("--out", type=Path, default=SCHEMAS, metavar="DIR", help="where to (default: schemas/)")
    command("lint", _lint, "list where the document contradicts itself, with both places and what settles it")
    check = command("check", _check, "fail when the schemas are not the document's, or a contradiction is unsettled")
    check.add_argument("--schemas", type=Path, default=SCHEMAS, metavar="DIR", help="where they lie")
    check.add_argument("--readings", type=Path, default=READINGS, metavar="FILE", help="what settles contradictions")
    return parser


def _show(document: Document, options: argparse.Namespace) -> int:
    print(_as_json(document) if options.json else "\n".join(_as_text(document)))
    return 0


def _as_json(document: Document) -> str:
    prose = {
        "document": document.name,
        "sha256": document.sha256,
        "title": document.title,
        "summary": document.summary,
        "descriptions": {
            "operation": document.operation.description,
            "parameters": {known.name: known.description for known in document.parameters},
            "fields": {known.name: known.description for known in document.fields},
        },
    }
    return json.dumps({**prose, **document.facts}, ensure_ascii=False, indent=2)


def _as_text(document: Document) -> list[str]:
    operation, sample = document.operation, document.request_sample
    wanted = {True: "required", False: "optional"}
    return [
        document.title,
        document.summary,
        "",
        f"{operation.method} {operation.path}   {operation.description}",
        f"entry point   {document.entry_point}",
        f"token in      {document.token_header}",
        f"agent in      {document.agent_header or 'no header'}",
        "",
        "request parameters",
        *(f"  {p.name:16}{p.type:8}{wanted[p.required]:10}{p.description}" for p in document.parameters),
        "",
        "answer",
        *(_row(field) for field in document.answer_fields),
        "",
        f"each machine in {document.container.name}",
        *(_row(field) for field in document.machine_fields),
        "",
        "samples",
        f"  line {sample.place.line:<4} {sample.method} {sample.url}",
        *(f"  line {answer.place.line:<4} {answer.status} {answer.reason}" for answer in document.answers),
    ]


def _row(field: Field) -> str:
    optional = "" if field.required else "(optional) "
    return f"  {field.name:16}{field.type:8}{optional}{field.description}"


def _derive(document: Document, options: argparse.Namespace) -> int:
    options.out.mkdir(parents=True, exist_ok=True)
    for name, text in files(document).items():
        (options.out / name).write_text(text, encoding="utf-8")
        print(options.out / name)
    return 0


def _lint(document: Document, _options: argparse.Namespace) -> int:
    known = register()
    found = lint(document)
    for one in found:
        print(one.id, f"    {one.sentence}", *(f"    {place}" for place in one.places), sep="\n")
        print(f"    settled: {known.settled[one.id].says}" if known.settles(one) else "    UNSETTLED")
    unsettled = sum(not known.settles(one) for one in found)
    print(f"{document.name}: {len(found)} contradictions, {unsettled} unsettled")
    return 0


def _check(document: Document, options: argparse.Namespace) -> int:
    faults = [*register(options.readings).faults(document), *drift(document, options.schemas)]
    for fault in faults:
        print(f"{document.name}: {fault}")
    print(f"{document.name}: {len(faults)} faults" if faults else f"{document.name}: all agrees")
    return 1 if faults else 0


if __name__ == "__main__":
    if isinstance(sys.stdout, TextIOWrapper):
        # A terminal that cannot show Chinese shows its escapes rather than a traceback.
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(main())
