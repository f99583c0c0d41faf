"""Fixtures of the tests of migrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrationcases import a_case
from servers import connect

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import MakeDatabase
    from migrationcases import MakeProject


@pytest.fixture
def make_project(make_database: MakeDatabase, tmp_path: Path) -> MakeProject:
    """Makes a folder of migrations for the Supabase CLI, and a database."""

    def make(*texts: str, there: str = "") -> tuple[str, Path]:
        url = make_database()
        if there:
            with connect(url) as connection:
                connection.execute(there.encode())
        return url, a_case(tmp_path / "case", *texts)

    return make
