"""`--max-lag` where the role is shown nothing of the replicas, and where there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from applying import with_setting
from crafting import prepare
from rows import image, run
from sessionaudit.backfill import pace
from sessionaudit.errors import DatabaseError
from sessionaudit.postgres.connection import connect as connect_safely

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALL = ("backfill", "--all", "--yes", "--invariant", "session_has_request")
ROLE = "sa_sees_no_lag"


@pytest.fixture
def role(mended: str) -> Iterator[str]:
    """A role that may mend, and is shown nothing of others."""
    prepare(
        mended,
        f"do $$ begin create role {ROLE} bypassrls; exception when duplicate_object then null; end $$",
        f"grant usage on schema public, auth to {ROLE}",
        f"grant all on all tables in schema public to {ROLE}",
    )
    yield mended
    prepare(mended, f"drop owned by {ROLE}", f"drop role {ROLE}")


def test_who_is_not_shown_the_lag_is_refused_beforehand_with_the_grant_that_helps(role: str, tmp_path: Path) -> None:
    before = image(role)
    url = with_setting(role, "role", ROLE)
    result = run(*ALL, "--max-lag", "1", "--journal", str(tmp_path / "j"), url=url)
    assert (result.returncode, list(tmp_path.iterdir())) == (3, []), result.stderr
    assert "--max-lag would never wait" in result.stderr
    assert f"grant pg_monitor to {ROLE};" in result.stderr
    assert image(role) == before
    for granted in ("pg_monitor", "pg_read_all_stats"):
        with connect_safely(url) as connection, pytest.raises(DatabaseError, match="cannot see how far"):
            pace.replicas(connection)
        prepare(role, f"grant {granted} to {ROLE}")
        with connect_safely(url) as connection:
            assert pace.replicas(connection) == 0
        prepare(role, f"revoke {granted} from {ROLE}")


def test_without_replicas_it_says_that_there_is_nothing_to_wait_for(mended: str, tmp_path: Path) -> None:
    result = run(*ALL, "--max-lag", "1", "--journal", str(tmp_path / "j"), url=mended)
    assert result.returncode == 0, result.stderr
    assert "No replica is streaming from this server" in result.stderr
