"""Writes the golden plans anew: `python -m tests.planner.record`."""

from __future__ import annotations

from dataclasses import replace

from tests.planner.golden import RULES, plan_text, read, write


def main() -> None:
    for path in sorted(RULES.glob("*.plan")):
        write(path, [replace(c, plan=plan_text(c.statement, c.rule)) for c in read(path)])


if __name__ == "__main__":
    main()
