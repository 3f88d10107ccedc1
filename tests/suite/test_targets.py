"""Targets by name and fleets of them: each judged as it would be alone, one that is down for itself, and compared."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
from werkzeug.wrappers import Request, Response

from conformance import junit, named
from tests.suite import slow
from tests.suite.gate import ROOT, Gate, Run
from tests.suite.servers import Edit, Reference, Served, answer, answers, free_port, in_machines, talking

SOME = ("-m", "body or fields")


@dataclass
class Fleet:
    """Servers by their names, what targets.toml says of each, and how many requests came to each."""

    folder: Path
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    requests: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, server: Served, **more: Any) -> None:
        card = {key: server.card[key] for key in ("party", "tenant_id", "region")}
        self.environment[f"TOKEN_OF_{name.upper()}"] = server.card["token"]
        self.tables[name] = {"base_url": server.base_url, **card, "token": f"$TOKEN_OF_{name.upper()}", **more}

    def counting(self, name: str, edit: Edit | None = None) -> Edit:
        """An edit that counts too."""
        self.requests[name] = 0

        def counted(request: Request, response: Response) -> Response:
            self.requests[name] += 1
            return edit(request, response) if edit else response

        return counted

    def written(self) -> Path:
        return written(self.folder, self.tables)


def written(folder: Path, tables: Mapping[str, Mapping[str, Any]]) -> Path:
    """A targets.toml; JSON's texts, numbers, truth values and lists are TOML's too."""
    path = folder / "targets.toml"
    lines = [
        f"[targets.{name}]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in one.items())
        for name, one in tables.items()
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def reports(run: Run) -> dict[str, dict[str, Any]]:
    """The report of each target that has one, by its folder."""
    return {path.parent.name: json.loads(path.read_text(encoding="utf-8")) for path in run.folder.glob("*/report.json")}


def suites(path: Path) -> ElementTree.Element:
    return ElementTree.parse(path).getroot()  # noqa: S314 - what the gate wrote


def verdicts(run: Run) -> dict[str, str]:
    return {name: report["verdict"] for name, report in reports(run).items()}


NUMBERS = in_machines(lambda machine: {**machine, "cpu_num": str(machine["cpu_num"])})
ODD_NAMES = in_machines(lambda machine: {**machine, "instance_name": "half a pair: \ud800", "cpu_num": "\udfff"})


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory, reference: Reference) -> Iterator[Fleet]:
    """A healthy server, a broken one that says odd things, another healthy one, and one that is down."""
    made = Fleet(tmp_path_factory.mktemp("fleet"))
    with ExitStack() as stack:
        for name, edit in (("acme", None), ("bolt", ODD_NAMES), ("cirrus", None)):
            made.add(name, stack.enter_context(reference.serving(made.counting(name, edit))))
        made.add("down", Served(f"http://127.0.0.1:{free_port()}", reference.card))
        yield made


@pytest.fixture(scope="module", params=[(), ("-n2",)], ids=["one process", "two processes"])
def heard(request: pytest.FixtureRequest, gate: Gate, fleet: Fleet) -> Run:
    """A run on that fleet."""
    fleet.requests.update(dict.fromkeys(fleet.requests, 0))
    return gate(*SOME, f"--targets={fleet.written()}", *request.param, environment=fleet.environment)


# -- a fleet


def test_each_target_has_a_verdict_of_its_own(heard: Run) -> None:
    """One broken target makes the exit 1, and neither it nor one that is down changes the verdicts on the others."""
    assert heard.exit == 1, heard.said
    assert verdicts(heard) == {"acme": "pass", "bolt": "fail", "cirrus": "pass", "down": "could-not-judge"}
    assert "kept by 2 of 4 targets; broken by bolt; could not be judged: down" in heard.out


def test_target_that_is_down_is_told_once(heard: Run) -> None:
    """Of a target that does not answer there is one line, which says why."""
    assert heard.out.count("the connection was refused") == 1
    assert {clause["verdict"] for clause in reports(heard)["down"]["clauses"]} == {"inconclusive"}


def test_each_target_has_a_folder_of_its_own(heard: Run) -> None:
    """Each target has the files that a run on it alone would write, and none is of another."""
    for name, report in reports(heard).items():
        names = {path.name for path in (heard.folder / name).iterdir()}
        assert names == {"report.json", "report.html", "evidence.jsonl", "junit.xml"}
        assert report["target"]["name"] == name


def test_each_target_is_asked_by_one_process(heard: Run, fleet: Fleet) -> None:
    """No target is asked twice, however many processes there are."""
    for name, asked in fleet.requests.items():
        # One more finds out how many connections a server takes.
        assert asked - reports(heard)[name]["requests"] in {0, 1}


def test_junit_is_of_one_target_or_of_all(heard: Run) -> None:
    """The whole junit.xml tells equal clauses of several targets apart, and each target's has its own alone."""
    [whole] = suites(heard.folder / "junit.xml")
    clauses = len(reports(heard)["acme"]["clauses"])
    names = {(case.get("classname"), case.get("name")) for case in whole.iter("testcase")}
    # The one that is down has a case more, which says so.
    assert len(names) == 4 * clauses + 1 == int(whole.get("tests", ""))
    [own] = suites(heard.folder / "bolt" / "junit.xml")
    assert {case.get("name", "").partition("[")[2].partition(":")[0] for case in own.iter("testcase")} == {"bolt"}
    levels = [clause["level"] for clause in reports(heard)["bolt"]["clauses"] if clause["verdict"] == "fail"]
    assert set(levels) == {"MUST", "SHOULD"}
    failures = levels.count("MUST")
    assert [own.get(one) for one in ("tests", "failures", "errors")] == [str(clauses), str(failures), "0"]


def test_target_that_is_down_is_in_error_in_junit(heard: Run) -> None:
    """A target that could not be judged has a case in error, in the whole junit.xml and in its own alone."""
    errors = {
        path: [case.get("name") for case in suites(path).iter("testcase") if case.find("error") is not None]
        for path in (heard.folder / "junit.xml", *heard.folder.glob("*/junit.xml"))
    }
    down = [name for name, verdict in verdicts(heard).items() if verdict == "could-not-judge"]
    assert down
    for path, found in errors.items():
        own = [name for name in down if path.parent in {heard.folder, heard.folder / name}]
        assert found == [f"{junit.UNJUDGED} {name}" for name in own]


def test_workflow_is_told_of_all_targets(gate: Gate, fleet: Fleet, tmp_path: Path) -> None:
    """In a step of GitHub's, annotations say whose they are, and the summary has each target."""
    workflow = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    run = gate(f"--targets={fleet.written()}", "-n2", *SOME, environment=fleet.environment | workflow)
    broken = [name for name, verdict in verdicts(run).items() if verdict == "fail"]
    titles = [line.partition(" title=")[2] for line in run.out.splitlines() if line.startswith("::error ")]
    assert broken
    assert all(any(title.startswith(f"{name}%3A ") for title in titles) for name in broken)
    assert (tmp_path / "summary.md").read_text(encoding="utf-8").count("## ") == len(reports(run))


def test_targets_are_compared(heard: Run) -> None:
    """The comparison is printed and written, and a target that is down does not make it one of unclear rows."""
    page = (heard.folder / "comparison.html").read_text(encoding="utf-8")
    assert all(name in page for name in ("acme", "bolt", "cirrus", "down"))
    assert "Where they disagree" in heard.out
    assert "Kept by all" in page


def test_no_token_is_told(heard: Run, fleet: Fleet) -> None:
    """No token of any target stands in what a run prints or writes."""
    texts = [heard.said.encode(), *(path.read_bytes() for path in heard.folder.rglob("*") if path.is_file())]
    for token in fleet.environment.values():
        assert not any(token.encode() in text for text in texts)


@pytest.mark.parametrize("options", [(), ("-n2",)], ids=["one process", "two processes"])
def test_what_is_about_all_targets_is_searched_for_secrets(
    gate: Gate, fleet: Fleet, tmp_path: Path, options: tuple[str, ...]
) -> None:
    """A token that stands in a file of all targets is an error of our own, and its name is told, not its value."""
    token = fleet.environment["TOKEN_OF_ACME"]
    (tmp_path / "summary.md").write_text(f"an earlier step printed {token}\n")
    workflow = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    chosen = ("-k", "BODY-01 and (acme or cirrus)", f"--targets={fleet.written()}", *options)
    run = gate(*chosen, environment=fleet.environment | workflow)
    assert run.exit == 3
    assert f"a secret stands in what was written: {tmp_path / 'summary.md'}: $MANA_TOKEN" in run.out
    assert token not in run.said


def test_fleet_that_keeps_the_contract_exits_0(gate: Gate, fleet: Fleet) -> None:
    """-k selects targets by their names; where all that are selected keep the contract, the exit is 0."""
    run = gate("-k", "BODY-01 and (acme or cirrus)", f"--targets={fleet.written()}", environment=fleet.environment)
    assert run.exit == 0, run.said
    assert verdicts(run) == {"acme": "pass", "cirrus": "pass"}
    assert "kept by 2 of 2 targets" in run.out


def test_fleet_with_one_down_exits_6(gate: Gate, fleet: Fleet) -> None:
    """Where no target is broken and one could not be judged, the exit is 6."""
    run = gate("-k", "BODY-01 and (acme or down)", f"--targets={fleet.written()}", environment=fleet.environment)
    assert run.exit == 6, run.said
    assert verdicts(run) == {"acme": "pass", "down": "could-not-judge"}


def test_exitfirst_tells_whose_turn_did_not_come(gate: Gate, fleet: Fleet) -> None:
    """-x ends the run at the first failure; what was begun is reported, and what was not is said."""
    run = gate(*SOME, "-x", f"--targets={fleet.written()}", environment=fleet.environment)
    assert run.exit == 1
    assert verdicts(run) == {"acme": "pass", "bolt": "fail"}
    assert [line.split(maxsplit=1)[1] for line in run.out.splitlines() if line.startswith("cirrus ")] == [
        "its turn did not come"
    ]


def test_error_of_our_own_is_one_of_its_target_alone(gate: Gate, fleet: Fleet, tmp_path: Path) -> None:
    """Where the suite fails at one target the run ends as our error, and the others have been judged."""
    (tmp_path / "out_of_order.py").write_text(
        "from conformance import rounds\n\nask = rounds.ask\n\n\n"
        "def sometimes(verdicts, asker):\n"
        "    if verdicts.known.target.name == 'bolt':\n"
        "        raise RuntimeError('out of order')\n"
        "    ask(verdicts, asker)\n\n\n"
        "rounds.ask = sometimes\n"
    )
    environment = {**fleet.environment, "PYTHONPATH": str(tmp_path)}
    run = gate("-k", "BODY-01", "-p", "out_of_order", f"--targets={fleet.written()}", environment=environment)
    assert run.exit == 3
    assert verdicts(run)["acme"] == "pass"
    assert verdicts(run)["bolt"] == "could-not-judge"
    assert "our own error, which says nothing of the target: RuntimeError: out of order" in run.out


@pytest.mark.slow
def test_process_that_is_lost_is_no_verdict(gate: Gate, fleet: Fleet, tmp_path: Path) -> None:
    """Where a process dies while it asks, its target is not told to be broken: the run ends as our own error."""
    (tmp_path / "dying.py").write_text(
        "import os\n\nfrom conformance import rounds\n\nask = rounds.ask\n\n\n"
        "def sometimes(verdicts, asker):\n"
        "    if verdicts.known.target.name == 'cirrus':\n"
        "        os._exit(1)\n"
        "    ask(verdicts, asker)\n\n\n"
        "rounds.ask = sometimes\n"
    )
    environment = {**fleet.environment, "PYTHONPATH": str(tmp_path)}
    only = ("-k", "BODY-01 and (acme or cirrus)", "-n2", "-p", "dying")
    run = gate(*only, f"--targets={fleet.written()}", environment=environment)
    assert run.exit == 3, run.said
    assert verdicts(run) == {"acme": "pass"}
    assert "the process that asked it was lost" in run.out


# -- one of them


def test_target_by_name_is_judged_alone(gate: Gate, fleet: Fleet) -> None:
    """--target judges one of the file, as the options that stand there would have it."""
    # As two words, which are a file among the options; and as ./gate names where the settings are.
    settings = ("-c", ROOT / "pyproject.toml", "--rootdir", ROOT)
    run = gate(
        *settings, "-k", "BODY-01", "--target", "acme", "--targets", fleet.written(), environment=fleet.environment
    )
    assert (run.exit, run.verdicts) == (0, {"BODY-01": "pass"}), run.said
    assert run.report["target"]["name"] == "acme"


def test_command_line_has_the_last_word_on_a_named_target(gate: Gate, fleet: Fleet) -> None:
    """An option beside --target counts more than the file, and the environment counts for nothing."""
    environment = {**fleet.environment, "MANA_PARTY": "nobody", "PYTEST_BASE_URL": "http://127.0.0.1:9"}
    only = ("-k", "BODY-01", "--target=acme", f"--targets={fleet.written()}")
    assert gate(*only, environment=environment).report["target"]["party"] == fleet.tables["acme"]["party"]
    assert gate(*only, "--region=nowhere", environment=environment).report["target"]["region"] == "nowhere"


def test_targets_toml_is_the_file_where_none_is_named(
    fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--target alone reads targets.toml of the folder that the gate is run in."""
    shutil.copy(fleet.written(), tmp_path)
    monkeypatch.chdir(tmp_path)
    config: Any = SimpleNamespace(option=SimpleNamespace(target="nobody", targets=None))
    with pytest.raises(pytest.UsageError, match=r"^--target nobody: no such target in targets.toml; there are acme"):
        named.one(config)


def test_table_may_hold_what_is_to_be_done_with_a_target(gate: Gate, served: Served, tmp_path: Path) -> None:
    """Readings, limits, methods and a baseline are settled for each target, the baseline beside the file."""
    fleet = Fleet(tmp_path)
    fleet.add("acme", served, reading=["paging=0-exclusive"], unsafe_methods=True, concurrency=2, rate_limit="900/s")
    first = gate("-k", "PAGE-01", f"--targets={fleet.written()}", environment=fleet.environment)
    assert first.exit == 1
    assert reports(first)["acme"]["readings"]["paging"] == {"value": "0-exclusive", "how": "pinned"}
    shutil.copy(first.folder / "acme" / "report.json", tmp_path / "old.json")
    fleet.tables["acme"]["baseline"] = "old.json"
    second = gate("-k", "PAGE-01 or METH", f"--targets={fleet.written()}", environment=fleet.environment)
    assert second.exit == 0, second.said
    assert reports(second)["acme"]["baseline"]["known"] == ["PAGE-01"]
    assert {one["verdict"] for one in reports(second)["acme"]["clauses"] if one["area"] == "methods"} == {"pass"}


# -- wrong usage

GOOD = {"base_url": "http://127.0.0.1:9", "party": "p", "tenant_id": "t", "region": "r", "token": "$A_TOKEN"}
LITERAL = "a-token-that-no-file-should-hold"

MISUSE: Mapping[str, tuple[list[str], Any, str]] = {
    "no file": ([], None, "cannot be read"),
    "no TOML": ([], "[targets", "is no TOML"),
    "no targets": ([], "[servers.acme]\n", "[targets.NAME]"),
    "no table": ([], '[targets]\nacme = "http://127.0.0.1"\n', "[targets.acme] is no table"),
    "name of no folder": ([], '[targets."../acme"]\n', "[targets.../acme]: a name is of"),
    "unknown option": ([], {**GOOD, "tokne": "$A_TOKEN"}, "[targets.acme]: there is no option tokne"),
    "token that is written out": ([], {**GOOD, "token": LITERAL}, "[targets.acme]: token is a secret"),
    "password that is written out": ([], {**GOOD, "password": LITERAL}, "[targets.acme]: password is a secret"),
    "variable that is not set": ([], {**GOOD, "token": "$NO_TOKEN"}, "token names $NO_TOKEN, which is not set"),
    "number for text": ([], {**GOOD, "party": 1}, "[targets.acme]: party is no text"),
    "truth for a number": ([], {**GOOD, "concurrency": True}, "[targets.acme]: concurrency is no whole number"),
    "nothing of whose list": ([], {"base_url": "http://127.0.0.1:9"}, "[targets.acme]: lacks token, party"),
    "no address": ([], {**GOOD, "base_url": " "}, "[targets.acme]: lacks base_url"),
    "address": ([], {**GOOD, "base_url": "acme"}, "[targets.acme]: --base-url 'acme' is no URL"),
    "setting": ([], {**GOOD, "rate_limit": "fast"}, "[targets.acme]: --rate-limit 'fast'"),
    "reading": ([], {**GOOD, "reading": ["paging=2"]}, "paging=2"),
    "baseline": ([], {**GOOD, "baseline": "nowhere.json"}, "nowhere.json"),
    "option of one target": (["--region=south"], GOOD, "--region is of one target"),
    "address beside": (["--base-url=http://127.0.0.1:9"], GOOD, "either --base-url or --targets"),
    "unknown name": (["--target=bolt"], GOOD, "--target bolt: no such target"),
    "address beside a name": (
        ["--target=acme", "--base-url=http://127.0.0.1:9"],
        GOOD,
        "either --base-url or --target",
    ),
    "processes for a name": (["--target=acme", "-n2", "tests/contract"], GOOD, "-n is of no use for one target"),
}


@pytest.mark.parametrize("misuse", slow.but_every(4, MISUSE))
def test_mistake_in_targets_is_told_in_one_line(gate: Gate, tmp_path: Path, misuse: str) -> None:
    """A mistake in the file or beside it ends the run as wrong usage, in one line, before anything is asked."""
    words, content, told = MISUSE[misuse]
    path = tmp_path / "targets.toml"
    if isinstance(content, str):
        path.write_text(content, encoding="utf-8")
    elif content is not None:
        written(tmp_path, {"acme": content})
    run = gate("-k", "HEAD-02", f"--targets={path}", *words, environment={"A_TOKEN": "a-token-of-nobody"})
    assert run.is_wrong_usage(told), run.said
    assert LITERAL not in run.said


def test_one_mistake_keeps_all_from_being_asked(gate: Gate, tmp_path: Path) -> None:
    """Where one table is wrong, no target is asked."""
    with talking(answers(answer())) as server:
        tables = {"acme": {**GOOD, "base_url": server.base_url}, "bolt": {**GOOD, "token": "$NO_TOKEN"}}
        run = gate("-k", "HEAD-02", f"--targets={written(tmp_path, tables)}", environment={"A_TOKEN": "a-token"})
        assert run.is_wrong_usage("[targets.bolt]")
        assert server.heads == []
