"""The embedded mail server keeps every mail as a file and delivers none."""

from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest

from shared.local.mailbox import Mailbox
from shared.local.processes import free_port


async def test_each_mail_is_kept_in_order_also_over_a_restart_and_also_twice_the_same(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    for subject in ("een", "twee", "twee"):
        port = await mailbox.start(free_port())
        await _send(port, subject)
        await mailbox.stop()
    files = sorted((tmp_path / "mail").iterdir())
    assert mailbox.count() == 3
    assert [path.name.split("-")[0] for path in files] == ["000001", "000002", "000003"]
    assert message_from_bytes(files[1].read_bytes())["Message-ID"] == "<twee@overstap.example>"
    assert files[1].name.split("-")[1] == files[2].name.split("-")[1]


async def test_another_port_is_taken_when_the_wanted_one_is_in_use(tmp_path: Path) -> None:
    first, second = Mailbox(tmp_path / "one"), Mailbox(tmp_path / "two")
    port = await first.start(free_port())
    assert await second.start(port) != port
    await first.stop()
    await second.stop()


async def test_a_mail_that_is_too_large_is_refused(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    port = await mailbox.start(free_port())
    with pytest.raises(aiosmtplib.SMTPException):
        await _send(port, "groot", "x" * 70 + "\n" + ("x" * 70 + "\n") * 20_000)
    assert mailbox.count() == 0
    await mailbox.stop()


async def _send(port: int, subject: str, text: str = "Er staat een melding klaar.") -> None:
    mail = EmailMessage()
    mail["From"], mail["To"] = "overstap@overstap.example", "mentor@school.example"
    mail["Subject"], mail["Message-ID"] = subject, f"<{subject}@overstap.example>"
    mail.set_content(text)
    await aiosmtplib.send(mail, hostname="127.0.0.1", port=port, start_tls=False)
