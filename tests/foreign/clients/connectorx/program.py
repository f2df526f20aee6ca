"""connectorx: each of its protocols (binary COPY, CSV COPY, cursors, simple), partitions, into pandas and Arrow."""

import os

import connectorx as cx
from steps import step, version

version(cx.__version__)
URL = f"postgresql:{os.environ['CLIENT_URL']}"
SOME = "select site, device, ts, temp, status, total, price, ok, note, day from readings order by site, ts limit 100"


def shown(frame):
    return frame.to_csv(index=False), {name: str(kind) for name, kind in frame.dtypes.items()}


for protocol in ("binary", "csv", "cursor", "simple"):
    step(f"{protocol}: query", lambda p=protocol: shown(cx.read_sql(URL, SOME, protocol=p)))
    step(
        f"{protocol}: types",
        lambda p=protocol: shown(
            cx.read_sql(
                URL,
                "select id, b, i2, i4, i8, f4, f8, n2, t, v, by, d, tm, ts, tz, u, j, jb from kinds where id < 24 order by id",
                protocol=p,
            )
        ),
    )
    step(
        f"{protocol}: arrays",
        lambda p=protocol: shown(cx.read_sql(URL, "select device, tags from devices order by device", protocol=p)),
    )
step("Arrow", lambda: cx.read_sql(URL, SOME, return_type="arrow").to_pydict())
step("partitions", lambda: shown(cx.read_sql(URL, "select device, status, temp from readings", partition_on="device", partition_num=3)
     .sort_values(["device", "status", "temp"]).head(50)))  # fmt: skip
step(
    "partitions of a range",
    lambda: len(
        cx.read_sql(URL, "select device, temp from readings", partition_on="device", partition_num=2, partition_range=(0, 6))
    ),
)
step("queries at once", lambda: len(cx.read_sql(URL, [f"select device, temp from readings where device = {n}" for n in range(4)])))
step("partition_sql", lambda: cx.partition_sql(URL, "select device from readings", "device", 2))
step("an error", lambda: cx.read_sql(URL, "select nope from readings"))
