"""Series of timestamptz by days are what adding a day again and again gives, also where the clock is put forward or back."""

from __future__ import annotations

import pytest

from fedgate.errors import SqlError
from fedgate.sql.functions.srf import series_tz
from fedgate.sql.functions.zoned import add
from fedgate.types.values import Interval

YEAR_US = 365 * 86_400_000_000
SPRING = 1_711_589_400_000_000  # 2024-03-28 01:30 UTC, three days before Europe's clocks go on


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC"])
@pytest.mark.parametrize("days", [1, -1, 7, 30])
@pytest.mark.parametrize("start", [SPRING, SPRING + 1_800_000_000, SPRING - 1_800_000_000, SPRING + YEAR_US // 2 + 3_600_000_000])
def test_days_of_the_clock(zone: str, days: int, start: int) -> None:
    stop = start + (3 if days > 0 else -3) * YEAR_US
    wanted, at = [], start
    while at <= stop if days > 0 else at >= stop:
        wanted.append(at)
        at = add(at, Interval(0, days, 0), zone)
    assert series_tz(start, stop, (0, days, 0), zone) == wanted


@pytest.mark.parametrize("step", [(0, 1, 0), (0, 0, 1_000_000), (1, 0, 0), (0, -1, 0)])
def test_a_series_without_values(step: tuple[int, int, int]) -> None:
    stop = SPRING + 1 if step[1] < 0 else SPRING - 1
    assert series_tz(SPRING, stop, step, "Europe/Berlin") == []


def test_too_many_values_are_refused_at_once() -> None:
    with pytest.raises(SqlError) as caught:
        series_tz(-(10**16) * 3, 10**17, (0, 1, 0), "Europe/Berlin")
    assert caught.value.sqlstate == "54000"
