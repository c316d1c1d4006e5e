"""How long what names people is kept."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Retention:
    """Photos and video since they were kept, documents since they were drafted. Pictures of an order stay as
    long as a document of it does: it names them."""

    media: timedelta
    documents: timedelta
