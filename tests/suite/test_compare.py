"""Reports side by side: what disagrees stands first, and what was not judged by the same is told apart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from conformance import __main__, page
from conformance.compare import Comparison, Group, as_text, comparable, compare
from tests.suite import reported
from tests.suite.miniature import Miniature, broken
from tests.suite.reported import Json, clause, exchange, kept


def groups(comparison: Comparison) -> dict[str, list[str]]:
    """The ids of each group's clauses, by its heading."""
    return {group.heading: [row.clause["id"] for row in group.rows] for group in comparison.groups}


def lines(*reports: Json) -> list[str]:
    return list(as_text(compare(reports)))


def line_of(told: Sequence[str], word: str) -> str:
    return next(line for line in told if word in line)


def named(report: Json, name: str) -> Json:
    return {**report, "target": {**report["target"], "name": name}}


# -- clauses


def test_disagreement_stands_first() -> None:
    acme = kept(clause("A"), clause("B", level="SHOULD"), clause("C"), clause("D"), clause("E", "fail"), name="acme")
    bolt = kept(
        clause("A"),
        clause("B", "fail", level="SHOULD"),
        clause("C", "fail"),
        clause("D", "blocked"),
        clause("E", "fail"),
        name="bolt",
    )
    compared = compare([acme, bolt])
    assert list(groups(compared).items()) == [
        ("Where they disagree", ["C", "B"]),
        ("Where some could not be judged", ["D"]),
        ("Broken by all", ["E"]),
        ("Kept by all", ["A"]),
    ]


def test_clause_that_nobody_was_judged_by_is_no_disagreement() -> None:
    compared = compare([kept(clause("A", "inconclusive")), kept(clause("A", "not-applicable"))])
    assert groups(compared) == {"Judged in none": ["A"]}


def test_target_that_could_not_be_asked_makes_no_row_unclear() -> None:
    """A column in which nothing was judged is there, and says nothing of what the others have in common."""
    down = kept(clause("A", "inconclusive"), clause("B", "inconclusive"), name="down")
    compared = compare([kept(clause("A"), clause("B", "fail")), down])
    assert groups(compared) == {"Broken by all": ["B"], "Kept by all": ["A"]}
    assert [column.name for column in compared.columns] == ["acme", "down"]


def test_clause_that_was_not_asked_is_told() -> None:
    told = lines(kept(clause("A"), clause("B-02")), kept(clause("A"), name="bolt"))
    assert line_of(told, "B-02").split()[:4] == ["B-02", "MUST", "pass", "–"]


def test_reports_of_whole_runs_are_compared() -> None:
    wrong = broken(record=lambda server, one: Miniature.record(server, {**one, "cpu_num": str(one["cpu_num"])}))
    reports = [named(reported.of(Miniature()), "acme"), named(reported.of(wrong()), "bolt")]
    first = compare(reports).groups[0]
    assert first.heading == "Where they disagree"
    assert [row.clause["id"] for row in first.rows] == ["FIELD-cpu_num"]
    assert first.rows[0].cells == ("pass", "fail")


# -- editions


def only(compared: Comparison, heading: str) -> Group:
    return next(group for group in compared.groups if group.heading == heading)


def test_other_suite_is_told_apart() -> None:
    """What differs between suites alone is no disagreement of targets."""
    old, new = kept(clause("A")), kept(clause("A", "fail"), name="bolt", suite="0.2.0")
    compared = compare([new, old])
    assert groups(compared) == {"Where only editions differ": ["A"]}
    assert [str(edition) for edition, _ in compared.editions] == [
        "suite 0.2.0, contract vm_list.rst 00000000",
        "suite 0.1.0, contract vm_list.rst 00000000",
    ]
    assert any("not judged by the same" in line for line in lines(new, old))


def test_other_contract_is_told_apart() -> None:
    compared = compare([kept(clause("A")), kept(clause("A", "fail"), sha256="1" * 64)])
    assert groups(compared) == {"Where only editions differ": ["A"]}


def test_disagreement_within_one_edition_is_one_beside_others() -> None:
    compared = compare(
        [
            kept(clause("A")),
            kept(clause("A"), name="bolt", suite="0.2.0"),
            kept(clause("A", "fail"), name="cirrus", suite="0.2.0"),
        ]
    )
    assert groups(compared) == {"Where they disagree": ["A"]}


def test_reports_of_one_edition_stand_together() -> None:
    names = {"one": "0.1.0", "two": "0.2.0", "three": "0.1.0"}
    compared = compare([kept(clause("A"), name=name, suite=suite) for name, suite in names.items()])
    assert [(column.mark, column.name) for column in compared.columns] == [("A", "one"), ("B", "three"), ("C", "two")]


def test_new_clause_says_that_it_is_new() -> None:
    """A target that did not change and is red by a new clause alone is told to be red by that alone."""
    before = kept(clause("A"))
    after = kept(
        clause("A"), clause("NEW-01", "fail", since="0.2.0"), suite="0.2.0", started="2026-03-01T00:00:00+00:00"
    )
    compared = compare([before, after])
    assert groups(compared) == {"New clauses": ["NEW-01"], "Kept by all": ["A"]}
    row = only(compared, "New clauses").rows[0]
    assert row.cells == ("not yet", "fail")
    assert row.remarks == ("new in suite 0.2.0",)
    assert [column.remark for column in compared.columns] == ["", "all that it breaks is new since suite 0.1.0"]
    assert [column.name for column in compared.columns] == [
        "acme, 2026-01-28T05:53:28+00:00",
        "acme, 2026-03-01T00:00:00+00:00",
    ]


def test_target_that_breaks_an_old_clause_too_is_red_by_itself() -> None:
    after = kept(clause("A", "fail"), clause("NEW-01", "fail", since="0.2.0"), suite="0.2.0")
    assert [column.remark for column in compare([kept(clause("A")), after]).columns] == ["", ""]


def test_target_that_is_red_by_a_new_should_is_told_to_be() -> None:
    """Where a run was asked to fail by what SHOULD hold, a new clause of that level says that it is new as well."""
    new = clause("NEW-01", "fail", level="SHOULD", since="0.2.0")
    advised = kept(clause("A"), new, suite="0.2.0")
    failed = {**advised, "verdict": "fail"}
    compared = compare([kept(clause("A")), failed, advised])
    assert [column.remark for column in compared.columns] == ["", "all that it breaks is new since suite 0.1.0", ""]


def test_changed_level_is_told() -> None:
    compared = compare([kept(clause("A", level="SHOULD")), kept(clause("A"), suite="0.10.0")])
    assert compared.groups[0].rows[0].remarks == ("SHOULD in suite 0.1.0; MUST in suite 0.10.0",)


# -- readings and the register


def recorded(name: str, **behaviours: str) -> Json:
    register = [{"behaviour": one, "seen": seen, "exchange": exchange()} for one, seen in behaviours.items()]
    return kept(clause("A"), name=name, register=register)


def test_who_stands_alone_is_named() -> None:
    told = lines(
        recorded("one", slash="404 Not Found"),
        recorded("two", slash="404 NOT FOUND"),
        recorded("three", slash="200 OK with 3 machines"),
    )
    assert "C stands apart" in line_of(told, "slash")


def test_two_that_differ_have_no_outlier() -> None:
    told = lines(recorded("one", slash="404"), recorded("two", slash="200"))
    assert line_of(told, "slash") == "  slash: 404 (A); 200 (B) — they differ"


def test_majority_that_is_none_has_no_outlier() -> None:
    marks = ("404", "200", "500", "404")
    compared = compare([recorded(str(n), slash=seen) for n, seen in enumerate(marks)])
    assert compared.register[0].outliers == ()
    assert compared.register[0].differs


@pytest.mark.parametrize(
    ("seen", "other"),
    [
        ("404 Not Found", "404 NOT FOUND"),
        ("200 OK with 3 machines", "200 OK with 25 machines"),
        ("200 with machines", "200 OK with 1 machine"),
    ],
)
def test_wording_and_size_do_not_make_a_difference(seen: str, other: str) -> None:
    assert comparable(seen) == comparable(other)


def test_status_and_machines_make_a_difference() -> None:
    assert len({comparable(one) for one in ("200 OK", "200 OK with 3 machines", "400 Bad Request", "no answer")}) == 4


def test_readings_are_told_for_each() -> None:
    readings = [("list", "found"), ("dict", "pinned"), (None, "undetermined"), ("list", "found")]
    reports = [
        kept(clause("A"), name=str(n), readings={"vm_servers": {"value": value, "how": how}})
        for n, (value, how) in enumerate(readings)
    ]
    assert line_of(lines(*reports), "vm_servers") == (
        "  vm_servers: list (A, D); dict (pinned) (B); undetermined (C) — B stands apart"
    )


# -- the command


def test_command_prints_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reports = {"a": kept(clause("A")), "b": kept(clause("A", "fail"), name="bolt")}
    paths = [str(reported.written(tmp_path, name, one)) for name, one in reports.items()]
    html = tmp_path / "out.html"
    assert __main__.main(["compare", *paths, "--html", str(html)]) == 0
    assert "Where they disagree (1)" in capsys.readouterr().out
    assert html.read_text("utf-8") == page.render_comparison(compare([*reports.values()]))


def test_report_may_be_named_by_its_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reported.written(tmp_path, "report", kept(clause("A")))
    assert __main__.main(["compare", str(tmp_path)]) == 0
    assert "A" in capsys.readouterr().out
    (tmp_path / "report.json").unlink()
    assert __main__.main(["compare", str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"{tmp_path / 'report.json'}: cannot be read: No such file or directory\n"


def test_broken_report_among_others_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = reported.written(tmp_path, "good", kept(clause("A")))
    bad = reported.written(tmp_path, "bad", {**kept(clause("A")), "verdict": "maybe"})
    assert __main__.main(["compare", str(good), str(bad)]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"{bad}: is no mana-report/1: ['verdict']: ")
    assert told.err.count("\n") == 1


def test_page_that_cannot_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = reported.written(tmp_path, "good", kept(clause("A")))
    assert __main__.main(["compare", str(good), "--html", str(tmp_path / "none" / "out.html")]) == 1
    assert capsys.readouterr().err == f"{tmp_path / 'none' / 'out.html'}: No such file or directory\n"


def test_hostile_reports_are_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No escape sequence reaches the terminal, and no element the page."""
    text = "<script>alert(1)</script>\x1b[31m\u202e"
    paths = [str(reported.written(tmp_path, name, reported.hostile(text))) for name in "ab"]
    html = tmp_path / "out.html"
    assert __main__.main(["compare", *paths, "--html", str(html)]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "<script" not in html.read_text("utf-8")
