"""Addresses at which only a machine's own services answer: never a booking system, never Resivo. `docs/decisions/0032` says why these and no others."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

__all__ = ["is_machine_room"]

IPV4: Final = tuple(
    IPv4Network(each)
    for each in (
        "0.0.0.0/8",  # this machine, by another name
        "169.254.0.0/16",  # link-local: metadata of most clouds
        "100.100.100.200/32",  # metadata of Alibaba, within addresses that others use
        "168.63.129.16/32",  # the host under a machine of Azure
        "192.0.0.192/32",  # metadata of Oracle
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
IPV6: Final = tuple(
    IPv6Network(each)
    for each in (
        "::/128",
        "fe80::/10",  # link-local
        "ff00::/8",  # multicast
        "fd00:ec2::/32",  # metadata and names of Amazon
        "fd20:ce::/32",  # metadata of Google
    )
)
NAT64: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
COMPATIBLE: Final = IPv6Network("::/96")
LOOPBACK: Final = IPv6Address("::1")
LAST_32_BITS: Final = 0xFFFF_FFFF
ISATAP: Final = frozenset({0x0000_5EFE, 0x0200_5EFE})


def is_machine_room(address: str) -> bool:
    """Whether nobody may be called there. Raises `ValueError` for what is no address."""
    meant = ip_address(address.partition("%")[0])
    if isinstance(meant, IPv4Address):
        return any(meant in network for network in IPV4)
    return any(meant in network for network in IPV6) or any(inner in network for inner in _carried(meant) for network in IPV4)


def _carried(address: IPv6Address) -> Iterator[IPv4Address]:
    """The IPv4 addresses that an IPv6 address may lead to."""
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    last = IPv4Address(int(address) & LAST_32_BITS)
    is_isatap = (int(address) >> 32) & LAST_32_BITS in ISATAP
    if is_isatap or any(address in network for network in NAT64) or (address in COMPATIBLE and address != LOOPBACK):
        yield last
