"""The gate as a command: pytest with our clauses, whose help and mistakes are told in the gate's own words.

`./gate` runs it in a checkout, with pytest's options before the user's; `mana-gate` where the suite is installed.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pytest

from . import options
from .catalogue import CLAUSES

SETTINGS = Path(__file__).with_name("installed.toml")
"""pytest's settings, which a checkout has in pyproject.toml."""

DESCRIPTION = """\
Judge an implementation of GET /mana_api/vm by its contract. Without --base-url, the reference that comes with the
suite is judged.
"""

EPILOG = """\
secrets belong in the environment: MANA_TOKEN, MANA_OTHER_TOKEN, MANA_EXPIRED_TOKEN, MANA_PASSWORD.

examples:
  %(prog)s                                              judge the reference
  %(prog)s --base-url=https://staging.example.org --party=acme --tenant-id=e58c78fe --region=north
  %(prog)s … --report-dir=report                        keep a page to repair the server from, data, and evidence
  %(prog)s … -k PAGE-07                                 one clause and what it rests on
  %(prog)s … -m "must and auth"                         those of an area, or of a level
  %(prog)s --replay=report/evidence.jsonl               judge again, offline
  %(prog)s --clauses                                    what is judged
  %(prog)s --clause-info PAGE-07                        how, and where servers go wrong

exit: 0 kept, 1 broken, 2 interrupted, 3 an error of our own, 4 wrong usage, 5 no clause selected, 6 could not judge.
Every option of pytest works here too: `python -m pytest --help` prints them all.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge as `pytest` does in a checkout, by the same options; returns its exit status."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    kept = _cache()
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(kept / "hypothesis"))
    # Named in full, or pytest would take the settings of whatever project it is called in.
    ours = [f"--config-file={SETTINGS}", f"--rootdir={CLAUSES.parent}", "--override-ini", f"cache_dir={kept}"]
    return judge([*ours, str(CLAUSES), *given], "mana-gate")


def judge(arguments: Sequence[str], name: str) -> int:
    """Run pytest with these arguments, under a name of our own; returns its exit status."""
    return int(pytest.main(list(arguments), plugins=[_Telling(name)]))


class _Telling:
    """A plugin that is there before pytest reads its arguments, and tells of them what our users need."""

    def __init__(self, name: str) -> None:
        self._help = _Help(name)

    @pytest.hookimpl(wrapper=True)
    def pytest_cmdline_parse(self) -> Any:
        """Tell what is wrong with an option in one line."""
        try:
            return (yield)
        except pytest.UsageError as error:
            raise pytest.UsageError(self._in_one_line(str(error))) from None

    @pytest.hookimpl(tryfirst=True)
    def pytest_cmdline_main(self, config: pytest.Config) -> int | None:
        """Print the help, where that is asked for."""
        if not config.option.help:
            return None
        print(self._help.text(), end="")
        return pytest.ExitCode.OK

    def _in_one_line(self, said: str) -> str:
        """What is wrong, of all that argparse and pytest say; with the option that may have been meant."""
        _, marked, wrong = said.partition(": error: ")
        wrong = wrong.splitlines()[0] if marked else said
        unknown = wrong.partition("unrecognized arguments: ")[2].split("=")[0].split(" ")[0]
        if not unknown:
            return wrong
        near = get_close_matches(unknown, self._help.names, 1)
        return f"{wrong}; {f'did you mean {near[0]}?' if near else '--help explains the options'}"


class _Help:
    """Our own options, declared to argparse as they are to pytest."""

    def __init__(self, name: str) -> None:
        self._parser = argparse.ArgumentParser(
            prog=name,
            usage="%(prog)s [--base-url=URL --party=NAME --tenant-id=ID --region=NAME] [options]",
            description=DESCRIPTION,
            epilog=EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        self._parser.add_argument("--base-url", metavar="URL", help="the server; a path prefix is welcome")
        self.names = ["--base-url", "--help"]
        options.add_options(self)

    def getgroup(self, name: str, description: str) -> _Group:  # noqa: ARG002 - pytest's name for a group
        """A group of options, as `pytest.Parser` has it."""
        return _Group(self._parser.add_argument_group(description), self.names)

    def text(self) -> str:
        """All that is to be said of them."""
        return self._parser.format_help()


class _Group:
    def __init__(self, group: argparse._ArgumentGroup, names: list[str]) -> None:
        self._group = group
        self._names = names

    def addoption(self, *names: str, **about: Any) -> None:
        self._group.add_argument(*names, **about)
        self._names.extend(names)


def _cache() -> Path:
    """Where draws are kept between runs: the user's own folder, for neither the packages' nor the current one is."""
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "mana-gate"


if __name__ == "__main__":
    sys.exit(judge(sys.argv[1:], "./gate"))
