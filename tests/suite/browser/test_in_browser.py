"""The pages in a real browser: they render, run nothing, read well in light, dark and print, and obey the keyboard."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance import compare, page
from tests.suite import reported
from tests.suite.browser.chromium import Page, browsing, found
from tests.suite.miniature import Miniature, broken
from tests.suite.reported import clause, exchange, finding
from tests.suite.servers import Sockets, answer, answers, talking

BROWSER = found()

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no browser here: apt-get install chromium")

WITHIN = 1.0
"""Seconds in which a report of a hundred red clauses with long bodies opens."""

TRIES = 5
"""Times that it is opened, for a machine that is busy with something else."""

CONTRAST = """
(() => {
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, n) => sum + v * [0.2126, 0.7152, 0.0722][n], 0);
  const parts = colour => colour.match(/[\\d.]+/g).map(Number);
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const own = parts(getComputedStyle(at).backgroundColor);
      if (own.length === 3 || own[3] > 0) return own;
    }
    return matchMedia('print').matches ? [255, 255, 255] : [0, 255, 0];
  };
  const poor = new Set();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || element.closest('.unseen, .skip')) continue;
    const style = getComputedStyle(element);
    const ink = parts(element.closest('svg') ? style.fill : style.color);
    const pair = [ink, ground(element)].map(light).sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (ratio < 4.5) poor.add(`${element.tagName}.${element.className} ${ratio.toFixed(2)}`);
  }
  return [...poor];
})()
"""
"""The elements whose text has less contrast than WCAG 2.2 asks for (1.4.3)."""


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A tab of the browser."""
    assert BROWSER
    with browsing(BROWSER, tmp_path_factory.mktemp("profile")) as tab:
        yield tab


@pytest.fixture(autouse=True)
def as_usual(tab: Page) -> None:
    tab.media()
    tab.width(1280)


@pytest.fixture(scope="module")
def red() -> str:
    """The page of a server with arrays for fields, pages that overlap, and a page of HTML for an error."""
    wrong: dict[str, Callable[..., Any]] = {
        "record": lambda server, one: Miniature.record(
            server, one | {name: [one[name]] for name in ("cpu_num", "mem_size", "disk_size", "status", "create_at")}
        ),
        "page": lambda _, machines, start, stop: (
            machines[max(0, start - 1) : stop] if start > 4 else machines[start:stop]
        ),
        "error": lambda *_: "<script>document.title = 'run'</script>",
    }
    return page.render(reported.of(broken(**wrong)()))


@pytest.fixture(scope="module")
def green() -> str:
    return page.render(reported.of(Miniature()))


@pytest.fixture(scope="module")
def comparison() -> str:
    reports = [
        reported.kept(clause("A"), clause("B"), name="acme"),
        reported.kept(clause("A"), clause("B", "fail"), name="bolt"),
        reported.kept(clause("A"), clause("NEW-01", "fail", since="0.2.0"), name="acme", suite="0.2.0"),
    ]
    return page.render_comparison(compare.compare(reports))


@pytest.fixture(params=["red", "green", "comparison"])
def html(request: pytest.FixtureRequest) -> str:
    """A page of each kind."""
    made: str = request.getfixturevalue(request.param)
    return made


def opened(tab: Page, folder: Path, html: str) -> Page:
    path = folder / "page.html"
    path.write_text(html, encoding="utf-8")
    tab.open(path)
    return tab


# -- it renders


def test_page_renders(tab: Page, tmp_path: Path, html: str) -> None:
    opened(tab, tmp_path, html)
    assert tab.complaints == []
    assert tab.requests == [(tmp_path / "page.html").as_uri()]
    assert tab.value("getComputedStyle(document.querySelector('h1')).fontWeight") == "650"
    assert tab.value(
        "[...document.querySelectorAll('h1, h2, table')].every(one => one.getBoundingClientRect().height > 0)"
    )


def test_page_says_the_same_without_script(tmp_path: Path, red: str) -> None:
    assert BROWSER
    said = []
    for name in ("with", "without"):
        with browsing(BROWSER, tmp_path / name) as tab:
            if name == "without":
                tab.without_script()
            path = tmp_path / "page.html"
            path.write_text(red, encoding="utf-8")
            tab.open(path)
            said.append(tab.call("Accessibility.getFullAXTree")["nodes"])
    names = [[node.get("name", {}).get("value") for node in nodes if not node["ignored"]] for nodes in said]
    assert names[0] == names[1]


def test_page_fits_a_narrow_window(tab: Page, tmp_path: Path, html: str) -> None:
    tab.width(360)
    opened(tab, tmp_path, html)
    assert tab.value("document.documentElement.scrollWidth") <= 360


def test_windows_are_drawn(tab: Page, tmp_path: Path, red: str) -> None:
    opened(tab, tmp_path, red)
    boxes = tab.value(
        "[...document.querySelectorAll('#PAGE-02 tr.wrong .strip svg')].map(strip =>"
        " ['.outside', '.expected', '.came'].map(kind => strip.querySelector(kind)?.getBoundingClientRect().x))"
    )
    assert boxes
    assert all(outside < expected for outside, expected, _ in boxes)


# -- it runs nothing


@pytest.fixture
def listener() -> Iterator[Sockets]:
    """A port that a script would tell that it ran."""
    with talking(answers(answer())) as sockets:
        yield sockets


def attempts(address: str) -> list[str]:
    """Ways to have a browser run something or fetch something."""
    run = "document.title = 'run'"
    return [
        f"<script>{run}; fetch('{address}/script')</script>",
        f'"><img src="{address}/img" onerror="{run}">',
        f"</code></pre><svg onload=\"{run}\"><image href='{address}/svg'/></svg>",
        f'</style><link rel="stylesheet" href="{address}/link"><style>@import url({address}/import);',
        f'<meta http-equiv="refresh" content="0;url={address}/meta">',
        f'<iframe srcdoc="<script>parent.{run}</script>" src="{address}/frame"></iframe>',
        f"<base href='{address}/'><body onload=\"{run}\" background='{address}/body'>",
        f"javascript:{run}",
    ]


@pytest.mark.parametrize("number", range(8))
def test_nothing_of_a_target_runs(tab: Page, tmp_path: Path, listener: Sockets, number: int) -> None:
    report = reported.hostile(attempts(listener.base_url)[number])
    for made in (page.render(report), page.render_comparison(compare.compare([report, report]))):
        opened(tab, tmp_path, made)
        assert tab.value("document.title") != "run"
        assert tab.dialogs == []
        assert tab.complaints == []
        assert len(tab.requests) == 1
    assert listener.connections == 0


def test_what_would_run_is_seen_to_run(tab: Page, tmp_path: Path, listener: Sockets) -> None:
    """The same attempts in a page that escapes nothing do run, so that the test above can fail."""
    for attempt in attempts(listener.base_url)[:2]:
        opened(tab, tmp_path, f"<title>calm</title>{attempt}")
        tab.value("new Promise(done => setTimeout(done, 200))")
        assert tab.value("document.title") == "run"
    assert listener.connections > 0


def test_policy_alone_would_stop_it(tab: Page, tmp_path: Path, listener: Sockets, green: str) -> None:
    """Were something not escaped, the policy in the page's head would still forbid it."""
    for attempt in attempts(listener.base_url)[:4]:
        opened(tab, tmp_path, green.replace("</main>", f"{attempt}</main>"))
        assert tab.value("document.title") != "run"
        assert tab.complaints
    assert listener.connections == 0


# -- it reads well


@pytest.mark.parametrize("dark", [False, True])
def test_text_stands_out(tab: Page, tmp_path: Path, html: str, dark: bool) -> None:
    tab.media(dark=dark)
    opened(tab, tmp_path, html)
    tab.value("document.querySelectorAll('details').forEach(one => one.open = true)")
    ground = tab.value("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(22, 24, 27)") is dark
    assert tab.value(CONTRAST) == []


def test_paper_is_light_and_unfolded(tab: Page, tmp_path: Path, red: str) -> None:
    tab.media("print", dark=True)
    opened(tab, tmp_path, red)
    assert tab.value("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert tab.value(CONTRAST) == []
    folded = "[...document.querySelectorAll('details:not([open]) pre, details:not([open]) table')]"
    assert tab.value(f"{folded}.length") > 10
    assert tab.value(f"{folded}.filter(one => one.getBoundingClientRect().height === 0).length") == 0


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="no pdftotext here: apt-get install poppler-utils")
def test_print_holds_what_is_folded(tab: Page, tmp_path: Path, red: str) -> None:
    opened(tab, tmp_path, red)
    pdf = tmp_path / "page.pdf"
    pdf.write_bytes(tab.printed())
    command = ["pdftotext", str(pdf), "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    assert "STAB-03" in text
    assert text.count("Sp-Agent: default") > text.count("Ask it again")


# -- it is sound by keyboard and screen reader


def test_keyboard_reaches_everything(tab: Page, tmp_path: Path, red: str) -> None:
    opened(tab, tmp_path, red)
    tab.value("window.stops = [...document.querySelectorAll('a[href], summary')].filter(one => one.checkVisibility())")
    total = tab.value("stops.length")
    assert total > 50
    reached, unseen = [], []
    for _ in range(total):
        tab.press("Tab")
        reached.append(tab.value("stops.indexOf(document.activeElement)"))
        if tab.value("parseFloat(getComputedStyle(document.activeElement).outlineWidth) < 2"):
            unseen.append(tab.value("document.activeElement.outerHTML.slice(0, 80)"))
    assert reached == list(range(total))
    assert unseen == []


def test_keyboard_skips_and_unfolds(tab: Page, tmp_path: Path, red: str) -> None:
    opened(tab, tmp_path, red)
    tab.press("Tab")
    assert tab.value("document.activeElement.className") == "skip"
    assert tab.value("document.activeElement.getBoundingClientRect().width") > 50
    tab.press("Enter")
    assert tab.value("document.activeElement.id") == "main"
    tab.value("document.querySelector('article summary').focus()")
    tab.press("Enter")
    assert tab.value("document.querySelector('article details').open")


def test_screen_reader_finds_its_way(tab: Page, tmp_path: Path, red: str) -> None:
    opened(tab, tmp_path, red)
    nodes = [node for node in tab.call("Accessibility.getFullAXTree")["nodes"] if not node["ignored"]]
    names: dict[str, list[str]] = {}
    for node in nodes:
        names.setdefault(node["role"]["value"], []).append(node.get("name", {}).get("value", ""))
    assert {"banner", "navigation", "main", "contentinfo", "article", "figure"} - names.keys() == set(), sorted(names)
    for role in ("link", "table", "article", "region", "rowheader", "columnheader"):
        assert "" not in names[role], role
    assert "here:" in {name.strip() for name in names["StaticText"]}
    assert "wrong" in {name.strip() for name in names["StaticText"]}


# -- it opens soon


def test_long_report_opens_soon(tab: Page, tmp_path: Path) -> None:
    machines = [{"instance_id": f"i-{n}", "instance_name": "name <b>&", "cpu_num": n} for n in range(400)]
    body = json.dumps({"code": 200, "vm_servers": machines})[:20_000]

    def found_at(number: int) -> Any:
        shown = (exchange(f"{body}{number}{turn}", characters=900_000) for turn in range(2))
        return finding("`cpu_num` to be text", f'machine "i-{number}" has cpu_num = {number}', *shown)

    report = reported.kept(*(clause(f"FIELD-{n}", "fail", found_at(n), found_at(n + 100)) for n in range(100)))
    path = tmp_path / "long.html"
    path.write_text(page.render(report), encoding="utf-8")
    taken: list[float] = []
    while len(taken) < TRIES and min(taken, default=WITHIN) >= WITHIN:
        tab.open(path)
        taken.append(tab.value("performance.getEntriesByType('navigation')[0].loadEventEnd") / 1000)
    assert min(taken) < WITHIN
    assert path.stat().st_size < 4_000_000
