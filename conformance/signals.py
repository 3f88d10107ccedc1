"""Signals: a run that is asked to end, as CI systems do it, ends as one that is interrupted, with what it found."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType


def ending_as_interrupts() -> Callable[[], None]:
    """Have SIGTERM interrupt the run from now on; what puts it back to what it was."""
    if threading.current_thread() is not threading.main_thread():
        return lambda: None
    usual = signal.signal(signal.SIGTERM, _interrupt)
    return lambda: _restore(usual)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt("SIGTERM")


def _restore(usual: Callable[[int, FrameType | None], object] | int | None) -> None:
    signal.signal(signal.SIGTERM, usual)
