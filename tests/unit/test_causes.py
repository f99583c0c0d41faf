"""Which finding of one audit explains one of another."""

from __future__ import annotations

from sessionaudit.audits.causes import linked
from sessionaudit.core.finding import Finding, Rule, Severity
from sessionaudit.core.ref import ObjectRef

TABLE, COLUMN = ObjectRef("table", ("public", "t")), ObjectRef("column", ("public", "t", "c"))


def finding(
    audit: str, ref: ObjectRef, expected: str | None = "text", actual: str | None = None, **more: tuple[ObjectRef, ...]
) -> Finding:
    rule = Rule(code=f"SX{audit}", name=audit, severity=Severity.ERROR, summary="", why="")
    return Finding(
        audit=audit,
        rule=rule,
        severity=rule.severity,
        ref=ref,
        facet="",
        expected=expected,
        actual=actual,
        message="",
        stands_on=more.get("stands_on", ()),
        explains=more.get("explains", ()),
    )


FILE = finding("files", ObjectRef("migration", ("1",)), explains=(COLUMN,))


def test_what_was_not_made_explains_what_is_missing_and_what_stands_on_it() -> None:
    missing = finding("schema", COLUMN)
    above = finding("schema", TABLE, stands_on=(COLUMN,))
    other = finding("schema", TABLE)
    assert [one.because for one in linked((FILE, missing, above, other))] == [(), (FILE,), (FILE,), ()]


def test_it_does_not_explain_what_is_there_and_should_not_be() -> None:
    assert [one.because for one in linked((FILE, finding("schema", COLUMN, expected=None, actual="text")))] == [(), ()]


def test_no_finding_explains_one_of_its_own_audit() -> None:
    assert [one.because for one in linked((FILE, finding("files", COLUMN)))] == [(), ()]


def test_what_is_missing_explains_what_an_audit_after_it_finds_to_stand_on_it() -> None:
    missing = finding("schema", COLUMN)
    call = finding("code", ObjectRef("call", ("a.ts",)), expected=None, stands_on=(COLUMN,), explains=(TABLE,))
    rows = finding("data", TABLE)
    assert [one.because for one in linked((missing, call, rows))] == [(), (missing,), (call,)]
