"""The one exception type of the product.

`SqlError` carries what PostgreSQL's ErrorResponse carries: severity ERROR is implied, `sqlstate` is the five-character code of
https://www.postgresql.org/docs/15/errcodes-appendix.html, `position` is the 1-based *character* offset into the user's statement.
Every layer raises it; `pgwire` turns it into a message, `cli` into text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

BEYOND_DIGITS: Final = "a numeric has more than the 38 digits that it is computed with"
"""Said of a sum: 22003."""
NOT_FINITE: Final = "a numeric that is not finite is not supported here"
"""Said of a field of an infinite time, and of NaN: 0A000."""
BEYOND_DECIMALS: Final = (BEYOND_DIGITS, NOT_FINITE)
"""How errors end of numerics that decimals do not hold: the executor computes the statement again without those."""


@dataclass(frozen=True, slots=True)
class About:
    """The table, and what of it, that an error is about, by their names; programs read them, people the message."""

    schema: str
    table: str
    column: str | None = None
    constraint: str | None = None


class SqlError(Exception):
    """An error for the client: what happened, where, and what to do.

    `node` names the member database where it happened, when it happened at one; `context` tells what was being done, such as which
    line of a COPY was read; `about` is set where PostgreSQL's errors name their table.
    """

    def __init__(
        self,
        sqlstate: str,
        message: str,
        *,
        detail: str | None = None,
        hint: str | None = None,
        position: int | None = None,
        node: str | None = None,
        context: str | None = None,
        about: About | None = None,
    ) -> None:
        super().__init__(message)
        assert len(sqlstate) == 5, sqlstate
        self.sqlstate = sqlstate
        self.message = message
        self.detail = detail
        self.hint = hint
        self.position = position
        self.node = node
        self.context = context
        self.about = about

    def copy(self) -> SqlError:
        """The same error without the frames that this one went through: for one that several threads raise, or that is kept."""
        return SqlError(
            self.sqlstate,
            self.message,
            detail=self.detail,
            hint=self.hint,
            position=self.position,
            node=self.node,
            context=self.context,
            about=self.about,
        )

    def __repr__(self) -> str:
        return f"SqlError({self.sqlstate!r}, {self.message!r}, position={self.position!r})"


def unsupported(what: str, *, hint: str | None = None, position: int | None = None) -> SqlError:
    """0A000: PostgreSQL has it, fedgate does not (yet)."""
    return SqlError("0A000", f"{what} is not supported", hint=hint, position=position)
