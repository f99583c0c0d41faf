"""Slips in what a contract says of partitions, storage, servers and foreign tables: each is refused where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessionaudit.contract.loader import load
from sessionaudit.errors import ContractError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("section", "entry", "column", "said"),
    [
        ("tables", "{partition_by: rang (a)}", 21, "expected “range”, “list” or “hash”"),
        ("tables", "{partition_by: [a]}", 21, "expected a partition key"),
        ("tables", "{partition_of: p for values (1)}", 34, "expected “from”, “in” or “with”"),
        ("tables", "{partition_of: p from (1) to (2)}", 23, "expected “for values” or “default”"),
        ("tables", "{partition_of: p for values in (now())}", 38, "expected a constant"),
        ("tables", "{partitions: {a: default}}", 19, "found a mapping"),
        ("tables", "{partitions: a}", 19, "expected a list of partitions"),
        ("tables", "{with: {fillfaktor: 70}}", 14, "unknown storage parameter “fillfaktor”"),
        ("tables", "{with: {fillfactor: [70]}}", 26, "expected the value of a storage parameter"),
        ("tables", "{with: {a b: 1}}", 14, "expected the name of a storage parameter"),
        ("tables", "{grants: {r: {usage: absent}}}", 19, "a grant that is a mapping needs “privileges”"),
        ("tables", "{grants: {r: {privileges: [select], usage: none}}}", 49, "expected one of absent; found “none”"),
        ("tables", "{grants: {r: {privileges: [selekt], usage: absent}}}", 32, "unknown privilege “selekt”"),
        ("tables", "{grants: {r: {privilege: [select]}}}", 20, "unknown key “privilege” in a grant"),
        ("servers", "{options: {host: h}}", 6, "a server needs its foreign data wrapper"),
        ("servers", "{wrapper: w, options: {password: hunter2}}", 29, "may hold a secret"),
        ("servers", "{wrapper: w, option: {}}", 19, "unknown key “option”"),
        ("foreign_tables", "{columns: {id: integer}}", 6, "a foreign table needs its server"),
        ("foreign_tables", "{server: s, columns: {id: integer default 5}}", 40, "expected “not null” or the end"),
        ("publication_settings", "[insert]", 6, "expected a mapping of settings, present or absent"),
        ("publication_settings", "presnt", 6, "expected a mapping of settings, present or absent"),
        ("extensions", "{}", 6, "expected “absent”, found a mapping"),
        ("collations", "{provider: icu}", 6, "expected {}, found a mapping"),
        ("operator_classes", "btree", 6, "expected {}, found “btree”"),
    ],
)
def test_a_slip_is_refused_at_its_place(tmp_path: Path, section: str, entry: str, column: int, said: str) -> None:
    file = tmp_path / "expected.yaml"
    file.write_text(f"version: 1\n{section}:\n  t: {entry}\n", encoding="utf-8")
    with pytest.raises(ContractError) as caught:
        load(file)
    assert said in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert caught.value.location is not None
    assert (caught.value.location.line, caught.value.location.column) == (3, column)


def test_public_stands_once_among_the_grants_of_a_function(tmp_path: Path) -> None:
    file = tmp_path / "expected.yaml"
    function = "{definition: returns int language sql as 'select 1', grants: {public: absent, PUBLIC: [execute]}}"
    file.write_text(f"version: 1\nfunctions:\n  f(): {function}\n", encoding="utf-8")
    with pytest.raises(ContractError, match="the role “public” stands here twice"):
        load(file)
