"""A certificate authority of one test, and the identity that it gives a node on 127.0.0.1."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

NODE = "node"
DAYS = timedelta(days=1)


def issue(folder: Path) -> tuple[Path, Path]:
    """Make ``ca.pem`` and ``node.pem`` (key and certificate)."""
    authority, node = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca = _signed("authority", authority.public_key(), authority, is_ca=True)
    own = _signed(NODE, node.public_key(), authority, is_ca=False)
    ca_file, node_file = folder / "ca.pem", folder / "node.pem"
    ca_file.write_bytes(ca.public_bytes(Encoding.PEM))
    key = node.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    node_file.write_bytes(key + own.public_bytes(Encoding.PEM))
    return ca_file, node_file


def _signed(
    name: str, key: ec.EllipticCurvePublicKey, authority: ec.EllipticCurvePrivateKey, *, is_ca: bool
) -> x509.Certificate:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name("authority"))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAYS)
        .not_valid_after(now + DAYS)
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()), critical=False)
        .sign(authority, hashes.SHA256())
    )


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
