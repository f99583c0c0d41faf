"""A call that cannot be read is refused with one message, and with what was perhaps meant."""

from __future__ import annotations

import sys

import pytest

from sessionaudit.audits.selection import Selection
from sessionaudit.cli.run import run
from sessionaudit.core.ref import ObjectRef
from sessionaudit.errors import UsageError

URL = "postgresql://me:geheim@h/x"

# Of each call the message, and what the hint begins with.
CALLS: dict[tuple[str, ...], tuple[str, str]] = {
    ("chekc",): ("there is no command “chekc”", "Did you mean “check”?"),
    ("SA304",): ("there is no command “SA304”", "`sessionaudit rule SA304` explains the rule."),
    ("zzzz",): ("there is no command “zzzz”", "See `sessionaudit --help`."),
    ("check", "--formt", "json"): ("there is no option --formt of `check`", "Did you mean “--format”?"),
    ("check", "--no-colour"): ("there is no option --no-colour of `check`", "Did you mean “--no-color”?"),
    ("check", "--apply"): ("there is no option --apply of `check`", "--apply is an option of `repair`."),
    ("check", "--aply"): ("there is no option --aply of `check`", "Did you mean “--apply” of `repair`?"),
    ("check", "--zzzz"): ("there is no option --zzzz of `check`", "See `sessionaudit check --help`."),
    ("check", "-x"): ("there is no option -x of `check`", "See `sessionaudit check --help`."),
    ("--no-color", "scan"): (
        "there is no option --no-color",
        "It stands after the command: `sessionaudit scan --no-color`.",
    ),
    ("--aply",): ("there is no option --aply", "Did you mean “--apply” of `repair`?"),
    ("check", "--fail-on", "eror"): ("invalid value for '--fail-on': 'eror' is not one of", "Did you mean “error”?"),
    ("scan", "-f", "tabl"): ("invalid value for '--format' / '-f': 'tabl' is not one of", "Did you mean “table”?"),
    ("check", "--platform", "supabse"): ("invalid value for '--platform'", "Did you mean “supabase”?"),
    ("repair", "--allow", "drp"): ("--allow takes", "Did you mean “drop”?"),
    ("rule", "foreign-key-targte"): ("unknown rule “foreign-key-targte”", "Did you mean “foreign-key-target”?"),
    ("check", "orders"): ("`check` takes no argument “orders”", "Perhaps you mean --only orders."),
    ("check", "a.yaml"): ("`check` takes no argument “a.yaml”", "Perhaps you mean --contract a.yaml."),
    ("check", "a", "b"): ("`check` takes no argument “a b”", "See `sessionaudit check --help`."),
    ("check", "--only"): ("option '--only' requires an argument", "See `sessionaudit check --help`."),
    ("trace",): ("missing argument 'ID...'", "Write `sessionaudit trace [OPTIONS] ID...`. See"),
    ("undo",): (
        "missing argument 'JOURNAL'",
        "Write `sessionaudit undo [OPTIONS] JOURNAL`. `backfill` printed the journal's name. A repair is undone by ",
    ),
    ("repair", "--dry-run"): ("there is no option --dry-run of `repair`", "`repair` only prints, and changes nothing"),
    ("check", "--json"): ("there is no option --json of `check`", "Did you mean “--format json”?"),
    ("rule", "--json"): ("there is no option --json of `rule`", "See `sessionaudit rule --help`."),
    ("check", "--statement-timeout", "x"): ("invalid value for '--statement-timeout'", "See `sessionaudit check"),
    # A password is never printed.
    ("check", URL): ("`check` takes no argument “postgresql://me@h/x”", "Perhaps you mean --database-url postgres"),
    (URL,): ("there is no command “postgresql://me@h/x”", "See `sessionaudit --help`."),
    ("scan", "--against", URL): ("invalid value for '--against': 'postgresql://me@h/x' is not one of", "See `sess"),
    ("scan", f"--against={URL}"): ("invalid value for '--against': 'postgresql://me@h/x' is not one of", "See `sess"),
    ("check", f"--{URL}"): ("there is no option … of `check`", "See `sessionaudit check --help`."),
    ("check", "host=h password='ge heim'"): ("`check` takes no argument “host=h”", "Perhaps you mean --database-url"),
}


@pytest.mark.parametrize("words", CALLS, ids=" ".join)
def test_a_slip_is_answered_with_what_was_meant(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["sessionaudit", *words])
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(SystemExit) as ended:
        run()
    out, err = capsys.readouterr()
    message, hint = CALLS[words]
    lines = err.splitlines()
    assert (ended.value.code, out, len(lines)) == (2, "", 2), err
    assert lines[0].startswith(f"error: {message}")
    assert lines[1].startswith(f"hint: {hint}")
    assert "heim" not in err


def test_an_audit_may_be_meant() -> None:
    with pytest.raises(UsageError) as refused:
        Selection(only=("dta",), ignore=(), schema="public").require([ObjectRef("table", ("public", "orders"))])
    assert refused.value.hint == "Did you mean “data”?"
