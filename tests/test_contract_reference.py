"""Every example of the contract's reference is a contract, and every section of a contract has one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from editors import validator
from sessionaudit.contract.loader import load
from sessionaudit.kinds import KINDS

TEXT = (Path(__file__).parents[1] / "docs" / "contract.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
INCLUDED = {"types.yaml": "domains: {amount: numeric}\n", "tables/public/orders.yaml": "tables: {orders: {}}\n"}


@pytest.fixture(autouse=True)
def included(tmp_path: Path) -> None:
    for name, text in INCLUDED.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.splitlines()[1])
def test_an_example_is_a_contract(example: str, tmp_path: Path) -> None:
    file = tmp_path / "expected.yaml"
    file.write_text(example, encoding="utf-8")
    load(file)
    validator().validate(yaml.safe_load(example))


def test_every_kind_has_an_example(tmp_path: Path) -> None:
    file = tmp_path / "expected.yaml"
    shown: set[str] = set()
    for example in EXAMPLES:
        file.write_text(example, encoding="utf-8")
        shown |= {kind for kind, objects in load(file).objects.items() if objects}
    assert {kind.name for kind in KINDS} - shown == set()
