"""A workflow of GitHub: annotations and the step's summary say what went wrong, and no target's text is a command."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from werkzeug.wrappers import Request, Response

from conformance import __main__, github
from conformance.layout import visible
from tests.suite import reported
from tests.suite.gate import Gate
from tests.suite.reported import Json, clause, exchange, finding, kept
from tests.suite.servers import Reference, Served, free_port, in_machines

COMMANDS = frozenset({"error", "warning", "notice", "debug", "group", "endgroup", "add-mask", "set-output", "set-env"})
HOSTILE = (
    "::error::owned",
    "  ::set-env name=PATH::owned",
    "text ##[add-mask]owned",
    "100%0A::error::owned",
    "one\n::error::owned\r##[error]owned",
    "title,file=x::owned",
    "<script>alert(1)</script> </pre></details> | a | b\n\n# owned\n",
    "[owned](http://owned.invalid) ![](http://owned.invalid) `owned` http://owned.invalid *o* &lt;b&gt;",
    "\x1b[31m\u202e\ud800",
)
"""What a target may say."""


@dataclass(frozen=True)
class Command:
    """A command as a workflow takes it from a line."""

    name: str
    title: str
    data: str


class Runner:
    """What takes commands from the lines of a step, as GitHub's does: both forms, `::name::` and `##[name]`."""

    def __init__(self) -> None:
        self._stopped_until = ""

    def taken(self, lines: Iterable[str]) -> list[Command]:
        """The commands that were carried out."""
        found = (self._command(line) for line in lines)
        return [command for command in found if command and self._carried_out(command)]

    def _carried_out(self, command: Command) -> bool:
        if self._stopped_until:
            if command.name == self._stopped_until:
                self._stopped_until = ""
            return False
        if command.name == "stop-commands":
            self._stopped_until = command.data
            return False
        return True

    def _command(self, line: str) -> Command | None:
        known = COMMANDS | {"stop-commands", self._stopped_until}
        modern = re.match(r"\s*::([^\s:]+)(?: ((?:(?!::).)*))?::(.*)", line)
        if modern and modern[1] in known:
            values = dict(pair.partition("=")[::2] for pair in (modern[2] or "").split(","))
            return Command(modern[1], unescaped(values.get("title", "")), unescaped(modern[3]))
        old = re.search(r"##\[([^\s\]]+)[^\]]*\](.*)", line)
        return Command(old[1], "", old[2]) if old and old[1] in known else None


def unescaped(text: str) -> str:
    for code, character in {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}.items():
        text = text.replace(code, character)
    return text


def shown(*reports: Json) -> list[Command]:
    """The annotations of some reports, as a workflow takes them."""
    return Runner().taken(line for text in github.annotated(reports) for line in re.split(r"\r\n|\r|\n", text))


def red(id: str, *, area: str = "fields", level: str = "MUST", seen: str = "it is a string") -> Json:
    """A clause that failed."""
    return clause(id, "fail", finding("an int", seen, exchange({"vm_servers": []})), level=level) | {"area": area}


def blocked(id: str, by: str) -> Json:
    """A clause that another one blocks."""
    return clause(id, "blocked") | {"because": [by]}


# -- annotations


def test_worst_stands_first() -> None:
    """What shows one's machines to another stands first, then what blocks most, then the rest, and last what SHOULD."""
    report = kept(
        red("SHOULD-01", level="SHOULD"),
        red("LEAF-01"),
        red("ROOT-01"),
        blocked("A", "ROOT-01"),
        red("AUTH-01", area="auth"),
    )
    titles = [one.title.partition(" ")[0] for one in shown(report)]
    assert titles == ["AUTH-01", "ROOT-01", "LEAF-01", "SHOULD-01"]
    assert [one.name for one in shown(report)] == ["error", "error", "error", "warning"]


def test_annotation_tells_what_a_repair_needs() -> None:
    """An annotation has the clause, its level, requirement and finding, how it usually comes about, and a command."""
    [one] = shown(kept(red("FIELD-01")))
    assert one.title == "FIELD-01 (MUST, fields)"
    for text in ("What FIELD-01 requires.", "expected an int; it is a string", "usually: A number", "again: curl "):
        assert text in one.data


def test_no_more_than_are_shown() -> None:
    """There are ten at the most; the last counts those that are left out."""
    found = shown(kept(*(red(f"FIELD-{number:02}") for number in range(30))))
    assert len(found) == 10
    assert found[-1].title == "21 more"


def test_kept_contract_has_none() -> None:
    """Where the contract is kept there is nothing to annotate."""
    assert shown(kept(clause("A"))) == []


def test_worst_of_all_targets_stands_first() -> None:
    """Of several targets the worst of all stands first, and each annotation says whose it is."""
    acme, bolt = kept(red("LEAF-01"), name="acme"), kept(red("AUTH-01", area="auth"), name="bolt")
    titles = [one.title for one in shown(acme, bolt)]
    assert titles == ["bolt: AUTH-01 (MUST, auth)", "acme: LEAF-01 (MUST, fields)"]


def test_known_failure_is_not_annotated() -> None:
    """What a baseline knows to fail is not annotated; what is new is."""
    held = {"file": "old.json", "known": ["OLD-01"], "new": ["NEW-01"], "fixed": []}
    found = shown(kept(red("OLD-01"), red("NEW-01"), baseline=held))
    assert [one.title for one in found] == ["NEW-01 (MUST, fields)"]


def test_should_that_failed_the_run_is_an_error() -> None:
    """Where the run failed by what SHOULD hold alone, that is an error; where it did not fail, a warning."""
    report = kept(red("A", level="SHOULD"))
    assert [one.name for one in shown(report)] == ["warning"]
    assert [one.name for one in shown({**report, "verdict": "fail"})] == ["error"]


def test_unjudged_run_is_an_error() -> None:
    """Where the target could not be judged, that is an error, with the reason and the clauses."""
    [one] = shown(kept(clause("PAGE-01", "inconclusive", reason="the list is empty")))
    assert (one.name, one.title) == ("error", "Could not judge")
    assert "the list is empty: PAGE-01" in one.data


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_a_target_is_a_command(text: str) -> None:
    """Whatever a target says, each annotation is the one command that we meant, and has that text in it."""
    report = kept(red(text, area=text, seen=text))
    [one] = shown(report)
    assert (one.name, one.title) == ("error", visible(f"{text} (MUST, {text})"))
    assert visible(text) in one.data


# -- the summary


class Elements(HTMLParser):
    """The elements and attributes of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def rendered(summary: str) -> Elements:
    """A summary as GitHub would show it."""
    return Elements(MarkdownIt("commonmark").enable("table").render(summary))


OURS = {"h2", "table", "thead", "tbody", "tr", "th", "td", "details", "summary", "b", "p", "ul", "li", "pre"}


def test_summary_says_what_became_of_the_contract() -> None:
    """The summary has the verdict, the target, each red clause with its evidence, and what was not judged."""
    text = rendered(github.summary(kept(red("FIELD-01"), blocked("PAGE-01", "FIELD-01"), name="acme"))).text
    for words in (
        "Broken: 1 clause that MUST hold does not.",
        "acme",
        "What FIELD-01 requires.",
        "expected an int; it is a string",
        "curl -H",
        '{"vm_servers": []}',
        "blocked by FIELD-01",
    ):
        assert words in text


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_a_target_is_markup(text: str) -> None:
    """Whatever a target says, it becomes no element, link or picture of the summary, and stands there as text."""
    report = reported.hostile(text)
    for one in report["clauses"]:
        one["area"] = text
    page = rendered(github.summary(report))
    assert page.names <= OURS
    assert page.attributes <= {"style"}
    assert " ".join(visible(text).split()) in " ".join(page.text.split())


def test_summary_keeps_to_its_limit() -> None:
    """However much is red, a summary keeps to the bytes that GitHub takes, and says how much it leaves out."""
    huge = exchange("字" * 1_900)
    report = kept(*(clause(f"A-{n:03}", "fail", finding("a", "b", huge)) for n in range(400)))
    text = github.summary(report)
    assert 1_000_000 < len(text.encode()) <= 1_048_576
    there = rendered(text).text.count("What A-")
    assert f"{400 - there} more red clauses find no room here" in text


def test_summary_without_room_is_none() -> None:
    """Where there is no room for as much as the verdict, nothing is written, for GitHub would show nothing at all."""
    assert github.summary(kept(clause("A")), 100) == ""


# -- whole runs


def in_workflow(folder: Path) -> dict[str, str]:
    return {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(folder / "summary.md")}


def test_hostile_server_gives_no_commands(gate: Gate, reference: Reference, tmp_path: Path) -> None:
    """All that a run prints of a hostile server, in every form in which commands are taken, is no command."""

    def said(machine: Json) -> Json:
        numbers = dict.fromkeys(("cpu_num", "mem_size", "disk_size"), "##[error]owned")
        return {name: {"is": "\n::error::owned"} for name in machine} | numbers

    def edit(request: Request, response: Response) -> Response:
        if response.status_code == 200:
            return in_machines(said)(request, response)
        return Response("::error::owned\n##[error]owned", response.status_code, content_type="text/plain")

    with reference.serving(edit) as server:
        run = gate("-m", "fields or errors", "-vv", "-rA", environment=server.environment | in_workflow(tmp_path))
    assert {"FIELD-cpu_num", "ERROR-08"} <= run.red
    assert run.out.count("##[error]owned") > len(run.red)
    titles = [one.title.partition(" ")[0] for one in Runner().taken(run.said.splitlines())]
    assert len(titles) == 10
    assert set(titles[:-1]) < run.red


def test_summary_is_appended(gate: Gate, served: Served, tmp_path: Path) -> None:
    """The summary stands behind what the step has written there before; a kept contract annotates nothing."""
    (tmp_path / "summary.md").write_text("# Before\n\n", encoding="utf-8")
    run = gate("-k", "HEAD-02", environment=served.environment | in_workflow(tmp_path))
    text = (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert text.startswith("# Before\n\n## Kept")
    assert Runner().taken(run.said.splitlines()) == []


def test_summary_that_cannot_be_written_is_told(gate: Gate, served: Served, tmp_path: Path) -> None:
    """A summary that cannot be written is a warning, and changes no verdict."""
    run = gate("-k", "HEAD-02", environment=served.environment | in_workflow(tmp_path / "nowhere"))
    [one] = Runner().taken(run.said.splitlines())
    assert (run.exit, one.name, one.title) == (0, "warning", "The summary was not written")


def test_unreached_target_is_annotated(gate: Gate, tmp_path: Path) -> None:
    """A target that was not reached is an error in the workflow as well."""
    nobody = {"PYTEST_BASE_URL": f"http://127.0.0.1:{free_port()}", "MANA_PARTY": "p", "MANA_REGION": "r"}
    run = gate(
        "-k", "HEAD-02", environment={**nobody, "MANA_TOKEN": "t" * 9, "MANA_TENANT_ID": "t", **in_workflow(tmp_path)}
    )
    [one] = Runner().taken(run.said.splitlines())
    assert (run.exit, one.name, one.title) == (6, "error", "Could not judge")
    assert "refused" in one.data


def test_elsewhere_nothing_is_said_to_workflows(gate: Gate, served: Served) -> None:
    """Outside of GitHub no command is printed."""
    assert "::" not in gate("-k", "HEAD-02", "-q", environment=served.environment).out


@pytest.mark.parametrize("text", HOSTILE)
def test_comparison_prints_no_commands(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A report that somebody else made is as hostile as a server: what is printed of it is no command."""
    path = reported.written(tmp_path, "a", reported.hostile(text))
    assert __main__.main(["compare", str(path)]) == 0
    broken = reported.written(tmp_path, "b", {**reported.hostile(text), "verdict": text})
    assert __main__.main(["compare", str(broken)]) == 1
    told = capsys.readouterr()
    assert Runner().taken([*told.out.splitlines(), *told.err.splitlines()]) == []
