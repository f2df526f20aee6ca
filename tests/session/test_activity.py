"""Who may come in, who sees and signals whom, and what of a statement is shown."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from fedgate import limits, signals
from fedgate.catalog.snapshot import Snapshot
from fedgate.errors import SqlError
from fedgate.executor.run import Executor
from fedgate.session.activity import TERMINATED, Seat, Work
from fedgate.session.engine import Engine
from fedgate.session.session import Session
from tests.session.conftest import Asker, Fixed

ROLES = Snapshot.build(
    [
        {"kind": "role", "name": "chief", "admin": True},
        {"kind": "role", "name": "ana"},
        {"kind": "role", "name": "bob", "connection_limit": 1},
    ]
)


@dataclass
class House:
    """An engine with roles, and the sessions that came in."""

    engine: Engine
    ended: list[tuple[str, SqlError]] = field(default_factory=list)

    def seat(self, user: str) -> Seat:
        session = Session(self.engine, user=user, process_id=signals.next_process_id())
        return Seat(session, "127.0.0.1", 1234, b"key!", lambda error: self.ended.append((user, error)))

    @contextmanager
    def inside(self, user: str) -> Iterator[Seat]:
        seat = self.seat(user)
        self.engine.activity.enter(seat)
        try:
            yield seat
        finally:
            self.engine.activity.leave(seat)
            seat.session.close()


@pytest.fixture
def house(executor: Executor) -> House:
    return House(Engine(Fixed(ROLES), executor))


def refused(house: House, user: str) -> tuple[str, str]:
    with pytest.raises(SqlError) as caught, house.inside(user):
        pass
    return caught.value.sqlstate, caught.value.message


def test_the_last_slots_are_for_admins_and_then_there_are_none(house: House) -> None:
    activity = house.engine.activity
    activity.max_sessions, activity.reserved = 2, 1
    with house.inside("ana"):
        reserved = "remaining connection slots are reserved for non-replication superuser connections"
        assert refused(house, "ana") == ("53300", reserved)
        with house.inside("chief"):
            assert refused(house, "chief") == ("53300", "sorry, too many clients already")
    with house.inside("ana"):
        pass


def test_a_role_has_its_own_limit(house: House) -> None:
    with house.inside("bob"), house.inside("ana"):
        assert refused(house, "bob") == ("53300", 'too many connections for role "bob"')
    with house.inside("bob"):
        pass


def test_whoever_is_no_role_any_more_is_no_admin(house: House) -> None:
    assert (house.seat("chief").is_admin, house.seat("ana").is_admin, house.seat("ghost").is_admin) == (True, False, False)


def test_others_statements_are_hidden_and_ones_own_are_not(house: House) -> None:
    with house.inside("chief") as chief, house.inside("ana") as ana, house.inside("bob") as bob:
        for seat in (chief, ana, bob):
            seat.session.work.begins(f"SELECT '{seat.session.user}'", 1)
        Asker(chief.session)("SET application_name = 'chiefs'")

        def seen(by: Seat) -> list[tuple[str | None, ...]]:
            return Asker(by.session)(
                "SELECT usename, application_name, state, client_addr, query_start IS NULL, query FROM pg_stat_activity ORDER BY 1"
            )

        own = seen(ana)
        assert own[0][:4] == ("ana", "", "active", "127.0.0.1")
        assert own[1] == ("bob", "", None, None, "t", "<insufficient privilege>")
        assert own[2] == ("chief", "chiefs", None, None, "t", "<insufficient privilege>")
        assert "<insufficient privilege>" not in [row[5] for row in seen(chief)]
        assert Asker(bob.session)("SELECT datname, numbackends FROM pg_stat_database") == [("fedgate", "3")]


def test_who_may_cancel_and_terminate_whom(house: House) -> None:
    with house.inside("chief") as chief, house.inside("ana") as ana, house.inside("ana") as anas_other, house.inside("bob") as bob:
        pids = {name: seat.session.process_id for name, seat in (("chief", chief), ("ana", anas_other), ("bob", bob))}

        def ask(by: Seat, call: str) -> list[tuple[str | None, ...]]:
            return Asker(by.session)(f"SELECT {call}")

        with pytest.raises(SqlError, match="must be a superuser to cancel superuser query"):
            ask(ana, f"pg_cancel_backend({pids['chief']})")
        with pytest.raises(SqlError, match="must be a member of the role whose query is being canceled or member of pg_signal_"):
            ask(ana, f"pg_cancel_backend({pids['bob']})")
        with pytest.raises(SqlError, match="must be a superuser to terminate superuser process") as caught:
            ask(ana, f"pg_terminate_backend({pids['chief']})")
        assert caught.value.sqlstate == "42501"
        assert house.ended == []
        assert ask(ana, f"pg_terminate_backend({pids['ana']})") == [("t",)]
        assert Asker(chief.session)("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'bob'") == [("t",)]
        assert house.ended == [("ana", TERMINATED), ("bob", TERMINATED)]


def test_terminating_waits_for_the_end_as_long_as_it_is_told(house: House) -> None:
    with house.inside("chief") as chief, house.inside("bob") as bob:
        pid = bob.session.process_id
        ask = Asker(chief.session)
        assert ask(f"SELECT pg_terminate_backend({pid}, 1)") == [("f",)]
        assert [n.message for n in chief.session.take_notices()] == [
            f"backend with PID {pid} did not terminate within 1 milliseconds"
        ]
        leaving = threading.Thread(target=house.engine.activity.leave, args=(bob,))
        leaving.start()
        assert ask(f"SELECT pg_terminate_backend({pid}, 20000)") in ([("t",)], [("f",)])  # it may be gone before
        leaving.join()
        assert ask(f"SELECT pg_cancel_backend({pid}), pg_terminate_backend({pid}), pg_cancel_backend(NULL)") == [("f", "f", None)]
        with pytest.raises(SqlError) as caught:
            ask(f"SELECT pg_terminate_backend({pid}, -1)")
        assert (caught.value.sqlstate, caught.value.message) == ("22003", '"timeout" must not be negative')


def test_a_statement_that_waits_for_an_end_can_be_cancelled(house: House) -> None:
    with house.inside("chief") as chief, house.inside("bob") as bob:
        chief.session.settings.set("statement_timeout", "50ms")
        with pytest.raises(SqlError) as caught:
            Asker(chief.session)(f"SELECT pg_terminate_backend({bob.session.process_id}, 20000)")
        assert caught.value.sqlstate == "57014"


def test_long_statements_are_clipped_between_characters(house: House) -> None:
    work = Work()
    work.begins("x" * 10_000_000, 1)
    assert len(work.query) == limits.ACTIVITY_QUERY_CHARS
    with house.inside("chief") as chief:
        text = "SELECT query FROM pg_stat_activity -- " + "ä" * 2_000
        ((shown,),) = Asker(chief.session)(text)
        assert shown is not None
        assert text.startswith(shown)
        assert 1022 <= len(shown.encode()) <= 1023


def test_states_follow_the_session(house: House) -> None:
    with house.inside("chief") as chief:
        session = chief.session
        for status, state in (("I", "idle"), ("T", "idle in transaction"), ("E", "idle in transaction (aborted)")):
            session.transaction.status = status  # type: ignore[assignment]
            session.work.waits(session.transaction.status)
            fact = chief.fact(session)
            assert (fact.state, fact.wait_event, fact.xact_start_us is None) == (state, "ClientRead", status == "I")
