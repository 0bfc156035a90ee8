"""For all tests: no word of the machine that they run on."""

from __future__ import annotations

import os

for name in ("GITHUB_ACTIONS", "GITHUB_WORKSPACE"):  # `check` writes for GitHub where it runs there
    os.environ.pop(name, None)
