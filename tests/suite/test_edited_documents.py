"""An edited document changes what is asked and judged, and no code does."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from conformance.answer import Machine
from conformance.judgement import Verdict
from contracts import DEFAULT, Document, DocumentError, parse, read
from tests.suite import miniature, slow
from tests.suite.gate import Gate, Run
from tests.suite.miniature import Miniature, red, unjudged
from tests.suite.servers import Reference, Served, in_machines, moved, serving

AREAS = "headers or body or fields or params"
"""What most edits are judged by: all that looks at a table's rows, and enough around it to see what else turns red."""

RULE = "+---------------+--------+----------------------------------------------------------------------+\n"


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[str, str], Path]:
    """Makes a copy of the document in which one text stands in the place of another, everywhere."""

    def edit(old: str, new: str) -> Path:
        text = DEFAULT.read_text(encoding="utf-8")
        assert old in text, f"the document has no {old!r}"
        copy = tmp_path / "edited.rst"
        copy.write_text(text.replace(old, new), encoding="utf-8")
        return copy

    return edit


def row(name: str, type_: str, description: str) -> str:
    """A row of the response table, with the rule below it."""
    return f"| {name:<13} | {type_:<6} | {description:<68} |\n{RULE}"


STATUS = row("status", "string", "State of the virtual machine")


def judged(gate: Gate, document: Path, server: Served, *options: str) -> Run:
    """A run by a document."""
    return gate(f"--contract={document}", "-m", AREAS, *options, environment=server.environment)


def test_unedited_document_is_kept(gate: Gate, served: Served, edited: Callable[[str, str], Path]) -> None:
    """A copy of the document with other words in its prose is judged as the document itself."""
    run = judged(gate, edited("Number of CPU cores ", "How many CPU cores  "), served)
    assert (run.exit, run.red) == (0, set())


def test_new_field_is_wanted(gate: Gate, served: Served, edited: Callable[[str, str], Path]) -> None:
    """A row that is added to the response table is a clause of its own, red where no machine has the field."""
    run = judged(gate, edited(STATUS, STATUS + row("zone_name", "string", "Where it stands")), served)
    assert (run.exit, run.red) == (1, {"FIELD-zone_name"})
    [finding] = run.clauses["FIELD-zone_name"]["findings"]
    assert "zone_name" in finding["message"]


def test_changed_type_is_wanted(gate: Gate, served: Served, edited: Callable[[str, str], Path]) -> None:
    """A type that is changed in the response table is what is wanted from then on."""
    run = judged(gate, edited("| cpu_num       | int    |", "| cpu_num       | string |"), served)
    assert (run.exit, run.red) == (1, {"FIELD-cpu_num"})
    [finding] = run.clauses["FIELD-cpu_num"]["findings"]
    assert "string" in finding["message"]


def test_parameter_made_required_is_wanted(gate: Gate, served: Served, edited: Callable[[str, str], Path]) -> None:
    """A parameter that becomes required is sent with every good request, and its lack has to be refused."""
    run = judged(gate, edited("| f (optional)         |", "| f (required)         |"), served)
    assert (run.exit, run.red & {"PARAM-01-f"}) == (1, {"PARAM-01-f"})
    assert {id.split("-")[0] for id in run.red} == {"PARAM"}, run.red
    asked = run.clauses["PARAM-01-f"]["findings"][0]["exchanges"][0]["request"]["url"]
    assert "&f=" not in asked


def test_removed_row_is_not_missed(gate: Gate, reference: Reference, edited: Callable[[str, str], Path]) -> None:
    """A row that is taken out of the response table has no clause any more, and nobody needs the field."""
    without = in_machines(lambda machine: {name: value for name, value in machine.items() if name != "status"})
    with reference.serving(without) as server:
        run = judged(gate, edited(STATUS, ""), server)
        whole = judged(gate, DEFAULT, server, "-k", "FIELD-status")
    assert (run.exit, run.red, run.report["verdict"]) == (0, set(), "pass")
    assert "FIELD-status" not in run.verdicts
    assert whole.verdicts["FIELD-status"] == "fail"


def test_edited_path_is_asked(gate: Gate, served: Served, edited: Callable[[str, str], Path]) -> None:
    """Where the document names another path, that one is asked, and a server without it could not be judged."""
    run = judged(gate, edited("/mana_api/vm", "/mana_api/v2"), served)
    assert run.exit == 6
    assert "/mana_api/v2" in run.said
    assert "404" in run.said
    assert set(run.verdicts.values()) == {"inconclusive"}


def test_server_at_the_edited_path_is_judged(
    gate: Gate, reference: Reference, edited: Callable[[str, str], Path]
) -> None:
    """A server at the path that the document names is judged there."""
    with serving(moved(reference.application, "/mana_api/v2", "/mana_api/vm")) as base_url:
        run = judged(gate, edited("/mana_api/vm", "/mana_api/v2"), Served(base_url, reference.card))
    assert (run.exit, run.red) == (0, set())


def test_broken_document_is_wrong_usage(gate: Gate, served: Served, tmp_path: Path) -> None:
    """A document that cannot be read ends the run with one line that names it, and nothing is asked."""
    document = tmp_path / "broken.rst"
    document.write_text("no tables here", encoding="utf-8")
    assert judged(gate, document, served).is_wrong_usage("broken.rst")


@pytest.mark.parametrize(
    ("old", "new"),
    [("vm_servers    | dict ", "vm_servers    | blob "), (RULE, ""), ('"msg":', '"msg"'), ("| GET ", "| GOT ")],
    ids=["unknown type", "broken table", "broken sample", "unknown method"],
)
def test_broken_document_is_told_in_one_line(edited: Callable[[str, str], Path], old: str, new: str) -> None:
    """A mistake in the document's tables or samples is told in one line."""
    with pytest.raises(DocumentError) as caught:
        read(edited(old, new))
    assert len(str(caught.value).splitlines()) == 1


def test_document_that_is_no_file_is_wrong_usage(gate: Gate, served: Served, tmp_path: Path) -> None:
    """A folder given for the document ends the run with one line."""
    assert judged(gate, tmp_path, served).is_wrong_usage(str(tmp_path))


# -- documents that settle what ours leaves open


def changed(*edits: tuple[str, str]) -> Document:
    """Our document with other texts in the places of some."""
    text = DEFAULT.read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text, f"the document has no {old!r}"
        text = text.replace(old, new)
    return parse(text, DEFAULT.name)


TABLE_SAYS_LIST = ("| vm_servers    | dict  ", "| vm_servers    | list  ")
SAMPLE_HAS_CODE = ('{\n      "vm_servers"', '{\n      "code": 200,\n      "vm_servers"')
SAMPLE_NAMES_PARTY = ("/vm?tenant_id", "/vm?party=vendor&tenant_id")

SETTLED = {
    "list": (TABLE_SAYS_LIST, {"vm_servers": "dict"}, "BODY-02"),
    "code": (SAMPLE_HAS_CODE, {"code": "absent"}, "BODY-03"),
    "party": (SAMPLE_NAMES_PARTY, {"party": "either"}, "PARAM-01-party"),
}
"""An edit, a server that does not keep it, and the clause that tells it."""


@pytest.mark.parametrize(("edit", "otherwise", "clause"), slow.but_every(3, SETTLED.values()), ids=SETTLED)
def test_what_the_document_settles_is_held_to(edit: tuple[str, str], otherwise: dict[str, str], clause: str) -> None:
    """Where table and sample agree, a server as they say is fully judged, and another is red by one clause."""
    document = changed(edit)
    kept = miniature.judged(Miniature(), by=document)
    assert (red(kept), unjudged(kept)) == ({}, {})
    assert list(red(miniature.judged(Miniature(**otherwise), by=document))) == [clause]


class Unbounded(Miniature):
    """A miniature that knows neither parties nor pages."""

    def name_party(self, _: object) -> None:
        """Any name will do."""

    def window(self, _: object, machines: Sequence[Machine]) -> Sequence[Machine]:
        """The whole list."""
        return machines


PARTY = re.compile(r"^\| party \(.*\n\+.*\n", re.MULTILINE)
BOUNDS = re.compile(r"^\| [ft] \(.*\n\+.*\n", re.MULTILINE)


def test_what_the_document_does_not_have_is_not_asked() -> None:
    """Without the rows of `party`, `f` and `t`, no clause is about them, and nothing is left to judge."""
    text = BOUNDS.sub("", PARTY.sub("", DEFAULT.read_text(encoding="utf-8"))).replace("&f=1&t=10", "")
    document = parse(text, DEFAULT.name)
    # What is drawn of another document takes long to draw.
    ids = [one.id for one in miniature.catalogue(document) if not one.drawn and one.area != "properties"]
    became = miniature.judged(Unbounded(), *ids, by=document)
    assert (red(became), unjudged(became)) == ({}, {})
    gone = {id for id, one in became.items() if one.verdict is Verdict.NOT_APPLICABLE}
    assert {"PAGE-01", "PAGE-13", "PAGE-18", "SCOPE-03", "SCOPE-06"} <= gone
