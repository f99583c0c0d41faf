"""The refusal of a call that cannot be read, in our words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sessionaudit.cli.commands import COMMANDS, OF_TWO_WORDS, loaded
from sessionaudit.cli.slips import meant
from sessionaudit.core.node import close
from sessionaudit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

# What typer says; it keeps no value to ask for.
_VALUE = re.compile(r": '(?P<word>.*)' is not one of (?P<known>'.+')\.", re.DOTALL)
_COMMAND = re.compile(r"No such command '(?P<word>.*)'", re.DOTALL)
_EXTRA = re.compile(r"Got unexpected extra argument(?:s|\(s\))? \((?P<word>.*)\)", re.DOTALL)


def explained(error: Any, words: Sequence[str]) -> UsageError:
    """The same refusal in our words, with what was perhaps meant; `words` are those of the call."""
    named = next((word for word in words if word in COMMANDS), "")
    command = getattr(getattr(error, "ctx", None), "command", None) or (loaded(named) if named else None)
    own = command.name if command is not None and command.name in COMMANDS | OF_TWO_WORDS else ""
    message = _without_passwords(error.format_message(), words)
    if "No such option" in message:
        option = _without_passwords(error.option_name, words)
        message = f"there is no option {option}" + (f" of `{own}`" if own else "")
        hint = meant.of_option(option, own, named)
    elif found := _EXTRA.search(message):
        message = f"`{own}` takes no argument “{found['word']}”"
        hint = meant.of_argument(
            found["word"], {one.name: max(one.opts, key=len) for one in getattr(command, "params", ())}
        )
    elif found := _VALUE.search(message):
        hint = close(found["word"], re.findall(r"'(.+?)'", found["known"]))
    elif found := _COMMAND.search(message):
        message, hint = f"there is no command “{found['word']}”", meant.of_command(found["word"])
    elif command is not None and "missing argument" in message.lower():
        usage = " ".join(command.collect_usage_pieces(error.ctx))
        hint = f"Write `sessionaudit {own} {usage}`. {meant.of_nothing(own)}".rstrip()
    else:
        hint = ""
    help_ = f"sessionaudit {own} --help" if own else "sessionaudit --help"
    return UsageError(message[:1].lower() + message[1:].rstrip("."), hint=f"{hint} See `{help_}`.".lstrip())


def _without_passwords(message: str, words: Sequence[str]) -> str:
    """What typer says of words that may be connection strings, without their passwords."""
    for word in (part for one in words for part in (one, one.partition("=")[2])):
        if "://" in word or "password" in word.lower():
            from sessionaudit.postgres.masking import public

            for spelled in (word, repr(word)[1:-1]):
                message = message.replace(spelled, public(word)[0])
    return message
