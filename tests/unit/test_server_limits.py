"""Which refusals are those of the private server and of its role, by the server's own messages."""

from __future__ import annotations

import pytest

from sessionaudit.audits.migrations.server_limits import server_limit

RIGHT = "42501"


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ("0A000", "ICU is not supported in this build"),
        ("22023", 'could not create locale "de_DE.utf8": No such file or directory'),
        ("42704", 'collation "en-x-icu" for encoding "UTF8" does not exist'),
        ("0A000", "unsupported XML feature"),
        ("0A000", "compression method lz4 not supported"),
    ],
)
def test_what_the_programs_lack(state: str, message: str) -> None:
    for supabase in (False, True):
        limit = server_limit(state, message, supabase=supabase)
        assert limit is not None
        assert "SESSIONAUDIT_PG_BIN" in limit.hint


@pytest.mark.parametrize(
    ("message", "platform"),
    [
        ('permission denied to create event trigger "e"', True),
        ("must be superuser to create FOR ALL TABLES publication", True),
        ('permission denied to set parameter "session_replication_role"', True),
        ('permission denied to grant role "anon"', True),
        ("must be owner of database postgres", True),
        ("permission denied for database postgres", True),
        ("must be owner of table users", False),
        ("permission denied for schema auth", False),
        ("must be owner of database template1", False),
        ("only superuser can define a leakproof function", False),
    ],
)
def test_what_the_role_may_not(message: str, *, platform: bool) -> None:
    assert (server_limit(RIGHT, message, supabase=True) is not None) == platform
    assert server_limit(RIGHT, message, supabase=False) is not None


def test_what_fails_everywhere() -> None:
    for message in ('relation "a" does not exist', "cannot use subquery in check constraint"):
        state = "42P01" if message.startswith("relation") else "0A000"
        assert server_limit(state, message, supabase=False) is None
        assert server_limit(state, message, supabase=True) is None
    assert server_limit("3D000", 'database "shop" does not exist', supabase=False) is not None
