"""not yet"""

from alembic import op

revision = "222222222222"
down_revision = "111111111111"


def upgrade() -> None:
    op.execute("create table d (id integer)")
