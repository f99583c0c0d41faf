"""Cases of code: a tree of TypeScript, a database, and what must be said of each request.

A case is `tests/cases/code/CASE/`: `src/`, `contract.yaml`, `actual.sql`, which makes the database and begins with the
case's trap, and `findings.json`. A comment `// Trap (RULE, …): why` says by hand what must be found between it and the
next one, or the end of its file; `// Trap (none): why` that nothing is.
"""

from __future__ import annotations

import json
import re
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from servers import connect
from sessionaudit.audits.code.session import CodeJudge, CodePart, CodePlace, contract_of, report_code
from sessionaudit.postgres.connection import connect as connect_to_read

if TYPE_CHECKING:
    from sessionaudit.audits.code.session import CodeReport

CASES = Path(__file__).with_name("cases") / "code"
_TRAP = re.compile(r"\s*// Trap \((?P<rules>[a-z, -]+)\): \S")
_NONE = "none"


class Trap(NamedTuple):
    """What must be found from a line of a file on, up to the next trap: the names of rules, sorted."""

    file: str
    line: int
    rules: tuple[str, ...]


def all_cases() -> list[Path]:
    """The directory of each case, by name."""
    return sorted(path.parent for path in CASES.glob("*/contract.yaml"))


def build(case: Path, url: str) -> None:
    """Make the database of a case."""
    with connect(url) as connection:
        connection.execute((case / "actual.sql").read_bytes())


def examined(url: str) -> CodeReport:
    """What is said of the case in the working directory, whose files are called as they are seen from there."""
    asked = CodePart()
    contract = contract_of(CodePlace(Path("contract.yaml")), asked)
    with closing(connect_to_read(url)) as connection:
        return report_code(contract, CodeJudge(connection), asked, timeout=30)


def golden(found: CodeReport) -> dict[str, Any]:
    """What stands in `findings.json`: the findings with their places, and what was not known."""
    findings = [(one.locations[0], one) for one in found.report.findings]
    return {
        "findings": [
            {
                "code": one.rule.code,
                "rule": one.rule.name,
                "severity": str(one.severity),
                "place": str(at),
                "marked": at.snippet[at.column - 1 : at.column - 1 + at.length],
                "object": str(one.ref),
                "message": one.message,
            }
            for at, one in sorted(findings, key=lambda each: (each[0][:3], each[1].rule.code))
        ],
        "not known": [f"{one.what}: {one.reason}" for one in found.examined.undecided],
    }


def stored(case: Path) -> dict[str, Any]:
    """What must be said."""
    file = case / "findings.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def regenerate(case: Path, said: dict[str, Any]) -> None:
    """Write it anew."""
    text = json.dumps(said, indent=2, ensure_ascii=False) + "\n"
    (case / "findings.json").write_text(text, encoding="utf-8")


def traps(case: Path) -> list[Trap]:
    """The traps of a case, in the order of files and lines."""
    found: list[Trap] = []
    for file in sorted((case / "src").rglob("*.*")):
        for number, line in enumerate(file.read_text(encoding="utf-8").split("\n"), start=1):
            if said := _TRAP.match(line):
                rules = sorted(word.strip() for word in said["rules"].split(",") if word.strip() != _NONE)
                found.append(Trap(file.relative_to(case).as_posix(), number, tuple(rules)))
    return found


def sprung(case: Path, said: dict[str, Any]) -> list[Trap]:
    """The traps of a case with what was found at each; what stands before the first of a file is at its line 0."""
    all_traps = traps(case)
    found: dict[tuple[str, int], list[str]] = {(one.file, one.line): [] for one in all_traps}
    for finding in said["findings"]:
        file, line, _ = finding["place"].rsplit(":", 2)
        before = [one.line for one in all_traps if one.file == file and one.line <= int(line)]
        found.setdefault((file, max(before, default=0)), []).append(finding["rule"])
    return [Trap(file, line, tuple(sorted(rules))) for (file, line), rules in found.items()]
