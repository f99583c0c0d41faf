"""Rewrite rules as the contract has them: divided into their parts, or refused at the word that is wrong."""

from __future__ import annotations

import pytest

from sessionaudit.kinds.rewrite_rule.model import Body, divided, parse, show
from sessionaudit.sql.fragment import FragmentError

WRONG = [
    ("delete do instead nothing", 0, "expected “on”"),
    ("on select do instead select 1", 3, "expected “insert” or “update” or “delete”"),
    ("on delete", 9, "expected “where” or “do”"),
    ("on delete where do nothing", 16, "expected a condition"),
    ("on delete where a > 1", 21, "expected “do”"),
    ("on delete do", 12, "expected a statement, or “nothing”"),
    ("on delete do nothing; drop table t", 22, "expected the end"),
    ("on delete do (delete from t); drop table t", 30, "expected the end"),
    ("on delete do (delete from t)) ; drop table t", 28, "unmatched “)”"),
    ("on delete do delete from t; delete from u", 28, "expected the end"),
]
READ = [
    ("on delete do instead nothing", ("", True, ())),
    ("ON UPDATE TO s.t DO NOTHING;", ("", False, ())),
    ("on insert where new.a > ';' do also delete from t", ("new.a > ';'", False, ("delete from t",))),
    ("on insert do instead (delete from t; select 1 -- ;\n;)", ("", True, ("delete from t", "select 1"))),
]


@pytest.mark.parametrize(("text", "offset", "said"), WRONG)
def test_what_is_wrong_is_told_at_its_place(text: str, offset: int, said: str) -> None:
    with pytest.raises(FragmentError) as caught:
        parse(text)
    assert (caught.value.offset, said in str(caught.value)) == (offset, True), caught.value


@pytest.mark.parametrize(("text", "parts"), READ)
def test_it_is_divided_into_its_parts(text: str, parts: tuple[str, bool, tuple[str, ...]]) -> None:
    rule = parse(text)
    assert divided(rule.body) == Body(*parts)
    assert divided(parse(show(rule)).body) == Body(*parts)
