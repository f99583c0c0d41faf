"""Our own limits refuse a contract first, whatever the YAML library limits or does not."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from marks import crossed
from sessionaudit.contract import yaml_reader
from sessionaudit.errors import ContractError

SHALLOW = 20


class Shallow(yaml.SafeLoader):
    """A library that lets collections nest hardly deeper than we do, and looks ahead as all of them do."""

    def fetch_flow_collection_start(self, token: Any) -> None:
        if self.flow_level >= SHALLOW:
            raise yaml.scanner.ScannerError(None, None, "too deep for this library", self.get_mark())
        super().fetch_flow_collection_start(token)

    def add_indent(self, column: int) -> bool:
        if len(self.indents) >= SHALLOW:
            raise yaml.scanner.ScannerError(None, None, "too deep for this library", self.get_mark())
        return super().add_indent(column)


LOADERS = [getattr(yaml, "CSafeLoader", yaml.SafeLoader), yaml.SafeLoader, Shallow]

# What is wrong is marked with ¶; what follows the mark is more than any library takes.
NESTED = {
    "brackets": "[" * 16 + "¶" + "[" * 50_000,
    "brackets on lines": "[\n" * 16 + "¶" + "[\n" * 5_000,
    "braces": "{" * 16 + "¶" + "{" * 50_000,
    "flow mappings": "{a: " * 16 + "¶" + "{a: " * 5_000,
    "dashes": "- " * 16 + "¶" + "- " * 5_000,
    "question marks": "? " * 16 + "¶" + "? " * 5_000,
    "indentation": "".join(f"{' ' * depth}{'¶' * (depth == 16)}a:\n" for depth in range(500)),
    "brackets in a value": "a: " + "[" * 15 + "¶" + "[" * 50_000,
    "an anchor before": "{a: ¶&a " + "[" * 50_000,
    "an alias before": "[¶*a, " + "[" * 50_000,
    "a tag before": "[¶!x " + "[" * 50_000,
    "a list as a key before": "{¶[a]: b, c: " + "[" * 50_000,
    "a key twice before": "{a: b, ¶a: c, d: " + "[" * 50_000,
}


@pytest.mark.parametrize(("name", "loader"), crossed(2, NESTED, LOADERS))
def test_we_refuse_before_the_library_does(monkeypatch: pytest.MonkeyPatch, name: str, loader: Any) -> None:
    monkeypatch.setattr(yaml_reader, "_Loader", loader)
    before, mark, after = NESTED[name].partition("¶")
    assert mark
    with pytest.raises(ContractError) as caught:
        yaml_reader.compose(before + after, "c.yaml")
    assert "library" not in str(caught.value)
    assert "not valid YAML" not in str(caught.value)
    location = caught.value.location
    assert location is not None
    assert (location.line, location.column) == (before.count("\n") + 1, len(before) - before.rfind("\n"))


def test_what_only_the_library_refuses_is_said_with_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_reader, "_Loader", Shallow)
    monkeypatch.setattr(yaml_reader, "MOST_DEPTH", SHALLOW + 1)
    with pytest.raises(ContractError, match=r"^c\.yaml:1:21: not valid YAML: too deep for this library$"):
        yaml_reader.compose("[" * 30, "c.yaml")
