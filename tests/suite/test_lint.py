"""Where the document contradicts itself, and how that is settled."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from contracts import DEFAULT, Document, lint, parse, read, readings
from contracts.readings import READINGS, ReadingsError, register

OURS = DEFAULT.read_text(encoding="utf-8")
ORIGINAL = Path(__file__).parents[3] / "shared" / "seed" / "vm_list.rst"

CODE_IN_SAMPLE = ('    {\n      "vm_servers"', '    {\n      "code": 0,\n      "vm_servers"')
RENAMED_IN_TABLE = ("| lan_ip        |", "| lan_ip_set    |")
LIST_IN_TABLE = ("| vm_servers    | dict   |", "| vm_servers    | list   |")
STRING_IN_TABLE = ("| wan_ip_set    | list   |", "| wan_ip_set    | string |")
PARTY_IN_SAMPLE = ("vm?tenant_id", "vm?party=acme&tenant_id")
ONE_TENANT = ("tenant_id=123456789", "tenant_id=e58c78fe826f4f0b890767a3e0781019")

# The edit that takes each contradiction away.
REPAIRS = {
    "machine-kind:operation-table": ("physical machines |", "virtual machines  |"),
    "entry-point-slash": ("entry point: http://m.scloudm.com/", "entry point: http://m.scloudm.com"),
    "plain-http": ("http://m.scloudm.com", "https://m.scloudm.com"),
    "not-in-request-sample:party": PARTY_IN_SAMPLE,
    "undocumented-header:X-Auth-Token": ("send that token along to", "send that token along in X-Auth-Token to"),
    "undocumented-header:Sp-Agent": ("| The vendor                 |", "| The vendor, as in Sp-Agent |"),
    "curl-continuation": ("-H 'Sp-Agent: default'", "-H 'Sp-Agent: default' \\"),
    "not-in-sample:code": CODE_IN_SAMPLE,
    "renamed:lan_ip/lan_ip_set": RENAMED_IN_TABLE,
    "type:vm_servers": LIST_IN_TABLE,
    "type:wan_ip_set": STRING_IN_TABLE,
    "type-in-prose:vm_servers": ("Holds the list of virtual", "Holds all of the virtual "),
    "several:lan_ip": ("| Internal IP             ", "| Internal IPs, in a list "),
    "content-length:success-sample": ("Content-Length: 537", "Content-Length: 723"),
    "content-type:error-sample": ("400 Bad Request\n", "400 Bad Request\n    Content-Type: application/json\n"),
    "empty-line:error-sample": ("400 Bad Request\n", "400 Bad Request\n\n"),
    "http-version:error-sample": ("HTTP/1.1 400", "HTTP/1.0 400"),
    "not-in-table:error-sample:msg": ('"msg":', '"status":'),
    "id-length:project_id": ("a3e078101'", "a3e0781018'"),
    "error-names:tenant_id/project_id": ("project_id", "tenant_id"),
    "id-length:tenant_id/project_id": ONE_TENANT,
}

# An edit that makes a contradiction of each kind that our document has none of, or has of something else.
BREAKS = {
    "machine-kind:response-table:mem_size": ("| Memory of the virtual machine ", "| Memory of the physical machine"),
    "method:resource-table": (
        "| List all virtual machines | GET         |",
        "| List all virtual machines | POST        |",
    ),
    "path:resource-table": ("machines | GET         | /mana_api/vm |", "machines | GET         | /mana_api/vn |"),
    "method:request-sample": ("-X GET", "-X PUT"),
    "path:request-sample": ("com/mana_api/vm?", "com/mana_api/vms?"),
    "origin:request-sample": ("'http://m.", "'https://m."),
    "not-in-request-table:limit": ("&t=10", "&t=10&limit=5"),
    "request-type:t": ("&t=10", "&t=last"),
    "not-in-table:zone": ('"status": "ACTIVE",', '"status": "ACTIVE", "zone": "a",'),
    "not-in-sample:status": ('          "status": "ERROR",\n', ""),
    "renamed:instance_id/instance_ids": ('"instance_id"', '"instance_ids"'),
    "type:cpu_num": ("| cpu_num       | int    |", "| cpu_num       | string |"),
    "several:instance_name": ('"instance_name": "hehe"', '"instance_name": "10.0.0.1, 10.0.0.2"'),
    "content-length:error-sample": ("400 Bad Request\n", "400 Bad Request\n    Content-Length: 9\n"),
    "content-type:success-sample": ("Content-Type: application/json", "Content-Type: text/html"),
    "empty-line:success-sample": ("05:53:28 GMT\n\n", "05:53:28 GMT\n"),
    "type:error-sample:code": ('"code": 400', '"code": "400"'),
    "status:error-sample:code": ('"code": 400', '"code": 404'),
}


def edited(*changes: tuple[str, str]) -> Document:
    """Our document with each first text replaced by the second; a change that would change nothing is a mistake."""
    text = OURS
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return parse(text, "edited.rst")


def ids(document: Document) -> list[str]:
    return [one.id for one in lint(document)]


@pytest.fixture(scope="module")
def ours() -> Document:
    return read(DEFAULT)


@pytest.mark.skipif(not ORIGINAL.exists(), reason="the original document is not beside this tree")
def test_original_and_ours_contradict_themselves_alike(ours: Document) -> None:
    """The same contradictions, under the same ids and with the same sides, are in the original and in ours."""
    assert [(one.id, one.sides) for one in lint(read(ORIGINAL))] == [(one.id, one.sides) for one in lint(ours)]


def test_every_contradiction_of_ours_is_known_here(ours: Document) -> None:
    """What lint finds in our document is what this file repairs, one by one."""
    assert sorted(ids(ours)) == sorted(REPAIRS)


@pytest.mark.parametrize("name", REPAIRS)
def test_contradiction_goes_with_its_cause(ours: Document, name: str) -> None:
    """A contradiction that is edited away is no longer found, and the edit brings no other of its kind."""
    left = ids(edited(REPAIRS[name]))

    assert name not in left
    assert name in ids(ours)
    assert not [one for one in left if one.partition(":")[0] == name.partition(":")[0] and one not in REPAIRS]


@pytest.mark.parametrize("name", BREAKS)
def test_contradiction_comes_with_its_cause(ours: Document, name: str) -> None:
    """A contradiction that is edited in is found."""
    assert name in ids(edited(BREAKS[name]))
    assert name not in ids(ours)


def test_repaired_document_has_no_contradictions() -> None:
    """A document can be free of contradictions: repaired in every place, ours is."""
    changes = [
        REPAIRS["machine-kind:operation-table"],
        REPAIRS["undocumented-header:X-Auth-Token"],
        REPAIRS["undocumented-header:Sp-Agent"],
        REPAIRS["curl-continuation"],
        REPAIRS["type-in-prose:vm_servers"],
        REPAIRS["several:lan_ip"],
        REPAIRS["content-type:error-sample"],
        REPAIRS["http-version:error-sample"],
        REPAIRS["id-length:project_id"],
        REPAIRS["error-names:tenant_id/project_id"],
        REPAIRS["plain-http"],
        ("API entry point: https://m.scloudm.com/", "API entry point: https://m.scloudm.com"),
        ("    Content-Length: 537\n", ""),
        ("application/json\n    {", "application/json\n\n    {"),
        ('"msg": "', '"instance_name": "'),
        CODE_IN_SAMPLE,
        RENAMED_IN_TABLE,
        LIST_IN_TABLE,
        STRING_IN_TABLE,
        PARTY_IN_SAMPLE,
    ]
    assert ids(edited(*changes)) == []


def test_contradiction_names_both_places(ours: Document) -> None:
    """Each contradiction has two places, on lines of the document that say the two things."""
    lines = OURS.splitlines()

    for one in lint(ours):
        assert one.places[0] != one.places[1]
        assert [place.text.splitlines()[0].split(" | ")[0] in lines[place.line - 1] for place in one.places] == [
            True,
            True,
        ], one.id


def test_contradiction_within_a_sample_names_its_lines(ours: Document) -> None:
    """What is wrong with a sample is shown at the line of its head and the line of its body."""
    found = {one.id: [place.row for place in one.places] for one in lint(ours)}

    assert found["content-length:success-sample"] == ["Content-Length", "body"]
    assert found["content-type:error-sample"] == ["status line", "body"]
    assert found["curl-continuation"] == ["Sp-Agent", "URL"]


def test_contradiction_ids_are_plain_and_unique(ours: Document) -> None:
    """Ids are ASCII without blanks, and no two contradictions share one."""
    found = ids(ours)

    assert len(set(found)) == len(found)
    assert [name for name in found if not re.fullmatch(r"[!-~]+", name)] == []


@pytest.mark.parametrize("length", [535, 536, 575, 723, 724])
def test_content_length_of_any_usual_form_is_right(length: int) -> None:
    """The header may count the body as shown, compact or spaced, with or without a last newline."""
    assert "content-length:success-sample" not in ids(edited(("Content-Length: 537", f"Content-Length: {length}")))


def test_content_length_says_what_the_body_has(ours: Document) -> None:
    """The sentence on Content-Length says its number and the body's, as it is shown and at its most compact."""
    sentence = next(one.sentence for one in lint(ours) if one.id.startswith("content-length"))

    assert re.findall(r"\d+", sentence) == ["537", "723", "535", "537"]


def test_every_contradiction_of_ours_is_settled(ours: Document) -> None:
    """Each contradiction has its sentence, no sentence is about one that is gone, and every silence has its place."""
    assert list(register().faults(ours)) == []


@pytest.mark.parametrize("name", REPAIRS)
def test_settled_contradiction_that_is_gone_is_named(name: str) -> None:
    """A sentence that settles nothing any more is named as stale."""
    faults = list(register().faults(edited(REPAIRS[name])))

    assert f"stale: {name} is settled and no longer found" in faults


def test_unsettled_contradiction_is_named_with_its_places() -> None:
    """A contradiction without a sentence is named with both places."""
    (fault,) = register().faults(edited(BREAKS["type:cpu_num"]))

    assert fault.startswith(
        "unsettled: type:cpu_num: In the table cpu_num is of type string, in the sample of type int."
    )
    assert "response table, row cpu_num, column type (line 74)" in fault
    assert "success sample, row cpu_num (line 106)" in fault


def test_contradiction_with_another_side_is_no_longer_settled() -> None:
    """A sentence on dict against array does not settle string against array."""
    (fault, *_) = register().faults(edited(("| vm_servers    | dict   |", "| vm_servers    | string |")))

    assert fault.startswith("settled as another matter: type:vm_servers")


def test_silence_about_a_missing_place_is_named() -> None:
    """A silence whose row is gone is named as stale."""
    document = edited(("| mem_size      |", "| memory        |"), ('"mem_size"', '"memory"'))

    assert "stale: a silence about response table: mem_size, which is no longer there" in register().faults(document)


def test_readings_of_ours_are_open(ours: Document) -> None:
    """All six readings are open in our document, with the values that a target may show."""
    assert {name: reading.values for name, reading in readings(ours).items()} == {
        "vm_servers": ("list", "dict"),
        "lan": ("lan_ip", "lan_ip_set", "both"),
        "wan": ("list", "string"),
        "code": ("present", "absent"),
        "party": ("query", "header", "either"),
        "paging": ("1-inclusive", "1-exclusive", "0-inclusive", "0-exclusive"),
    }


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("vm_servers", LIST_IN_TABLE),
        ("lan", RENAMED_IN_TABLE),
        ("wan", STRING_IN_TABLE),
        ("code", CODE_IN_SAMPLE),
        ("party", PARTY_IN_SAMPLE),
        ("paging", ("| t (optional)         |", "| to (optional)        |")),
    ],
)
def test_reading_closes_with_its_contradiction(ours: Document, name: str, change: tuple[str, str]) -> None:
    """A reading is open for as long as the contradiction is there, or the parameters that it is about."""
    assert list(readings(edited(change))) == [known for known in readings(ours) if known != name]


def test_reading_knows_which_of_its_contradictions_are_there(tmp_path: Path) -> None:
    """A reading of several contradictions is open while one of them is there, and names those that are."""
    path = tmp_path / "readings.toml"
    text = READINGS.read_text(encoding="utf-8")
    path.write_text(text.replace('settles = ["type:wan_ip_set"]', 'settles = ["gone", "type:wan_ip_set"]'), "utf-8")

    assert register(path).readings["wan"].settles == ("gone", "type:wan_ip_set")
    assert register(path).open(read(DEFAULT))["wan"].settles == ("type:wan_ip_set",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[readings.x]\nvalues = 3\nwhy = 'w'", "x has no list of words values"),
        ("[readings.x]\nvalues = ['a']", "x has no sentence why"),
        ("[settled.x]\nbetween = ['a', 'b']\nsays = ' '", "x has no sentence says"),
        ("readings = 1", "readings is no table"),
        ("silences = 1", "silences is no array of tables"),
        ("[[silences]]\nwhere = 'title'", "silences has no sentence asks"),
        ("settled.x = 1", "x has no list of words between"),
        ("[readings", "not TOML"),
    ],
)
def test_broken_readings_are_refused_in_one_line(tmp_path: Path, content: str, message: str) -> None:
    """What is wrong with a file of readings is said in one line that names the file."""
    path = tmp_path / "readings.toml"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(ReadingsError, match=message) as caught:
        register(path)

    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_readings_are_kept_in_order_of_the_file() -> None:
    """The register holds the readings of the file in its order, each with a reason."""
    names = re.findall(r"^\[readings\.(\w+)\]", READINGS.read_text(encoding="utf-8"), re.MULTILINE)

    assert list(register().readings) == names
    assert all(reading.why for reading in register().readings.values())
