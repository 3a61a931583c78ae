"""What others told of children, folded again, says exactly what is remembered of them."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.coordination.domain.book import Book
from services.coordination.domain.facts import Fact, entity_of
from services.coordination.domain.history.known import Child, Newest, faults, newer
from services.coordination.handlers.events import FACTS
from shared.schemas.envelope import Event
from shared.schemas.pupils import PupilLinked, PupilRecorded
from tests.unit.coordination import made
from tests.unit.coordination.made import ref, told
from tests.unit.coordination.test_custody import EVENTS


def remembered(book: Book, events: Sequence[Event]) -> dict[str, Child]:
    """Both sides that an audit compares, per child: what a book holds, and the events it was made from."""
    found: dict[str, Child] = {}
    for one in book.references.values():
        child = found.setdefault(one.root, Child())
        child.references[one.pupil_ref] = one
        child.links |= {link for link in book.links if one.pupil_ref in link}
        child.erased |= {draft.subject for draft in book.confirmed if draft.subject == one.pupil_ref}
        for entity, fact in book.facts.get(one.pupil_ref, {}).items():
            child.facts.setdefault(one.pupil_ref, {})[entity] = as_stored(fact)
            child.persons += [fact] if isinstance(fact.data, PupilRecorded) else []
        for event in (e for e in events if e.subject == one.pupil_ref and e.type in FACTS):
            heard, key = child.told.setdefault(one.pupil_ref, {}), entity_of(event)
            heard[key] = newer(heard.get(key), event)
        for event in (e for e in events if isinstance(e.data, PupilLinked)):
            child.linked |= {event.data.survivor, event.data.absorbed} & {one.pupil_ref}
    return found


def as_stored(fact: Fact) -> Newest:
    body = json.loads(fact.data.model_dump_json(exclude_none=True, exclude={"recorded_by"}))
    return Newest(fact.data.TYPE, fact.sequence, fact.at, fact.first_at, body)


def everything(children: dict[str, Child]) -> list[tuple[str, str]]:
    return [fault for child in children.values() for fault in faults(child)]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(EVENTS, min_size=2, max_size=25, unique_by=lambda e: (e.source, e.subject, e.sequence, e.type)),
    st.randoms(),
)
def test_any_order_of_facts_links_and_erasures_is_remembered_as_it_was_told(events, random):
    random.shuffle(events)
    assert everything(remembered(told(events), events)) == []


EVENTFUL = [made.recorded(1), made.expected(1, sequence=2), made.recorded(2, sequence=3), made.linked(1, 2)]


def name(child: Child) -> None:
    child.references[ref(1)] = replace(child.references[ref(1)], name="Somebody Else")


def root(child: Child) -> None:
    child.references[ref(2)] = replace(child.references[ref(2)], root=ref(2))


def erased(child: Child) -> None:
    child.references[ref(1)] = replace(child.references[ref(1)], erased=True)


def lost(child: Child) -> None:
    del child.facts[ref(1)][f"expected:{made.COHORT}"]


def added(child: Child) -> None:
    child.facts[ref(2)]["expected:2020"] = child.facts[ref(1)][f"expected:{made.COHORT}"]


def changed(child: Child) -> None:
    key = f"expected:{made.COHORT}"
    fact = child.facts[ref(1)][key]
    child.facts[ref(1)][key] = replace(fact, sequence=1, body={**(fact.body or {}), "vo_site": "99XX00"})


def unlinked(child: Child) -> None:
    child.links.clear()


def untold(child: Child) -> None:
    child.linked.clear()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (name, "has another name than was told"),
        (root, f"belongs to {ref(2)}, and by its links to {ref(1)}"),
        (erased, "is erased, and nobody told so"),
        (lost, "fact expected:2027 is not stored, and was told"),
        (added, "fact expected:2020 is stored, and nobody told it"),
        (changed, "fact expected:2027: sequence, body.vo_site not as told"),
        (unlinked, "was told to be one child with another, and is linked to nobody"),
        (untold, f"is linked to {ref(2)}, and nobody told so"),
    ],
)
def test_whatever_is_remembered_otherwise_is_found_and_no_value_is_shown(wrong, says):
    children = remembered(told(EVENTFUL), EVENTFUL)
    assert everything(children) == []
    wrong(children[ref(1)])
    found = [what for _, what in everything(children)]
    assert says in found
    assert "Somebody" not in str(found)


def test_what_is_set_apart_for_a_person_is_compared_when_it_was_replayed():
    newest = made.expected(1, sequence=9, vo_site=made.OTHER_SITE)
    children = remembered(told(EVENTFUL), [*EVENTFUL, newest])
    assert [what for _, what in everything(children)] == ["fact expected:2027: sequence, body.vo_site not as told"]
    children[ref(1)].set_apart.add(ref(1))
    assert everything(children) == []


def test_who_the_pupil_is_went_over_an_encrypted_topic_so_that_its_envelope_is_compared():
    children = remembered(told(EVENTFUL), EVENTFUL)
    sealed = children[ref(1)].told[ref(1)]
    sealed["person:dossier"] = replace(sealed["person:dossier"], body=None)
    assert everything(children) == []
    sealed["person:dossier"] = replace(sealed["person:dossier"], sequence=8)
    assert [what for _, what in everything(children)] == ["fact person:dossier: sequence not as told"]
