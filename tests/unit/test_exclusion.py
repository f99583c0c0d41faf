"""Exclusion constraints as the contract has them: divided into their parts, or refused at the word that is wrong."""

from __future__ import annotations

import pytest

from sessionaudit.core.query import Part, Sort, alone
from sessionaudit.kinds.exclusion.model import Element, divided, parse, show
from sessionaudit.sql.fragment import FragmentError

WRONG = [
    ("exclude (id)", 11, "expected “with” and an operator"),
    ("exclude using gist", 18, "expected the elements, in parentheses"),
    ("exclude using gist ()", 20, "expected a column or an expression"),
    ("exclude using gist (a with)", 26, "expected an operator"),
    ("exclude using gist (a with &&) where x", 37, "expected “(”, found “x”"),
    ("exclude using gist (a with &&) not valid", 31, "expected “deferrable” or the end"),
    ("exclude using gist (a with &&), drop column b", 30, "expected “where”, “deferrable” or the end"),
]


@pytest.mark.parametrize(("text", "offset", "said"), WRONG)
def test_what_is_wrong_is_told_at_its_place(text: str, offset: int, said: str) -> None:
    with pytest.raises(FragmentError) as caught:
        parse(text)
    assert caught.value.offset == offset
    assert said in str(caught.value)


def test_it_is_divided_into_its_parts() -> None:
    found = parse(
        'EXCLUDE USING gist (f(a, b) gist_ops(x = 1) WITH &&, "with" WITH OPERATOR(pg_catalog.=)) INCLUDE (c)'
        " WITH (fillfactor = 70) USING INDEX TABLESPACE t WHERE (a <> ')') DEFERRABLE"
    )
    parts = divided(found.definition)
    assert parts.elements == (Element("f(a, b) gist_ops(x = 1)", "&&"), Element('"with"', "OPERATOR(pg_catalog.=)"))
    assert parts.between == "include (c) with (fillfactor = 70)"
    assert parts.where == "a <> ')'"
    assert parse(show(found)) == found


def test_no_text_is_one_in_both_places_in_which_it_is_read_alone() -> None:
    text = "gist (a with &&)"
    sides = alone(Part(Sort.EXCLUSION, text))
    assert [side[1] for side in sides] == [text, text]
    assert sides[0][0].startswith("create table")
    assert sides[1][0].startswith("alter table")
