"""Entry points of ``notify``, in groups: one module for each kind of caller."""

from services.notify.service.following import FollowingPoints
from services.notify.service.messages import MessagePoints


class NotifyService(FollowingPoints, MessagePoints):
    """Messages to residents: what was said, to which request, and whether it arrived."""

    name = "notify"
