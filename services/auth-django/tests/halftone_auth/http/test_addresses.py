from ipaddress import ip_network

from halftone_auth.http.addresses import client_address
from pytest_django.fixtures import Settings
from rest_framework.test import APIRequestFactory


def test_without_trusted_proxies_headers_say_nothing(settings: Settings) -> None:
    request = APIRequestFactory().get("/", headers={"X-Forwarded-For": "198.51.100.7"})
    assert client_address(request) == "127.0.0.1"
    settings.TRUSTED_PROXIES = (ip_network("127.0.0.1"),)
    assert client_address(request) == "198.51.100.7"
