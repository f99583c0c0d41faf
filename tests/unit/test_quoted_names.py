"""The names in a message of the server are found in whichever language it speaks."""

from __future__ import annotations

import pytest

from sessionaudit.core.quoted_names import quoted_names


@pytest.mark.parametrize(
    ("message", "names"),
    [
        ('column "a" of relation "b.c" does not exist', ["a", "b.c"]),
        ('relation "odd""name" does not exist', ['odd"name']),
        ("Spalte »a« von Relation »b.c« existiert nicht", ["a", "b.c"]),
        ("la colonne « a » de la relation « b.c » n'existe pas", ["a", "b.c"]),
        ("no existe la columna «a» en la relación «b.c»", ["a", "b.c"]),
        ('колонка "a" в таблице "b.c" не существует', ["a", "b.c"]),
        ("permission denied for table t", []),
    ],
)
def test_the_names_that_a_message_quotes(message: str, names: list[str]) -> None:
    assert quoted_names(message) == names
