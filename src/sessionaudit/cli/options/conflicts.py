"""What goes with what: options that have no effect in a mode of a command, or contradict each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct

from sessionaudit.cli.options.asked_formats import (
    of_checklist,
    to_stdout,
    unstyled,
    without_forest,
    without_links,
    without_plans,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    OfFormats = Callable[[Sequence[Any]], bool]
    Values = Mapping[str, bool | str | Sequence[str] | OfFormats]


class Mode(NamedTuple):
    """A mode of a command, and the parameters that have no effect in it.

    `called` is its name in a message; a parameter in braces stands for its value. The mode applies if each parameter of
    `when` is given (True), is not given (False), has this value, or is such that this function says so.
    """

    called: str
    when: Values
    idle: tuple[str, ...]


class Contradiction(Struct, frozen=True):
    """Parameters, as in `Mode`, that a call cannot combine, and the error message."""

    when: Values
    message: str
    hint: str = ""


_RUN_OF_ALL = ("jobs", "target", "max_lag", "pause_file")  # the pace of a run over all rows
_OF_A_DATABASE = ("database_url", "role")
_NO_PAGE = Mode(
    "with --write-baseline, which prints no report",
    {"write_baseline": True},
    ("baseline", "format_", "output", "fail_on", "documentation_url", "no_color", "verbose"),
)
_QUIET = Mode(
    "with --quiet, which prints nothing",
    {"quiet": True, "output": False, "format_": to_stdout},
    ("format_", "documentation_url", "no_color", "verbose"),
)
# What goes with the formats of a report.
_OF_REPORTS = (
    _QUIET,
    Mode("with --format {format_}", {"format_": without_links}, ("documentation_url",)),
    Mode("with --format {format_}", {"format_": unstyled}, ("no_color", "verbose")),
)
MODES: dict[str, tuple[Mode, ...]] = {
    "access": _OF_REPORTS,
    "backfill": (
        Mode(
            "with --list, which changes nothing",
            {"list_": True},
            ("dry_run", "keep_older", "journal", "yes", *_RUN_OF_ALL),
        ),
        Mode("with --quiet, which prints nothing", {"list_": True, "quiet": True, "output": False}, ("format_",)),
        Mode("with --dry-run, which writes nothing", {"dry_run": True}, ("journal", "yes", *_RUN_OF_ALL)),
        Mode(
            "without --all",
            {"all_": False, "list_": False},
            ("since", "limit", "data_timeout", "yes", *_RUN_OF_ALL),
        ),
        Mode("without --list", {"list_": False}, ("output",)),
    ),
    "check": (
        _NO_PAGE._replace(idle=(*_NO_PAGE.idle, "explain", "flat")),
        _QUIET._replace(idle=(*_QUIET.idle, "explain", "flat")),
        *_OF_REPORTS[1:],
        Mode("with --format {format_}", {"format_": without_plans}, ("explain",)),
        Mode("with --format {format_}", {"format_": without_forest}, ("flat",)),
        Mode(
            "with --format {format_}, which says what is true, accepted or not",
            {"format_": of_checklist},
            ("baseline",),
        ),
        Mode("with --only schema", {"only": ["schema"]}, ("data_timeout", "explain")),
        Mode(
            "with --against, which takes the place of the contract",
            {"against": True},
            ("contract", "data_timeout", "explain", "accept"),
        ),
        Mode("without --against", {"against": False}, ("schema", "platform")),
    ),
    "doctor": (Mode("with --format json", {"format_": "json"}, ("no_color", "verbose")),),
    "lint": (
        Mode("with FILE, which takes its place", {"files": True}, ("contract",)),
        *_OF_REPORTS,
    ),
    "migrations": (
        Mode(
            "with --sql, which prints the SQL of one migration",
            {"sql": True},
            (
                *("files_only", "changed_since", "file", "yes"),
                *("format_", "documentation_url", "fail_on", "only", "ignore", "no_color", "verbose"),
                *("baseline", "write_baseline"),
            ),
        ),
        _NO_PAGE._replace(idle=(*_NO_PAGE.idle, "allow")),
        Mode("with --allow, which corrects the ledger", {"allow": True}, ("baseline",)),
        Mode("without --allow", {"allow": False}, ("yes",)),
        Mode("with --files-only, which asks no database", {"files_only": True}, (*_OF_A_DATABASE, "allow")),
        *_OF_REPORTS,
    ),
    "probe": (
        Mode("without --execute", {"execute": False}, ("yes",)),
        Mode("with --embedded, which needs no database", {"embedded": True}, (*_OF_A_DATABASE, "execute")),
        Mode("without --embedded", {"embedded": False}, ("from_",)),
        *_OF_REPORTS,
    ),
    "repair": (
        Mode("with --plan, which was made with its own", {"plan": True, "apply": True}, ("allow", "replace")),
        Mode("without --apply", {"apply": False}, ("yes", "before", "log", "lock_timeout", "lock_wait", "fail_on")),
        Mode("with --format json", {"format_": "json", "apply": False}, ("transactional",)),
        Mode("with --quiet", {"quiet": True}, ("no_color",)),
        Mode("with --apply and --quiet", {"quiet": True, "apply": True, "format_": "sql"}, ("output",)),
    ),
    "report": (
        _QUIET._replace(idle=(*_QUIET.idle, "flat")),
        *_OF_REPORTS[1:],
        Mode("with --format {format_}", {"format_": without_forest}, ("flat",)),
    ),
    "report diff": _OF_REPORTS,
    "scan": (
        _NO_PAGE,
        Mode("with --against contract, which asks no live database", {"against": "contract"}, ("database_url", "role")),
        Mode(
            "with --against migrations, which asks no live database",
            {"against": "migrations"},
            ("database_url", "role"),
        ),
        *_OF_REPORTS,
    ),
    "snapshot": (
        Mode(
            "with --update, which changes that file",
            {"update": True},
            ("output", "overwrite", "split", "sql", "migrations", "used_by"),
        ),
        Mode("without --used-by", {"used_by": False}, ("exclude", "include_tests")),
        Mode("with --update, but for --all", {"update": True, "all_": False}, ("schema", "platform")),
        Mode("with --check, which writes nothing", {"update": True, "check": True}, ("dry_run",)),
        Mode("without --update", {"update": False}, ("all_", "dry_run", "check")),
        Mode("with --split, which writes into that directory", {"split": True}, ("output",)),
        Mode("without --output or --split", {"output": False, "split": False}, ("overwrite",)),
        Mode("with --sql, which needs no database", {"sql": True}, _OF_A_DATABASE),
        Mode("with --migrations, which needs no database", {"migrations": True}, _OF_A_DATABASE),
    ),
    "trace": (Mode("with --format json", {"format_": "json"}, ("no_color",)),),
    "undo": (Mode("with --dry-run, which asks nothing", {"dry_run": True}, ("yes",)),),
}

_NO_CHECKLIST = "a checklist is a part of a contract, and --against takes its place"
CONTRADICTIONS: dict[str, tuple[Contradiction, ...]] = {
    "check": (Contradiction({"against": True, "format_": of_checklist}, _NO_CHECKLIST, "Omit one of them."),),
    "repair": (
        Contradiction(
            {"plan": True, "apply": False},
            "--plan needs --apply: a saved plan can only be applied",
            "Add --apply.",
        ),
        Contradiction({"plan": True, "apply": True, "save_plan": True}, "--plan and --save-plan cannot be combined"),
        Contradiction(
            {"plan": True, "apply": True, "time_zone": True},
            "--time-zone has no effect with --plan: a saved plan has its own time zone",
        ),
        Contradiction(
            {"transactional": True, "apply": True},
            "--transactional is for scripts; --apply runs each step in its own transaction",
            "Omit one of them.",
        ),
    ),
    "snapshot": (
        Contradiction(
            {"sql": True, "migrations": True}, "--sql and --migrations cannot be combined", "Omit one of them."
        ),
    ),
}
