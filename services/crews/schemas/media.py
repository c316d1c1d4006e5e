"""Photos and video as they travel: announced in JSON, sent as bytes, described in JSON."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate
from werkzeug.datastructures import Range
from werkzeug.wrappers import Response

from services.crews.domain.media import Finished, Media, MediaKind, Purpose, Shot
from services.crews.errors import BadUploadOffset
from services.crews.schemas.checks import plausible, text

_LARGEST = 2**40


class NewMedia(Schema):
    """A photo or video about to be sent."""

    id = fields.UUID(required=True, metadata={"description": "made by the device; the idempotency key"})
    kind = fields.Enum(MediaKind, by_value=True, required=True)
    size = fields.Integer(
        required=True, validate=validate.Range(1, _LARGEST), metadata={"description": "bytes"}
    )
    sha256 = fields.String(required=True, validate=validate.Regexp("^[0-9a-f]{64}$"))
    taken_at = fields.AwareDateTime(required=True, validate=plausible)
    purpose = fields.Enum(Purpose, by_value=True, load_default=Purpose.DURING)
    lat = fields.Float(load_default=None, allow_none=True, validate=validate.Range(-90, 90))
    lon = fields.Float(load_default=None, allow_none=True, validate=validate.Range(-180, 180))
    accuracy_m = fields.Float(load_default=None, allow_none=True, validate=validate.Range(0, 100_000))
    note = fields.String(load_default=None, allow_none=True, validate=text(1000))


class MediaShape(Schema):
    """A photo or video: how much of it has come, and, once finished, what is kept."""

    id = fields.UUID(required=True)
    assignment_id = fields.UUID(required=True)
    kind = fields.Enum(MediaKind, by_value=True, required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    received = fields.Integer(required=True)
    finished = fields.Boolean(required=True)
    taken_at = fields.AwareDateTime(required=True)
    purpose = fields.Enum(Purpose, by_value=True, required=True)
    lat = fields.Float(required=True, allow_none=True)
    lon = fields.Float(required=True, allow_none=True)
    accuracy_m = fields.Float(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    by = fields.String(required=True)
    content_type = fields.String(required=True, allow_none=True)
    kept_size = fields.Integer(required=True, allow_none=True)
    width = fields.Integer(required=True, allow_none=True)
    height = fields.Integer(required=True, allow_none=True)


class MediaList(Schema):
    """The photos and video of an order, in the order in which they were taken."""

    media = fields.List(fields.Nested(MediaShape), required=True)


def media(body: dict[str, Any], assignment_id: UUID, by: str, now: datetime) -> Media:
    """What a body of :class:`NewMedia` announces."""
    shot = {name: body[name] for name in ("purpose", "lat", "lon", "accuracy_m", "note")}
    return Media(
        id=body["id"],
        assignment_id=assignment_id,
        kind=body["kind"],
        size=body["size"],
        sha256=body["sha256"],
        shot=Shot(taken_at=body["taken_at"].astimezone(UTC), **shot),
        by=by,
        begun_at=now,
        touched_at=now,
    )


def described(shown: Media) -> dict[str, Any]:
    """A photo or video in the shape of :class:`MediaShape`."""
    kept = shown.finished
    return {
        **{name: getattr(shown, name) for name in ("id", "assignment_id", "kind", "size", "sha256")},
        **asdict(shown.shot),
        "received": shown.received,
        "by": shown.by,
        "finished": kept is not None,
        "content_type": kept and kept.content_type,
        "kept_size": kept and kept.size,
        "width": kept and kept.width,
        "height": kept and kept.height,
    }


def offset(header: str | None) -> int:
    """Where a piece begins; raises BadUploadOffset."""
    if header is None or not header.isascii() or not header.isdigit() or len(header) > 15:
        raise BadUploadOffset
    return int(header)


def window(asked: Range | None, size: int) -> tuple[int, int] | None:
    """The bytes asked for by a Range header; None for all of them, if it is no range that we serve."""
    return asked.range_for_length(size) if asked is not None and asked.units == "bytes" else None


def goes_on(asked: Range | None) -> bool:
    """Whether a Range header asks for what follows the beginning."""
    return asked is not None and (asked.ranges[0][0] or 0) > 0


def content(kept: Finished, parts: Any, part: tuple[int, int] | None) -> Response:
    """The bytes, harmless for a browser: never guessed at, never run, never cached by others.

    Whoever asks for a ``part`` hears that it is one, even if it is everything: players seek only then.
    """
    start, stop = part or (0, kept.size)
    response = Response(parts, status=206 if part else 200, content_type=kept.content_type)
    response.content_length = stop - start
    response.headers["Accept-Ranges"] = "bytes"
    if part:
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{kept.size}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, max-age=86400"
    return response
