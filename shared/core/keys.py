"""The keys of an installation, and everything that is done with them.

One JSON Web Key Set (RFC 7517) holds the secrets, a second one the public keys that API tokens are checked
against. Both are made once, readable by the owner alone; processes that start together get the same.
"""

import hmac
import json
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc import jwe, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization, OctKey, OKPKey

from shared.core.actor import Actor
from shared.core.clock import SystemClock
from shared.core.errors import Rejected
from shared.core.ids import pupil_ref
from shared.core.settings import Settings

AUDIENCE = "overstap"
SECRETS = ("pupil-ref", "topics", "pgn", "session", "flash")
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Keys:
    """The secret keys, one per purpose, so that no key is ever used for two things."""

    pupil: OctKey
    """Makes pseudonyms. Changing it changes the identity of every pupil."""
    topics: OctKey
    """Encrypts what may not lie readable on a topic."""
    pgn: OctKey
    """Encrypts columns of the database."""
    session: OctKey
    """Signs the session cookie."""
    flash: OctKey
    """Encrypts the one message that survives a redirect."""
    api: OKPKey
    """Signs tokens for the command line and the demo."""

    def pupil_ref(self, pgn: str) -> str:
        """The pseudonym of the pupil with this number (see :func:`shared.core.ids.pupil_ref`)."""
        return pupil_ref(self.pupil.raw_value, pgn)

    def chain_ref(self, hashed: str) -> str:
        """The pseudonym of a pupil whom only the national chain knows, by the hash that it uses for a BSN."""
        return pupil_ref(self.pupil.raw_value, f"chain:{hashed}")

    def encrypt(self, data: bytes) -> str:
        """For on a topic: JWE compact, direct A256GCM (RFC 7516)."""
        return _encrypt(self.topics, data)

    def decrypt(self, token: str) -> bytes:
        """The reverse of :meth:`encrypt`; raises `Rejected` when it is not ours or was altered."""
        try:
            return _decrypt(self.topics, token)
        except (JoseError, ValueError) as error:
            raise Rejected("encrypted content can not be read") from error

    def seal(self, text: str) -> bytes:
        """For in a column: nonce and AES-256-GCM ciphertext. The same text never looks the same twice."""
        return self.seal_bytes(text.encode())

    def unseal(self, sealed: bytes) -> str:
        """The reverse of :meth:`seal`; raises `cryptography.exceptions.InvalidTag` when it was altered."""
        return self.unseal_bytes(sealed).decode()

    def seal_bytes(self, content: bytes) -> bytes:
        """As :meth:`seal`, for the content of a file."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + AESGCM(self.pgn.raw_value).encrypt(nonce, content, None)

    def unseal_bytes(self, sealed: bytes) -> bytes:
        """The reverse of :meth:`seal_bytes`; raises as :meth:`unseal` does."""
        return AESGCM(self.pgn.raw_value).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)

    def digest(self, purpose: str, text: str) -> bytes:
        """What is kept of something that is only ever compared, such as a code that somebody types: HMAC-SHA256 with
        the key of the sessions, with which sessions can be opened anyway. Each purpose has digests of its own."""
        return hmac.new(self.session.raw_value, f"{purpose}\x1f{text}".encode(), "sha256").digest()

    def encrypt_flash(self, data: bytes) -> str:
        """For in the cookie that carries one message over a redirect."""
        return _encrypt(self.flash, data)

    def decrypt_flash(self, token: str) -> bytes | None:
        """The reverse of :meth:`encrypt_flash`; None when the cookie is not ours."""
        try:
            return _decrypt(self.flash, token)
        except (JoseError, ValueError):
            return None

    def api_token(self, actor: Actor, hours: float = 8) -> str:
        """A bearer token for the API, for the command line and the demo. Security time is wall-clock time."""
        now = SystemClock().now()
        claims = {
            "aud": AUDIENCE,
            "sub": actor.person_ref or actor.organisation,
            "organisation": actor.organisation,
            "role": actor.role.value,
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(hours=hours)).timestamp()),
        }
        return jwt.encode({"alg": "Ed25519", "kid": "api"}, claims, self.api, algorithms=["Ed25519"])


def load_keys(settings: Settings) -> Keys:
    """The keys of this installation; made at the first call. Raises `ValueError` when a key is missing."""
    path = keys_path(settings)
    _write_once(path, _fresh_keys)
    key_set = {key["kid"]: key for key in json.loads(path.read_text())["keys"]}
    missing = [kid for kid in (*SECRETS, "api") if kid not in key_set]
    if missing:
        raise ValueError(f"{path} lacks the keys: {', '.join(missing)}")
    api = OKPKey.import_key(key_set["api"])
    _write_once(api_keys_path(settings), lambda: KeySet([api]).as_dict(private=False))
    pupil, topics, pgn, session, flash = (OctKey.import_key(key_set[kid]) for kid in SECRETS)
    return Keys(pupil, topics, pgn, session, flash, api)


def keys_path(settings: Settings) -> Path:
    """Where the secret keys are."""
    return settings.keys_file or settings.data_dir / "keys.json"


def api_keys_path(settings: Settings) -> Path:
    """Where the public keys are that API tokens are checked against."""
    return settings.api_keys_file or settings.data_dir / "api-keys.json"


def _encrypt(key: OctKey, data: bytes) -> str:
    return jwe.encrypt_compact({"alg": "dir", "enc": "A256GCM"}, data, key, algorithms=["dir", "A256GCM"])


def _decrypt(key: OctKey, token: str) -> bytes:
    plaintext = jwe.decrypt_compact(token, key, algorithms=["dir", "A256GCM"]).plaintext
    if plaintext is None:
        raise ValueError("no content")
    return plaintext


def _fresh_keys() -> KeySetSerialization:
    made = [OctKey.generate_key(256, {"kid": kid}) for kid in SECRETS]
    return KeySet([*made, OKPKey.generate_key("Ed25519", {"kid": "api"})]).as_dict(private=True)


def _write_once(path: Path, make: Callable[[], KeySetSerialization]) -> None:
    """Write a file whole, for the owner alone, unless it is there. Linking fails for all but the first."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(make(), file, indent=2)
    with suppress(FileExistsError):
        os.link(fresh, path)
    fresh.unlink()
