"""Makes every secret that base/ refers to: `make_secrets.py FOLDER`, then `kubectl apply --kustomize FOLDER`.

FOLDER is yours to keep: no cluster and no repository is a backup. What is there already stays; edit a file to bring an
address of your own (`database/url`, `redis/broker-url`, ...) before you apply.
"""

import argparse
import os
import secrets
import string
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NAMESPACE = "halftone"
DAYS = 3650
LETTERS = string.ascii_letters + string.digits


def random(length: int) -> str:
    """Letters and digits, which need no quoting in an address."""
    return "".join(secrets.choice(LETTERS) for _ in range(length))


def pem(key: ec.EllipticCurvePrivateKey) -> str:
    """A private key as services read it."""
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(*form).decode()


def name(text: str) -> x509.Name:
    """A distinguished name of one part."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def certificate(
    subject: str, key: ec.EllipticCurvePrivateKey, signer: ec.EllipticCurvePrivateKey, authority: bool = False
) -> str:
    """A certificate for `subject`, from the authority whose key signs."""
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name("halftone compute"))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=DAYS))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(subject.replace(" ", "-"))]), critical=False)
    )
    return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def compute_tls() -> dict[str, str]:
    """Both ends of compute's port show a certificate of one authority, whose own key is thrown away."""
    authority, server, client = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    return {
        "ca.crt": certificate("halftone compute", authority, authority, authority=True),
        "tls.crt": certificate("compute.halftone", server, authority),
        "tls.key": pem(server),
        "client.crt": certificate("gateway.halftone", client, authority),
        "client.key": pem(client),
    }


def redis() -> dict[str, str]:
    """Password and addresses of the embedded servers."""
    password = random(32)
    address = f"redis://:{password}@halftone-valkey"
    broker = f"{address}:6379/0"
    return {"password": password, "broker-url": broker, "bus-url": broker, "cache-url": f"{address}-cache:6379/0"}


def database() -> dict[str, str]:
    """Password and address of the embedded server."""
    password = random(32)
    return {"password": password, "url": f"postgresql://halftone:{password}@halftone-postgres:5432/halftone"}


def signing() -> dict[str, str]:
    """The first key that signs tokens; the file name holds the second from which the key signs."""
    return {f"{int(time.time())}-{secrets.token_hex(4)}.pem": pem(ec.generate_private_key(ec.SECP256R1()))}


SECRETS: dict[str, Callable[[], dict[str, str]]] = {
    "auth": lambda: {"secret-key": random(64)},
    "service": lambda: {"service-token": random(48)},
    "admin": lambda: {"password": random(20)},
    "signing": signing,
    "database": database,
    "redis": redis,
    "objects": lambda: {"access-key": random(20), "secret-key": random(40)},
    "compute-tls": compute_tls,
}


def make(folder: Path) -> list[str]:
    """Write what is missing and return the names of the secrets that were."""
    os.umask(0o077)
    missing = [secret for secret in SECRETS if not (folder / secret).is_dir()]
    for secret in missing:
        (folder / secret).mkdir(parents=True)
        for key, value in SECRETS[secret]().items():
            (folder / secret / key).write_text(value)
    generator = [
        {"name": f"halftone-{secret}", "files": sorted(f"{secret}/{file.name}" for file in (folder / secret).iterdir())}
        for secret in SECRETS
    ]
    kustomization = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": NAMESPACE,
        # Pods name them as they are; a change is followed by a restart (docs/operations/kustomize.md).
        "generatorOptions": {"disableNameSuffixHash": True, "labels": {"app.kubernetes.io/part-of": "halftone"}},
        "secretGenerator": generator,
    }
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(kustomization, sort_keys=False))
    return missing


def main() -> int:
    """Says what was made."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    made = make(parser.parse_args().folder)
    print(f"Made: {', '.join(made)}" if made else "Everything was there already.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
