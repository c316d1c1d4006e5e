"""What the groups of tables share."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

metadata = sa.MetaData()
TIME = sa.TIMESTAMP(timezone=True)
TEXTS = ARRAY(sa.Text)
