"""Whom nobody may call, in whatever way it is written."""

from __future__ import annotations

import pytest

from drempel.transport.machine_room import is_machine_room


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "169.254.170.2",
        "169.254.0.1",
        "0.0.0.0",
        "0.1.2.3",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "febf::1",
        "ff02::1",
        "fd00:ec2::254",
        "fd20:ce::254",
        "::ffff:169.254.169.254",
        "::ffff:a9fe:a9fe",
        "::169.254.169.254",
        "2002:a9fe:a9fe::1",
        "64:ff9b::169.254.169.254",
        "64:ff9b:1::a9fe:a9fe",
        "2001:0:a9fe:a9fe::1",
        "2001::5601:5601",
        "2001:db8::5efe:169.254.169.254",
        "2001:db8::200:5efe:a9fe:a9fe",
        "::ffff:0.0.0.0",
    ],
)
def test_where_only_a_machines_own_services_answer_nobody_is_called(address: str) -> None:
    assert is_machine_room(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.1.2.3",
        "::1",
        "::ffff:127.0.0.1",
        "10.0.0.7",
        "172.16.3.4",
        "192.168.1.20",
        "100.64.0.1",
        "fd12:3456::1",
        "192.0.2.1",
        "169.253.255.255",
        "169.255.0.1",
        "2001:db8::1",
        "2a00:1450:4001::1",
        "64:ff9b::192.0.2.1",
        "2002:c000:201::1",
        "2001:db8::a9fe:a9fe",
    ],
)
def test_a_booking_system_may_stand_in_a_private_network_or_on_this_machine(address: str) -> None:
    assert not is_machine_room(address)


@pytest.mark.parametrize("text", ["", "localhost", "2852039166", "169.254.169", "club.i-reserve.net"])
def test_what_is_no_address_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="does not appear to be"):
        is_machine_room(text)
