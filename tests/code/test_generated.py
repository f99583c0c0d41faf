"""Trees of code whose author knows the truth: nothing is found that is not wrong, and nothing wrong is missed."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from code_generated import SQL, Author
from sessionaudit.audits.code.session import CodeJudge, CodePart, CodePlace, contract_of, report_code
from sessionaudit.postgres.connection import connect

if TYPE_CHECKING:
    from conftest import Template
    from servers import DatabaseServer

NUMBER, FILES = 400, 8
MOST_NOT_KNOWN = 0.05


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.thorough) for seed in range(1, 33))])
def test_what_is_wrong_is_found_and_nothing_else(
    server: DatabaseServer, template: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    tree = Author(seed).tree(NUMBER, FILES)
    (tmp_path / "src").mkdir()
    for name, text in tree.files.items():
        (tmp_path / "src" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "src" / name).write_text(text, encoding="utf-8")
    (tmp_path / "contract.yaml").write_text("version: 1\ncode: {paths: [src]}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    asked = CodePart()
    contract = contract_of(CodePlace(Path("contract.yaml")), asked)
    url = server.create(template("generated", [SQL]))
    with closing(connect(url)) as connection:
        found = report_code(contract, CodeJudge(connection), asked, timeout=30)
    server.drop(url)

    told: dict[int, list[str]] = {number: [] for number in range(NUMBER)}
    for finding in found.report.findings:
        at = finding.locations[0]
        told[tree.owners[at.file.removeprefix("src/"), at.line]].append(finding.rule.name)
    not_known: set[int] = set()
    for one in found.examined.undecided:
        file, line = one.what.split()[0].rstrip(":").split(":")[:2]
        not_known.add(tree.owners[file.removeprefix("src/"), int(line)])

    wrong = [
        f"{call.text}must be {call.rules}, and is {rules}"
        for number, call in enumerate(tree.calls)
        if (rules := tuple(sorted(told[number]))) != call.rules
        and not (number in not_known and set(rules) <= set(call.rules))
    ]
    assert not wrong, "\n".join((f"{len(wrong)} of {NUMBER}", *wrong))
    assert found.examined.calls == NUMBER
    assert len(not_known) <= MOST_NOT_KNOWN * NUMBER
