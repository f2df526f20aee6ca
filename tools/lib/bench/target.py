"""What is to be reached, and whether it was: a word at the end of each measurement's line, and all that were missed at the end."""

from __future__ import annotations


class Targets:
    """Counts what was reached; `missed` names the rest."""

    def __init__(self) -> None:
        self.reached = 0
        self.missed: list[str] = []

    def verdict(self, what: str, met: bool, wanted: str) -> str:
        """The words for one line."""
        if met:
            self.reached += 1
        else:
            self.missed.append(f"{what}: {wanted}")
        return f"   {'reached' if met else 'MISSED'}: {wanted}"

    def differs(self, what: str) -> None:
        """An answer is wrong, so that its time does not count."""
        self.missed.append(f"{what}: the answers differ")

    def summary(self) -> str:
        """All in one line, and a line for each that was missed."""
        lines = [f"{self.reached} of {self.reached + len(self.missed)} targets reached", *(f"  missed: {m}" for m in self.missed)]
        return "\n".join(lines)
