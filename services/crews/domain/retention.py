"""How long what names people is kept."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Retention:
    """Photos and video since they were kept, documents since they were drafted, orders since they ended, and
    as long as these the words between crew and dispatcher. Pictures of an order stay as long as a document of
    it does: it names them. An order stays as long as either."""

    media: timedelta
    documents: timedelta
    orders: timedelta
