"""The keys of an installation."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag

from shared.core.errors import Rejected
from shared.core.keys import load_keys
from shared.core.settings import Settings


def test_keys_are_made_once_and_only_the_owner_reads_them(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "new")
    first, second = load_keys(settings), load_keys(settings)
    assert first.pupil_ref("999990019") == second.pupil_ref("999990019")
    for name in ("keys.json", "api-keys.json"):
        assert stat.S_IMODE((tmp_path / "new" / name).stat().st_mode) == 0o600
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == ["api-keys.json", "keys.json"]


def test_processes_that_start_together_end_with_the_same_keys(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    with ThreadPoolExecutor(8) as pool:
        refs = set(pool.map(lambda _: load_keys(settings).pupil_ref("999990019"), range(32)))
    assert len(refs) == 1


def test_the_public_key_set_holds_no_secret(tmp_path: Path) -> None:
    load_keys(Settings(data_dir=tmp_path))
    (key,) = json.loads((tmp_path / "api-keys.json").read_text())["keys"]
    assert key["kid"] == "api"
    assert "d" not in key


def test_what_is_encrypted_for_a_topic_comes_back_and_nothing_else_does(tmp_path: Path) -> None:
    keys = load_keys(Settings(data_dir=tmp_path / "a"))
    token = keys.encrypt(b"pgn")
    assert keys.decrypt(token) == b"pgn"
    assert "pgn" not in token
    for wrong in (
        token[:-4] + "AAAA",
        "no.token",
        "",
        load_keys(Settings(data_dir=tmp_path / "b")).encrypt(b"x"),
    ):
        with pytest.raises(Rejected):
            keys.decrypt(wrong)


def test_a_sealed_column_never_looks_the_same_twice_and_can_not_be_altered(tmp_path: Path) -> None:
    keys = load_keys(Settings(data_dir=tmp_path))
    sealed = keys.seal("999990019")
    assert keys.unseal(sealed) == "999990019"
    assert sealed != keys.seal("999990019")
    with pytest.raises(InvalidTag):
        keys.unseal(sealed[:-1] + bytes([sealed[-1] ^ 1]))


def test_a_key_file_without_a_key_says_which(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text('{"keys": []}')
    with pytest.raises(ValueError, match="pupil-ref"):
        load_keys(Settings(data_dir=tmp_path))
