"""Who has the pupil: opening, moving, linking and forgetting."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.coordination.domain.book import Book
from shared.schemas.coordination import CustodyChanged
from tests.unit.coordination import made
from tests.unit.coordination.made import COHORT, MBO, OTHER_SITE, SITE, case, day, ref, told
from tests.unit.coordination.rules.year import begun


def test_the_expecting_school_has_the_pupil_from_the_moment_of_recording():
    book = told([made.expected()])
    assert [s.since for s in case(book).custody] == [made.NOVEMBER]
    assert case(book).holder.organisation == SITE
    assert (case(book).holder.contact, case(book).holder.deputy) == ("mentor-1", "mentor-2")
    assert made.types(book) == ["transition-opened", "custody-changed", "action-opened"]


def test_without_origin_the_first_institution_has_the_pupil_until_the_school_is_known():
    book = told([made.applied()])
    assert case(book).holder.organisation == MBO
    assert case(book).transition.origin is None
    told([made.expected(at=made.soon(made.NOVEMBER, -3))], book)
    assert case(book).holder.organisation == SITE
    assert case(book).transition.origin == SITE
    assert [s.number for s in case(book).custody] == [1, 2]
    assert case(book).custody[1].since == made.NOVEMBER, "since never goes back"


def test_a_choice_alone_opens_nothing():
    assert told([made.chosen()]).cases == {}


def test_the_same_event_again_changes_nothing():
    book = told([made.expected(), made.expected()])
    assert book.unchanged == 1
    assert made.types(book) == ["transition-opened", "custody-changed", "action-opened"]


def test_an_older_state_that_arrives_later_is_ignored():
    book = told([made.expected(sequence=5, vo_site=OTHER_SITE), made.expected(sequence=2)])
    assert case(book).holder.organisation == OTHER_SITE


def test_another_mentor_is_a_new_custody_and_the_old_one_stays():
    book = told([made.expected(), made.expected(sequence=2, mentor="mentor-9", at=made.soon(made.NOVEMBER))])
    assert [s.holder.contact for s in case(book).custody] == ["mentor-1", "mentor-9"]
    assert [a.owner.contact for a in case(book).actions.values()] == ["mentor-9"]


def test_linking_keeps_the_custody_of_the_survivor_and_closes_the_absorbed_transition():
    book = told([made.expected(1), made.expected(2, vo_site=OTHER_SITE), made.linked(1, 2)])
    assert case(book, 1).open
    assert case(book, 1).holder.organisation == SITE
    assert len(case(book, 1).custody) == 1
    assert case(book, 2).transition.outcome == "linked"
    assert not [a for a in case(book, 2).actions.values() if a.open]


def test_a_link_to_an_unknown_survivor_hands_the_pupil_over_at_that_moment():
    book = told([made.expected(2), made.applied(2, sequence=1), made.linked(1, 2)])
    assert case(book, 1).holder == case(book, 2).holder
    assert case(book, 1).transition.position == "applied"
    told([made.intake(2, sequence=3)], book)
    assert case(book, 1).transition.position == "placed", "what is told under the absorbed reference counts"
    assert not case(book, 2).open


@pytest.mark.parametrize(("survivor", "absorbed"), [(1, 2), (2, 1)])
@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        (lambda: begun(), "arrived"),
        (lambda: told([made.expected(), made.recorded(), made.elsewhere(status="confirmed")]), "other_route"),
        (lambda: told([made.expected(), made.recorded(municipality=None)]), "out_of_scope"),
    ],
    ids=["arrived", "other route", "out of scope"],
)
def test_a_child_whose_transition_is_over_has_one_transition_under_the_reference_that_survives(
    facts, outcome, survivor, absorbed
):
    book = facts()
    made.run_until(book, day(12, 31))
    assert case(book, 1).transition.outcome == outcome
    told([made.linked(survivor, absorbed, at=day(12, 31), sequence=99)], book)
    made.run_until(book, day(12, 31, hour=9))
    outcomes = {n: found.transition.outcome for n in (1, 2) if (found := book.cases.get((ref(n), COHORT)))}
    assert outcomes.pop(survivor) == outcome
    assert set(outcomes.values()) <= {"linked"}


def test_an_erased_pupil_does_not_come_back():
    book = told([made.expected(), made.erased(), made.expected(sequence=30)])
    assert book.cases == {}
    assert book.erased == {ref(1)}
    assert made.types(book) == []
    assert [d.data.TYPE for d in book.confirmed] == ["erasure-confirmed"]


def test_erasing_the_survivor_forgets_what_it_absorbed_also_when_the_link_comes_later():
    first = told([made.expected(1), made.expected(2), made.linked(1, 2), made.erased(1)])
    later = told([made.expected(2), made.erased(1), made.linked(1, 2), made.expected(1, sequence=40)])
    assert first.cases == later.cases == {}
    assert later.erased == {ref(1), ref(2)}


def test_erasing_the_absorbed_reference_leaves_the_child_with_its_custodian():
    book = told([made.expected(2), made.linked(1, 2), made.erased(2)])
    assert case(book, 1).open
    assert case(book, 1).holder.organisation == SITE


PUPILS = st.integers(1, 4)
STATUSES = st.sampled_from(["submitted", "received", "offered", "enrolled", "rejected", "withdrawn"])
SITES = st.sampled_from([SITE, OTHER_SITE])
DAYS = st.integers(0, 200).map(lambda n: made.soon(made.NOVEMBER, n))
SEQUENCES = st.integers(1, 30)
EVENTS = st.one_of(
    st.builds(made.expected, PUPILS, at=DAYS, sequence=SEQUENCES, vo_site=SITES),
    st.builds(made.recorded, PUPILS, at=DAYS, sequence=SEQUENCES),
    st.builds(made.chosen, PUPILS, at=DAYS, sequence=SEQUENCES),
    st.builds(made.applied, PUPILS, STATUSES, key=st.sampled_from(["a1", "a2"]), at=DAYS, sequence=SEQUENCES),
    st.builds(made.intake, PUPILS, st.sampled_from(["placed", "rejected"]), at=DAYS, sequence=SEQUENCES),
    st.builds(made.handover, PUPILS, st.sampled_from(["offered", "opened", "accepted"]), at=DAYS, sequence=SEQUENCES),
    st.builds(made.linked, PUPILS, PUPILS, at=DAYS).filter(lambda e: e.data.survivor != e.data.absorbed),
    st.builds(made.erased, PUPILS, at=DAYS),
)


def check(book: Book) -> None:
    """Every child that is known to move has exactly one custodian and one next action, and nobody has two."""
    for root in {r.root for r in book.references.values()}:
        members = book.groups[root]
        living = {m for m in members if not book.is_erased(m)}
        opened = [c for c in book.cases.values() if c.pupil_ref in members and c.open]
        assert len(opened) <= 1
        assert {c.pupil_ref for c in opened} <= {root} & living
        known = book.known(root, COHORT)
        if known.expected or known.first_institution:
            assert len(opened) == 1
    for one in book.cases.values():
        live = [a for a in one.actions.values() if a.open]
        assert bool(live) == one.open
        numbers = [start.number for start in one.custody]
        assert numbers == list(range(1, len(numbers) + 1))
        assert all(b.previous == a.since <= b.since for a, b in zip(one.custody, one.custody[1:], strict=False))
        if one.open:
            first = min(live, key=lambda a: (a.due_at, -a.severity, a.action_id))
            assert one.transition.next_action == first.action_id


def check_history(book: Book) -> None:
    """Folding what was published gives the custody that is stored."""
    starts: dict[str, list[tuple]] = {}
    for draft in book.drafts:
        if isinstance(draft.data, CustodyChanged):
            starts.setdefault(draft.subject, []).append((draft.data.number, draft.data.since, draft.data.holder))
    stored = {c.pupil_ref: [(s.number, s.since, s.holder) for s in c.custody] for c in book.cases.values()}
    assert starts == stored


@settings(max_examples=300, deadline=None)
@given(st.lists(EVENTS, min_size=4, max_size=40), st.data())
def test_any_interleaving_leaves_every_child_with_one_custodian_and_one_next_action(events, data):
    book = Book()
    for event in events:
        told([event], book)
        check(book)
        if data.draw(st.integers(0, 4)) == 0:
            made.run_until(book, event.time)
            check(book)
    check_history(book)


@settings(max_examples=150, deadline=None)
@given(st.lists(EVENTS, max_size=12, unique_by=lambda e: (e.source, e.subject, e.sequence, e.type)), st.randoms())
def test_the_order_of_arrival_does_not_decide_who_a_child_is(events, random):
    shuffled = [*events, *events[:3]]
    random.shuffle(shuffled)
    roots = [{k: v.root for k, v in told(order).references.items() if not v.erased} for order in (events, shuffled)]
    assert roots[0] == roots[1]
