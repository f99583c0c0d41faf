"""Define the rules of the migrations audit."""

from __future__ import annotations

from sessionaudit.core.finding import Rule, Severity

_OBJECT = "VERSION"
REJECTED = Rule(
    "SM001",
    "rejected-migration",
    Severity.ERROR,
    "PostgreSQL rejects a statement of a migration, after the files before it.",
    "Where the tool runs the file in one transaction, nothing of it is applied: a database that is built from the "
    "files lacks what it makes, as a new environment, a restored one, or that of a test. It is a warning where the "
    "ledger has it as applied and all that it makes is there. For example, CREATE TYPE IF NOT EXISTS does not exist.",
    object=_OBJECT,
)
UNRECORDED = Rule(
    "SM002",
    "unrecorded-migration",
    Severity.WARNING,
    "A migration of the folder is not recorded as applied.",
    "The database lacks what it makes until the tool runs: code that is deployed before that fails. For example, a "
    "file was merged, and nobody has run the tool since.",
    object=_OBJECT,
)
NO_FILE = Rule(
    "SM003",
    "missing-migration-file",
    Severity.WARNING,
    "The ledger records a migration of which the folder has no file.",
    "The database was changed by something that cannot be reviewed or repeated, and many tools refuse to go on. For "
    "example, the file was renamed after it was applied, or belongs to a branch that was never merged.",
    object=_OBJECT,
)
EDITED = Rule(
    "SM004",
    "edited-migration",
    Severity.WARNING,
    "A migration differs from what was applied, by the statements or the checksum in the ledger.",
    "The database has what the file said before, and no tool applies it again: databases that are built from the files "
    "differ from this one. Take the edit back, and write it as a new migration.",
    object=_OBJECT,
)
FAILED = Rule(
    "SM005",
    "failed-migration",
    Severity.ERROR,
    "The ledger records that a migration failed, did not end, or was rolled back.",
    "Nobody knows how much of it was applied, and most tools refuse to go on until that is settled by hand. For "
    "example, golang-migrate marks the ledger as dirty.",
    object=_OBJECT,
)
SKIPPED = Rule(
    "SM006",
    "skipped-migration",
    Severity.ERROR,
    "A migration is not recorded as applied, but one that comes after it is.",
    "The tool has gone past it, and many tools never apply it, or only when told to. For example, it was written on a "
    "branch that was merged late, with the version of an earlier day.",
    object=_OBJECT,
)
DUPLICATE = Rule(
    "SM007",
    "duplicate-version",
    Severity.ERROR,
    "Several migrations have the same version.",
    "The ledger has one row for a version: the tool stops at the second file, or takes it for applied. Give one of "
    "them a version of its own.",
    object=_OBJECT,
)
IGNORED = Rule(
    "SM008",
    "ignored-file",
    Severity.WARNING,
    "The folder has a file of SQL that the tool does not see.",
    "It is never applied, although it looks as if it were. For example, its name is not of the form that the tool "
    "wants: fix_foreign_key.sql where a name has to begin with a timestamp.",
    object="FILE",
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
)
NOT_RECORDED = Rule(
    "SM010",
    "there-not-recorded",
    Severity.WARNING,
    "A migration is not recorded as applied, but everything that it makes is there.",
    "The tool will run it once more, which fails where objects exist already, and stops there. For example, somebody "
    "pasted the file into a SQL editor.",
    object=_OBJECT,
)
DRIFT = Rule(
    "SM011",
    "drift-from-migrations",
    Severity.NOTE,
    "An object is otherwise than the migrations make it, or no migration makes it.",
    "It was changed by hand, or by something else: a database that is built from the files differs from this one. The "
    "contract says which of the two is right.",
)
BLOCKED = Rule(
    "SM012",
    "blocked-migration",
    Severity.WARNING,
    "A migration fails only because an earlier one is rejected.",
    "What it stands on is not there, as the earlier file that makes it is rejected: the tool stops before it. Mend "
    "that file, and look again: what else is wrong with this one shows only then.",
    object=_OBJECT,
)
NO_EFFECT = Rule(
    "SM013",
    "statement-without-effect",
    Severity.WARNING,
    "A statement with IF NOT EXISTS meets a relation that an earlier statement makes otherwise, and does nothing.",
    "A database that is built from the files lacks what the statement says: columns and constraints that no other file "
    "makes. Write ALTER TABLE … ADD for what differs. For example, CREATE TABLE IF NOT EXISTS in a later file names a "
    "column that the table of an earlier one does not have.",
    object=_OBJECT,
)
ROLLED_BACK = Rule(
    "SM014",
    "rolled-back-migration",
    Severity.WARNING,
    "A migration has a ROLLBACK of its own, which takes back what its statements did.",
    "The tool records the file as applied all the same. For example, the file was tried by hand between BEGIN and "
    "ROLLBACK, and saved so.",
    object=_OBJECT,
)
EMPTY = Rule(
    "SM015",
    "empty-migration",
    Severity.NOTE,
    "A migration has no statement.",
    "The tool records the file as applied, and it does nothing; what is written into it afterwards is never applied. "
    "For example, the file was made by the tool and never filled, or a dump into it failed.",
    object=_OBJECT,
)
STOPPED = Rule(
    "SM016",
    "stopped-statement",
    Severity.WARNING,
    "A statement of a migration takes more than the private server gives it, and was stopped there.",
    "It ran too long, or took too much of the disk or of the memory, on tables without rows: an endless loop, or a "
    "mass of rows that the file makes itself. What the file does, and what stands on that, was not looked at. Give it "
    "more time with --statement-timeout if it is meant.",
    object=_OBJECT,
)

RULES = (
    *(REJECTED, UNRECORDED, NO_FILE, EDITED, FAILED, SKIPPED),
    *(DUPLICATE, IGNORED, NOT_THERE, NOT_RECORDED, DRIFT),
    *(BLOCKED, NO_EFFECT, ROLLED_BACK, EMPTY, STOPPED),
)
