"""The code with which a pupil signs in: easy to type over, far too long to guess, and good for one session."""

import ipaddress
from datetime import timedelta

from shared.core.errors import Fault, Invalid

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without what is read for something else on paper: i, l, o, 0 and 1."""
GROUP, GROUPS = 4, 3
LENGTH = GROUP * GROUPS
"""31 ** 12 is 59 bits. A thousand tries in every quarter of an hour find one of
100,000 open codes once in 200,000 years."""
MOST_EACH = 30
"""Codes that do not fit, per quarter of an hour, of one source: a class may sit behind the address of its school."""
MOST_ALL = 1000
"""The same, of all sources together."""
WAIT = timedelta(minutes=15)


def written(code: str) -> str:
    """A code as it stands in a letter: in groups, in capitals."""
    return "-".join(code[at : at + GROUP] for at in range(0, LENGTH, GROUP)).upper()


def read(typed: str) -> str | None:
    """A code as somebody typed it, with whatever stands between the groups; None: nothing that could be one."""
    code = "".join(c for c in typed.lower() if c.isalnum())
    return code if len(code) == LENGTH and all(c in LETTERS for c in code) else None


def source_of(address: str) -> str:
    """Who counts as one source of attempts: an IPv4 address, or the network of an IPv6 one."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if known.version == 6:
        return str(ipaddress.ip_network(f"{known}/64", strict=False))
    return str(known)


def require_code(typed: str) -> str:
    """The code that was typed. Raises `Invalid` when it could be none, which says nothing about any pupil."""
    code = read(typed)
    if code is None:
        raise Invalid([Fault("code", f"{LENGTH} letters en cijfers, zoals in de brief", "invalid_code")])
    return code
