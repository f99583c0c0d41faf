"""What is given as a saved plan and is none is told for what it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from sessionaudit.errors import UsageError
from sessionaudit.repair import saved_plan

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"version": 1, "findings": []}, "f.json is a report and no saved plan"),
        ({"version": 1, "steps": [], "uncured": []}, "f.json is the output of --format json and no saved plan"),
        ({"version": 1, "steps": [], "touched": {}}, "f.json is a saved plan of version 1; this program reads version"),
        ({"version": 4, "touched": {}}, "f.json is not a saved plan of sessionaudit"),
        ([1], "f.json is not a saved plan of sessionaudit"),
        (1, "f.json is not a saved plan of sessionaudit"),
    ],
)
def test_another_file_is_no_saved_plan(data: object, said: str, tmp_path: Path) -> None:
    file = tmp_path / "f.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        saved_plan.load(file)
    assert said in caught.value.message
    assert "--save-plan" in caught.value.hint
