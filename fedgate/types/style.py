"""The session settings that the text form of a value depends on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class TextStyle:
    """What text_in and text_out read of a session's settings, spelled as SHOW gives them.

    `datestyle` is the form of dates and times (ISO, SQL, Postgres, German) and the order of their parts on input, and in some
    forms on output (MDY, DMY, YMD).
    `intervalstyle` is postgres, postgres_verbose, sql_standard or iso_8601. `bytea_output` is hex or escape.
    """

    timezone: str = "UTC"
    datestyle: str = "ISO, MDY"
    intervalstyle: str = "postgres"
    extra_float_digits: int = 1
    bytea_output: str = "hex"

    @property
    def date_form(self) -> str:
        """iso, sql, postgres or german."""
        return self.datestyle.partition(",")[0].strip().lower()

    @property
    def packed(self) -> str:
        """All but the zone in one text: how queries carry it."""
        return "|".join((self.datestyle, self.intervalstyle, str(self.extra_float_digits), self.bytea_output))

    @property
    def date_order(self) -> str:
        """MDY, DMY or YMD."""
        return self.datestyle.rpartition(",")[2].strip().upper()


DEFAULT_STYLE = TextStyle()


@lru_cache(maxsize=256)
def unpacked(packed: str, timezone: str) -> TextStyle:
    """The style that `packed` came from, with a zone."""
    datestyle, intervalstyle, digits, bytea_output = packed.split("|")
    return TextStyle(timezone, datestyle, intervalstyle, int(digits), bytea_output)
