"""Binary form of one-dimensional arrays: dimensions, a flag for NULLs, the element's OID, then every element with its length."""

from __future__ import annotations

import struct

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fedgate.errors import SqlError, unsupported
from fedgate.pgwire.formats.codec import BinaryCodec, Cells, bad_binary
from fedgate.pgwire.formats.pieces import with_length
from fedgate.types.values import Value

_HEADER = struct.Struct("!iiI")
_DIMENSION = struct.Struct("!ii")
_WIRE_HEADER = np.dtype([("ndim", ">i4"), ("nulls", ">i4"), ("oid", ">u4"), ("count", ">i4"), ("lower", ">i4")])
_EMPTY_BYTES = _HEADER.size


def array_codec(element: BinaryCodec, element_oid: int) -> BinaryCodec:
    """The codec of arrays of a type."""

    def column(array: pa.Array) -> Cells:
        return _column(array, element, element_oid)

    def encode(value: tuple[Value, ...]) -> bytes:
        if not value:
            return _HEADER.pack(0, 0, element_oid)
        parts = [_HEADER.pack(1, int(None in value), element_oid), _DIMENSION.pack(len(value), 1)]
        for item in value:
            raw = None if item is None else element.encode(item)
            parts.append(b"\xff\xff\xff\xff" if raw is None else len(raw).to_bytes(4, "big") + raw)
        return b"".join(parts)

    def decode(data: bytes) -> Value:
        return _decode(data, element, element_oid)

    return BinaryCodec(column, encode, decode)


def _column(array: pa.Array, element: BinaryCodec, element_oid: int) -> pa.Array:
    rows = len(array)
    offsets = array.offsets.to_numpy().astype(np.int64)
    start, end = int(offsets[0]), int(offsets[-1])
    values = array.values.slice(start, end - start)
    offsets = offsets - start
    # The elements of all rows, one after the other; a row's elements are a slice of these bytes.
    flat = with_length(element.column(values), values)
    ends = np.frombuffer(flat.buffers()[1], np.int32)[flat.offset : flat.offset + len(flat) + 1]
    bodies = pa.Array.from_buffers(pa.binary(), rows, [None, pa.py_buffer(ends[offsets].copy()), flat.buffers()[2]])
    null_count = np.concatenate(([0], np.cumsum(values.is_null().to_numpy(zero_copy_only=False))))
    header = np.zeros(rows, _WIRE_HEADER)
    counts = offsets[1:] - offsets[:-1]
    header["ndim"] = counts > 0
    header["nulls"] = null_count[offsets[1:]] > null_count[offsets[:-1]]
    header["oid"] = element_oid
    header["count"] = counts
    header["lower"] = 1
    keep = np.arange(_WIRE_HEADER.itemsize) < np.where(counts > 0, _WIRE_HEADER.itemsize, _EMPTY_BYTES)[:, None]
    head_offsets = np.concatenate(([0], np.cumsum(keep.sum(axis=1)))).astype(np.int32)
    head_bytes = header.view(np.uint8).reshape(rows, _WIRE_HEADER.itemsize)[keep]
    heads = pa.Array.from_buffers(pa.binary(), rows, [None, pa.py_buffer(head_offsets), pa.py_buffer(head_bytes)])
    return pc.binary_join_element_wise(heads, bodies, b"")


def _decode(data: bytes, element: BinaryCodec, element_oid: int) -> Value:
    if len(data) < _HEADER.size:
        raise SqlError("08P01", "insufficient data left in message")
    ndim, flags, oid = _HEADER.unpack_from(data)
    if ndim < 0 or flags not in (0, 1):
        raise SqlError("22P03", f"invalid number of dimensions: {ndim}" if ndim < 0 else "invalid array flags")
    if oid != element_oid:
        raise SqlError(
            "42804", "binary data has array element type {} ({}) instead of expected {}".format(oid, "unknown", element_oid)
        )
    if ndim == 0:
        return ()
    if ndim > 1:
        raise unsupported("an array of several dimensions")
    at = _HEADER.size + _DIMENSION.size
    if len(data) < at:
        raise SqlError("08P01", "insufficient data left in message")
    count, _ = _DIMENSION.unpack_from(data, _HEADER.size)
    if not 0 <= count <= (len(data) - at) // 4:
        raise bad_binary()
    items: list[Value] = []
    for _ in range(count):
        length = int.from_bytes(data[at : at + 4], "big", signed=True)
        at += 4
        if length == -1:
            items.append(None)
            continue
        if length < 0 or at + length > len(data):
            raise SqlError("08P01", "insufficient data left in message")
        items.append(element.decode(data[at : at + length]))
        at += length
    if at != len(data):
        raise bad_binary()
    return tuple(items)
