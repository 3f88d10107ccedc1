"""Fields: the machines that are listed, each held against the rows of the response table."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.answer import Listing
from conformance.clause import clause
from conformance.judgement import MUST, SHOULD, Judgement
from conformance.machines import (
    addresses_are_real,
    counts_are_not_negative,
    has_a_name,
    has_a_status,
    ids_are_unique,
    is_no_word_for_nothing,
    is_updated_after_creation,
    timestamps_are_real,
)
from conformance.paging import Window
from conformance.probe import Probe
from conformance.probes import Probes
from conformance.sight import Lists, Machines
from conformance.target import Target
from contracts import Document, Field

WIDTH = 10
"""Machines on a page, where only the pages' contents matter: as many as the sample request asks for."""

MOST_PAGES = 6
"""Pages that are looked at, the first and the last among them, however long the list is."""


def fields(document: Document) -> Iterable[Field]:
    """The rows that describe a machine."""
    return document.machine_fields


def some_pages(probes: Probes, target: Target, listing: Listing, exhaustive: bool) -> list[Probe]:
    """Pages of the list, its first ones and its last, and the list of the other region where there is one.

    Whichever machines a target puts on them: what is on them has its fields.
    """
    pages = [Window(start, start + WIDTH - 1) for start in range(1, len(listing) + 1, WIDTH)]
    few = len(pages) <= MOST_PAGES or exhaustive
    chosen = probes.windows(pages if few else [*pages[: MOST_PAGES - 1], pages[-1]])
    return [*chosen, probes.elsewhere] if "other_region" in target.given else chosen


@clause(
    "FIELD-{}",
    MUST,
    area="fields",
    source="response table: {}",
    asks=some_pages,
    over=fields,
    rests_on=("BODY-02",),
    usually="A number sent as a string, null where there is nothing, or a field left out where it is empty.",
)
def test_field(machines: Machines, subject: Field) -> Judgement:
    """Every machine of every list has `{}`, of the type that the document gives it."""
    return machines.have(subject.name)


@clause(
    "FIELD-01",
    MUST,
    area="fields",
    source="response table: instance_id",
    rests_on=("FIELD-instance_id",),
    usually="A join that repeats a machine once for each of its addresses.",
)
def test_ids_are_unique(lists: Lists) -> Judgement:
    """An `instance_id` is not empty, and stands in a list once."""
    return lists.each(ids_are_unique)


@clause(
    "FIELD-02",
    MUST,
    area="fields",
    source="response table: cpu_num",
    rests_on=("FIELD-cpu_num", "FIELD-mem_size", "FIELD-disk_size"),
    usually="-1 for what is not known.",
)
def test_counts_are_not_negative(machines: Machines, document: Document) -> Judgement:
    """No count or size of a machine is negative."""
    return machines.each(counts_are_not_negative(document))


@clause(
    "FIELD-03",
    MUST,
    area="fields",
    source="success sample",
    rests_on=("FIELD-lan_ip", "FIELD-wan_ip_set"),
    usually="A host name, an address with its prefix length, or None written out as text.",
)
def test_addresses_are_real(machines: Machines, document: Document) -> Judgement:
    """Every address is an IPv4 or IPv6 address."""
    return machines.each(addresses_are_real(document))


@clause(
    "FIELD-04",
    MUST,
    area="fields",
    source="success sample",
    rests_on=("FIELD-create_at", "FIELD-update_at"),
    usually="ISO 8601 with a T and a zone, fractions of a second, or a date of zeros.",
)
def test_timestamps_are_real(machines: Machines, document: Document) -> Judgement:
    """Every timestamp is a real date and time, written `YYYY-MM-DD HH:MM:SS`."""
    return machines.each(timestamps_are_real(document))


@clause(
    "FIELD-05",
    SHOULD,
    area="fields",
    source="response table: update_at",
    rests_on=("FIELD-04",),
    usually="Two clocks or two time zones, or an update time that a copy or a migration did not carry over.",
)
def test_update_follows_creation(machines: Machines) -> Judgement:
    """No machine was updated before it was created."""
    return machines.each(is_updated_after_creation)


@clause(
    "FIELD-06",
    SHOULD,
    area="fields",
    source="response table: instance_name",
    rests_on=("FIELD-instance_name",),
    usually="A name that was optional where the machine was made.",
)
def test_names_are_not_empty(machines: Machines) -> Judgement:
    """Every machine has a name that is not empty."""
    return machines.each(has_a_name)


@clause(
    "FIELD-07",
    MUST,
    area="fields",
    source="response table: status",
    rests_on=("FIELD-status",),
    usually="A state that the table of states does not know, turned into an empty text.",
)
def test_status_is_not_empty(machines: Machines) -> Judgement:
    """Every machine has a status that is not empty."""
    return machines.each(has_a_status)


@clause(
    "FIELD-08",
    SHOULD,
    area="fields",
    source="response table: status",
    rests_on=("FIELD-instance_id", "FIELD-status"),
    usually="A value that is missing, put into a text without a look at it.",
)
def test_nothing_is_not_written_out(machines: Machines) -> Judgement:
    """Neither an `instance_id` nor a status is a word by which a language writes nothing: null, None, undefined."""
    return machines.each(is_no_word_for_nothing)
