"""Benchmarks call a fault caught only where the healthy server is not called the same, and keep tables in place."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import ran, side_by_side, tables
from benchmarks.ran import Cost, Ran
from benchmarks.servers import DEFAULT
from benchmarks.side_by_side import Comparison, Row

CARD = {"base_url": "http://127.0.0.1:1", "party": "p", "tenant_id": "t", "region": "r", "token": "secret-token"}


def run(status: int, *broken: str, seconds: float = 1.0) -> Ran:
    """A run that ended so."""
    return Ran(status, Cost(seconds, seconds, 1.0), 10, broken)


def row(server: str, stock: Ran, gate: Ran, *, faulty: bool = True) -> Row:
    """A server under every judge; the gate says the same whatever it is told."""
    return Row(server, faulty, {"stock": stock, "as derived": stock, "same": gate, "more": gate})


HEALTHY = row("reference", run(1, "Noise"), run(0), faulty=False)


@pytest.mark.parametrize(
    ("stock", "is_caught"),
    [
        (run(0), False),
        (run(1, "Noise"), False),
        (run(1, "Noise", "ServerError"), True),
        (run(2, "no report"), False),
        (run(1, "no report"), False),
    ],
)
def test_what_the_healthy_server_is_called_too_catches_nothing(stock: Ran, is_caught: bool) -> None:
    """Stock has caught a fault where it exits 1 with a kind of failure that it does not have for the healthy one."""
    compared = Comparison([HEALTHY, row("a-fault", stock, run(0))])
    assert compared.caught("stock") == ({"a-fault"} if is_caught else set())


def test_advice_is_told_apart_from_what_stops_a_build() -> None:
    """A mutant for which a SHOULD alone is red is told as advice, and is not caught."""
    compared = Comparison([HEALTHY, row("a-fault", run(0), run(0, "SHOULD")), row("other", run(0), run(1, "MUST"))])
    assert (compared.caught("same"), compared.advised("same")) == ({"other"}, {"a-fault"})


def test_rows_are_read_back_as_they_were_kept() -> None:
    """A line of the file of rows is the row that it was made of."""
    assert Row.of_json(HEALTHY.as_json()) == HEALTHY


def test_kept_rows_are_not_made_again(tmp_path: Path) -> None:
    """A server that stands in the file is not judged a second time."""
    kept = tmp_path / "rows.jsonl"
    kept.write_text(f"{HEALTHY.as_json()}\n", encoding="utf-8")
    assert side_by_side.rows([("reference", False)], kept, workers=1) == [HEALTHY]


def test_document_for_stock_fixes_whose_list_it_is_and_holds_no_token() -> None:
    """Stock's document has one value for party, tenant and region, no header, and no secret."""
    document = ran.described(CARD, DEFAULT)
    parameters = document["paths"]["/mana_api/vm"]["get"]["parameters"]
    fixed = {one["name"]: one["schema"].get("enum") for one in parameters}
    assert fixed == {"party": ["p"], "tenant_id": ["t"], "region": ["r"], "f": None, "t": None}
    assert CARD["token"] not in str(document)


def test_table_is_written_between_its_marks(tmp_path: Path) -> None:
    """What stands between the marks is replaced and nothing else; a file without the marks is an error."""
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- it -->\nold\n<!-- end of it -->\nafter\n", encoding="utf-8")
    tables.write(page, "it", tables.table(("", "n"), [("a|b", 1)]))
    written = "before\n<!-- it -->\n|  | n |\n| --- | ---: |\n| a/b | 1 |\n<!-- end of it -->\nafter\n"
    assert page.read_text(encoding="utf-8") == written
    with pytest.raises(ValueError, match="no place for other"):
        tables.write(page, "other", "")
