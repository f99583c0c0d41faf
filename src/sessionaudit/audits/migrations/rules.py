"""Define the rules of the migrations audit."""

from __future__ import annotations

from sessionaudit.core.finding import Rule, Severity

_OBJECT = "VERSION"
REJECTED = Rule(
    "SM001",
    "rejected-migration",
    Severity.ERROR,
    "PostgreSQL rejects a statement of a migration, after the files before it.",
    "Where the tool runs the file in one transaction, nothing of it is applied: every database that is built from "
    "the files lacks what it makes, such as a new environment or that of a test. It is a warning where the ledger "
    "records it as applied and all that it makes is there. For example, PostgreSQL has no CREATE TYPE IF NOT "
    "EXISTS.",
    object=_OBJECT,
    fix=(
        "Write what the finding says instead, and run `sessionaudit migrations --files-only` before the file is "
        "merged. What it should have made and the contract names, `sessionaudit repair` makes."
    ),
)
UNRECORDED = Rule(
    "SM002",
    "unrecorded-migration",
    Severity.WARNING,
    "A migration of the folder is not recorded as applied.",
    "The database lacks what it makes until the tool runs: code that is deployed before that fails. For example, a "
    "file was merged, and nobody has run the tool since.",
    object=_OBJECT,
    fix="Apply it with its tool, before the code that needs it is deployed.",
)
NO_FILE = Rule(
    "SM003",
    "missing-migration-file",
    Severity.WARNING,
    "The ledger records a migration of which the folder has no file.",
    "The database was changed by something that cannot be reviewed or repeated, and many tools refuse to go on. For "
    "example, the file was renamed after it was applied, or belongs to a branch that was never merged.",
    object=_OBJECT,
    fix=(
        "Bring the file back, or write what it did as a new migration; or have the tool remove the row from its "
        "ledger, as the finding says."
    ),
)
EDITED = Rule(
    "SM004",
    "edited-migration",
    Severity.WARNING,
    "A migration differs from what was applied, by the statements or the checksum in the ledger.",
    "The database has what the file said before, and no tool applies it again: databases that are built from the "
    "files differ from this one.",
    object=_OBJECT,
    fix="Take the edit back, and write it as a new migration.",
)
FAILED = Rule(
    "SM005",
    "failed-migration",
    Severity.ERROR,
    "The ledger records that a migration failed, did not end, or was rolled back.",
    "Nobody knows how much of it was applied, and most tools refuse to go on until that is settled by hand. For "
    "example, golang-migrate marks the ledger as dirty.",
    object=_OBJECT,
    fix=(
        "Run `sessionaudit migrations --sql VERSION`, which prints what of it is missing; finish it or take it back "
        "by hand, and settle the ledger with the tool."
    ),
)
SKIPPED = Rule(
    "SM006",
    "skipped-migration",
    Severity.ERROR,
    "A migration is not recorded as applied, but one that comes after it is.",
    "The tool has gone past it, and many tools never apply it, or only when told to. For example, it was written on a "
    "branch that was merged late, with the version of an earlier day.",
    object=_OBJECT,
    fix="Give the file a version after the newest one, or apply it out of order if the tool can.",
)
DUPLICATE = Rule(
    "SM007",
    "duplicate-version",
    Severity.ERROR,
    "Several migrations have the same version.",
    "The ledger has one row for a version: the tool stops at the second file, or takes it for applied.",
    object=_OBJECT,
    fix="Give the file that was not applied a version of its own.",
)
IGNORED = Rule(
    "SM008",
    "ignored-file",
    Severity.WARNING,
    "The folder has a file of SQL that the tool does not see.",
    "It is never applied, although it looks as if it were. For example, it is called fix_foreign_key.sql, and the "
    "tool wants names that begin with a timestamp.",
    object="FILE",
    fix="Rename the file to the form that the finding names, or move it out of the folder.",
)
NOT_THERE = Rule(
    "SM009",
    "recorded-not-there",
    Severity.ERROR,
    "A migration is recorded as applied, but something that it makes is not there.",
    "The tool will not apply it again, and lists it as applied: what the application needs stays missing. For example, "
    "CREATE TABLE IF NOT EXISTS found an older table and added no column to it, or the row of the ledger was written "
    "by hand.",
    object=_OBJECT,
    fix="Run `sessionaudit migrations --sql VERSION`, which prints the SQL of what is missing.",
)
NOT_RECORDED = Rule(
    "SM010",
    "there-not-recorded",
    Severity.WARNING,
    "A migration is not recorded as applied, but everything that it makes is there.",
    "The tool will run it once more, which fails where objects exist already, and stops there. For example, somebody "
    "pasted the file into a SQL editor.",
    object=_OBJECT,
    fix=(
        "Run `sessionaudit migrations --allow ledger`, which records it as applied after asking; or record it with "
        "the tool."
    ),
)
DRIFT = Rule(
    "SM011",
    "drift-from-migrations",
    Severity.NOTE,
    "An object differs from what the migrations make, or no migration makes it.",
    "It was changed by hand, or by another program: a database that is built from the files differs from this one.",
    fix="If the database is right, write a migration that makes it so. If the files are, change the database back.",
)
BLOCKED = Rule(
    "SM012",
    "blocked-migration",
    Severity.WARNING,
    "A migration fails only because an earlier one is rejected.",
    "It needs what the earlier file makes. The tool stops there, and does not reach this file.",
    object=_OBJECT,
    fix="Correct the earlier file, and look again: what else is wrong with this one shows only then.",
    otherwise="A note where all that it makes is there in this database.",
)
NO_EFFECT = Rule(
    "SM013",
    "statement-without-effect",
    Severity.WARNING,
    "A statement with IF NOT EXISTS does nothing, as an earlier statement makes a relation of that name, with other "
    "columns or constraints.",
    "A database that is built from the files lacks the columns and constraints that only this statement names. For "
    "example, CREATE TABLE IF NOT EXISTS in a later file names a column that the table of an earlier file does not "
    "have.",
    object=_OBJECT,
    fix="Write ALTER TABLE … ADD for what differs, in a new migration if this one was applied.",
)
ROLLED_BACK = Rule(
    "SM014",
    "rolled-back-migration",
    Severity.WARNING,
    "A migration contains a ROLLBACK, which takes back what its statements did.",
    "The tool records the file as applied, and the database lacks what it makes. For example, the file was tried by "
    "hand between BEGIN and ROLLBACK, and saved like that.",
    object=_OBJECT,
    fix="Remove the ROLLBACK from the file; if it was applied, write its statements as a new migration.",
)
EMPTY = Rule(
    "SM015",
    "empty-migration",
    Severity.NOTE,
    "A migration has no statement.",
    "The tool records the file as applied, and it does nothing; what is written into it afterwards is never applied. "
    "For example, the file was made by the tool and never filled, or a dump into it failed.",
    object=_OBJECT,
    fix="Write the statements before the file is applied; afterwards, write them as a new migration.",
)
STOPPED = Rule(
    "SM016",
    "stopped-statement",
    Severity.WARNING,
    "A statement of a migration needs more time, disk or memory than it gets in the private server, and was stopped "
    "there.",
    "The tables have no rows there, so that it is an endless loop, or a mass of rows that the file makes itself. "
    "What the file does, and what depends on that, was not looked at.",
    object=_OBJECT,
    fix="Correct the loop, or give it more time: `sessionaudit migrations --statement-timeout 120`.",
)

RULES = (
    *(REJECTED, UNRECORDED, NO_FILE, EDITED, FAILED, SKIPPED),
    *(DUPLICATE, IGNORED, NOT_THERE, NOT_RECORDED, DRIFT),
    *(BLOCKED, NO_EFFECT, ROLLED_BACK, EMPTY, STOPPED),
)
