"""Who works at an organisation, and who of them can act on a day."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from shared.schemas.organisations import Absence

NAMED_BY_SCHOOLS = "mentor"
"""A role in which people act whom no list of contacts names in it."""


def is_away(away: tuple[Absence, ...], on: date) -> bool:
    """Whether a day lies in one of these periods; `until` is the first day back."""
    return any(period.since <= on and (period.until is None or on < period.until) for period in away)


@dataclass(frozen=True, slots=True)
class Post:
    """A person in a role, from a day on."""

    role: str
    person_ref: str
    deputy_ref: str | None
    valid_from: date
    valid_until: date | None = None
    """First day on which the role is held no more."""
    away: tuple[Absence, ...] = ()

    def ended(self, on: date) -> bool:
        """Whether the role was given up before this day."""
        return self.valid_until is not None and self.valid_until <= on


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation that can be reached."""

    code: str
    kind: str
    """vo, mbo, municipality or region."""
    region: str | None
    posts: tuple[Post, ...] = ()
    municipality: str | None = None

    def present(self, person: str, role: str, on: date) -> bool:
        """Whether somebody can act in a role: not away, not gone, and the role not lost.

        Whom no file names is somebody that the school itself named, and present.
        """
        posts = [post for post in self.posts if post.person_ref == person]
        if any(is_away(post.away, on) for post in posts):
            return False
        counted = [post for post in posts if post.role == role] or posts
        return not counted or not all(post.ended(on) for post in counted)

    def deputies(self, person: str | None, role: str, on: date) -> tuple[str, ...]:
        """Who may act for somebody in a role on a day."""
        named = (post.deputy_ref for post in self.posts if (post.person_ref, post.role) == (person, role))
        return tuple(deputy for deputy in named if deputy and self.present(deputy, role, on))

    def line(self, role: str, on: date) -> tuple[str, ...]:
        """Who can act in a role on a day, in order: who took it on last, their deputy, who took it on before that; last
        the deputies of those who gave it up."""
        posts = [post for post in self.posts if post.role == role and post.valid_from <= on]
        posts.sort(key=lambda post: (not post.ended(on), post.valid_from, post.person_ref), reverse=True)
        found: dict[str, None] = {}
        for post in posts:
            own = (post.person_ref,) if self.present(post.person_ref, role, on) and not post.ended(on) else ()
            found.update(dict.fromkeys((*own, *self.deputies(post.person_ref, role, on))))
        return tuple(found)

    def turning(self, day: date) -> set[str]:
        """People of whom it may be another matter from this day on whether they are present."""
        found = set()
        for post in self.posts:
            days = {post.valid_from, post.valid_until}
            days.update(moment for period in post.away for moment in (period.since, period.until))
            found |= {post.person_ref} if day in days else set()
        return found


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose presence changed at an organisation, and for which roles that matters."""

    organisations: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()

    def __or__(self, other: "Turn") -> "Turn":
        return Turn(self.organisations | other.organisations, self.people | other.people, self.roles | other.roles)


def turned(before: Organisation, on: date, after: Organisation, later: date, people: Collection[str]) -> Turn:
    """What is another matter at an organisation as it is on a later day, of people of whom something changed. `roles`
    has every role in which one of them may act: what others hold in it may come back to them."""
    roles = {post.role for at in (before, after) for post in at.posts} | {NAMED_BY_SCHOOLS}
    changed = {who for who in people if _standing(before, who, roles, on) != _standing(after, who, roles, later)}
    lines = {role for role in roles if before.line(role, on)[:2] != after.line(role, later)[:2]}
    if not changed and not lines:
        return Turn()
    held = {post.role for at in (before, after) for post in at.posts if post.person_ref in changed}
    filled = any(bool(before.line(role, on)) != bool(after.line(role, later)) for role in lines)
    touched = roles if filled else lines | held | {NAMED_BY_SCHOOLS}
    return Turn(frozenset({after.code}), frozenset(changed), frozenset(touched))


def _standing(at: Organisation, who: str, roles: Collection[str], on: date) -> list[tuple[bool, tuple[str, ...]]]:
    return [(at.present(who, role, on), at.deputies(who, role, on)) for role in sorted(roles)]
