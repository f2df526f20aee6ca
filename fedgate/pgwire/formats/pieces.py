"""Cells with their lengths in front, as DataRow and arrays have them: -1 and nothing for NULL."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from fedgate.pgwire.formats.codec import Bytes, Cells, from_lengths
from fedgate.types.arrow_values import validity
from fedgate.types.matrices import beside

Lengths: TypeAlias = "npt.NDArray[np.int32]"
_NULL_LENGTH = np.frombuffer(b"\xff\xff\xff\xff", np.uint8)


def cell_lengths(cells: Cells, source: pa.Array) -> Lengths | int:
    """Length of each cell, 0 for NULL: one number where all are the same."""
    valid = validity(source)
    if isinstance(cells, np.ndarray):
        return cells.shape[1] if valid is None else np.where(valid, np.int32(cells.shape[1]), np.int32(0))
    offsets = np.frombuffer(cells.buffers()[1], np.int32)[cells.offset : cells.offset + len(cells) + 1]
    lengths: Lengths = np.diff(offsets)
    return lengths if valid is None else np.where(valid, lengths, np.int32(0))


def squared(cells: Cells) -> Cells:
    """The cells as a matrix if all have the same length, as timestamps have: a matrix is cheaper to put beside others."""
    if isinstance(cells, np.ndarray) or not len(cells) or cells.null_count:
        return cells
    offsets = np.frombuffer(cells.buffers()[1], np.int32)[cells.offset : cells.offset + len(cells) + 1]
    start, rows, width = int(offsets[0]), len(cells), int(offsets[1]) - int(offsets[0])
    if int(offsets[-1]) - start != rows * width or width == 0 or (np.diff(offsets) != width).any():
        return cells
    matrix: Bytes = np.frombuffer(cells.buffers()[2], np.uint8)[start : start + rows * width].reshape(rows, width)
    return matrix


def masked(cells: pa.Array, source: pa.Array) -> pa.Array:
    """The cells with NULL wherever the source has NULL: a codec may leave anything there."""
    if source.null_count in (0, cells.null_count):
        return cells
    return pc.if_else(source.is_valid(), cells, pa.scalar(None, pa.binary()))


def length_matrix(lengths: npt.NDArray[Any], source: pa.Array) -> Bytes:
    """Four bytes a cell: its length, big-endian; -1 for NULL."""
    valid = validity(source)
    shown = lengths if valid is None else np.where(valid, lengths, -1)
    return shown.astype(">i4").view(np.uint8).reshape(len(shown), 4)


def prefixed(cells: Bytes, source: pa.Array) -> Cells:
    """Fixed-width cells with their lengths: a matrix without NULLs, else a binary array."""
    rows, width = cells.shape
    matrix = beside((width.to_bytes(4, "big"), cells), rows)
    valid = validity(source)
    if valid is None:
        return matrix
    matrix[~valid, :4] = _NULL_LENGTH
    keep = np.ones((rows, 4 + width), np.bool_)
    keep[~valid, 4:] = False
    return from_lengths(matrix[keep], np.where(valid, 4 + width, 4))


def as_array(cells: Cells) -> pa.Array:
    """A matrix as a binary array."""
    if not isinstance(cells, np.ndarray):
        return cells
    rows, width = cells.shape
    offsets = np.arange(0, (rows + 1) * width, width, dtype=np.int32) if width else np.zeros(rows + 1, np.int32)
    return pa.Array.from_buffers(pa.binary(), rows, [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(cells))])


def with_length(cells: Cells, source: pa.Array) -> pa.Array:
    """Every cell with its length in front, as a binary array without NULLs."""
    if isinstance(cells, np.ndarray):
        return as_array(prefixed(cells, source))
    lengths = cell_lengths(cells, source)
    assert not isinstance(lengths, int)
    heads = as_array(length_matrix(lengths, source))
    return pc.binary_join_element_wise(heads, masked(cells, source), b"", null_handling="replace", null_replacement=b"")
