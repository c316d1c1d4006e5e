"""Who sent an HTTP request, when proxies stand between."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
_IPV6_HOME = 64


def read_networks(text: str) -> tuple[Network, ...]:
    """Networks separated by commas or spaces; raises ValueError for what is none."""
    return tuple(ip_network(part) for part in text.replace(",", " ").split())


def caller_of(peer: str, forwarded_for: str, trusted: Sequence[Network]) -> str:
    """The address of the first machine that is not one of our proxies; of IPv6 the network of one home.

    ``X-Forwarded-For`` is believed only as far as trusted proxies wrote it: read from its end, until the
    first address that is not theirs.
    """
    caller = peer
    for hop in reversed(forwarded_for.split(",") if forwarded_for else []):
        if not _is_in(caller, trusted) or not _is_address(hop.strip()):
            break
        caller = hop.strip()
    return _home(caller)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_in(text: str, networks: Sequence[Network]) -> bool:
    return _is_address(text) and any(ip_address(text) in network for network in networks)


def _home(text: str) -> str:
    if not _is_address(text):
        return "unknown"
    address = ip_address(text)
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or IPv6Network((int(address), _IPV6_HOME), strict=False))
    return str(address)
