"""A database of notes, in which each verdict on a step can be had, and contracts over it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from calling import Calls

if TYPE_CHECKING:
    from conftest import MakeDatabase, Template

SCHEMA = Path(__file__).with_name("schema.sql").read_text(encoding="utf-8")


@pytest.fixture
def notes(template: Template, make_database: MakeDatabase) -> str:
    return make_database(template("journeys", [SCHEMA]))


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Calls:
    """The command line, in this process."""
    return Calls(capsys)
