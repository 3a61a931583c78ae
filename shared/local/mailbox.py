"""A mail server that delivers nothing: it keeps every mail as a file, so that a demo can show what went out."""

import asyncio
from email import message_from_bytes
from hashlib import sha256
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from shared.local.processes import free_port, port_is_free

LARGEST = 1024 * 1024  # bytes


class Mailbox:
    """The mail catcher of one data directory; its mails stand in ``mail/``, in order of arrival."""

    def __init__(self, data_dir: Path):
        self._folder = data_dir / "mail"
        self._server: asyncio.Server | None = None
        self._arrived = 0

    async def start(self, port: int) -> int:
        """Listen on 127.0.0.1 at this port, or at a free one when it is taken; returns the port."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._arrived = max((int(path.name.split("-")[0]) for path in self._folder.glob("*.eml")), default=0)
        port = port if port_is_free(port) else free_port()
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._session, "127.0.0.1", port)
        return port

    def count(self) -> int:
        """Number of mails caught, over every run of this data directory."""
        return len(list(self._folder.glob("*.eml")))

    async def stop(self) -> None:
        """Stop listening; the mails stay."""
        if self._server is not None:
            self._server.close()
            self._server = None

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Keep one mail (the name is the mail library's)."""
        content = envelope.original_content or b""
        identity = sha256(str(message_from_bytes(content)["Message-ID"]).encode()).hexdigest()[:12]
        self._arrived += 1
        fresh = self._folder / f"{self._arrived:06d}-{identity}.new"
        fresh.write_bytes(content)
        fresh.rename(fresh.with_suffix(".eml"))
        return "250 OK"

    def _session(self) -> SMTP:
        loop = asyncio.get_running_loop()
        return SMTP(self, hostname="localhost", data_size_limit=LARGEST, enable_SMTPUTF8=True, loop=loop)
