"""The session settings that the text form of a value depends on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextStyle:
    """What text_in and text_out read of a session's settings, spelled as SHOW gives them.

    `datestyle` decides the order of ambiguous dates on input (MDY, DMY, YMD); values are written in ISO only, other
    output styles are 0A000.
    `intervalstyle` is postgres, postgres_verbose, sql_standard or iso_8601. `bytea_output` is hex or escape.
    """

    timezone: str = "UTC"
    datestyle: str = "ISO, MDY"
    intervalstyle: str = "postgres"
    extra_float_digits: int = 1
    bytea_output: str = "hex"

    @property
    def date_order(self) -> str:
        """MDY, DMY or YMD."""
        return self.datestyle.rpartition(",")[2].strip().upper()


DEFAULT_STYLE = TextStyle()
