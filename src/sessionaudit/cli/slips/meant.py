"""What somebody may have meant by a word: a sentence, "" where nothing is similar."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionaudit.cli.commands import COMMANDS, loaded
from sessionaudit.cli.slips.elsewhere import ELSEWHERE
from sessionaudit.core.node import close

if TYPE_CHECKING:
    from collections.abc import Mapping

_CODE = re.compile(r"S[A-Z]\d{3}", re.IGNORECASE)
_DRY = "`repair` only prints, and changes nothing without --apply."
_UNDO = "`backfill` printed the journal's name. A repair is undone by the command that it printed at its end."


def of_nothing(command: str) -> str:
    """What somebody may be after who does not name what a command is about."""
    return _UNDO if command == "undo" else ""


def of_command(word: str) -> str:
    """A command of which the name is similar, or what explains a rule."""
    return f"`sessionaudit rule {word}` explains the rule." if _CODE.fullmatch(word) else close(word, COMMANDS)


def of_argument(word: str, taken: Mapping[str, str]) -> str:
    """What an argument may be for, of a command that takes none, or no more."""
    url = "database_url" if "://" in word or "=" in word else ""
    file = "contract" if word.endswith((".yaml", ".yml")) else ""
    name = next((one for one in (url, file, "only") if one in taken), "")
    return f"Perhaps you mean {taken[name]} {word}." if name and " " not in word.strip() else ""


def of_option(option: str, own: str, named: str) -> str:
    """Which command has an option, or which option is similar."""
    if (own, option) == ("repair", "--dry-run"):
        return _DRY
    options = {command: _options(command) for command in sorted(COMMANDS, key=lambda one: one != own)}
    holders = [command for command, names in options.items() if option.lstrip("-") in names]
    if holders and not own:
        return f"It stands after the command: `sessionaudit {named if named in holders else holders[0]} {option}`."
    if holders:
        return f"{option} is an option of {', '.join(f'`{one}`' for one in holders)}."
    if (known := ELSEWHERE.get(option.lstrip("-"), "")) and known.split()[0].lstrip("-") in options.get(own, ()):
        return f"Did you mean “{known}”?"
    for command, names in options.items():
        if found := close(option.lstrip("-"), names):
            near = found.replace("“", "“--")
            return near if command == own else near.replace("?", f" of `{command}`?")
    return ""


def _options(command: str) -> list[str]:
    """The options of a command without their dashes, which make any two of them similar."""
    return [name.lstrip("-") for one in loaded(command).params for name in (*one.opts, *one.secondary_opts)]
