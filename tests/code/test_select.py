"""`select` is read as PostgREST reads it: the examples of its documentation, and what it rejects."""

from __future__ import annotations

import pytest

from sessionaudit.audits.code.postgrest.grammar import QueryError, QueryField
from sessionaudit.audits.code.postgrest.select import ColumnItem, EmbedItem, SelectItem, selected


def path(field: QueryField) -> str:
    return field.name + "".join(f"{one.arrow}{'#' * one.is_index}{one.key}" for one in field.path)


def shown(item: SelectItem) -> str:
    """One spelling for each meaning."""
    alias = f"{item.alias}=" if item.alias else ""
    if isinstance(item, ColumnItem):
        text = path(item.field) + (f"::{item.cast}" if item.cast else "")
        text = f"{item.aggregate}({text})" if item.aggregate else text
        return alias + text + (f"::{item.aggregate_cast}" if item.aggregate_cast else "")
    given = "".join(f" {word} {value}" for word, value in (("by", item.hint), ("join", item.join)) if value)
    return f"{'...' * item.spread}{alias}{item.target}{given}[{', '.join(map(shown, item.items))}]"


EXAMPLES = {
    # Tables and views
    "vertical filtering": ("first_name,age", "first_name, age"),
    "all": ("*", "*"),
    "renaming": ("fullName:full_name,birthDate:birth_date", "fullName=full_name, birthDate=birth_date"),
    "JSON": (
        "id,json_data->>blood_type,json_data->phones",
        "id, json_data->>blood_type, json_data->phones",
    ),
    "number in JSON": ("id,json_data->phones->0->>number", "id, json_data->phones->#+0->>number"),
    "last in JSON": ("data->-1", "data->#-1"),
    "digits in a key": ("data->0zy", "data->0zy"),
    "renamed JSON": ("id,blood:json_data->>blood_type", "id, blood=json_data->>blood_type"),
    "quoted key of JSON": ('data->"a.b(c)"', "data->a.b(c)"),
    "casting": ("full_name,salary::text", "full_name, salary::text"),
    "casting a renamed column": ("pay:salary::text", "pay=salary::text"),
    "computed field": ("full_name,job", "full_name, job"),
    "quoted": ('"information.cpe","with, comma"', "information.cpe, with, comma"),
    "dashes": ("a-b,c-d-e", "a-b, c-d-e"),
    "not ASCII": ("имя,größe", "имя, größe"),
    # Aggregate functions
    "aggregate": ("amount.sum()", "sum(amount)"),
    "grouped": ("amount.sum(),amount.avg(),order_date", "sum(amount), avg(amount), order_date"),
    "renamed aggregate": ("order_date,total:amount.sum()", "order_date, total=sum(amount)"),
    "cast before": ("price::numeric.sum()", "sum(price::numeric)"),
    "cast after": ("amount.avg()::int", "avg(amount)::int"),
    "count": ("count()", "count(*)"),
    "count of a column": ("n:id.count()", "n=count(id)"),
    "count with a cast": ("total:count()::text", "total=count(*)::text"),
    # Resource embedding
    "many to one": ("title,directors(id,last_name)", "title, directors[id, last_name]"),
    "renamed table": ("title,director:directors(id)", "title, director=directors[id]"),
    "nested": ("roles(character,films(title,year))", "roles[character, films[title, year]]"),
    "hint": ("name,billing:addresses!billing_address_id(name)", "name, billing=addresses by billing_address_id[name]"),
    "inner": ("title,actors!inner(first_name)", "title, actors join inner[first_name]"),
    "left": ("title,actors!left(first_name)", "title, actors join left[first_name]"),
    "hint and inner": ("x!fk!inner(a)", "x by fk join inner[a]"),
    "inner and hint": ("x!inner!fk(a)", "x by fk join inner[a]"),
    "by a column": ("created_by(name)", "created_by[name]"),
    "empty embedding": ("title,actors()", "title, actors[]"),
    "spread": ("title,...directors(director_last_name:last_name)", "title, ...directors[director_last_name=last_name]"),
    "spread with a hint": ("...a!fk(b)", "...a by fk[b]"),
    "count in a table": ("name,orders(count)", "name, orders[count]"),
    "aggregate in a table": ("name,orders(amount.sum())", "name, orders[sum(amount)]"),
    # What is there to be taken wrong
    "a column called count": ("count", "count"),
    "a rest that nobody reads": ("a)b", "a"),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("text", "meaning"), EXAMPLES.values(), ids=EXAMPLES)
def test_documented(text: str, meaning: str) -> None:
    assert ", ".join(map(shown, selected(text))) == meaning


WRONG = {
    "comma at the end": ("a,", 2),
    "comma at the beginning": (",a", 0),
    "two commas": ("a,,b", 2),
    "table without an end": ("a,t(b", 5),
    "wrong aggregate": ("a.median()", 1),
    "schema": ("public.t(a)", 6),
    "word of SQL": ("a=b", 1),
    "function": ("lower(name", 10),
    "cast to an array": ("a::text[]", 7),
    "hint of a column": ("a!b", 1),
    "quotes that stay open": ('"a', 2),
    "path without a key": ("a->", 3),
}


@pytest.mark.parametrize(("text", "offset"), WRONG.values(), ids=WRONG)
def test_rejected(text: str, offset: int) -> None:
    with pytest.raises(QueryError) as caught:
        selected(text)
    assert (caught.value.state, caught.value.offset) == ("PGRST100", offset)


def test_places() -> None:
    text = "id,who:users!fk_name!inner(name,meta->>k::text)"
    _, embed = selected(text)
    assert isinstance(embed, EmbedItem)
    assert text[embed.start : embed.end] == "users"
    assert text[embed.hint_start :].startswith("fk_name")
    name, meta = embed.items
    assert isinstance(name, ColumnItem)
    assert isinstance(meta, ColumnItem)
    assert text[name.field.start : name.field.end] == "name"
    assert text[meta.field.start : meta.field.end] == "meta->>k"
    assert text[meta.cast_start :].startswith("::text")
