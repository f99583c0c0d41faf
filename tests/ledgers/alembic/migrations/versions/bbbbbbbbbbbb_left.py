"""left"""

from alembic import op

revision = "bbbbbbbbbbbb"
down_revision = "aaaaaaaaaaaa"


def upgrade() -> None:
    op.execute("create table b (id integer)")
