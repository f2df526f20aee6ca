"""Matrices of bytes, one row a value, put side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Bytes: TypeAlias = "npt.NDArray[np.uint8]"


def beside(parts: Sequence[Bytes | bytes], rows: int) -> Bytes:
    """The parts of each row one after the other; `bytes` are the same in every row.

    Each part is a field of a structured array, whose items numpy copies whole: three to eight times as fast as byte by byte.
    """
    widths = [len(part) if isinstance(part, bytes) else part.shape[1] for part in parts]
    out = np.empty(rows, np.dtype([(str(i), f"V{width}") for i, width in enumerate(widths) if width]))
    for i, (part, width) in enumerate(zip(parts, widths, strict=True)):
        if not width:
            continue
        whole = f"V{width}"
        out[str(i)] = np.frombuffer(part, whole)[0] if isinstance(part, bytes) else np.ascontiguousarray(part).view(whole)[:, 0]
    return out.view(np.uint8).reshape(rows, sum(widths))
