"""File names as CI servers want them: relative to the repository, with forward slashes."""

from __future__ import annotations

import os
from os.path import abspath
from pathlib import Path


def in_repository(file: str) -> str:
    """The path as seen from the root of the repository that CI has checked out; else from here; else as it is.

    GitHub names that root in GITHUB_WORKSPACE.
    """
    if file.startswith("<"):  # <stdin> is no file
        return file
    path = Path(abspath(file))  # noqa: PTH100 (`resolve` follows links)
    for root in (os.environ.get("GITHUB_WORKSPACE"), Path.cwd()):
        if root and path.is_relative_to(root):
            return path.relative_to(root).as_posix()
    return path.as_posix()
