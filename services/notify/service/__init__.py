"""Entry points of ``notify``, in groups: one module for each kind of caller."""

from services.notify.service.alerting import AlertListPoints, AlertPoints, AlertWordPoints
from services.notify.service.announcing import AnnouncementPoints
from services.notify.service.desk import DeskPoints
from services.notify.service.following import FollowingPoints
from services.notify.service.messages import MessagePoints
from services.notify.service.public import PublicPoints
from services.notify.service.receipts import ReceiptPoints
from services.notify.service.untold import CallToMakePoints


class NotifyService(
    FollowingPoints,
    MessagePoints,
    AnnouncementPoints,
    PublicPoints,
    CallToMakePoints,
    ReceiptPoints,
    AlertListPoints,
    AlertPoints,
    AlertWordPoints,
    DeskPoints,
):
    """Messages to residents: what was said, to which request, and whether it arrived."""

    name = "notify"
