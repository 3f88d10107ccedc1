"""Machines that come and go while the server runs, as a live fleet's do."""

import time
from random import SystemRandom
from threading import Thread

from reference.fleet import machine
from reference.model import Place
from reference.store import Store


class Churn(Thread):
    """A thread that adds or removes one machine of a place every `pause` seconds, to the end of the process.

    The list's length stays between half and twice what it was, as near as lists of one and none allow.
    """

    def __init__(self, store: Store, place: Place, pause: float) -> None:
        super().__init__(name="churn", daemon=True)
        self._store = store
        self._place = place
        self._pause = pause
        self._usual = store.count(place)
        self._number = self._usual
        # Seeded by nothing: a file that is opened again must not be given the same machines again.
        self._draw = SystemRandom()

    def run(self) -> None:
        """Step, pause by pause."""
        while True:
            time.sleep(self._pause)
            self.step()

    def step(self) -> None:
        """Add a machine, or remove one from anywhere in the list."""
        count = self._store.count(self._place)
        if count <= self._usual // 2 or (count < 2 * self._usual and self._draw.random() < 0.5):
            self._number += 1
            now = time.time()
            self._store.add(self._place, machine(self._draw, self._number, created=now, updated=now))
        else:
            self._store.remove(self._place, self._draw.randrange(count))
