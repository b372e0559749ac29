"""What an article's page says besides its text: tags, the place that opens it, whose its pictures are.

Columns are added where the table stands, as in 0002: nothing is copied, and the triggers of the full-text indexes stay.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("articles", sa.Column("tags", sa.JSON, nullable=False, server_default="[]"))
    op.add_column("articles", sa.Column("dateline", sa.String, nullable=False, server_default=""))
    op.add_column("articles", sa.Column("credits", sa.JSON, nullable=False, server_default="[]"))
