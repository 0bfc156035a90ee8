"""The process behind `shapecalc` and `python -m shapecalc`."""

from __future__ import annotations

import gc
import os
import sys

from shapecalc.cli import main


def run() -> int:
    """The exit code of the command line, in a process of its own that is tuned for one short run."""
    gc.disable()  # it builds much and frees little: collecting costs a third of the time
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looking for them reads every installed package
    code = main()
    gc.freeze()  # nor is anything worth collecting on the way out
    return code


if __name__ == "__main__":
    sys.exit(run())
