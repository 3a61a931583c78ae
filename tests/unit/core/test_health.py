"""Alive is: every loop turns."""

from shared.core.health import Beats, Check, report, up_to


class Hand:
    """A clock moved by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_loop_that_turns_is_alive_and_one_that_stands_still_is_not() -> None:
    clock = Hand()
    beats = Beats(clock)
    beats.beat("dossier:leader:relay")
    beats.beat("dossier:consumer:pupils")
    clock.now += 9
    beats.beat("dossier:leader:relay")
    clock.now += 3
    assert {c.name: (c.value, c.good) for c in beats.checks(10)} == {
        "dossier:consumer:pupils": (12, False),
        "dossier:leader:relay": (3, True),
    }


def test_a_turn_known_by_its_age_never_makes_a_loop_look_older() -> None:
    beats = Beats(Hand())
    beats.beat("a")
    beats.beat("a", seconds_ago=50)
    assert beats.checks(10)[0].value == 0


def test_nothing_is_expected_of_a_loop_that_ended_as_it_should() -> None:
    beats = Beats(Hand())
    beats.beat("dossier:leader:relay")
    beats.beat("dossier:consumers")
    beats.forget("dossier:leader")
    assert [c.name for c in beats.checks(10)] == ["dossier:consumers"]


def test_the_answer_lists_every_check_with_its_value_and_is_good_only_when_all_are() -> None:
    good, body = report([up_to("a:outbox", 1.5, 2), Check("a:database", True, "answers")])
    assert good
    assert body["status"] == "pass"
    assert body["checks"]["a:outbox"] == [{"status": "pass", "observedValue": 1.5, "observedUnit": "s", "limit": 2}]
    assert report([up_to("a:outbox", 2.5, 2), Check("b", True, 0)])[0] is False
