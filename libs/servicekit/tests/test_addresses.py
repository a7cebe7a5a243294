from ipaddress import ip_network

import pytest
from halftone_servicekit.addresses import client_address

TRUSTED = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "x_forwarded_for", "address"),
    [
        ("192.0.2.1", "", "", "192.0.2.1"),
        ("192.0.2.1", "", "198.51.100.7", "192.0.2.1"),
        ("192.0.2.1", "for=198.51.100.7", "", "192.0.2.1"),
        ("10.0.0.1", "", "", "10.0.0.1"),
        ("10.0.0.1", "", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "", "1.1.1.1, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "", "198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.1", "", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "", "garbage", "10.0.0.1"),
        ("10.0.0.1", "", "198.51.100.7, garbage", "10.0.0.1"),
        ("10.0.0.1", "", "198.51.100.7:1234", "198.51.100.7"),
        ("10.0.0.1", 'for="[2001:db8::1]:80";proto=https', "", "2001:db8::1"),
        ("10.0.0.1", "for=198.51.100.7, for=10.0.0.2", "", "198.51.100.7"),
        ("10.0.0.1", "for=unknown", "198.51.100.7", "10.0.0.1"),
        ("fd00::1", "", "2001:db8::1", "2001:db8::1"),
        ("", "", "198.51.100.7", ""),
    ],
)
def test_headers_are_believed_as_far_as_proxies_are(
    peer: str, forwarded: str, x_forwarded_for: str, address: str
) -> None:
    assert client_address(peer, forwarded, x_forwarded_for, TRUSTED) == address
