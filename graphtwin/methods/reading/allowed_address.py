"""Which addresses a source may be read at: never those of a cloud's metadata, private ones only where the owner says so."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

Address = IPv4Address | IPv6Address

_NEVER: Final = tuple(
    ip_network(text) for text in ("169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128", "100.100.100.200/32")
)
"""Link-local addresses, where clouds answer with the machine's credentials, and the other places where they do."""
_EMBEDDING: Final = {ip_network("64:ff9b::/96"): 0, ip_network("::/96"): 0, ip_network("2002::/16"): 80}
"""Where an IPv6 address stands for an IPv4 one: how many bits lie behind it."""


def literal_address(host: str) -> Address | None:
    """The address that a host is written as; None for a name. What only a resolver takes for a number is a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def why_refused(host: str, address: Address, *, private: bool) -> str:
    """Why this address of a host isn't spoken to; "" when it is. What the owner wrote as a number, and localhost, are taken
    at their word; a name that leads into a private network only with `private`.
    """
    meanings = (address, *_embedded(address))
    if any(one in network for one in meanings for network in _NEVER if network.version == one.version):
        return "a link-local address, where a machine's own credentials may be read"
    if literal_address(host) is not None or private:
        return ""
    if host == "localhost" or host.endswith(".localhost"):
        return "" if address.is_loopback else "not this machine"
    if all(one.is_global and not one.is_multicast for one in meanings):
        return ""
    return "an address of this machine or of a private network"


def _embedded(address: Address) -> tuple[IPv4Address, ...]:
    if isinstance(address, IPv4Address):
        return ()
    found = [address.ipv4_mapped, *(address.teredo or ())]
    found += [
        IPv4Address((int(address) >> bits) & 0xFFFF_FFFF) for network, bits in _EMBEDDING.items() if address in network
    ]
    return tuple(one for one in found if one is not None)
