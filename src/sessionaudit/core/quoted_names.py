"""The names that messages of the server quote, as its languages do: "a", »a«, « a », „a“."""

from __future__ import annotations

import re

_QUOTED = re.compile(r'"((?:[^"]|"")+)"|[»„“]([^«“”]+)[«“”]|«\s*([^»]+?)\s*»')


def quoted_names(message: str) -> list[str]:
    """Return them in their order, without the quotes."""
    return [(plain.replace('""', '"') or others or french) for plain, others, french in _QUOTED.findall(message)]
