"""both"""

from collections.abc import Sequence

revision: str = "111111111111"
down_revision: str | Sequence[str] | None = ("bbbbbbbbbbbb", "000000000000")


def upgrade() -> None:
    pass
