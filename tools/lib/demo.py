"""tools/demo: `fedgate demo` from a fresh clone."""

from __future__ import annotations

import os
import sys

from tools.lib import environment


def main(arguments: list[str]) -> None:
    environment.ensure()
    program = environment.VENV / "bin" / "fedgate"
    # Replaced, not started: Ctrl-C and signals then reach the server itself.
    os.execv(program, [str(program), "demo", *arguments])


if __name__ == "__main__":
    main(sys.argv[1:])
