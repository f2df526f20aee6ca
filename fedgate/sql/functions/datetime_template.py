"""Date and time templates of to_char, to_date and to_timestamp: their patterns, separators and texts.

Source: https://www.postgresql.org/docs/15/functions-formatting.html#FUNCTIONS-FORMATTING-DATETIME-TABLE (and formatting.c).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from fedgate.cache import of_texts

Kind = Literal["field", "separator", "space", "text"]

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"
)  # fmt: skip
DAYS: Final = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
ROMAN: Final = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_BOTH_CASES = [
    "A.D.",
    "A.M.",
    "AD",
    "AM",
    "B.C.",
    "BC",
    "CC",
    "DAY",
    "DDD",
    "DD",
    "DY",
    "D",
    "FF1",
    "FF2",
    "FF3",
    "FF4",
    "FF5",
    "FF6",
    "FX",
    "HH24",
    "HH12",
    "HH",
    "IDDD",
    "ID",
    "IW",
    "IYYY",
    "IYY",
    "IY",
    "I",
    "J",
    "MI",
    "MM",
    "MONTH",
    "MON",
    "MS",
    "OF",
    "P.M.",
    "PM",
    "Q",
    "RM",
    "SSSSS",
    "SSSS",
    "SS",
    "TZH",
    "TZM",
    "TZ",
    "US",
    "WW",
    "W",
    "Y,YYY",
    "YYYY",
    "YYY",
    "YY",
    "Y",
]
_KEYWORDS = [*_BOTH_CASES, *(k.lower() for k in _BOTH_CASES), "Day", "Dy", "Month", "Mon"]
_TOKEN: Final = re.compile(
    r'"((?:[^"\\]|\\.)*)"?|(FM|fm|TM|tm)?('
    + "|".join(sorted(map(re.escape, _KEYWORDS), key=len, reverse=True))
    + r')(TH|th|SP)?|(FM|fm|TM|tm)|\\(")|(.)',
    re.DOTALL,
)
_SPACES: Final = " \t\n\v\f\r"


@dataclass(frozen=True, slots=True)
class Part:
    """`text` is the pattern as written or the literal; `fill` is FM, `local` TM, `suffix` TH, th or empty."""

    kind: Kind
    text: str
    fill: bool = False
    local: bool = False
    suffix: str = ""

    @property
    def name(self) -> str:
        return self.text.upper()


@of_texts(256)
def parts(template: str) -> tuple[Part, ...]:
    """The template's parts in order; a text of several characters is several parts."""
    out = []
    for quoted, prefix, keyword, suffix, lone, escaped, other in (m.groups() for m in _TOKEN.finditer(template)):
        if keyword:
            shown = suffix or ""
            mode = (prefix or "").upper()
            out.append(Part("field", keyword, mode == "FM", mode == "TM", "" if shown == "SP" else shown))
        elif quoted is not None:
            out.extend(Part("text", c) for c in re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL))
        elif not lone:
            c = escaped or other
            out.append(Part("space" if c in _SPACES else "separator" if is_separator(c) and not escaped else "text", c))
    return tuple(out)


def is_separator(c: str) -> bool:
    """Whether a character of template or input stands between fields: ASCII that is no letter and no digit."""
    return " " < c < "\x7f" and not c.isalnum()
