"""The fleets that hold the trap tables: readings cut in many ways, devices replicated or cut."""

from __future__ import annotations

import zlib

from tests.fleets.build import ALL
from tests.fleets.layout import Engine, Layout, NodeSpec, PlacementSpec, Row, Stored

BERLIN = "Europe/Berlin"
MICRO = Stored("at_us", encoding="unix_us")
ISO = Stored("stamp", encoding="iso8601")
LOCAL = Stored("local_ts", zone=BERLIN)
EIGHTHS = Stored(
    expression="(hum8 / 8.0)::real", input=("hum8", "integer"), local="CAST(CAST(v AS DOUBLE PRECISION) * 8 AS INTEGER)"
)
ABSENT = Stored(absent=True)


def _constant(text: str) -> Stored:
    return Stored(expression=f"'{text}'")


def _copies(table: str, *nodes: str) -> tuple[PlacementSpec, ...]:
    return tuple(PlacementSpec(table, node, ALL) for node in nodes)


def _hash(row: Row) -> int:
    return zlib.crc32(repr(sorted(row.items(), key=lambda item: item[0])).encode())


def _sites() -> Layout:
    """One shard a site, four engines, each site in its own habits; checks that prune."""
    habits: dict[str, dict[str, Stored]] = {
        "s1": {"site": _constant("s1"), "ts": MICRO, "note": ABSENT, "ok": Stored("is_ok"), "hum": EIGHTHS},
        "s2": {"ts": ISO, "temp": Stored("celsius"), "day": Stored("day_s", encoding="unix_s")},
        "d1": {"ts": LOCAL, "device": Stored("Device No")},
        "p1": {"ts": MICRO, "note": Stored("remark"), "hum": EIGHTHS},
        "g1": {"ts": Stored("time"), "price": Stored("Preis €")},
    }
    engines: dict[str, Engine] = {"s1": "sqlite", "s2": "sqlite", "d1": "duckdb", "p1": "parquet", "g1": "postgres"}
    nodes = tuple(
        NodeSpec(name, engine, {"region": "north" if name in ("s1", "d1") else "south", "site": name})
        for name, engine in engines.items()
    )
    placements = tuple(PlacementSpec("readings", name, name, habit, check=f"site = '{name}'") for name, habit in habits.items())
    cuts = {"readings": lambda _, row: str(row["site"])}
    return Layout("sites", nodes, placements + _copies("devices", *engines), cuts)


def _single() -> Layout:
    """Everything on one node: a plan of one shard is a plan like any other."""
    placements = (PlacementSpec("readings", "d1", "whole"), *_copies("devices", "d1"))
    return Layout("single", (NodeSpec("d1", "duckdb"),), placements, {"readings": lambda *_: "whole"})


def _twenty() -> Layout:
    """Twenty shards on five nodes; the last three are empty. Several relations of one table lie at one node."""
    engines: tuple[Engine, ...] = ("sqlite", "duckdb", "parquet", "postgres", "sqlite")
    nodes = tuple(NodeSpec(f"s{i + 1}", engine, {"rack": str(i % 2)}) for i, engine in enumerate(engines))
    habits: tuple[dict[str, Stored], ...] = ({"ts": MICRO}, {"ts": LOCAL}, {}, {"ts": Stored("measured")}, {"ts": ISO})
    placements = tuple(PlacementSpec("readings", f"s{i % 5 + 1}", f"part{i:02}", habits[i % 5]) for i in range(20))
    cuts = {"readings": lambda _, row: f"part{_hash(row) % 17:02}"}
    return Layout("twenty", nodes, placements + _copies("devices", "s1", "s2", "s3", "s4", "s5"), cuts)


def _skewed() -> Layout:
    """The early readings all on one shard, the hot ones on another, one device alone on a third, one shard empty."""

    def cut(_: int, row: Row) -> str:
        if (row["ts"] or "") < "2024-03-02":
            return "early"
        if row["temp"] is not None and float(row["temp"]) > 35:
            return "hot"
        return "lonely" if row["device"] == "3" else "rest"

    nodes = (
        NodeSpec("s3", "sqlite"),
        NodeSpec("d1", "duckdb"),
        NodeSpec("p1", "parquet"),
        NodeSpec("g1", "postgres"),
        NodeSpec("s9", "sqlite"),
    )
    placements = (
        PlacementSpec("readings", "s3", "early", {"ts": MICRO}, check="ts < '2024-03-02 00:00+00'"),
        PlacementSpec("readings", "d1", "hot", check="temp > 35"),
        PlacementSpec("readings", "p1", "lonely", check="device = 3"),
        PlacementSpec("readings", "g1", "rest"),
        PlacementSpec("readings", "s9", "empty", {"note": ABSENT, "temp": ABSENT}),
    )
    return Layout("skewed", nodes, placements + _copies("devices", "s3", "d1", "g1"), {"readings": cut})


def _times() -> Layout:
    """SQLite only, a time encoding a shard: the same moments in every spelling."""
    habits: dict[str, dict[str, Stored]] = {
        "iso": {},
        "zulu": {"ts": ISO},
        "micro": {"ts": MICRO, "day": Stored("d", encoding="julian")},
        "nano": {"ts": Stored("t", encoding="unix_ns"), "day": Stored("d", encoding="unix_s")},
        "local": {"ts": LOCAL, "day": Stored("d", encoding="unix_ms")},
    }
    names = tuple(habits)
    nodes = tuple(NodeSpec(f"s{i + 1}", "sqlite") for i in range(len(names)))
    placements = tuple(PlacementSpec("readings", f"s{i + 1}", name, habits[name]) for i, name in enumerate(names))
    cuts = {"readings": lambda at, _: names[at % len(names)], "devices": lambda at, _: "low" if at < 9 else "high"}
    halves = (PlacementSpec("devices", "s1", "low"), PlacementSpec("devices", "s3", "high"))
    return Layout("times", nodes, placements + halves, cuts)


def _nulls() -> Layout:
    """Columns that are only NULL or absent at some shards, on DuckDB and Parquet; devices cut by a check."""

    def cut(_: int, row: Row) -> str:
        return next((f"no_{name}" for name in ("temp", "note", "ok", "device") if row[name] is None), "full")

    engines: dict[str, Engine] = {"d1": "duckdb", "d2": "duckdb", "p1": "parquet", "p2": "parquet"}
    nodes = tuple(NodeSpec(name, engine) for name, engine in engines.items())
    placements = (
        PlacementSpec("readings", "d1", "no_temp", {"temp": ABSENT}, check="temp is null"),
        PlacementSpec("readings", "p1", "no_note"),
        PlacementSpec("readings", "p2", "no_ok", {"ok": ABSENT, "ts": LOCAL}),
        PlacementSpec("readings", "d2", "no_device", {"device": ABSENT}),
        PlacementSpec("readings", "d2", "full"),
        PlacementSpec("devices", "d1", "low", check="device < 100"),
        PlacementSpec("devices", "p2", "high", check="device >= 100"),
    )
    cuts = {"readings": cut, "devices": lambda _, row: "low" if int(row["device"] or 0) < 100 else "high"}
    return Layout("nulls", nodes, placements, cuts)


def _replicas() -> Layout:
    """Every shard twice, on different engines, with one or the other in front."""
    nodes = (NodeSpec("d1", "duckdb"), NodeSpec("s1", "sqlite"), NodeSpec("s3", "sqlite"), NodeSpec("p1", "parquet"))
    placements = (
        PlacementSpec("readings", "d1", "a", priority=10),
        PlacementSpec("readings", "s1", "a", {"ts": MICRO}),
        PlacementSpec("readings", "s3", "b", {"ts": ISO}),
        PlacementSpec("readings", "p1", "b", priority=200),
        PlacementSpec("readings", "p1", "c", priority=1),
        PlacementSpec("readings", "d1", "c", {"hum": EIGHTHS}),
    )
    cuts = {"readings": lambda _, row: "abc"[_hash(row) % 3]}
    return Layout("replicas", nodes, placements + _copies("devices", "s1", "d1"), cuts)


def _servers() -> Layout:
    """Three PostgreSQL databases and nothing else; one of them holds nearly all rows."""
    nodes = tuple(NodeSpec(f"g{i}", "postgres") for i in (1, 2, 3))
    placements = tuple(PlacementSpec("readings", f"g{i}", f"g{i}", {"ts": LOCAL} if i == 2 else {}) for i in (1, 2, 3))
    cuts = {"readings": lambda at, _: "g1" if at % 50 == 0 else "g2" if at % 50 == 1 else "g3"}
    return Layout("servers", nodes, placements + _copies("devices", "g1", "g2", "g3"), cuts)


def _colocated() -> Layout:
    """Both tables cut by the device, alike, so that they are joined where they are; rows without a device lie anywhere."""
    engines: dict[str, Engine] = {"d1": "duckdb", "s1": "sqlite", "p1": "parquet", "g1": "postgres"}
    nodes = tuple(NodeSpec(name, engine, {"disk": str(at % 2)}) for at, (name, engine) in enumerate(engines.items()))
    homes = {"k0": ("d1", "s1"), "k1": ("s1",), "k2": ("p1", "d1"), "k3": ("g1",), "k4": ("s1", "g1")}
    habits: dict[str, dict[str, Stored]] = {"s1": {"ts": MICRO}, "g1": {"device": Stored("Gerät"), "ts": LOCAL}}
    placements = tuple(
        PlacementSpec(
            table,
            node,
            shard,
            {k: v for k, v in habits.get(node, {}).items() if k != "ts" or table == "readings"},
            priority=at + 1,
        )
        for table in ("readings", "devices")
        for shard, places in homes.items()
        for at, node in enumerate(places)
    )

    def cut(at: int, row: Row) -> str:
        return f"k{int(row['device'] or at) % 5}"

    said: dict[str, dict[str, object]] = {
        "readings": {"shard_key": ["device"]},
        "devices": {"shard_key": ["device"], "colocated_with": "readings"},
    }
    return Layout("colocated", nodes, placements, {"readings": cut, "devices": cut}, said)


LAYOUTS: dict[str, Layout] = {
    layout.name: layout
    for layout in (
        _sites(),
        _single(),
        _twenty(),
        _skewed(),
        _times(),
        _nulls(),
        _replicas(),
        _servers(),
        _colocated(),
    )
}
