"""Declare which options may have a default, and why the others may not.

A default says how a command works. What a call does, what it permits and where it writes, the call itself says: a file
that came with a repository must not be able to.
"""

from __future__ import annotations

_READING = "contract role format statement-timeout no-color"
_SELECTING = "only ignore fail-on"
_LINKING = "documentation-url"
# The options of each command that may have a default.
SETTABLE: dict[str, tuple[str, ...]] = {
    name: tuple(words.split())
    for name, words in {
        "check": (
            f"{_READING} {_SELECTING} {_LINKING} data-timeout explain read-only schema platform baseline flat quiet "
            "verbose"
        ),
        "repair": f"{_READING} {_SELECTING} lock-timeout lock-wait time-zone transactional quiet",
        "trace": _READING,
        "backfill": "contract role format statement-timeout data-timeout keep-older jobs target max-lag quiet",
        "undo": "role format statement-timeout quiet",
        "snapshot": "role only schema platform exclude include-tests statement-timeout quiet",
        "migrations": (
            f"{_READING} {_SELECTING} {_LINKING} folder tool platform files-only continue baseline quiet verbose"
        ),
        "scan": f"{_READING} {_SELECTING} {_LINKING} against schema exclude include-tests baseline quiet verbose",
        "access": f"{_READING} {_SELECTING} {_LINKING} as quiet verbose",
        "probe": f"{_READING} {_LINKING} fail-on embedded from quiet verbose",
        "doctor": f"{_READING} verbose",
        "report": f"{_LINKING} no-color flat quiet verbose",
        "lint": f"contract format no-color {_SELECTING} {_LINKING} embedded quiet verbose",
        "rule": "",
        "demo": "no-color",
        "help": "",
    }.items()
}
_PERMITS = "it permits a change, and each call must do that itself"
_CHOOSES = "it says what a call does, and each call must say that itself"
WRITES = "it names a file that is written, and each call must do that itself"
_OF_URLS = "a URL may contain a password"
_BY_REASON = {
    _PERMITS: "yes apply allow allow-command execute with-data replace overwrite accept",
    _CHOOSES: (
        "all list dry-run check undo sql migrations update split used-by plan keep broken stop file changed-since "
        "since limit invariant pause-file undone"
    ),
    WRITES: "output log journal before save-plan write-baseline reports",
    _OF_URLS: "database-url",
}
_REFUSED = {word: reason for reason, words in _BY_REASON.items() for word in words.split()}
_OF_A_REPORT = "the report itself says it, and each call how to print it"
_REFUSED_OF = {
    ("check", "against"): _OF_URLS,
    ("report", "format"): _OF_A_REPORT,
    ("report", "fail-on"): _OF_A_REPORT,
}
# The options that name what is read; one of a file is meant from the directory of that file.
PATHS = ("contract", "folder", "baseline")
# What helps in place of a default.
INSTEAD = {
    _OF_URLS: "Set DATABASE_URL, or name a service of ~/.pg_service.conf in PGSERVICE.",
    WRITES: "Type it in the call, such as --format sarif=report.sarif.",
}


def refusal(command: str, word: str) -> str:
    """Return why an option may not have a default; "" if it may, or is none. "" as the command stands for all."""
    if word in SETTABLE.get(command, ()) or (not command and any(word in words for words in SETTABLE.values())):
        return ""
    return _REFUSED_OF.get((command, word)) or _REFUSED.get(word, "")


def settable(command: str) -> tuple[str, ...]:
    """Return the options of a command that may have a default; those of all commands for ""."""
    if command:
        return SETTABLE.get(command, ())
    return tuple(dict.fromkeys(word for words in SETTABLE.values() for word in words))
