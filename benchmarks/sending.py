"""The requests of a kept run once more, and nothing else: what is left to the limit.

    python -m benchmarks.sending EVIDENCE [--profile]

reads who may be asked from the environment, as the gate does, sends each request of the evidence at the gate's own
concurrency with no judging, no order and no controls, and prints its seconds; with --profile, one by one under the
profiler, and where the time goes.
"""

from __future__ import annotations

import cProfile
import json
import os
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from conformance import evidence, options
from conformance.ask import Asker
from conformance.target import Limits
from conformance.wire import Wire

from .profile import by_package


def main(arguments: Sequence[str]) -> None:
    """Send them and say what it took."""
    values = {name.removeprefix("MANA_").lower(): text for name, text in os.environ.items() if name.startswith("MANA_")}
    values["base_url"] = os.environ["PYTEST_BASE_URL"]
    probes = [exchange.probe for exchange in evidence.read(Path(arguments[0])).exchanges()]
    profiled = "--profile" in arguments
    limits = Limits(concurrency=1) if profiled else Limits()
    with closing(Wire(options.target_of(values), options.vault_of(values), limits)) as wire:
        if profiled:
            with cProfile.Profile() as profile:
                for probe in probes:
                    wire.send(probe)
            print(json.dumps(by_package(profile)))
            return
        begun = time.perf_counter()
        Asker(wire, limits).ask([(probe.again(str(number)),) for number, probe in enumerate(probes)], "sending")
        print(json.dumps({"requests": len(probes), "seconds": time.perf_counter() - begun}))


if __name__ == "__main__":
    main(sys.argv[1:])
