"""Offsets of whole columns of local times are those of each, around every change of the clock."""

from __future__ import annotations

import numpy as np
import pytest

from fedgate.types.zones import find_zone

ZONES = (
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
    "Asia/Kolkata",
    "<+05>-05",
)
RULES = ("ABC2DEF", "XYZ-10XST-10:30,M10.1.0,M4.1.0/3", "<+02>-2<+03>,J61/1,300/25:30")
STEPS_S = (-7200, -3600, -1801, -1800, -1, 0, 1, 1799, 1800, 3599, 3600, 7200)


@pytest.mark.parametrize("name", ZONES + RULES)
def test_offsets_of_locals(name: str) -> None:
    zone = find_zone(name)
    assert zone is not None
    hours = range(-300_000, 1_400_000, 4001)
    changes = [] if zone.fixed is not None else [int(s) for s in zone._transitions()[0]][-60:]
    locals_s = [h * 3600 for h in hours] + [
        at + offset * 1800 + s for at in changes for offset in range(-24, 27, 2) for s in STEPS_S
    ]
    local = np.array(locals_s, np.int64) * 1_000_000
    found = np.broadcast_to(zone.offsets_of_locals(local), local.shape)
    assert found.tolist() == [zone.offset_of_local(at) for at in local.tolist()]
