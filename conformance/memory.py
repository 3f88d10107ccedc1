"""Memory: large blocks go back to the system when they are free.

The C library of Linux keeps what a thread has freed for that thread, so that a body which each of several threads had
in its turn would stay in memory once for each of them.
"""

from __future__ import annotations

import ctypes
import sys

M_MMAP_THRESHOLD = -3
"""The parameter of mallopt(3) that says from which size on a block is the system's; setting it ends its adapting."""

LARGE = 1024 * 1024
"""Bytes of a block that goes back."""


def give_large_blocks_back() -> None:
    """Have them go back from now on, in this process, where its C library can be told so."""
    if sys.platform == "linux" and (set_to := getattr(ctypes.CDLL(None), "mallopt", None)):
        set_to(M_MMAP_THRESHOLD, LARGE)
