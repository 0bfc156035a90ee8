"""The process behind `shapecalc` and `python -m shapecalc`."""

from __future__ import annotations

import gc
import os
from typing import NoReturn

from shapecalc.cli import main
from shapecalc.streams import settle


def run() -> NoReturn:
    """Runs the command line in a process of its own, tuned for one short run; ends it with the exit code."""
    gc.disable()  # it builds much and frees little: collecting costs a third of the time
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looking for them reads every installed package
    code = main()
    settle()
    os._exit(code)  # taking a network apart again, object by object, would take a seventh of the time


if __name__ == "__main__":
    run()
