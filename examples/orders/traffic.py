"""Customers: requests at an even pace until the process is ended; prints what they met.

``python -m examples.orders.traffic --port 8089 --rate 60``
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import signal
import sys
import threading
import time
from collections import Counter
from types import FrameType

_WORKERS = 4


class Traffic:
    """Requests from a few customers at once; ``counts`` by status, -1 where there was no answer."""

    def __init__(self, port: int, rate: float, seed: int = 1) -> None:
        self.port, self.rate, self.seed = port, rate, seed
        self.counts: Counter[int] = Counter()
        self.stop = threading.Event()
        self._threads = [threading.Thread(target=self._order, args=(n,), daemon=True) for n in range(_WORKERS)]

    def start(self) -> None:
        """Let the customers in."""
        for thread in self._threads:
            thread.start()

    def end(self) -> Counter[int]:
        """Send them home and return what they met."""
        self.stop.set()
        for thread in self._threads:
            thread.join(10)
        return self.counts

    def _order(self, number: int) -> None:
        chance = random.Random(self.seed * 100 + number)
        pause = _WORKERS / self.rate
        while not self.stop.wait(pause * chance.uniform(0.5, 1.5)):
            self.counts[self._ask(chance)] += 1

    def _ask(self, chance: random.Random) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            if chance.random() < 0.2:
                order = {"customer": chance.randint(1, 20), "total_cents": chance.randint(100, 90000)}
                connection.request("POST", "/orders", json.dumps(order), {"Content-Type": "application/json"})
            else:
                connection.request("GET", f"/orders/{chance.randint(1, 50)}")
            response = connection.getresponse()
            response.read()
            return response.status
        except (OSError, http.client.HTTPException):
            return -1
        finally:
            connection.close()


def main() -> None:
    """Order until SIGTERM, then print the counts as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8089)
    parser.add_argument("--rate", type=float, default=60)
    options = parser.parse_args()
    traffic = Traffic(options.port, options.rate)

    def leave(_number: int, _frame: FrameType | None) -> None:
        sys.stdout.write(json.dumps(traffic.end()) + "\n")
        sys.exit(0)

    signal.signal(signal.SIGTERM, leave)
    traffic.start()
    while True:
        time.sleep(1)


if __name__ == "__main__":
    main()
