"""What is run only where there is time; pyproject.toml says what each mark means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet


def thorough(*values: object) -> ParameterSet:
    """A test's parameters that only a thorough run takes."""
    return pytest.param(*values, marks=pytest.mark.thorough)


def taking_all(*values: object) -> ParameterSet:
    """A test's parameters that would disturb who uses the same private server."""
    return pytest.param(*values, marks=pytest.mark.own_server)
