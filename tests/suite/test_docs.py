"""The documents: what they name is there, what they tell to run can be run, and what is generated has not drifted."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import conformance.__main__
import contracts.__main__
from conformance import catalogue, evidence, sent
from conformance.clause import FIRST_VERSION
from conformance.compare import numbers
from conformance.probes import suite_version
from conformance.sight import Sight
from contracts import DEFAULT, read
from tests.suite import miniature
from tests.suite.conftest import Once
from tests.suite.gate import ROOT, Gate, Run

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
WRITTEN = [page for page in PAGES if page.name not in {"CHANGELOG.md", "clauses.md"}]
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
each_written = pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)

ELSEWHERE = frozenset({"export", "./check"})
"""Commands whose words are not ours to check."""


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def commands(page: Path) -> Iterator[list[str]]:
    """The command lines of a page's blocks, each as its words; what stands behind a # is none of them."""
    text = text_of(page)
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    indented = re.findall(r"^ {4}((?:\./|export |pytest|python ).*)$", text, re.MULTILINE)
    inline = re.findall(r"`((?:python -m|pytest|\./gate|\./check) [^`…]*)`", text)
    for line in [*(line for block in blocks for line in block.splitlines()), *indented, *inline]:
        if words := shlex.split(line, comments=True):
            yield words


# -- links and names


def anchors(page: Path) -> set[str]:
    """The places of a page that can be linked to: its headings, as GitHub names them."""
    headings = re.findall(r"^#+ (.*)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    """Every file that is linked to exists, and has the heading that is linked to."""
    for link in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        if link.startswith("https://"):
            continue
        name, _, heading = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        assert not heading or heading in anchors(target), link


@each_written
def test_paths_that_are_named_exist(page: Path) -> None:
    """A path in backquotes that says a folder of this repository is there."""
    tops = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")} - {"report"}
    for path in re.findall(r"`([\w.-]+/[\w./-]*)`", text_of(page)):
        if path.partition("/")[0] in tops:
            assert (ROOT / path).exists(), path


@pytest.fixture(scope="module")
def options(gate: Gate, once: Once) -> set[str]:
    """Every option that the gate and our modules explain."""
    return once("options", lambda: explained(gate))


def explained(gate: Gate) -> set[str]:
    helps = [gate("--help").out, Gate.help_of("contracts"), Gate.help_of("conformance"), Gate.help_of("reference")]
    helps += [Gate.help_of("conformance", name) for name in ("compare", "page", "sent", "catalogue")]
    return {option for text in helps for option in re.findall(r"--[a-z][a-z-]+", text)}


@each_written
def test_options_that_are_named_exist(page: Path, options: set[str]) -> None:
    """Every option that a page names is one that --help explains."""
    ours = re.sub(r"```text\n.*?```", "", text_of(page), flags=re.DOTALL)
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", ours)) <= options


# -- commands


@each_written
def test_commands_are_understood(page: Path, pytestconfig: pytest.Config) -> None:
    """Every command line of a page is one that the program which it names understands."""
    # What reads the command line of pytest is not public.
    config: Any = pytestconfig
    for words in commands(page):
        match words:
            case ["./gate" | "pytest", "--help"] | [
                "python",
                "-m",
                "contracts" | "conformance" | "reference" | "benchmarks",
                "--help",
            ]:
                pass
            case ["./gate" | "pytest", *rest]:
                config._parser.parse(rest)
            case ["python", "-m", "contracts", *rest]:
                contracts.__main__._parser().parse_args(rest)
            case ["python", "-m", "conformance", *rest]:
                conformance.__main__._parser().parse_args(rest)
            case _:
                assert words[0] in ELSEWHERE, words


def test_readmes_tell_the_same() -> None:
    """The README has the same commands, options and links in both languages, and in Chinese no figure of its own."""
    english, chinese = ROOT / "README.md", ROOT / "README.zh-CN.md"
    assert list(commands(english)) == list(commands(chinese))
    for pattern in (r"--[a-z][a-z-]+", r"\]\(((?!README)[^)]+)\)"):
        assert sorted(set(re.findall(pattern, text_of(english)))) == sorted(set(re.findall(pattern, text_of(chinese))))
    figures = [set(re.findall(r"\d[\d,.]+\d", text_of(readme))) for readme in (chinese, english)]
    assert figures[0] - figures[1] == set()


def test_first_run_goes_as_it_is_told(gate: Gate) -> None:
    """The broken reference of the first run turns red the clause that the page shows, with the words that it shows."""
    page = ROOT / "docs" / "first-run.md"
    [words] = [words for words in commands(page) if any("contract_default_target" in word for word in words)]
    run = gate(*words[1:], "-m", "paging")
    assert (run.exit, run.red) == (1, {"PAGE-07"})
    shown = re.findall(r"```text\n(.*?)```", text_of(page), re.DOTALL)[0]
    for line in shown.splitlines():
        for piece in line.split("…"):
            assert piece.strip() in run.out, piece


# -- what is sent


def test_kinds_that_are_told_are_those_that_are_sent(healthy: Run) -> None:
    """The page about what is sent names each kind of request that a whole run sends, and about how many."""
    rows = re.findall(r"^\| (\d+) \| (.*) \|$", text_of(ROOT / "docs" / "what-we-send.md"), re.MULTILINE)
    told = {what: int(number) for number, what in rows}
    assert told.pop("in all") == sum(told.values())
    counted = dict(sent.counted(evidence.read(healthy.evidence)))
    assert told.keys() == counted.keys()
    # The run of these tests draws fewer.
    drawn = sent.KINDS["drawn"]
    for what in told.keys() - {drawn}:
        assert abs(told[what] - counted[what]) <= max(5, told[what] // 5), what
    assert counted[drawn] < told[drawn]


def test_sent_requests_are_counted_on_the_console(healthy: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """`sent` prints each kind with its number, and all of them; of a file that is no evidence, a line says so."""
    assert conformance.__main__.main(["sent", str(healthy.evidence)]) == 0
    lines = capsys.readouterr().out.splitlines()
    exchanges = sum(1 for _ in evidence.read(healthy.evidence).exchanges())
    assert lines[-1].split() == [str(exchanges), "in", "all"]
    assert len(lines) == len(sent.KINDS) + 1
    assert conformance.__main__.main(["sent", str(healthy.folder / "report.json")]) == 1
    assert capsys.readouterr().err.count("\n") == 1


# -- the catalogue


def test_catalogue_has_not_drifted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """docs/clauses.md is what `python -m conformance catalogue` makes of the clauses, and says so in its first line."""
    made = tmp_path / "clauses.md"
    assert conformance.__main__.main(["catalogue", "--out", str(made)]) == 0
    assert capsys.readouterr().out.strip() == str(made)
    kept = ROOT / "docs" / "clauses.md"
    assert text_of(kept).splitlines()[0] == catalogue.GENERATED
    assert text_of(kept) == text_of(made), f"run `{catalogue.COMMAND}`"


def test_catalogue_has_every_clause() -> None:
    """Every clause has an entry, with its level, requirement, source, and how servers get it wrong."""
    text = text_of(ROOT / "docs" / "clauses.md")
    entries = {one.partition("\n")[0]: one for one in text.split("\n### ")[1:]}
    assert set(entries) == {clause.id for clause in miniature.catalogue()}
    for clause in miniature.catalogue():
        for said in (f"**{clause.level}.** {clause.text}", f"- usually: {clause.usually}", *clause.rests_on):
            assert said in entries[clause.id]


@pytest.mark.parametrize("clause", list(miniature.catalogue()), ids=lambda clause: clause.id)
def test_clause_says_what_it_asks_and_sees(clause: Any) -> None:
    """What a clause asks, and each view that it looks at, is a sentence that the catalogue can print."""
    said = "\n".join(catalogue.entry(clause, miniature.document()))
    assert re.search(r"^- asks: \S.*\.$", said, re.MULTILINE)
    assert "{}" not in said
    assert "looks at: ." not in said
    assert "; ;" not in said


def test_views_say_what_they_are() -> None:
    """Every view has a docstring, for the catalogue prints it."""
    assert [name for name, one in vars(Sight).items() if isinstance(one, property) and not one.__doc__] == []


def test_since_is_a_version_that_there_was() -> None:
    """No clause is older than the first version or newer than this one, so that comparisons can tell a new one."""
    for clause in miniature.catalogue():
        assert numbers(FIRST_VERSION) <= numbers(clause.since) <= numbers(suite_version()), clause.id


# -- one clause's entry


def test_clause_info_prints_one_entry(gate: Gate) -> None:
    """--clause-info prints what there is to know of one clause, asks nothing, and exits 0."""
    run = gate("--clause-info=page-07", "-q", environment={"PYTEST_BASE_URL": "http://127.0.0.1:9"})
    clause = miniature.catalogue()["PAGE-07"]
    assert run.exit == 0, run.said
    assert all(line in run.out.splitlines() for line in catalogue.entry(clause, read(DEFAULT)))
    assert not (run.folder / "report.json").exists()


@pytest.mark.parametrize(("id", "words"), [("page-7", ("PAGE-07",)), ("zzz", ("--clauses",))])
def test_unknown_clause_is_told_in_one_line(gate: Gate, id: str, words: tuple[str, ...]) -> None:
    """An id that no clause has is wrong usage, told in one line with the ids that are near it."""
    assert gate(f"--clause-info={id}").is_wrong_usage(id, *words)
