"""How much work something is, in a unit that is measured in the same run: reading and tracing VGG16.

Seconds mean nothing on machines that are busy, slow or under coverage; what they all slow down alike is the unit.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from types import SimpleNamespace

from shapecalc import load, trace


@lru_cache
def unit() -> float:
    """Processor seconds of one VGG16: the best of five."""
    return min(_once() for _ in range(5))


def _once() -> float:
    started = time.process_time()
    trace(load("vgg16"))
    return time.process_time() - started


@contextmanager
def effort() -> Iterator[SimpleNamespace]:
    """What is done in it takes as much processor time as `networks` VGG16s, which is there afterwards."""
    per_network = unit()
    spent = SimpleNamespace(networks=0.0)
    started = time.process_time()
    yield spent
    spent.networks = (time.process_time() - started) / per_network
