"""The small region of the fault tests: lists that grow, and whom they are about."""

from itertools import pairwise
from pathlib import Path

from shared.core.keys import load_keys
from shared.core.settings import Settings
from tests.faults.load import LISTS, SITES, small_region


def test_every_list_holds_the_one_before_it_and_the_last_ones_name_everybody(tmp_path: Path) -> None:
    load = small_region(load_keys(Settings(_env_file=None, data_dir=tmp_path)), 8)
    for site in SITES:
        lists = [file for file in load.files if b"leerlingnummer;pgn" in file and f"\n{site}".encode() in file]
        assert [file.count(b"\n") - 1 for file in lists] == [8 * part // LISTS for part in range(1, LISTS + 1)]
        assert all(later.startswith(earlier) for earlier, later in pairwise(lists))
    assert 12 <= len(load.pupils) <= 16
