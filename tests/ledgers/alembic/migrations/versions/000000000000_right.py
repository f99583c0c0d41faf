"""right"""

from alembic import op

revision = "000000000000"
down_revision = "aaaaaaaaaaaa"


def upgrade() -> None:
    op.execute("create table c (id integer)")
