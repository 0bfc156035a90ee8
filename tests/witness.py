"""How a test calls on a witness, and what it shows it."""

from __future__ import annotations

import importlib
import os
from typing import Any

import numpy as np
import pytest

from shapecalc.reference_ops.arrays import Array


def torch_or_skip() -> Any:
    """The torch module, as `module_or_skip` has it."""
    return module_or_skip("torch")


def module_or_skip(name: str) -> Any:
    """A module that is an extra. Without it a test is skipped, but fails where CI is meant to have it."""
    if os.environ.get("CI") == "true":
        return importlib.import_module(name)
    return pytest.importorskip(name)


def some_numbers(*shape: int) -> Array:
    """Values of both signs without a pattern, the same on every run and no two alike."""
    return np.random.default_rng(shape).normal(size=shape)


def seen_by_torch(torch: Any, value: Array) -> Any:
    """`value` as a torch tensor with a batch axis of one."""
    return torch.from_numpy(np.ascontiguousarray(value))[None]
