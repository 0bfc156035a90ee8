"""Traces as text in the formats that `--format` names; each is loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TypeAlias

from shapecalc.result import Trace
from shapecalc.table import View

Renderer: TypeAlias = "Callable[[list[Trace], View], str]"

FORMATS: dict[str, tuple[str, str]] = {
    "json": ("shapecalc.render.data", "as_json"),
    "csv": ("shapecalc.render.data", "as_csv"),
    "markdown": ("shapecalc.render.markup", "as_markdown"),
    "html": ("shapecalc.render.markup", "as_html"),
    "latex": ("shapecalc.render.markup", "as_latex"),
    "text": ("shapecalc.render.markup", "as_text"),
}
"""Module and function of each format but the terminal's table."""


def renderer(name: str) -> Renderer:
    """The function that writes traces in the format of that name."""
    module, function = FORMATS[name]
    found: Renderer = getattr(import_module(module), function)
    return found


def as_text(trace: Trace) -> str:
    """The table as aligned text without colour, as it is written to a file or a pipe."""
    return renderer("text")([trace], View())


def as_html(trace: Trace) -> str:
    """The table as HTML."""
    return renderer("html")([trace], View())
