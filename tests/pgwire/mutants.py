"""Messages that clients send, and what is left of them after a few random changes."""

from __future__ import annotations

import random
import struct

BIND = b"p\0s\0" + struct.pack("!hh", 1, 1) + struct.pack("!hi", 2, -1) + struct.pack("!i", 2) + b"\0\7" + struct.pack("!hh", 1, 0)


def message(kind: bytes, body: bytes = b"") -> bytes:
    """One message of a client that has logged in."""
    return kind + (len(body) + 4).to_bytes(4, "big") + body


SEEDS = [
    message(b"Q", b"select 1, 'text'\0"),
    message(b"P", b"name\0select $1::int4\0" + struct.pack("!hI", 1, 23)),
    message(b"B", BIND),
    message(b"D", b"Sname\0"),
    message(b"E", b"portal\0" + struct.pack("!i", 10)),
    message(b"C", b"Pportal\0"),
    message(b"H"),
    message(b"S"),
    message(b"d", b"some data"),
    message(b"c"),
    message(b"f", b"reason\0"),
    message(b"F", b"\0\0\0\1"),
]
INTERESTING = (0, 1, 0x7F, 0x80, 0xFF, 0x5C, 0xC3)


def mutated(random_: random.Random) -> bytes:
    """A message with up to three changes: bytes set, flipped, put in, left out, and lengths that are not its own."""
    data = bytearray(random_.choice(SEEDS))
    for _ in range(random_.randint(0, 3)):
        at = random_.randrange(len(data))
        choice = random_.randrange(5)
        if choice == 0:
            data[at] = random_.choice(INTERESTING)
        elif choice == 1:
            data[at] ^= 1 << random_.randrange(8)
        elif choice == 2:
            data.insert(at, random_.choice(INTERESTING))
        elif choice == 3 and len(data) > 1:
            del data[at]
        else:
            data[1:5] = struct.pack("!I", random_.choice((0, 3, 4, 5, len(data), 2**31 - 1, 2**32 - 1, random_.randrange(64))))
    return bytes(data)
