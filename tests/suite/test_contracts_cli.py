"""`python -m contracts`: what it prints, what it writes, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from contracts import DEFAULT, lint, read
from contracts.__main__ import main
from contracts.readings import READINGS

OURS = DEFAULT.read_text(encoding="utf-8")
NAMES = ["answer.json", "error.json", "openapi.json", "request.json", "vm.json"]


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """A copy of our document that a test may edit."""
    path = tmp_path / "copy.rst"
    path.write_text(OURS, encoding="utf-8")
    return path


@pytest.fixture
def kept(document: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The folder of the schemas that were derived from the copy before it is edited."""
    folder = document.parent / "kept"
    assert main(["derive", str(document), "--out", str(folder)]) == 0
    capsys.readouterr()
    return folder


def edit(document: Path, old: str, new: str) -> None:
    text = document.read_text(encoding="utf-8")
    assert old in text
    document.write_text(text.replace(old, new), encoding="utf-8")


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "contracts", *arguments]
    root = DEFAULT.parent.parent
    return subprocess.run(command, cwd=root, env={**os.environ, **environment}, capture_output=True, check=False)  # noqa: S603


def test_show_prints_the_model(capsys: pytest.CaptureFixture[str]) -> None:
    """`show` prints operation, parameters, fields and samples of our own document, without being told which."""
    assert main(["show"]) == 0

    out, err = capsys.readouterr()
    assert err == ""
    for line in (
        "GET /mana_api/vm   Get the list of physical machines",
        "  tenant_id       string  required  The tenant's id",
        "  wan_ip_set      list    List of external IPs",
        "  line 134  400 Bad Request",
    ):
        assert line in out.splitlines()


def test_show_json_is_the_whole_model(document: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`show --json` prints the facts and the prose as JSON."""
    assert main(["show", str(document), "--json"]) == 0

    shown = json.loads(capsys.readouterr().out)
    assert shown.items() >= json.loads(json.dumps(read(document).facts)).items()
    assert shown["document"] == "copy.rst"
    assert shown["descriptions"]["parameters"]["party"] == "The vendor"


def test_lint_lists_every_contradiction(capsys: pytest.CaptureFixture[str]) -> None:
    """`lint` prints each contradiction with both places and what settles it, and does not judge."""
    assert main(["lint"]) == 0

    out = capsys.readouterr().out
    for one in lint(read(DEFAULT)):
        assert f"{one.id}\n    {one.sentence}\n    {one.places[0]}\n    {one.places[1]}\n    settled: " in out
    assert out.endswith("vm_list.rst: 21 contradictions, 0 unsettled\n")


def test_lint_marks_what_is_unsettled(document: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A contradiction that no sentence settles is marked, and `lint` still did its work."""
    edit(document, "| cpu_num       | int    |", "| cpu_num       | list   |")

    assert main(["lint", str(document)]) == 0
    assert "1 unsettled" in capsys.readouterr().out.splitlines()[-1]


def test_derive_writes_the_schemas(document: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`derive` writes five files, into a folder that it makes, and the same ones each time."""
    first, second = document.parent / "a" / "b", document.parent / "c"

    assert main(["derive", str(document), "--out", str(first)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        str(first / name) for name in ("request.json", "answer.json", "vm.json", "error.json", "openapi.json")
    ]
    assert main(["derive", str(document), "--out", str(second)]) == 0
    assert sorted(path.name for path in first.iterdir()) == NAMES
    assert [(first / name).read_bytes() for name in NAMES] == [(second / name).read_bytes() for name in NAMES]


def test_derivation_is_the_same_in_every_process(kept: Path) -> None:
    """What is derived does not depend on the process: not on how it hashes, nor on where it runs."""
    again = kept.parent / "again"

    for seed in ("1", "2"):
        done = run("derive", str(kept.parent / "copy.rst"), "--out", str(again), PYTHONHASHSEED=seed, LC_ALL="C")
        assert (done.returncode, done.stderr) == (0, b"")
        assert [(again / name).read_bytes() for name in NAMES] == [(kept / name).read_bytes() for name in NAMES]


def test_check_passes_on_what_is_committed(capsys: pytest.CaptureFixture[str]) -> None:
    """`check` finds our document, its schemas and its readings in agreement."""
    assert main(["check"]) == 0
    assert capsys.readouterr().out == "vm_list.rst: all agrees\n"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (("| status        | string |", "| status        | int    |"), "response table, row status, column type"),
        (("| t (optional)         |", "| t (required)         |"), "request table, row t, column name"),
        (("| The vendor  ", "| The party   "), "request table, row party, column description"),
        (("vm | Get the list", "vn | Get the list"), "operation table, row GET, column path"),
        (('"create_at": "2014-07-29 15', '"create_at": "29.7.2014 15'), "success sample, row create_at"),
    ],
)
def test_check_names_the_cell_that_drifted(
    document: Path, kept: Path, capsys: pytest.CaptureFixture[str], change: tuple[str, str], place: str
) -> None:
    """A schema that is no longer what the document gives fails `check`, which names the file and the cell."""
    edit(document, *change)

    assert main(["check", str(document), "--schemas", str(kept)]) == 1

    drifted = [line for line in capsys.readouterr().out.splitlines() if f"{kept}{os.sep}" in line]
    assert any(place in line for line in drifted)


def test_check_says_what_the_keyword_was_and_is(document: Path, kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of all that differs the changed keyword is said, as it is kept and as the document gives it."""
    edit(document, "| status        | string |", "| state         | int    |")

    main(["check", str(document), "--schemas", str(kept)])

    out = capsys.readouterr().out
    assert '/vm.json: /properties/status is {"description": ' in out
    assert ", the document gives nothing (response table, column name); changed: response table, row state" in out

    edit(document, "| state         | int    |", "| status        | int    |")
    main(["check", str(document), "--schemas", str(kept)])

    out = capsys.readouterr().out
    assert (
        'vm.json: /properties/status/type is "string", the document gives "integer" '
        "(response table, row status, column type); changed: response table, row status, column type; "
    ) in out


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "vm.json: missing or unreadable"),
        ("{", "vm.json: not JSON"),
        ("same", "vm.json: not written as it is derived, though the JSON is the same"),
    ],
)
def test_check_names_the_file_that_drifted(
    document: Path, kept: Path, capsys: pytest.CaptureFixture[str], content: str | None, message: str
) -> None:
    """A schema that is missing, broken or written otherwise fails `check` by its name."""
    path = kept / "vm.json"
    if content is None:
        path.unlink()
    else:
        path.write_text(json.dumps(json.loads(path.read_text())) if content == "same" else content)

    assert main(["check", str(document), "--schemas", str(kept)]) == 1
    assert message in capsys.readouterr().out


def test_check_names_the_contradiction_that_is_unsettled(
    document: Path, kept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A contradiction without a sentence fails `check`, which names it and its places though the schemas are right."""
    edit(document, "| status        | string |", "| status        | int    |")
    main(["derive", str(document), "--out", str(kept)])
    capsys.readouterr()

    assert main(["check", str(document), "--schemas", str(kept)]) == 1

    out = capsys.readouterr().out.splitlines()
    assert len(out) == 2
    assert out[0].startswith("copy.rst: unsettled: type:status: ")
    assert "response table, row status, column type (line 84)" in out[0]
    assert "success sample, row status (line 111)" in out[0]


def test_check_names_a_sentence_that_is_gone(document: Path, kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A contradiction whose sentence is taken out of the readings fails `check`."""
    readings = document.parent / "readings.toml"
    text = READINGS.read_text(encoding="utf-8")
    assert '[settled."plain-http"]' in text
    readings.write_text(text.replace('[settled."plain-http"]', '[settled."plain-https"]'), encoding="utf-8")

    assert main(["check", str(document), "--schemas", str(kept), "--readings", str(readings)]) == 1

    out = capsys.readouterr().out
    assert "unsettled: plain-http: " in out
    assert "stale: plain-https is settled and no longer found" in out


@pytest.mark.parametrize("command", ["show", "lint", "derive", "check"])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "1: no title"),
        (
            OURS.replace("| cpu_num       | int ", "| cpu_num       | word").encode(),
            '74: unknown type "word" (response',
        ),
        (OURS.replace("| int    | Number", "| int    Number").encode(), "74: not reStructuredText: Malformed table."),
        (b"\x80\x81", "1: not UTF-8: byte 0x80"),
        (b"a\nb\0c", "2: not a text"),
    ],
    ids=["empty", "type", "table", "bytes", "NUL"],
)
def test_broken_document_ends_every_command_in_one_line(
    document: Path, capfd: pytest.CaptureFixture[str], command: str, content: bytes, message: str
) -> None:
    """A document that cannot be read gives one line with file and line on the error stream, and exit 1."""
    document.write_bytes(content)

    assert main([command, str(document)]) == 1

    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith(f"{document}:{message}")
    assert err.count("\n") == 1


def test_process_exits_with_the_code_of_the_command(tmp_path: Path) -> None:
    """The process exits 1 with one line and no traceback when its document is missing."""
    done = run("show", str(tmp_path / "none.rst"))

    assert done.returncode == 1
    assert done.stdout == b""
    assert done.stderr.decode() == f"{tmp_path / 'none.rst'}: cannot be read: No such file or directory\n"


def test_folder_that_cannot_be_written_ends_in_one_line(document: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that cannot be made gives one line that names it, and exit 1."""
    assert main(["derive", str(document), "--out", str(document / "in" / "a file")]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_terminal_without_chinese_shows_escapes(document: Path) -> None:
    """Text that the terminal cannot show is escaped, and the command still does its work."""
    edit(document, "The vendor  ", "厂商        ")

    done = run("show", str(document), PYTHONIOENCODING="ascii", PYTHONUTF8="0")

    assert (done.returncode, done.stderr) == (0, b"")
    assert rb"\u5382\u5546" in done.stdout


@pytest.mark.parametrize("arguments", [[], ["--help"], ["check", "--help"]])
def test_help_teaches(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Help says what there is to do; without a command it is wrong usage, which exits 2."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    out, err = capsys.readouterr()
    assert ended.value.code == (0 if arguments else 2)
    assert "usage: python -m contracts" in out + err
    if arguments == ["--help"]:
        for word in ("show", "lint", "derive", "check", "readings.toml", "Exit: 0"):
            assert word in out
