"""Which references are one child, whatever the order, the repetition and the direction of the links."""

import random

from hypothesis import given
from hypothesis import strategies as st

from shared.core.links import Link, beneath, family, survivor, survivors

REFS = st.sampled_from("abcdefg")
LINKS = st.lists(st.tuples(REFS, REFS), max_size=9)


@given(LINKS, st.randoms())
def test_order_and_repetition_do_not_matter(links: list[Link], chance: random.Random) -> None:
    again = [*links, *links]
    chance.shuffle(again)
    assert survivors(again) == survivors(links)
    for ref in "abcdefg":
        assert family(ref, again) == family(ref, links)
        assert beneath(ref, again) == beneath(ref, links)


@given(LINKS)
def test_direction_decides_who_survives_and_never_who_belongs_together(links: list[Link]) -> None:
    turned = [(gone, kept) for kept, gone in links]
    assert all(family(ref, turned) == family(ref, links) for ref in "abcdefg")


@given(LINKS)
def test_a_family_has_one_survivor_that_no_other_reference_absorbed_if_there_is_such_a_one(links: list[Link]) -> None:
    found = survivors(links)
    assert not set(found) & set(found.values()), "never a chain"
    for ref in "abcdefg":
        members = family(ref, links)
        stays = {found.get(member, member) for member in members}
        never_absorbed = {one for one in members if not any(gone == one != kept for kept, gone in links)}
        assert stays == {min(never_absorbed or members)} == {survivor(members, links)}
        assert ref in beneath(ref, links) <= members


def test_the_last_of_a_chain_survives_and_of_a_circle_or_of_two_the_smallest() -> None:
    assert survivors([("b", "c"), ("a", "b")]) == {"c": "a", "b": "a"}
    assert survivors([("b", "a"), ("c", "b")]) == {"a": "c", "b": "c"}
    assert survivors([("b", "a"), ("a", "b")]) == {"b": "a"}
    assert survivors([("c", "b"), ("d", "b")]) == {"b": "c", "d": "c"}
    assert survivors([("a", "a")]) == {}


def test_what_was_absorbed_by_others_does_not_count_between_a_few() -> None:
    assert survivor({"a", "b"}, [("c", "a"), ("a", "b")]) == "a"
