"""Options that have no effect in the chosen mode: refused, never ignored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sessionaudit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import typer

    Silent = tuple[bool, str, Iterable[str]]


class Mode(NamedTuple):
    """A mode of a command, and the parameters that have no effect in it.

    `called` is how a message calls it. It is chosen where each parameter of `when` is given (True), is not given
    (False), or has this value.
    """

    called: str
    when: Mapping[str, bool | str | Sequence[str]]
    idle: tuple[str, ...]


_RUN_OF_ALL = ("jobs", "target", "max_lag", "pause_file")  # how a run over all rows goes
MODES: dict[str, tuple[Mode, ...]] = {
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
        Mode(
            "with --quiet, which prints nothing",
            {"quiet": True, "output": False},
            ("format_", "explain", "no_color", "verbose"),
        ),
        Mode("with --format json", {"format_": "json"}, ("no_color", "verbose")),
        Mode("with --only schema", {"only": ["schema"]}, ("data_timeout", "explain")),
    ),
    "repair": (
        Mode("with --plan, which was made with its own", {"plan": True, "apply": True}, ("allow", "replace")),
        Mode("without --apply", {"apply": False}, ("yes", "before", "log", "lock_timeout", "lock_wait", "fail_on")),
        Mode("with --format json", {"format_": "json", "apply": False}, ("transactional",)),
        Mode(
            "with --save-plan alone",
            {"save_plan": True, "output": False, "apply": False, "format_": "sql"},
            ("transactional",),
        ),
        Mode("with --quiet", {"quiet": True}, ("no_color",)),
        Mode("with --apply and --quiet", {"quiet": True, "apply": True, "format_": "sql"}, ("output",)),
    ),
    "trace": (Mode("with --format json", {"format_": "json"}, ("no_color",)),),
    "undo": (Mode("with --dry-run, which asks nothing", {"dry_run": True}, ("yes",)),),
}


def require_effect(context: typer.Context, *silent: Silent) -> None:
    """Refuse what the command line gives in vain. Raises UsageError.

    Each of `silent` says whether a mode is chosen, how it is called, and which parameters have no effect in it.
    """
    given = {
        parameter.name: max(parameter.opts, key=len)
        for parameter in context.command.params
        if parameter.name and _is_given(context, parameter.name)
    }
    modes = MODES.get(context.command.name or "", ())
    declared = [(_is_chosen(mode, context.params), mode.called, mode.idle) for mode in modes]
    for chosen, mode, parameters in (*declared, *silent):
        for name in parameters if chosen else ():
            if name in given:
                raise UsageError(f"{given[name]} has no effect {mode}", hint="Omit it.")


def _is_chosen(mode: Mode, parameters: Mapping[str, Any]) -> bool:
    return all(_is(parameters[name], wanted) for name, wanted in mode.when.items())


def _is(value: Any, wanted: bool | str | Sequence[str]) -> bool:
    if isinstance(wanted, bool):
        return bool(value) is wanted
    if isinstance(wanted, str):
        return str(value) == wanted
    return list(value or ()) == list(wanted)


def _is_given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"
