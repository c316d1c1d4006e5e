"""An online geocoder beside the registry, where one is configured."""

from collections.abc import Sequence

from geopy.exc import GeopyError
from geopy.geocoders import Nominatim

from services.intake.domain.registry import Box
from services.intake.usecases.addresses import Found
from shared.logs import get_logger

_MOST_GEOCODED = 3
_log = get_logger(__name__)


class NominatimGeocoder:
    """An online geocoder that speaks Nominatim's protocol, through geopy; best one's own installation.

    The text that an operator types into the address field leaves the house: nothing else does.
    """

    def __init__(self, url: str, user_agent: str, timeout_s: float) -> None:
        scheme, _, domain = url.rstrip("/").partition("://")
        self._geocoder = Nominatim(domain=domain, scheme=scheme, user_agent=user_agent, timeout=timeout_s)

    def find(self, text: str, box: Box) -> Sequence[Found]:
        """At most three places inside the box; none if the geocoder is slow, refuses or talks nonsense."""
        try:
            places = self._geocoder.geocode(
                text, exactly_one=False, limit=_MOST_GEOCODED, viewbox=box, bounded=True
            )
            return [Found(place.address, (place.latitude, place.longitude)) for place in places or ()]
        except (GeopyError, ValueError, KeyError, TypeError) as refused:
            _log.warning("geocoder_unavailable", error=type(refused).__name__)
            return ()
