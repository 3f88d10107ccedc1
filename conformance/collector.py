"""The garbage collector, held off: it walks every object being made, which doubles the time to read a long list."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def waiting() -> Iterator[None]:
    """Let no cycles be collected within the block."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def overlook() -> None:
    """Have the collector never look at what there is by now.

    What was read of a long list holds no cycle, and each look at it takes as long as a tenth of the reading; nor is
    there any use in the looks that the interpreter takes at everything while it ends.
    """
    gc.freeze()
