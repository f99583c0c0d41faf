"""Databases of the demo's system: as it should be, as it was found, and with its schema mended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from calling import Calls
from rows import CONTRACT, MENDED
from sessionaudit.contract.loader import load
from sessionaudit.demo import system

if TYPE_CHECKING:
    from conftest import MakeDatabase, Template
    from sessionaudit.contract.model import Contract


@pytest.fixture
def good(template: Template, make_database: MakeDatabase) -> str:
    return make_database(template("good", system.statements(system.GOOD)))


@pytest.fixture
def broken(template: Template, make_database: MakeDatabase) -> str:
    return make_database(template("broken", system.statements(system.BROKEN)))


@pytest.fixture
def mended(template: Template, make_database: MakeDatabase) -> str:
    """The broken system with its schema repaired; its rows still disagree."""
    return make_database(template("mended", MENDED))


@pytest.fixture(scope="session")
def contract() -> Contract:
    return load(CONTRACT)


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Calls:
    """The command line, in this process."""
    return Calls(capsys)
