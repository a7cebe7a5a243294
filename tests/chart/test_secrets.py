"""Secrets: existing, given, or made and kept; none in a plain text, none that changes at a render without a cluster."""

import base64
import json
import re
from pathlib import Path

import grpc
import pytest
from cryptography import x509
from users.tokens.keys import KeyFolder

from .render import CHART, MATRIX, Document, Release, matrix, render, template

KEPT = {"helm.sh/resource-policy": "keep"}
NAMES = {
    f"halftone-{name}"
    for name in ("admin", "auth", "compute-tls", "database", "objects", "redis", "service", "signing")
}


def content(release: Release, name: str) -> dict[str, str]:
    return texts(release.one("Secret", f"halftone-{name}"))


def texts(secret: Document) -> dict[str, str]:
    """What is in a Secret, however it is written."""
    coded = {name: base64.b64decode(value).decode() for name, value in secret.get("data", {}).items()}
    plain: dict[str, str] = secret.get("stringData", {})
    return coded | plain


def test_the_default_makes_them_once_and_keeps_them() -> None:
    release = matrix("default")
    assert release.names("Secret") == NAMES
    assert all(secret["metadata"]["annotations"] == KEPT for secret in release.of("Secret"))
    assert len(content(release, "auth")["secret-key"]) >= 50
    assert len(content(release, "admin")["password"]) >= 16


def test_with_existing_secrets_none_is_rendered_and_two_renders_are_one() -> None:
    file = str(CHART / "ci" / "external-db.yaml")
    first, second = template("-f", file).stdout, template("-f", file).stdout
    assert first == second
    assert not matrix("external-db").of("Secret")


def test_existing_secrets_are_the_ones_that_are_read() -> None:
    release = matrix("external-db")
    read = set()
    for pod in release.pods():
        for box in pod.containers():
            read |= {
                entry["valueFrom"]["secretKeyRef"]["name"]
                for entry in box["env"]
                if "secretKeyRef" in entry.get("valueFrom", {})
            }
        read |= {volume["secret"]["secretName"] for volume in pod.spec.get("volumes", []) if "secret" in volume}
    assert read == {
        "halftone-django", "halftone-service-token", "halftone-first-admin", "halftone-signing-keys", "halftone-mtls",
        "halftone-postgres-url", "halftone-redis-urls", "halftone-bucket",
    }  # fmt: skip


@pytest.mark.parametrize("name", MATRIX)
def test_every_secret_that_is_read_is_rendered_or_named_by_the_person(name: str) -> None:
    release = matrix(name)
    written = {secret["metadata"]["name"]: set(texts(secret)) for secret in release.of("Secret")} | {
        item["spec"]["secretName"]: {"ca.crt", "tls.crt", "tls.key"} for item in release.of("Certificate")
    }
    for pod in release.pods():
        for box in pod.containers():
            for entry in box["env"]:
                reference = entry.get("valueFrom", {}).get("secretKeyRef", {})
                if reference.get("name", "").startswith("halftone-") and reference["name"] in written:
                    assert reference["key"] in written[reference["name"]], f"{pod.owner} {entry['name']}"
        for volume in pod.spec.get("volumes", []):
            secret = volume.get("secret", {"secretName": ""})
            if secret["secretName"] in written:
                assert {item["key"] for item in secret.get("items", [])} <= written[secret["secretName"]], pod.owner


@pytest.mark.parametrize("name", MATRIX)
def test_no_secret_is_in_a_plain_text(name: str) -> None:
    release = matrix(name)
    secrets = [value for item in release.of("Secret") for value in texts(item).values() if value]
    rest = json.dumps([item for item in release.objects if item["kind"] != "Secret"])
    assert not [value for value in secrets if value in rest]
    assert "PRIVATE KEY" not in rest
    assert not re.search(r"://[^/\"]*:[^/\"@]+@", rest)


def test_given_secrets_are_taken() -> None:
    release = matrix("everything-on")
    assert content(release, "admin") == {"password": "given-for-a-first-look"}
    assert content(release, "service")["service-token"].startswith("given-service-token")
    assert content(release, "auth")["secret-key"].startswith("given-given")
    assert set(content(release, "signing")) == {"1700000000-0a1b2c3d.pem"}
    given = render(
        database={"password": "p@ss/wo+r d"},
        redis={"password": "r:d e"},
        objectStorage={"accessKey": "AK", "secretKey": "SK"},
    )
    assert content(given, "database") == {
        "password": "p@ss/wo+r d",
        "url": "postgresql://halftone:p%40ss%2Fwo%2Br%20d@halftone-postgres:5432/halftone",
    }
    assert content(given, "redis")["broker-url"] == "redis://:r%3Ad%20e@halftone-valkey:6379/0"
    assert content(given, "redis")["cache-url"] == "redis://:r%3Ad%20e@halftone-valkey-cache:6379/0"
    assert content(given, "objects") == {"access-key": "AK", "secret-key": "SK"}


def test_external_addresses_are_secrets_too() -> None:
    addresses = {"brokerUrl": "rediss://:a@broker:6379/0", "cacheUrl": "", "busUrl": "rediss://:a@broker:6379/1"}
    release = render(
        database={"mode": "external", "external": {"url": "postgresql://a:b@db:5432/halftone"}},
        redis={"mode": "external", "external": addresses},
        objectStorage={"mode": "external", "accessKey": "AK", "secretKey": "SK"},
    )
    assert content(release, "database") == {"url": "postgresql://a:b@db:5432/halftone"}
    assert content(release, "redis") == {
        "broker-url": addresses["brokerUrl"],
        "cache-url": "",
        "bus-url": addresses["busUrl"],
    }
    assert not release.of("StatefulSet")
    assert "HALFTONE_S3_ENDPOINT" not in release.environment("auth")
    assert "HALFTONE_S3_ACCESS_KEY" in release.environment("auth")


def test_the_identity_of_a_cloud_needs_no_keys() -> None:
    release = matrix("cnpg")
    assert "HALFTONE_S3_ACCESS_KEY" not in release.environment("compute-cpu")
    assert release.environment("compute-cpu")["HALFTONE_STORAGE"] == "s3://company-halftone/data"
    role = release.ask("ServiceAccount", "halftone-auth", 'metadata.annotations."eks.amazonaws.com/role-arn"')
    assert role == "arn:aws:iam::123456789012:role/halftone"


def test_auth_can_read_the_signing_key_and_no_other_pod_mounts_it(tmp_path: Path) -> None:
    release = matrix("default")
    for name, text in content(release, "signing").items():
        (tmp_path / name).write_text(text)
    (key,) = KeyFolder(tmp_path).all()
    assert re.fullmatch(r"\d{10}-[0-9a-f]{8}", key.kid)
    assert key.jwk()["crv"] == "P-256"
    mounted = {
        pod.component
        for pod in release.pods()
        for volume in pod.spec.get("volumes", [])
        if volume.get("secret", {}).get("secretName") == "halftone-signing"
    }
    assert mounted == {"auth"}
    assert release.environment("auth")["HALFTONE_SIGNING_KEYS"] == "/run/halftone/signing"


async def called(channel: grpc.aio.Channel) -> bytes:
    """Calls what no server has."""
    call: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary("/nothing/There")
    return await call(b"", timeout=60)


async def test_generated_certificates_let_gateway_and_compute_speak() -> None:
    files = {name: text.encode() for name, text in content(matrix("default"), "compute-tls").items()}
    server = grpc.aio.server()
    ends = grpc.ssl_server_credentials(
        [(files["tls.key"], files["tls.crt"])], files["ca.crt"], require_client_auth=True
    )
    port = server.add_secure_port("127.0.0.1:0", ends)
    await server.start()
    ours = grpc.ssl_channel_credentials(files["ca.crt"], files["client.key"], files["client.crt"])
    named = [("grpc.ssl_target_name_override", "compute.halftone")]
    async with grpc.aio.secure_channel(f"127.0.0.1:{port}", ours, options=named) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as answer:
            await called(channel)
    # The handshake is over when the server can say that it has no such method.
    assert answer.value.code() is grpc.StatusCode.UNIMPLEMENTED
    stranger = grpc.ssl_channel_credentials(files["ca.crt"])
    async with grpc.aio.secure_channel(f"127.0.0.1:{port}", stranger, options=named) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as answer:
            await called(channel)
    assert answer.value.code() is grpc.StatusCode.UNAVAILABLE
    await server.stop(0)
    names = x509.load_pem_x509_certificate(files["client.crt"]).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    assert names.value.get_values_for_type(x509.DNSName) == ["gateway.halftone"]


def test_each_end_of_compute_mounts_its_own_half() -> None:
    for name in ("default", "external-db", "cnpg"):
        release = matrix(name)
        for component, files in (
            ("gateway", {"ca.crt", "client.crt", "client.key"}),
            ("compute-cpu", {"ca.crt", "tls.crt", "tls.key"}),
        ):
            pod = release.pod(component)
            (volume,) = [volume for volume in pod.spec["volumes"] if volume["name"] == "tls"]
            assert {item["path"] for item in volume["secret"]["items"]} == files
            environment = release.environment(component)
            read = {environment[f"HALFTONE_COMPUTE_TLS_{end}"] for end in ("CA", "CERT", "KEY")}
            assert read == {f"/run/halftone/tls/{file}" for file in files}
    bare = matrix("cpu-only")
    assert "halftone-compute-tls" not in bare.names("Secret")
    for component in ("gateway", "compute-cpu"):
        assert "HALFTONE_COMPUTE_TLS_CA" not in bare.environment(component)
        assert "tls" not in [volume["name"] for volume in bare.pod(component).spec["volumes"]]


def test_cert_manager_signs_for_both_ends() -> None:
    release = matrix("cnpg")
    assert release.names("Certificate") == {
        "halftone-compute-tls",
        "halftone-gateway-tls",
        "halftone-compute-tls-authority",
    }
    assert release.names("Issuer") == {"halftone-compute-tls", "halftone-compute-tls-root"}
    assert release.ask("Certificate", "halftone-gateway-tls", "spec.dnsNames") == ["gateway.halftone"]
    assert release.ask("Certificate", "halftone-gateway-tls", "spec.issuerRef.name") == "halftone-compute-tls"
    company = matrix("everything-on")
    assert not company.of("Issuer")
    issuer = {"name": "company", "kind": "ClusterIssuer", "group": "cert-manager.io"}
    assert {json.dumps(item["spec"]["issuerRef"], sort_keys=True) for item in company.of("Certificate")} == {
        json.dumps(issuer, sort_keys=True)
    }


def test_a_changed_configuration_restarts_and_a_new_secret_does_not() -> None:
    question = 'spec.template.metadata.annotations."halftone.dev/config"'
    one, other = render(), render(database={"embedded": {"maxConnections": 90}})
    before, after = (release.ask("StatefulSet", "halftone-postgres", question) for release in (one, other))
    assert before
    assert before != after
    again = template("-f", str(CHART / "ci" / "default.yaml")).stdout
    annotated = re.compile(r"halftone\.dev/config: (\w+)")
    assert len(annotated.findall(again)) == 4
    assert annotated.findall(again) == annotated.findall(template().stdout)
