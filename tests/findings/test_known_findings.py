"""What the reports must show: known facts, each as a finding with a source."""

from __future__ import annotations

from datetime import date

import pytest


def test_the_review_of_november_2025_went_without_the_state_under_review(found):
    absence = found("USA", "record", "upr", "review_absence-upr-50")
    assert absence.value == "2025-11-07"
    assert "7 November 2025" in absence.sentences["en"]
    assert "2025年11月7日" in absence.sentences["zh"]


def test_the_first_review_without_the_state_was_in_january_2013(found):
    later = found("USA", "record", "upr", "review_absence-upr-50")
    first = found("ISR", "record", "upr", "review_absence-upr-15")
    assert first.value == "2013-01-29"
    assert "Israel on 29 January 2013" in later.sentences["en"]
    assert "以色列" in later.sentences["zh"]
    assert first.sentences["en"].count("first") == 1


def test_the_review_was_postponed_and_is_not_counted_as_held(found, profile):
    case = found("USA", "record", "upr", "upr-50-usa")
    assert (case.value, case.direction) == ("postponed", "depends")
    assert found("USA", "record", "upr", "review_after-upr-50").value == "not_known"
    results = {
        row["result"] for row in profile("USA").exhibit("away").rows if row["date"] == "2025-11-07"
    }
    assert results == {"postponed"}


def test_the_climate_conference_of_2025_was_held_without_a_delegation(found):
    case = found("USA", "record", "unfccc", "cop-30")
    assert case.value == "held"
    assert len(case.sources) >= 2
    assert "did not take part" in case.sentences["en"]
    assert found("USA", "record", "unfccc", "cop-30-mutirao").value == "adopted"


def test_the_declaration_of_johannesburg_was_adopted_while_one_stood_aside(found):
    for state, said in (("USA", "did not take part"), ("ARG", "stood aside")):
        case = found(state, "record", "g20", "g20-2025-declaration")
        assert case.value == "adopted"
        assert "22 November 2025" in case.sentences["en"]
        assert said in case.sentences["en"]
    assert found("USA", "record", "g20", "g20-2025").value == "held"


def test_the_declaration_was_adopted_on_the_opening_day(record):
    outcome = record.keyed("outcomes")["g20-2025-declaration"]
    assert outcome["date"] == record.keyed("sessions")["g20-2025"]["start"] == date(2025, 11, 22)
    stances = {
        row["stance"]: row["state_id"]
        for row in record.where("outcome_positions", "outcome_id", "g20-2025-declaration")
        if row["stance"] != "joined"
    }
    assert stances == {"absent": "USA", "stood_aside": "ARG"}


def test_the_pledge_to_the_climate_fund_was_rescinded_and_the_seat_left(found):
    assert found("USA", "purse", "gcf", "rescinded_irm+gcf-2").value == 4_000_000_000
    assert found("USA", "purse", "gcf", "pledged_irm").value == 3_000_000_000
    assert found("USA", "purse", "gcf", "paid_irm").value == 2_000_000_000
    assert found("USA", "seat", "gcf", "exit_steps").value == "2026-01-08"
    left = found("USA", "seat", "all", "exits_in_effect")
    assert ("exits", "gcf") in {
        (row.table, body) for row in left.rows for body in ("gcf",) if row.table == "exits"
    }


def test_66_bodies_were_named_on_one_day_31_of_them_of_the_united_nations(found):
    named = found("USA", "seat", "all", "list-USA-2026-01-07")
    assert named.value == 66
    assert len(named.rows) == 66
    assert "66 bodies" in named.sentences["en"]
    assert "31 in the UN system and 35 outside" in named.sentences["en"]
    assert all(number in named.sentences["zh"] for number in ("66", "31", "35"))


@pytest.mark.parametrize(
    ("body", "announced", "notified", "effective"),
    [
        ("who", "2025-01-20", "2025-01-22", "2026-01-22"),
        ("paris-agreement", "2025-01-20", "2025-01-27", "2026-01-27"),
        ("unesco", "2025-07-22", "2025-07-22", "2026-12-31"),
    ],
)
def test_an_exit_has_three_dates(found, profile, body, announced, notified, effective):
    steps = next(row for row in profile("USA").exhibit("exits").rows if row.get("body_id") == body)
    last = {step["action"]: step["date"] for step in steps["steps"]}
    assert (last["announce"], last["notify"], last["effective"]) == (announced, notified, effective)
    assert found("USA", "seat", body, "exit_steps").value == effective


def test_an_exit_that_lies_ahead_is_not_in_effect(record, found):
    day = date(2026, 11, 24)
    gone = found("USA", "seat", "all", "exits_in_effect", day)
    bodies = {record.keyed("exits")[row.key]["body_id"] for row in gone.rows}
    assert {"who", "paris-agreement", "gcf"} <= bodies
    assert "unesco" not in bodies


def test_the_assessed_share_and_the_arrears_are_told_with_their_day(found):
    assert found("USA", "purse", "un", "assessed_share").value == 22.0
    owed = found("USA", "purse", "un", "arrears_regular")
    assert owed.value == 2_190_000_000
    assert "February 2026" in owed.sentences["en"]
    assert owed.unit == "usd"


def test_decisions_by_85_per_cent_cannot_pass_without_the_state_and_others_can(found):
    for decision in ("amendment", "special-85", "quota-change"):
        assert found("USA", "nod", "imf", f"decision-{decision}").value == "no"
    for decision in ("ordinary", "special-70"):
        assert found("USA", "nod", "imf", f"decision-{decision}").value == "yes"
    assert found("USA", "nod", "imf", "weight_share").value == pytest.approx(831394 / 5041052)
    for state in ("CHN", "JPN", "DEU", "FJI"):
        assert found(state, "nod", "imf", "decision-special-85").value == "yes"


@pytest.mark.parametrize("state", ["USA", "CHN", "RUS", "FRA", "GBR"])
def test_permanent_members_block_substantive_decisions_and_no_procedural_ones(found, state):
    assert found(state, "nod", "unsc", "decision-substantive").value == "no"
    assert found(state, "nod", "unsc", "decision-procedural").value == "yes"


@pytest.mark.parametrize(
    ("state", "body", "steps"),
    [
        (
            "RUS",
            "coe",
            ["suspended 25 February 2022", "15 March 2022", "ended by the body 16 March 2022"],
        ),
        ("GBR", "eu", ["notice given 29 March 2017", "in effect 31 January 2020"]),
        ("BFA", "ecowas", ["announced 28 January 2024", "in effect 29 January 2025"]),
        ("MLI", "ecowas", ["announced 28 January 2024", "in effect 29 January 2025"]),
        ("NER", "ecowas", ["announced 28 January 2024", "in effect 29 January 2025"]),
        ("PHL", "icc", ["notice given 17 March 2018", "in effect 17 March 2019"]),
    ],
)
def test_other_states_show_their_own_exits(found, record, state, body, steps):
    told = found(state, "seat", body, "exit_steps")
    for step in steps:
        assert step in told.sentences["en"]
    gone = found(state, "seat", "all", "exits_in_effect")
    assert body in {record.keyed("exits")[row.key]["body_id"] for row in gone.rows}


def test_an_invitation_that_was_declined_is_no_membership(found, record):
    told = found("ARG", "seat", "brics", "standing_spells")
    assert told.value == "declined"
    assert "24 August 2023" in told.sentences["en"]
    assert "22 December 2023" in told.sentences["en"]
    seats = found("ARG", "seat", "all", "memberships")
    assert not [row for row in seats.rows if row.key.startswith("brics|")]


def test_a_former_member_state_keeps_its_vetoes_and_its_heir_shows_them(found):
    then = found("SUN", "voice", "unsc", "vetoes", date(1980, 6, 1))
    now = found("RUS", "voice", "unsc", "vetoes")
    assert then.value == 88
    assert now.value > then.value
    assert "Soviet Union" in now.sentences["en"]


def test_an_observer_state_has_no_rule_to_block_and_says_so(profile):
    made = profile("VAT")
    assert made.find(f"VAT/seat/un/standing@{made.as_of}").value == "observer"
    blocked = made.find(f"VAT/nod/all/blocked@{made.as_of}")
    assert (blocked.value, blocked.coverage) == (None, "none")
