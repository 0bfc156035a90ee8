"""`shapecalc schema`: the JSON Schema of the spec language."""

from __future__ import annotations

import argparse
import json

from shapecalc.cli import GOOD
from shapecalc.schema import json_schema


def run(arguments: argparse.Namespace) -> int:
    """Prints the schema."""
    print(json.dumps(json_schema(), indent=2, ensure_ascii=False))
    return GOOD
