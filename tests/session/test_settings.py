"""Settings follow PostgreSQL's rules for SET, SET LOCAL, RESET and transactions."""

from __future__ import annotations

import pytest

from fedgate.errors import SqlError
from fedgate.session.settings import Settings, split_identifiers
from fedgate.settings import values as setting_values
from fedgate.settings.table import SETTINGS


@pytest.fixture
def settings() -> Settings:
    return Settings("ana", {}, {})


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        ("statement_timeout", "30s", "30s"),
        ("statement_timeout", "1500", "1500ms"),
        ("statement_timeout", "2min", "2min"),
        ("statement_timeout", "0", "0"),
        ("work_mem", "65536", "64MB"),
        ("TimeZone", "europe/berlin", "Europe/Berlin"),
        ("TimeZone", "-5", "<-05>+05"),
        ("TimeZone", "5.5", "<+05:30>-05:30"),
        ("TimeZone", "-02:00", "-02:00"),
        ("TimeZone", "+05:30", "+05:30"),
        ("TimeZone", "UTC+3", "UTC+3"),
        ("DateStyle", "iso, dmy", "ISO, DMY"),
        ("DateStyle", "YMD", "ISO, YMD"),
        ("client_encoding", "utf-8", "UTF8"),
        ("client_encoding", "UNICODE", "UTF8"),
        ("jit", "FALSE", "off"),
        ("jit", "t", "on"),
        ("jit", "of", "off"),
        ("extra_float_digits", "3", "3"),
        ("bytea_output", "ESCAPE", "escape"),
        ("fedgate.on_node_failure", "Error", "error"),
        ("fedgate.replica", "Nearest", "nearest"),
        ("app.tenant", "north", "north"),
    ],
)
def test_set_shows_the_canonical_text(settings: Settings, name: str, text: str, shown: str) -> None:
    settings.set(name, text)
    assert settings.show(name) == shown


@pytest.mark.parametrize(
    ("name", "text", "sqlstate"),
    [
        ("statement_timeout", "soon", "22023"),
        ("statement_timeout", "-1", "22023"),
        ("statement_timeout", "5 parsecs", "22023"),
        ("extra_float_digits", "4", "22023"),
        ("TimeZone", "Mars/Olympus", "22023"),
        ("DateStyle", "sideways", "22023"),
        ("client_encoding", "LATIN1", "0A000"),
        ("jit", "o", "22023"),
        ("jit", "maybe", "22023"),
        ("bytea_output", "base64", "22023"),
        ("standard_conforming_strings", "off", "22023"),
        ("fedgate.on_node_failure", "partial", "0A000"),
        ("fedgate.on_node_failure", "ignore", "22023"),
        ("server_version", "16", "55P02"),
        ("statement_timeot", "1", "42704"),
        ("fedgate.nonsense", "1", "42704"),
    ],
)
def test_bad_values_are_refused(settings: Settings, name: str, text: str, sqlstate: str) -> None:
    with pytest.raises(SqlError) as raised:
        settings.set(name, text)
    assert raised.value.sqlstate == sqlstate


def test_an_unknown_name_is_answered_with_the_nearest(settings: Settings) -> None:
    with pytest.raises(SqlError) as raised:
        settings.show("statement_timeot")
    assert raised.value.hint == 'Perhaps you mean "statement_timeout".'


def test_rollback_undoes_set(settings: Settings) -> None:
    settings.begin()
    settings.set("statement_timeout", "1s")
    settings.rollback()
    assert settings.show("statement_timeout") == "0"


def test_set_local_ends_with_the_transaction(settings: Settings) -> None:
    settings.set("statement_timeout", "1s")
    settings.begin()
    settings.set("statement_timeout", "2s", local=True)
    assert settings.show("statement_timeout") == "2s"
    settings.commit()
    assert settings.show("statement_timeout") == "1s"


def test_set_after_set_local_outlives_the_transaction(settings: Settings) -> None:
    settings.begin()
    settings.set("statement_timeout", "2s", local=True)
    settings.set("statement_timeout", "3s")
    settings.commit()
    assert settings.show("statement_timeout") == "3s"


def test_savepoints_nest(settings: Settings) -> None:
    settings.begin()
    settings.set("statement_timeout", "1s")
    settings.begin()
    settings.set("statement_timeout", "2s")
    settings.begin()
    settings.set("statement_timeout", "3s")
    settings.rollback_to(1)
    assert settings.show("statement_timeout") == "1s"
    settings.set("statement_timeout", "4s")
    settings.commit()
    assert settings.show("statement_timeout") == "4s"


def test_reset_goes_to_what_the_session_started_with() -> None:
    settings = Settings("ana", {"statement_timeout": "9s"}, {"application_name": "psql"})
    settings.set("statement_timeout", "1s")
    settings.set("application_name", "other")
    settings.reset("statement_timeout")
    settings.reset_all()
    assert (settings.show("statement_timeout"), settings.show("application_name")) == ("9s", "psql")


def test_changes_of_reported_settings_are_told_once(settings: Settings) -> None:
    settings.set("TimeZone", "Europe/Berlin")
    settings.set("statement_timeout", "1s")
    assert settings.take_changed() == [("TimeZone", "Europe/Berlin")]
    assert settings.take_changed() == []


def test_rollback_tells_the_client_too(settings: Settings) -> None:
    settings.begin()
    settings.set("TimeZone", "Europe/Berlin")
    settings.take_changed()
    settings.rollback()
    assert settings.take_changed() == [("TimeZone", "UTC")]


def test_execution_settings_are_in_seconds_and_bytes(settings: Settings) -> None:
    settings.set("fedgate.connect_timeout", "1500ms")
    settings.set("fedgate.node_timeout", "0")
    settings.set("fedgate.max_node_bytes", "3MB")
    execution = settings.execution
    assert (execution.connect_timeout_s, execution.node_timeout_s, execution.max_node_bytes) == (1.5, None, 3 * 1024**2)


def test_search_path_keeps_quoted_case() -> None:
    assert split_identifiers('"$user", Public, "My Schema"') == ("$user", "public", "My Schema")


def test_every_default_is_a_value_that_its_setting_takes() -> None:
    for setting in SETTINGS.values():
        if not setting.fixed:
            assert setting_values.canonical(setting, setting.default, setting.default) is not None


def test_between_transactions_a_transactions_setting_is_what_the_next_would_begin_with(settings: Settings) -> None:
    settings.set("default_transaction_read_only", "on")
    assert settings["transaction_read_only"] == settings.show("TRANSACTION_READ_ONLY") == "on"
    assert ("transaction_read_only", "on") in {(name, value) for name, value, _ in settings.all()}
    settings.begin()
    settings.set("transaction_read_only", "off", local=True)
    assert settings["transaction_read_only"] == "off"
    settings.commit()
    assert settings["transaction_read_only"] == "on"
