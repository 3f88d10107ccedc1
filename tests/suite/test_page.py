"""The page of a report: whole, calm, escaped, and with the difference marked where it stands."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance import __main__, kept, layout, marks, page, picture
from conformance.judgement import Judgement
from conformance.layout import Gap, cut, laid_out, visible
from conformance.windows import misplaced, missing, runs, windows
from tests.suite import reported
from tests.suite.conftest import Once
from tests.suite.gate import Run
from tests.suite.miniature import Miniature, broken, fleet, judging
from tests.suite.reported import clause, exchange, finding

HOSTILE = (
    "<script>document.title='run'</script>",
    '"><img src=x onerror=alert(1)>',
    "'><a href=javascript:alert(1)>x</a>",
    "]]></style><style>*{display:none}</style><!--",
    "</pre></code></details><iframe src=http://127.0.0.1:9/>",
    "{{ 7 * 7 }}{% raw %}",
    "\u202egnp.exe\u2066\ufeff\x00\x1b[31m\ud800\x7f\u2028",
    "`</code><svg onload=alert(1)>`",
)


WITHIN_A_LINE = frozenset({"a", "code", "mark", "span", "strong"})


class Elements(HTMLParser):
    """The elements of a page, and the text that stands in them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.all: list[tuple[str, Mapping[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append((tag, dict(attrs)))
        self.text += "" if tag in WITHIN_A_LINE else " "

    def handle_data(self, data: str) -> None:
        self.text += data

    def having(self, name: str) -> list[str]:
        """The values of an attribute."""
        return [str(given[name]) for _, given in self.all if name in given]

    @property
    def tags(self) -> list[str]:
        return [tag for tag, _ in self.all]


def page_of(*clauses: reported.Json, **more: Any) -> str:
    return page.render(reported.kept(*clauses, **more))


# -- whole reports


OVERLAPPING = broken(
    page=lambda _, machines, start, stop: machines[max(0, start - 1) : stop] if start > 4 else machines[start:stop]
)
TEXT_FOR_NUMBERS = broken(
    record=lambda server, stored: Miniature.record(server, {**stored, "cpu_num": str(stored["cpu_num"])})
)
SERVERS = {
    "green": Miniature(),
    "red": TEXT_FOR_NUMBERS(),
    "overlapping": OVERLAPPING(),
    "empty": Miniature(fleet(0)),
    "not JSON": broken(written=lambda _, value: json.dumps(value).encode() + b"}")(),
    "a dict": OVERLAPPING(vm_servers="dict"),
}


@pytest.fixture(scope="module", params=SERVERS)
def whole(request: pytest.FixtureRequest, once: Once) -> reported.Json:
    """The report of a whole run."""
    return once(f"whole-{request.param}", lambda: reported.of(SERVERS[request.param]))


def test_report_keeps_its_schema(whole: reported.Json) -> None:
    assert list(kept.problems(whole)) == []


def test_report_of_the_gate_keeps_its_schema(healthy: Run, broken: Run, unanswered: Run) -> None:
    assert [list(kept.problems(run.report)) for run in (healthy, broken, unanswered)] == [[], [], []]


def test_page_is_whole(whole: reported.Json) -> None:
    html = page.render(whole)
    for one in whole["clauses"]:
        assert one["id"] in html
    assert html.startswith("<!DOCTYPE html>")
    assert html.rstrip().endswith("</html>")


def test_page_hangs_together(whole: reported.Json) -> None:
    """Ids are unique, links of the page lead somewhere, tables say what they are, headings leave no level out."""
    elements = Elements(page.render(whole))
    ids = Counter(elements.having("id"))
    assert [id for id, times in ids.items() if times > 1] == []
    inner = [link.removeprefix("#") for link in elements.having("href") if link.startswith("#")]
    assert [link for link in inner if link not in ids] == []
    named = elements.having("aria-labelledby") + elements.having("aria-describedby")
    assert [id for id in named if id not in ids] == []
    assert elements.tags.count("table") == elements.tags.count("caption")
    levels = [int(tag[1]) for tag in elements.tags if re.fullmatch(r"h[1-4]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_page_loads_nothing(whole: reported.Json) -> None:
    elements = Elements(page.render(whole))
    assert not {"script", "img", "iframe", "link", "object", "form", "base"} & set(elements.tags)
    assert not elements.having("src")
    assert not elements.having("style")
    assert all(link.startswith(("#", "https://www.rfc-editor.org/rfc/rfc")) for link in elements.having("href"))


def test_policy_admits_the_style_sheet_alone() -> None:
    html = page_of(clause("FIELD-x"))
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)
    assert style
    assert policy
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy[1].replace("&#39;", "'") == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert "url(" not in style[1]
    assert "@import" not in style[1]


# -- what it says


@pytest.mark.parametrize(
    ("clauses", "sentence"),
    [
        ([clause("A")], "Kept: 1 clause holds, and none that MUST hold is broken."),
        ([clause("A"), clause("B", "fail", level="SHOULD")], "1 clause that SHOULD hold does not."),
        ([clause("A", "fail"), clause("B")], "Broken: 1 clause that MUST hold does not. 1 hold."),
        ([clause("A", "inconclusive", reason="nothing there")], "Could not judge: 1 clause found too little to see."),
    ],
)
def test_verdict_stands_on_top(clauses: list[reported.Json], sentence: str) -> None:
    html = page_of(*clauses)
    assert sentence in html[html.index("<h1>") : html.index("</h1>")]


def test_red_clause_tells_what_a_repair_needs() -> None:
    machine = {"instance_id": "i-1", "cpu_num": "8"}
    found = finding(
        "`cpu_num` to be integer", 'machine "i-1" has cpu_num = "8"', exchange({"vm_servers": [machine]}), more=3
    )
    quote = {"place": "response table, row cpu_num", "line": 74, "text": "cpu_num | int | Number of CPU cores"}
    html = page_of(
        clause("FIELD-cpu_num", "fail", found, quote=quote), clause("FIELD-02", "blocked", because=["FIELD-cpu_num"])
    )
    text = " ".join(Elements(html).text.split())
    for told in (
        "What FIELD-cpu_num requires.",
        "response table, row cpu_num, line 74 of vm_list.rst",
        "cpu_num | int | Number of CPU cores",
        "Expected cpu_num to be integer",
        'Seen machine "i-1" has cpu_num = "8" (and 3 more like it)',
        '"X-Auth-Token: ${MANA_TOKEN}"',
        "How servers usually get this wrong. A number sent as a string.",
        "1 clause waits for this one: FIELD-02.",
        "blocked by FIELD-cpu_num",
    ):
        assert told in text
    assert '<mark><span class="unseen">here: </span>      &#34;cpu_num&#34;: &#34;8&#34;\n</mark>' in html


@pytest.mark.parametrize(
    ("source", "link"),
    [
        ("RFC 9110 section 15.6.1", "https://www.rfc-editor.org/rfc/rfc9110#section-15.6.1"),
        ("RFC 8259", "https://www.rfc-editor.org/rfc/rfc8259"),
    ],
)
def test_rfc_is_linked_to_its_section(source: str, link: str) -> None:
    assert f'href="{link}"' in page_of(clause("BODY-01", "fail", source=source))


def test_what_was_not_judged_says_why() -> None:
    text = Elements(
        page_of(
            clause("A", "inconclusive", reason="the list is empty"),
            clause("B", "not-applicable", reason="--other-token was not given"),
        )
    ).text
    assert "the list is empty" in text
    assert "--other-token was not given" in text


def test_what_is_left_out_is_said() -> None:
    long = exchange("x" * 50 + "\n" + "\n".join("line" for _ in range(500)) + "\n" + "y" * 5000, characters=90_000)
    found = finding(
        "this", "that", *(long | {"difference": str(n), "request": long["request"] | {"url": str(n)}} for n in range(9))
    )
    text = Elements(page_of(clause("A", "fail", found))).text
    assert "lines left out …" in text
    assert "characters; the evidence holds all." in text
    assert "5 more exchanges of this finding are in report.json." in text


# -- what a server may put into it


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_a_target_becomes_markup(text: str) -> None:
    html = page.render(reported.hostile(text))
    html.encode()
    calm = Elements(page.render(reported.hostile("calm")))
    elements = Elements(html)
    assert set(elements.tags) <= {*calm.tags, "blockquote"}
    assert not [name for _, given in elements.all for name in given if name.startswith("on") or name == "style"]
    assert all(link.startswith(("#", "https://www.rfc-editor.org/")) for link in elements.having("href"))


def test_what_cannot_be_seen_is_written_out() -> None:
    html = page.render(reported.hostile(HOSTILE[6]))
    assert "\\u202egnp.exe" in html
    assert not set(html) & set(HOSTILE[6]) - set("gnp.ex[31m")


# -- where the difference is marked


BODY = {
    "code": "200",
    "vm_servers": [
        {"instance_id": "i-1", "cpu_num": 1, "status": "", "update_at": "2014", "create_at": "2015"},
        {"instance_id": "i-2", "cpu_num": "2", "wan_ip_set": ["1.2.3"]},
    ],
}


@pytest.mark.parametrize(
    ("expected", "seen", "marked"),
    [
        ("`cpu_num` to be integer", 'machine "i-2" has cpu_num = "2"', ['"cpu_num": "2",']),
        ("`status` in every machine", 'machine "i-2" has none', ['"instance_id": "i-2",', "no status"]),
        ("a `status` that is not empty", 'machine "i-1" has ""', ['"status": "",']),
        (
            "update_at not before create_at",
            'machine "i-1": 2014 before 2015',
            ['"update_at": "2014",', '"create_at": "2015"'],
        ),
        ("a real YYYY-MM-DD HH:MM:SS", 'machine "i-1" has {"update_at": "2014"}', ['"update_at": "2014",']),
        ("IPv4 or IPv6 addresses", 'machine "i-2" has {"wan_ip_set": "1.2.3"}', ['"wan_ip_set": ["1.2.3"]']),
        ("`code` to be 200 or 0, an int", 'came "200"', ['"code": "200",']),
        ("`msg`, a text that is not empty", "came none", ["no msg"]),
        ("no machine in the answer", "came 200 OK with 2 machines", ['"vm_servers": [']),
        ("a refusal (4xx)", "came 200 OK with 2 machines", ["HTTP 200", '"vm_servers": [']),
        ("each `instance_id` once", 'more than once: ["i-2"]', ['"instance_id": "i-2",']),
        ("Content-Type: application/json", 'came "text/html"', ["Content-Type: text/html"]),
        ("Cache-Control: private or no-store", "came none", ["no Cache-Control"]),
        ("no secret in an answer", "it holds $MANA_TOKEN", ["X-Echo: $MANA_TOKEN"]),
        ("the same list as before", "came 200 OK with 2 machines: 1 machines less", ['"vm_servers": [']),
        ("nothing that is named", "anything", []),
    ],
)
def test_what_a_finding_names_is_marked(expected: str, seen: str, marked: list[str]) -> None:
    text = json.dumps(BODY)
    headers = {"Content-Type": "text/html", "X-Echo": "$MANA_TOKEN"}
    answer = marks.Answer("HTTP 200", headers, laid_out(text), text)
    lines = marks.marked(answer, marks.Finding(expected, seen))
    assert [line.text for line in lines if line.wrong] == marked


@pytest.mark.parametrize(
    ("text", "seen", "marked"),
    [
        ('{"a": 1,\n "b": NaN}', "the body is not JSON: Expecting value at line 2, column 7", '"b": NaN'),
        ('{"a": 1} and more', "the body is not JSON: Extra data at line 1, column 10", "} and more"),
        ("\ufeff{}", "the body begins with a byte order mark", "\ufeff {}"),
        (
            "<h1>\nTraceback (most recent call last):\n",
            'came "Traceback (most recent call last)"',
            "Traceback (most recent call last):",
        ),
        ('{"code": 0, "code": 200}', 'twice in one object: ["code"]', '"code": 0,'),
    ],
)
def test_place_that_a_finding_tells_is_marked(text: str, seen: str, marked: str) -> None:
    answer = marks.Answer("HTTP 200", {}, laid_out(text), text)
    lines = marks.marked(answer, marks.Finding("something else", seen))
    assert next(line.text for line in lines if line.wrong) == marked


# -- how a body is laid out


@settings(deadline=None)
@given(st.text(alphabet='{}[]",:\\ \n\tab1é', max_size=60))
def test_layout_keeps_every_character(text: str) -> None:
    """Only blanks are moved, wherever they do not stand within a text."""

    def without_blanks(lines: str) -> str:
        return re.sub(r"\s", "", lines)

    assert without_blanks("".join(line.text for line in laid_out(text))) == without_blanks(text)


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_layout_of_json_is_that_json(value: Any) -> None:
    text = json.dumps(value)
    assert json.loads("\n".join(line.text for line in laid_out(text))) == value


@pytest.mark.parametrize(
    "text", ["[" * 20_000, '{"a' * 10_000, '{"' + '\\"' * 10_000, '{"a":1 ' * 5_000, "\n" * 20_000]
)
def test_layout_takes_its_time_by_the_length(text: str) -> None:
    laid_out.cache_clear()
    assert laid_out(text)


def test_cut_keeps_what_is_wrong() -> None:
    lines = [layout.Line(str(n), wrong=n == 70) for n in range(100)]
    kept = cut(lines, most=10, around=2, head=3, fill=False)
    assert [one.lines if isinstance(one, Gap) else one.text for one in kept] == [
        *("0", "1", "2"),
        65,
        *("68", "69", "70", "71", "72"),
        27,
    ]


def test_visible_text_is_left_alone() -> None:
    assert visible("数据库 🖥️ <b>\n\t") == "数据库 🖥️ <b>\n\t"


# -- the picture of windows


def windows_of(server: Miniature, id: str) -> list[Mapping[str, Any]]:
    found = next(one for one in reported.of(server)["clauses"] if one["id"] == id)
    told: list[Mapping[str, Any]] = found["windows"]
    return told


def test_windows_tell_what_came_and_what_should_have() -> None:
    told = {(one["f"], one["t"]): one for one in windows_of(OVERLAPPING(), "PAGE-02")}
    assert told[8, 14]["expected"] == [8, 14]
    assert told[8, 14]["came"] == [[7, 14]]
    assert told[8, 14]["right"] is False
    assert told[1, 7]["right"] is True
    assert misplaced(told[8, 14]) == {0: "machine no. 7 of 23, which is not in this window"}
    assert misplaced(told[1, 7]) == {}


def test_window_of_a_dict_tells_only_how_many() -> None:
    told = {(one["f"], one["t"]): one for one in windows_of(OVERLAPPING(vm_servers="dict"), "PAGE-02")}
    assert told[8, 14]["expected"] == [1, 7]
    assert told[8, 14]["came"] == [[1, 8]]
    assert misplaced(told[8, 14]) == {}


def test_windows_without_a_convention_are_neither_right_nor_wrong() -> None:
    always_three = broken(
        page=lambda _, machines, start, stop: machines if stop - start == len(machines) else machines[3:6]
    )
    verdicts = judging(always_three(), "PAGE-01")
    found = windows(
        verdicts.known, verdicts.catalogue["PAGE-01"], Judgement(frozenset(verdicts.known.evidence.exchanges()))
    )
    assert found
    assert {one["right"] for one in found} == {None}
    drawn = picture.picture(found)
    assert drawn
    assert not drawn.by_convention


def test_mixed_conventions_have_their_windows_marked_by_the_one_that_is_told() -> None:
    """Where the end counts otherwise on later pages, those are wrong, though another convention would explain them."""
    mixed = broken(page=lambda _, machines, start, stop: machines[start : stop - (start > 0)])
    found = windows_of(mixed(), "PAGE-01")
    wrong = {(one["f"], one["t"]) for one in found if one["right"] is False}
    assert wrong
    assert all(f > 1 for f, _ in wrong)
    assert any(one["right"] for one in found)


def test_machines_outside_the_whole_list_are_drawn_behind_it() -> None:
    cut_short = broken(
        window=lambda server, request, machines: Miniature.window(server, request, machines)[
            : None if request.first("t") else 10
        ]
    )
    drawn = picture.picture(windows_of(cut_short(), "PAGE-06"))
    assert drawn
    assert [bar.kind for bar in drawn.strips[0].bars] == ["came", "expected", "strange"]
    assert drawn.strips[0].came == "1–10, 13 not in the whole list"


def window(expected: list[int] | None, *came: list[int], right: bool | None = False) -> dict[str, Any]:
    return {
        "label": "",
        "f": 1,
        "t": 9,
        "length": 20,
        "ordered": True,
        "expected": expected,
        "came": list(came),
        "strange": 0,
        "right": right,
        "fits": [],
    }


@pytest.mark.parametrize(
    ("one", "bars", "absent"),
    [
        (window([1, 9], [1, 9], right=True), ["came", "expected"], ""),
        (window([1, 9], [1, 8]), ["missing", "came", "expected"], "without machine no. 9 of 20"),
        (window([1, 9], [2, 10]), ["missing", "came", "outside", "expected"], "without machine no. 1 of 20"),
        (window([1, 9]), ["missing", "expected"], "without machine no. 1 to 9 of 20"),
        (window([], [4, 5]), ["outside"], ""),
        (window([1, 9], [1, 3], [7, 9]), ["missing", "came", "came", "expected"], "without machine no. 4 to 6 of 20"),
        (window(None, [1, 3], right=None), ["came"], ""),
    ],
)
def test_strip_shows_what_is_missing_and_what_is_too_much(one: dict[str, Any], bars: list[str], absent: str) -> None:
    drawn = picture.picture([one])
    assert drawn
    assert [bar.kind for bar in drawn.strips[0].bars] == bars
    assert all(0 <= bar.x <= bar.x + bar.width <= picture.WIDTH for bar in drawn.strips[0].bars)
    assert missing(one) == absent


def test_picture_draws_what_went_wrong_where_not_all_can_be_drawn() -> None:
    many = [window([1, 9], [1, 9], right=True) | {"f": n} for n in range(90)]
    many[80] = window([1, 9]) | {"f": 80}
    drawn = picture.picture(many)
    assert drawn
    assert drawn.left_out == 50
    assert [strip.bounds for strip in drawn.strips if strip.right is False] == ["f=80, t=9"]


@settings(deadline=None)
@given(st.lists(st.integers(1, 9)))
def test_runs_are_what_they_were_made_of(places: list[int]) -> None:
    assert [place for first, last in runs(places) for place in range(first, last + 1)] == places


# -- the command


def test_page_is_made_of_a_kept_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = reported.kept(clause("A"))
    assert __main__.main(["page", str(reported.written(tmp_path, "one", made))]) == 0
    assert capsys.readouterr().out == page.render(made)


@pytest.mark.parametrize("content", ["", "[]", "{", '{"format": "mana-report/2"}', "[" * 100_000, "\ud800"])
def test_broken_report_is_told_in_a_line(content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "broken.json"
    path.write_bytes(content.encode("utf-8", "surrogatepass"))
    assert __main__.main(["page", str(path)]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"{path}: ")
    assert told.err.count("\n") == 1


def test_missing_report_is_told_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.main(["page", str(tmp_path / "none.json")]) == 1
    assert capsys.readouterr().err == f"{tmp_path / 'none.json'}: cannot be read: No such file or directory\n"
