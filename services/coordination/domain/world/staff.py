"""Who works at an organisation, and who of them can act on a day."""

from dataclasses import dataclass
from datetime import date

from shared.schemas.organisations import Absence


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
