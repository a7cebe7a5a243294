"""The certificates of a test cluster, and kubeconfigs made of them."""

import base64
import datetime
import ipaddress
from pathlib import Path
from typing import TypeAlias

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Key: TypeAlias = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class Pki:
    """A folder of authorities `ca` and `front-proxy-ca` and what they have signed: NAME.crt and NAME.key."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def create(self) -> None:
        """The two authorities, and the pair that signs the tokens of service accounts."""
        for name in ("ca", "front-proxy-ca"):
            key = ec.generate_private_key(ec.SECP256R1())
            subject = _name(f"halftone test {name}")
            usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
            certificate = (
                _dated(subject, subject, key)
                .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
                .add_extension(usage, critical=True)
                .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
                .sign(key, hashes.SHA256())
            )
            self._write(name, key, certificate)
        pair = rsa.generate_private_key(65537, 2048)
        (self.folder / "sa.key").write_bytes(_pem(pair))
        public = pair.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        (self.folder / "sa.pub").write_bytes(public)

    def issue(
        self, name: str, common_name: str, group: str = "", *, hosts: tuple[str, ...] = (), authority: str = "ca"
    ) -> None:
        """Writes NAME.crt and NAME.key for a user in a group, and for a server when it has host names or addresses."""
        ca = x509.load_pem_x509_certificate((self.folder / f"{authority}.crt").read_bytes())
        signer = serialization.load_pem_private_key((self.folder / f"{authority}.key").read_bytes(), None)
        assert isinstance(signer, ec.EllipticCurvePrivateKey)
        key = ec.generate_private_key(ec.SECP256R1())
        usages = [ExtendedKeyUsageOID.CLIENT_AUTH, *([ExtendedKeyUsageOID.SERVER_AUTH] if hosts else [])]
        builder = (
            _dated(_name(common_name, group), ca.subject, key)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        )
        if hosts:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([_host(host) for host in hosts]), critical=False
            )
        self._write(name, key, builder.sign(signer, hashes.SHA256()))

    def crt(self, name: str) -> Path:
        """Path of a certificate."""
        return self.folder / f"{name}.crt"

    def key(self, name: str) -> Path:
        """Path of a private key."""
        return self.folder / f"{name}.key"

    def kubeconfig(self, name: str, server: str, path: Path | None = None) -> Path:
        """Writes a kubeconfig of a certificate that was issued; everything is inside the file."""
        user = {
            "client-certificate-data": _base64(self.crt(name)),
            "client-key-data": _base64(self.key(name)),
        }
        cluster = {"server": server, "certificate-authority-data": _base64(self.crt("ca"))}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "test", "cluster": cluster}],
            "users": [{"name": name, "user": user}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": name}}],
            "current-context": "test",
        }
        path = path or self.folder / f"{name}.kubeconfig"
        path.write_text(yaml.safe_dump(config))
        path.chmod(0o600)
        return path

    def _write(self, name: str, key: Key, certificate: x509.Certificate) -> None:
        self.key(name).write_bytes(_pem(key))
        self.key(name).chmod(0o600)
        self.crt(name).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _name(common_name: str, group: str = "") -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    return x509.Name([*([x509.NameAttribute(NameOID.ORGANIZATION_NAME, group)] if group else []), *parts])


def _dated(subject: x509.Name, issuer: x509.Name, key: Key) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=subject,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - datetime.timedelta(hours=1),
        not_valid_after=now + datetime.timedelta(days=2),
    )


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(key: Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _base64(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
