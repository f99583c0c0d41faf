"""Filters, logic trees and orders are read as PostgREST reads them: the examples of its documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessionaudit.audits.code.postgrest.filters import FilterTerm, filter_term, logic_tree, ordered
from sessionaudit.audits.code.postgrest.grammar import QueryError, columns, tree_path

if TYPE_CHECKING:
    from sessionaudit.audits.code.postgrest.filters import LogicTree


def shown(term: LogicTree) -> str:
    """One spelling for each meaning."""
    no = "not " if term.negated else ""
    if isinstance(term, FilterTerm):
        name = term.field.name + "".join(one.arrow + one.key for one in term.field.path)
        word = term.operator + (f"({term.language})" if term.language else "") + f" {term.quantifier}".rstrip()
        return f"{name} {no}{word} {'|'.join(one.text for one in term.values)}"
    return f"{no}{term.word}[{', '.join(map(shown, term.terms))}]"


OPERATORS = {
    "equals": ("eq.18", "a eq 18"),
    "greater": ("gt.18", "a gt 18"),
    "greater or equal": ("gte.18", "a gte 18"),
    "less": ("lt.13", "a lt 13"),
    "less or equal": ("lte.13", "a lte 13"),
    "not equal": ("neq.x", "a neq x"),
    "like": ("like.*x*", "a like *x*"),
    "ilike": ("ilike.X*", "a ilike X*"),
    "regular expression": ("match.^a", "a match ^a"),
    "of any case": ("imatch.^a", "a imatch ^a"),
    "in": ("in.(1,2,3)", "a in 1|2|3"),
    "in with quotes": ('in.("hi,there","yes,you")', "a in hi,there|yes,you"),
    "in with escapes": (r'in.("a\"b","c\\d")', r'a in a"b|c\d'),
    "in of nothing": ("in.()", "a in "),
    "in with blanks": ("in.( 1, 2 )", "a in 1| 2 "),
    "is null": ("is.null", "a is null"),
    "is not null": ("is.not_null", "a is not_null"),
    "is true": ("is.TRUE", "a is true"),
    "is unknown": ("is.unknown", "a is unknown"),
    "distinct": ("isdistinct.x", "a isdistinct x"),
    "search": ("fts.amusing", "a fts amusing"),
    "search in a language": ("fts(french).amusant", "a fts(french) amusant"),
    "plain search": ("plfts.The%20Cats", "a plfts The%20Cats"),
    "phrase": ("phfts(english).The%20Cats", "a phfts(english) The%20Cats"),
    "search of the web": ("wfts(french).amusant", "a wfts(french) amusant"),
    "contains": ("cs.{example,new}", "a cs {example,new}"),
    "contained": ("cd.{1,2,3}", "a cd {1,2,3}"),
    "overlap": ("ov.[2017-01-01,2017-06-30]", "a ov [2017-01-01,2017-06-30]"),
    "left of": ("sl.(1,10)", "a sl (1,10)"),
    "right of": ("sr.(1,10)", "a sr (1,10)"),
    "does not extend to the right": ("nxr.(1,10)", "a nxr (1,10)"),
    "does not extend to the left": ("nxl.(1,10)", "a nxl (1,10)"),
    "adjacent": ("adj.(1,10)", "a adj (1,10)"),
    "not": ("not.eq.1", "a not eq 1"),
    "not in": ("not.in.(1,2)", "a not in 1|2"),
    "not null": ("not.is.null", "a not is null"),
    "any": ("like(any).{O*,P*}", "a like any {O*,P*}"),
    "all": ("like(all).{O*,*n}", "a like all {O*,*n}"),
    "equal to any": ("eq(any).{3,4,5}", "a eq any {3,4,5}"),
    "a value with points": ("eq.2.5.not.eq", "a eq 2.5.not.eq"),
    "no value": ("eq.", "a eq "),
}


@pytest.mark.parametrize(("text", "meaning"), OPERATORS.values(), ids=OPERATORS)
def test_operators(text: str, meaning: str) -> None:
    assert shown(filter_term(tree_path("a").field, text)) == meaning


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("equals.1", 0),
        ("1", 0),
        ("eq", 0),
        ("in.1,2", 3),
        ("in.(1,2", 7),
        ("is.5", 3),
        ("not.1", 4),
        ("=.1", 0),
        ("cs(any).{1}", 0),
        ("eq(some).{1}", 0),
        ("undefined", 0),
    ],
)
def test_rejected_operators(text: str, offset: int) -> None:
    with pytest.raises(QueryError) as caught:
        filter_term(tree_path("a").field, text)
    assert (caught.value.state, caught.value.offset) == ("PGRST100", offset)


TREES = {
    "or": ("(age.lt.18,age.gt.21)", "or[age lt 18, age gt 21]"),
    "nested": (
        "(age.eq.14,not.and(age.gte.11,age.lte.17))",
        "or[age eq 14, not and[age gte 11, age lte 17]]",
    ),
    "not inside": ("(grade.not.is.null,not.or(a.eq.1,b.eq.2))", "or[grade not is null, not or[a eq 1, b eq 2]]"),
    "list": ("(id.in.(1,2),b.is.true)", "or[id in 1|2, b is true]"),
    "array": ("(tags.cs.{a,b},c.eq.1)", "or[tags cs {a,b}, c eq 1]"),
    "quoted": ('(name.eq."a,b(c)",d.eq.2)', "or[name eq a,b(c), d eq 2]"),
    "time": ("(at.lt.2025-01-01T00:00:00.000Z,b.eq.1)", "or[at lt 2025-01-01T00:00:00.000Z, b eq 1]"),
    "JSON": ("(data->>k.eq.x,data->n.is.null)", "or[data->>k eq x, data->n is null]"),
    "pattern": ("(name.ilike.%a%,email.ilike.*b*)", "or[name ilike %a%, email ilike *b*]"),
    "blanks": ("( a.eq.1 , and( b.eq.2, c.eq.3 ) )", "or[a eq 1 , and[b eq 2, c eq 3 ]]"),
    "a column called and": ("(and.eq.1,or.eq.2)", "or[and eq 1, or eq 2]"),
}


@pytest.mark.parametrize(("text", "meaning"), TREES.values(), ids=TREES)
def test_logic(text: str, meaning: str) -> None:
    assert shown(logic_tree("or", text)) == meaning


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("a.eq.1", 0),
        ("(a.eq.1", 7),
        ("()", 1),
        ("(a.eq.1,)", 8),
        ("(users.name.eq.1)", 7),
        ("(status=eq.pending)", 7),
        ("(a eq 1)", 7),
        ("(a.equals.1)", 3),
        ("(not.a.eq.1)", 5),
    ],
)
def test_rejected_logic(text: str, offset: int) -> None:
    with pytest.raises(QueryError) as caught:
        logic_tree("or", text)
    assert caught.value.offset == offset


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("age.desc,height.asc", "age DESC, height ASC"),
        ("age", "age"),
        ("age.nullsfirst", "age NULLS FIRST"),
        ("age.desc.nullslast", "age DESC NULLS LAST"),
        ("location->>lat", "location->>lat"),
        ("directors(last_name).desc", "directors.last_name DESC"),
        ("full_name.asc, id", "full_name ASC, id"),
    ],
)
def test_order(text: str, meaning: str) -> None:
    def one(relation: str, name: str, *words: str) -> str:
        return " ".join([f"{relation}.{name}" if relation else name, *(word for word in words if word)])

    found = [
        one(
            term.relation,
            term.field.name + "".join(s.arrow + s.key for s in term.field.path),
            term.direction,
            term.nulls,
        )
        for term in ordered(text)
    ]
    assert ", ".join(found) == meaning


@pytest.mark.parametrize(
    ("text", "offset"), [("age.ascending", 7), ("age.down", 3), ("age.nullslast.desc", 13), ("", 0), ("a desc", 6)]
)
def test_rejected_order(text: str, offset: int) -> None:
    if text == "a desc":  # blanks are part of a name: that is an unknown column, which PostgreSQL tells
        assert ordered(text)[0].field.name == "a desc"
        return
    with pytest.raises(QueryError) as caught:
        ordered(text)
    assert caught.value.offset == offset


def test_names() -> None:
    path = tree_path("actors.roles.data->>k")
    assert (path.tables, path.field.name, path.field.path[0].key) == (("actors", "roles"), "data", "k")
    assert [one.name for one in columns('"a b",c, d')] == ["a b", "c", "d"]
    with pytest.raises(QueryError):
        columns("a,(b)")


def test_places() -> None:
    text = '(a.eq.1,status.in.("pending",unattended))'
    (_, status) = logic_tree("or", text).terms
    assert isinstance(status, FilterTerm)
    assert [text[one.start : one.end] for one in status.values] == ["pending", "unattended"]
    assert text[status.field.start : status.field.end] == "status"
