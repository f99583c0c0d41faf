"""Event triggers as the contract has them: read, spelled again, or refused at the word that is wrong."""

from __future__ import annotations

import pytest

from sessionaudit.kinds.event_trigger.model import EventTrigger, parse, show
from sessionaudit.sql.fragment import FragmentError

WRONG = [
    ("ddl_command_end execute function f()", 0, "expected “on”"),
    ("on update execute function f()", 3, "expected “ddl_command_start” or “ddl_command_end”"),
    ("on sql_drop when event in ('a') execute function f()", 17, "expected “tag”"),
    ("on sql_drop when tag in () execute function f()", 25, "expected a command in quotes"),
    ("on sql_drop execute function f", 30, "expected “(”"),
    ("on sql_drop execute function f(1)", 31, "expected “)”"),
    ("on sql_drop execute function f(); drop table t", 32, "“;” is not allowed here"),
]


@pytest.mark.parametrize(("text", "offset", "said"), WRONG)
def test_what_is_wrong_is_told_at_its_place(text: str, offset: int, said: str) -> None:
    with pytest.raises(FragmentError) as caught:
        parse(text, "public")
    assert (caught.value.offset, said in str(caught.value)) == (offset, True), caught.value


def test_it_is_read_and_spelled_again() -> None:
    found = parse("ON sql_drop WHEN TAG IN ('drop view', 'DROP TABLE') EXECUTE PROCEDURE f()", "public")
    assert found == EventTrigger(event="sql_drop", tags=("DROP TABLE", "DROP VIEW"), function=("public", "f"))
    assert parse(show(found), "elsewhere") == found
