"""first thing"""

from alembic import op

revision: str = "aaaaaaaaaaaa"
down_revision: str | None = None


def upgrade() -> None:
    op.execute("create table a (id integer)")
