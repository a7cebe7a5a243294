"""Settings are read from the environment and bounded."""

from ipaddress import ip_network
from pathlib import Path

import pytest
from halftone_gateway.settings import GatewaySettings
from pydantic import ValidationError


def test_lists_are_separated_by_commas_and_pools_by_semicolons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALFTONE_COMPUTE_TARGETS", "a:1, b:2,; c:3;")
    monkeypatch.setenv("HALFTONE_ALLOWED_ORIGINS", "https://halftone.example")
    settings = GatewaySettings()
    assert settings.pools() == (("a:1", "b:2"), ("c:3",))
    assert settings.origins() == {"https://halftone.example"}


def test_allowed_origins_follow_the_port_of_the_web_app() -> None:
    assert GatewaySettings(web_port=3300).origins() == {"http://localhost:3300", "http://127.0.0.1:3300"}


def test_a_gateway_without_compute_does_not_start() -> None:
    with pytest.raises(ValidationError, match="HALFTONE_COMPUTE_TARGETS"):
        GatewaySettings(compute_targets=" ,;")


@pytest.mark.parametrize("target", ["compute", "compute:", ":50051", "compute:http"])
def test_a_compute_service_is_a_host_and_a_port(target: str) -> None:
    with pytest.raises(ValidationError, match="is not host:port"):
        GatewaySettings(compute_targets=f"a:1,{target}")


def test_certificates_come_all_or_none(tmp_path: Path) -> None:
    assert GatewaySettings().certificates() is None
    with pytest.raises(ValidationError, match="belong together"):
        GatewaySettings(compute_tls_ca=tmp_path / "ca.crt")
    ca, cert, key = (tmp_path / name for name in ("ca", "cert", "key"))
    certificates = GatewaySettings(compute_tls_ca=ca, compute_tls_cert=cert, compute_tls_key=key).certificates()
    assert certificates is not None
    assert certificates.key == tmp_path / "key"


def test_a_proxy_that_is_no_address_stops_the_start() -> None:
    proxies = GatewaySettings(trusted_proxies="10.0.0.1, fd00::/8").proxies()
    assert proxies == (ip_network("10.0.0.1"), ip_network("fd00::/8"))
    with pytest.raises(ValidationError, match="does not appear to be"):
        GatewaySettings(trusted_proxies="edge")


def test_limits_are_those_that_are_set() -> None:
    limits = GatewaySettings(gateway_views_per_socket=3, gateway_auth_timeout_s=1.5).limits()
    assert (limits.views, limits.auth_timeout_s) == (3, 1.5)
