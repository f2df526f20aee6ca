"""A quick look at long texts: whether their statements are far from too deep, so that nobody has to count their tokens.

Contract: `is_shallow` says True only where `parse._depth` would be within the limit. It looks at bytes: texts in which a quote
might not end where the next one stands (backslashes, dollars, comments) are not judged.
"""

from __future__ import annotations

import re
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fedgate import limits

_Flags: TypeAlias = NDArray[np.bool_]

_UNSURE = re.compile(rb"[\\$]|--|/\*")
_QUOTED = re.compile(rb"'[^']*'|\"[^\"]*\"")
_LEVELS_MAX: Final = 64
_SPACES: Final = b" \t\n\r\f\v"


def _table(characters: bytes) -> _Flags:
    table = np.zeros(256, np.bool_)
    table[list(characters)] = True
    return table


_SPACE, _OPEN, _CLOSE, _SEPARATOR = map(_table, (_SPACES, b"([", b")]", b",;"))
_DIGIT = _table(b"0123456789")
_WORD = _table(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_" + bytes(range(128, 256)))


def is_shallow(encoded: bytes) -> bool:
    """Whether the deepest path of any statement is surely within STATEMENT_DEPTH_MAX; False for "not known"."""
    if _UNSURE.search(encoded):
        return False
    plain = np.frombuffer(_QUOTED.sub(b"?", encoded), np.uint8)
    opens, closes = _OPEN[plain], _CLOSE[plain]
    levels = np.cumsum(opens.astype(np.int32) - closes)
    if levels.min(initial=0) < 0 or levels.max(initial=0) > _LEVELS_MAX:
        return False
    separators = _SEPARATOR[plain]
    starts = _token_starts(plain) & ~(opens | closes | separators)
    # A path passes at most one bracket and the tokens of one element on each level.
    depth = 0
    for level in range(int(levels.max(initial=0)) + 1):
        # A bracket that opens a level stands on it, one that closes it on the level around.
        own = levels == level
        depth += _most_between(starts & own, ((separators | opens) & own) | (closes & (levels == level - 1))) + 1
    return depth <= limits.STATEMENT_DEPTH_MAX


def _token_starts(plain: NDArray[np.uint8]) -> _Flags:
    """Where a token may start: a word, a letter behind a digit (which ends a number), and every other character."""
    word, digit = _WORD[plain], _DIGIT[plain]
    before = np.zeros(len(plain), np.bool_)
    before[1:] = word[:-1]
    after_digit = np.zeros(len(plain), np.bool_)
    after_digit[1:] = digit[:-1]
    return (word & (~before | (after_digit & ~digit))) | (~word & ~_SPACE[plain])


def _most_between(tokens: _Flags, ends: _Flags) -> int:
    """The most tokens between two ends."""
    counted = np.cumsum(tokens)
    at = counted[ends]
    if not len(counted):
        return 0
    return int(np.diff(at, prepend=0, append=counted[-1]).max())
