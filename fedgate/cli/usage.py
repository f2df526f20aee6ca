"""The parser of the command line: help that keeps its examples, errors that name the nearest right word and where to read on."""

from __future__ import annotations

import argparse
from typing import Any, NoReturn

from fedgate.wording import nearest


class Help(argparse.HelpFormatter):
    """Wraps a paragraph, but leaves a text of several lines (examples) as it is written."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if "\n" in text.strip():
            return "".join(indent + line for line in text.splitlines(keepends=True))
        return super()._fill_text(text, width, indent)


class Parser(argparse.ArgumentParser):
    """Errors (exit status 2) help. Options are not abbreviated: a script must not break when one is added."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": Help, "allow_abbrev": False, **options})

    def error(self, message: str) -> NoReturn:
        self.print_usage()
        self.exit(2, f"{self.prog}: {message}\nTry: {self.prog} --help\n")

    def print_usage(self, file: Any = None) -> None:
        import sys

        super().print_usage(file or sys.stderr)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """What is left over is an error of the command that it was written for, not of the whole program."""
        found, left = super().parse_known_args(args, namespace)
        if left:
            near = nearest(left[0].partition("=")[0], self._option_string_actions)
            self.error(f"{left[0]} is not understood" + (f"; perhaps you mean {near}" if near else ""))
        return found, left

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        choices = [str(choice) for choice in action.choices or ()]
        if choices and str(value) not in choices:
            near = nearest(str(value), choices)
            advice = f"; perhaps you mean {near}" if near else ""
            raise argparse.ArgumentError(action, f'there is no "{value}" among {", ".join(choices)}{advice}')
