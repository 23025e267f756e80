"""The short cut of `sure_holders` against trying every member."""

from datetime import date

import pytest

from multipolar.record.store import Record
from multipolar.rules import Members, can_pass_without, parse, sure_holders
from multipolar.rules.ballot import Ballot
from multipolar.rules.bodies import members_of, rules_of

RECORD = Record()
DAY = date(2026, 6, 1)
BODIES = sorted({row["body_id"] for row in RECORD.rows("decision_rules")})


def every_one(rule, members):
    if rule.judge(Ballot.of({}, members, "yes")).passed is False:
        return ()
    return tuple(
        state
        for state in members.ids
        if can_pass_without(rule, members, state, "opposed").value is False
    )


@pytest.mark.parametrize("body", BODIES)
def test_holders_equal_trying_every_member(body):
    roll = members_of(RECORD, body, DAY)
    if roll.members is None:
        assert roll.why is not None
        return
    for rule in rules_of(RECORD, body, DAY):
        if rule.rule is not None:
            assert sure_holders(rule.rule, roll.members) == every_one(rule.rule, roll.members)


def test_a_named_light_member_is_still_tried():
    rule = parse('count("majority") & veto({"C"})')
    members = Members(("A", "B", "C"), {"votes": {"A": 3, "B": 2, "C": 1}}, {})
    assert sure_holders(rule, members) == ("C",)
