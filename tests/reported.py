"""Reports made by hand, for the tests of formats: with drift, clean, and with all that a report may have."""

from __future__ import annotations

import datetime as dt

from msgspec.structs import replace

from sessionaudit.core.baseline import BaselineEntry
from sessionaudit.core.finding import Finding, Location, Severity, Skipped, Waiver
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.report import Database, ManualStep, Outcome, Report
from sessionaudit.rulebook import RULES

LONG = "a_constraint_with_a_name_of_sixty_three_bytes_which_is_the_longest"


def finding(
    rule: str,
    kind: str,
    path: str,
    expected: str | None,
    actual: str | None,
    line: int = 7,
    facet: str = "",
    definition: str | None = None,
) -> Finding:
    parts = tuple(path.split("/"))
    ref = ObjectRef(kind, parts)
    return Finding(
        rule=RULES[rule],
        severity=RULES[rule].severity,
        ref=ref,
        facet=facet,
        expected=expected,
        actual=actual,
        definition=definition,
        message=f"The {kind} {ref.name} of {ref.parent} is not what it should be: somebody waits for ever.",
        locations=(Location("expected_schema.yaml", line),),
        audit="schema",
        holder=dotted(parts[:-1]) if len(parts) > 2 else str(ref),
    )


def report(
    *findings: Finding, skipped: tuple[Skipped, ...] = (), waived: tuple[tuple[Finding, Waiver], ...] = ()
) -> Report:
    return Report(
        database=Database("shop", "db.internal", "15.18", "auditor"),
        contract="expected_schema.yaml",
        findings=tuple(sorted(findings, key=lambda finding: -finding.severity)),
        waived=waived,
        outcomes=(
            Outcome(
                audit="schema",
                noun="object",
                skipped=skipped,
                checked={"table": 1, "column": 1204, "policy": 2, "index": 3},
                whole=True,
            ),
            Outcome(audit="data", noun="invariant"),
        ),
    )


DRIFTED = report(
    finding("missing-column", "column", "public/sessions/metadata", "jsonb not null default '{}'::jsonb", None),
    finding(
        "foreign-key-target",
        "foreign_key",
        f"public/session_requests/{LONG}",
        f"foreign key (mechanic_id) references {LONG} (id)",
        f"foreign key (mechanic_id) references {LONG}2 (id)",
        190,
    ),
    finding(
        "policy-using",
        "policy",
        'public/session_requests/Weird; "Policy"',
        "customer_id = (select auth.uid()) and status = 'pending'",
        "((customer_id = ( SELECT auth.uid() AS uid)) AND (status = 'cancelled'::session_request_status))",
        facet="using",
        definition="'Weird; \"Policy\"': {for: all, to: [public], using: ((customer_id = ( SELECT auth.uid() AS uid)) "
        "AND (status = 'cancelled'::session_request_status))}",
    ),
    finding(
        "function-definition", "function", "public/touch/()", "sql", "plpgsql", 9, "language", "touch(): |-\n  a\n  b"
    ),
    finding("enum-values", "enum", "public/status", "[pending, accepted]", "[pending, unattended, accepted]"),
    *(finding("unexpected-column", "column", f"public/sessions/extra_{n}", None, "text") for n in range(5)),
    skipped=(
        Skipped(
            "policies",
            "the role auditor may not read pg_catalog.pg_policy",
            "grant select on pg_catalog.pg_policy to auditor;",
        ),
    ),
)
ACCEPTED = finding("column-type", "column", "public/sessions/status", "status", "text")
WAIVER = Waiver(
    rule=RULES["column-type"],
    object="public.sessions.status",
    reason="text until the enum lands",
    owner="platform",
    until=dt.date(2099, 12, 31),
    location=Location("expected_schema.yaml", 99),
)
CLEAN = report(waived=((ACCEPTED, WAIVER),))

# What a database may be made to contain, so that it is read as something else than a name.
HOSTILE = (
    "a|b`c <img src=x onerror=alert(1)> @everyone #1 ]]> ::error::x %0A {0} [l](http://e.example) \x1b[2J\u202e "
    '"\\\n*x*'
)


def _found(
    audit: str, rule: str, kind: str, path: tuple[str, ...], *places: Location, causes: tuple[Finding, ...] = ()
) -> Finding:
    ref = ObjectRef(kind, path)
    return Finding(
        rule=RULES[rule],
        severity=RULES[rule].severity,
        ref=ref,
        facet="",
        expected="jsonb",
        actual="a text\nof two lines",
        message=f"{ref} is not what it should be. Run `sessionaudit repair`.",
        locations=places,
        audit=audit,
        because=causes,
    )


_NEVER_MADE = _found(
    "migrations",
    "recorded-not-there",
    "migration",
    ("1",),
    Location("supabase/migrations/1.sql", 12, 1),
    Location("supabase/migrations/1.sql", 14, 1),
)
_MISSING = _found(
    "schema",
    "missing-column",
    "column",
    ("public", "sessions", "metadata"),
    Location("expected_schema.yaml", 186, 7),
    causes=(_NEVER_MADE,),
)
_UNKNOWN = _found(
    "code",
    "unknown-column",
    "call",
    ("src/a b.ts", " update sessions"),
    Location("src/a b.ts", 7, 14, "    .select('metadata')", 8),
    Location("expected_schema.yaml", 186, 7),
    causes=(_NEVER_MADE, _MISSING),
)
_NAMED = replace(
    _found("schema", "unexpected-column", "column", ("public", "sessions", HOSTILE)),
    message=f"It is called {HOSTILE}.",
    expected=None,
    actual=HOSTILE,
)
_BARRED = replace(
    _found("schema", "uncertain", "check", ("public", "sessions", "positive"), Location("expected_schema.yaml", 20, 3)),
    barred=Skipped("check positive", "the role may not create temporary tables", "grant temporary on database shop …"),
)
# Findings with causes, in several audits, by a hand that means harm; what was not looked at; what is accepted.
LINKED = Report(
    database=Database("shop", "db.internal", "15.18", "auditor"),
    contract="expected_schema.yaml",
    findings=(_MISSING, _NEVER_MADE, _UNKNOWN, _BARRED, _NAMED),
    waived=((ACCEPTED, WAIVER),),
    outcomes=(
        Outcome(
            audit="schema",
            noun="object",
            checked={"table": 1, "column": 3},
            looked_at=lambda: [
                ObjectRef("table", ("public", "sessions")),
                _MISSING.ref,
                ObjectRef("column", ("public", "sessions", "id")),
            ],
        ),
        Outcome(
            audit="data",
            noun="invariant",
            skipped=(
                Skipped("invariant a", "no right to read", "grant select …", about=(ObjectRef("invariant", ("a",)),)),
                Skipped("invariant b", "no right to read", "grant select …", about=(ObjectRef("invariant", ("b",)),)),
                Skipped("the sizes", "nobody knows"),
            ),
            notes=("the contract's SQL ran as root",),
        ),
        Outcome(audit="migrations", noun="migration", checked={"migration": 2}),
        Outcome(
            audit="code",
            noun="call",
            checked={"call": 4},
            left_out=2,
            undecided=(Skipped("src/b.ts:9", "the table is computed"), Skipped("src/b.ts:19", "the table is computed")),
            told="Code: 4 calls in 2 files.",
            looked_at=lambda: [ObjectRef("call", ("src/a b.ts",)), ObjectRef("call", ("src/b.ts",))],
        ),
    ),
    filtered=True,
    next=("sessionaudit repair",),
    by_hand=(ManualStep("What to do by hand", "sessionaudit rule blocking-column"),),
    failing=Severity.ERROR,
    began=dt.datetime(2026, 11, 27, 3, 0, 0, tzinfo=dt.UTC),
    seconds=1.25,
)

# The same with what a baseline accepts, by a hand that means harm, and with what only some reports have.
_KNOWN = _found("migrations", "rejected-migration", "migration", ("2",), Location("supabase/migrations/2.sql", 3))
KNOWN = replace(
    LINKED,
    findings=(*LINKED.findings, replace(_found("data", "orphaned-rows", "invariant", ("a",)), rows=43)),
    accepted=(
        (
            _KNOWN,
            BaselineEntry(
                fingerprint=_KNOWN.fingerprint,
                rule="SM001 rejected-migration",
                audit="migrations",
                object=str(_KNOWN.ref),
                severity=Severity.ERROR,
                message=f"It read differently {HOSTILE}.",
                rows=3,
                reason=HOSTILE,
                until=dt.date(2099, 12, 31),
                location=Location("known/baseline.yaml", 12, 5),
            ),
        ),
    ),
    remarks=("of known/baseline.yaml, 1 entry is no longer found: x",),
    selected=("--only schema",),
    standard="the other database",
    uncompared="Not compared: owners.",
    holders=("b", "a"),
    failing=None,
    circles=("causes go in a circle",),
)
