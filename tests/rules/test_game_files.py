"""Games from files: what is read, and what is refused in one line."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games import games
from multipolar.errors import BadInput
from multipolar.rules import Members
from multipolar.rules.game import Game

MEMBERS = {"A": {"weight": 3}, "B": {"weight": 2}, "C": {"weight": 1}}
RULE = {"weighted": {"quota": 4}}


def written(tmp_path: Any, text: str) -> str:
    path = tmp_path / "game.json"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_file_is_read_with_exact_numbers(tmp_path: Any) -> None:
    text = """{"members": {"A": {"weight": 0.1, "people": "1/3"}, "B": {"weight": 1e12, "people": 2},
        "C": {"weight": 0.2, "people": 1}},
        "rule": {"any": [{"all": [{"weighted": {"quota": "2/3"}}, {"veto": ["A"]}]},
                         {"weighted": {"quota": "1/2", "weight": "people", "strict": true}},
                         {"count": {"at_least": 3}}]}}"""
    game = Game.load(written(tmp_path, text))
    assert game.members.weights["weight"]["A"] == Fraction(1, 10)
    assert game.members.weights["weight"]["B"] == 10**12
    assert game.members.weights["people"]["A"] == Fraction(1, 3)
    assert game.sentence("en").startswith("Adopted if ")
    assert game.sentence("zh").endswith("，即获通过。")


def test_short_forms_are_read() -> None:
    assert Game.of({"A": 3, "B": 2}, {"weighted": {"quota": 3}}).members.weights == {
        "weight": {"A": 3, "B": 2}
    }
    assert Game.of(["A", "B"], {"count": {"at_least": 2}}).members == Members(("A", "B"))
    assert Game.of(["A", "B"], "unanimity()").form().thresholds() == ((2,),)


@settings(max_examples=150, deadline=None)
@given(games(most=5), st.data())
def test_the_form_says_what_the_rule_says(game: dict[str, Any], data: st.DataObject) -> None:
    made = Game.of(game["members"], game["rule"])
    for abstention in (False, True):
        form = made.form(abstention=abstention)
        words = ("no", "yes", "abstain") if abstention else ("no", "yes")
        for profile in product(words, repeat=len(form.players)):
            positions = dict(zip(form.players, profile, strict=True))
            passed = made.rule.evaluate(positions, made.members).passed
            yes = [i for i, p in enumerate(profile) if p == "yes"]
            half = [i for i, p in enumerate(profile) if p == "abstain"]
            assert form.wins(yes, half) is passed


@pytest.mark.parametrize(
    "rule",
    [
        'count("2/3", of="present_and_voting") & quorum("1/2")',
        'count("majority", of="present")',
        'weighted("majority", of="votes_cast") & quorum("2/3", of="total_votes")',
        'weighted("2/3", of="represented") & quorum("majority")',
        'count(2) & veto({"A", "B"})',
        'count("1/2") & (weighted("65/100", of="population") | blocking_minority(members=2, share="35/100"))',
        "consensus()",
        'unanimity(abstain="allowed")',
        "negative_consensus()",
        'consensus(except_="concerned")',
        'count(2, among={"A", "B", "C"}) | unanimity()',
    ],
)
def test_every_leg_of_the_algebra_has_a_form(rule: str) -> None:
    members = Members(
        ("A", "B", "C", "D"),
        {
            "votes": {"A": Fraction(5), "B": Fraction(3), "C": Fraction(2), "D": Fraction(1)},
            "population": {
                "A": Fraction(1, 2),
                "B": Fraction(1, 4),
                "C": Fraction(1, 8),
                "D": Fraction(1, 8),
            },
        },
    )
    made = Game.of(members, rule)
    words = ("yes", "no", "abstain")
    for fixed in ({}, {"B": "absent"}, {"A": "absent", "C": "no"}):
        game = Game(made.members, made.rule, fixed, "D" if "concerned" in rule else "")
        form = game.form(abstention=True)
        for profile in product(words, repeat=len(form.players)):
            positions = {**dict(zip(form.players, profile, strict=True)), **fixed}
            passed = game.rule.evaluate(positions, members, concerned=game.concerned).passed
            yes = [i for i, p in enumerate(profile) if p == "yes"]
            half = [i for i, p in enumerate(profile) if p == "abstain"]
            assert form.wins(yes, half) is passed, (fixed, positions)


def test_members_known_by_number_only_are_players() -> None:
    game = Game.of(Members(("A", "B"), unnamed=3), 'count(3) & veto({"A"})')
    form = game.form()
    assert form.players == ("A", "B", "?1", "?2", "?3")
    with pytest.raises(BadInput, match="number of members is not known"):
        Game.of(Members(("A",), unnamed=None), "count(1)").form()
    with pytest.raises(BadInput, match="no weight 'votes' of B is known"):
        Game.of(Members(("A", "B"), {"votes": {"A": Fraction(1)}}), "weighted(1)").form()


def test_a_member_leaves_stays_away_or_joins() -> None:
    game = Game.of(MEMBERS, {"weighted": {"quota": "2/3"}})
    assert game.quota == 4
    assert game.left("A").quota == 2
    assert game.left("A").members.ids == ("B", "C")
    assert game.absent("A").quota == 4
    assert game.absent("A").form().formula is False
    bigger = game.joined("D", {"weight": Fraction(6)})
    assert bigger.quota == 8
    with pytest.raises(BadInput, match="is a member already"):
        game.joined("A", {"weight": Fraction(1)})
    with pytest.raises(BadInput, match="without the weight"):
        game.joined("D", {})
    named = Game.of(["A", "B", "C"], 'count(2) & veto({"A"}) & count(2, among={"A", "B"})')
    assert str(named.left("A").rule) == 'count(2) & count(1, among={"B"})'
    four = Game.of(["A", "B", "C"], 'count(1, among={"A", "B"})')
    assert str(four.left("A").rule) == 'count(1, among={"B"})'
    with pytest.raises(BadInput, match="nobody is left"):
        Game.of(["A"], "count(1)").left("A")


BAD = {
    "quota zero": ({"members": MEMBERS, "rule": {"weighted": {"quota": 0}}}, "not above zero"),
    "quota negative": ({"members": MEMBERS, "rule": {"weighted": {"quota": -4}}}, "not above zero"),
    "quota above": ({"members": MEMBERS, "rule": {"weighted": {"quota": 7}}}, "above the total 6"),
    "share above": ({"members": MEMBERS, "rule": {"weighted": {"quota": "3/2"}}}, "above the total"),
    "quota decimal": ({"members": MEMBERS, "rule": {"weighted": {"quota": 1.5}}}, "neither a whole number"),
    "quota word": ({"members": MEMBERS, "rule": {"weighted": {"quota": "most"}}}, "not a number"),
    "weight negative": ({"members": {"A": -1, "B": 2}, "rule": RULE}, "negative"),
    "weight word": ({"members": {"A": "x"}, "rule": RULE}, "not a number"),
    "weight null": ({"members": {"A": None}, "rule": RULE}, "not a number"),
    "weights zero": ({"members": {"A": 0, "B": 0}, "rule": {"weighted": {"quota": "1/2"}}}, "are zero"),
    "unknown member": ({"members": MEMBERS, "rule": {"veto": ["Z"]}}, "'Z' is not a member"),
    "empty": ({"members": {}, "rule": {"count": {"at_least": 1}}}, "no members"),
    "no rule": ({"members": MEMBERS}, "no 'rule'"),
    "no members": ({"rule": RULE}, "no 'members'"),
    "empty rule": ({"members": MEMBERS, "rule": {}}, "a rule is an object"),
    "two words": ({"members": MEMBERS, "rule": {"veto": ["A"], "count": {"at_least": 1}}}, "a rule is"),
    "unknown word": ({"members": MEMBERS, "rule": {"wieghted": {}}}, "no rule is called"),
    "unknown option": ({"members": MEMBERS, "rule": {"weighted": {"quota": 1, "of": "x"}}}, "does not know 'of'"),
    "unknown weight": ({"members": MEMBERS, "rule": {"weighted": {"quota": 1, "weight": "p"}}}, "no member has"),
    "missing weight": ({"members": {"A": {"weight": 1}, "B": {}}, "rule": {"weighted": {"quota": 1}}}, "'B' has no weight"),
    "count above": ({"members": MEMBERS, "rule": {"count": {"at_least": 4}}}, "above the total 3"),
    "count zero": ({"members": MEMBERS, "rule": {"count": {"at_least": 0}}}, "not above zero"),
    "nothing in all": ({"members": MEMBERS, "rule": {"all": []}}, "followed by a list"),
    "not an object": ([1, 2], "an object of"),
    "bad name": ({"members": {" ": 1}, "rule": RULE}, "not a name"),
}  # fmt: skip


@pytest.mark.parametrize(("given_", "said"), BAD.values(), ids=BAD)
def test_a_bad_game_is_refused_in_one_line(given_: Any, said: str, tmp_path: Any) -> None:
    with pytest.raises(BadInput) as caught:
        Game.load(written(tmp_path, json.dumps(given_)))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("not json", "is not JSON: line 1, column 1"),
        ("", "is not JSON"),
        ('{"members": {"A": NaN}, "rule": {}}', "NaN is not a number"),
        ('{"members": {"A": Infinity}, "rule": {}}', "Infinity is not a number"),
        ('{"members": {"A": 1, "A": 2}, "rule": {}}', "'A' stands twice"),
        ('{"members": {"A": 1}, "rule": ' + '{"all": [' * 10_000 + "]}" * 10_000 + "}", "nested too deeply"),
        ('{"members": {"A": 1}, "rule": ' + '{"all": [' * 300 + '{"count": {"at_least": 1}}' + "]}" * 300 + "}", "nested too deeply"),
        ('{"members": {"A": 1e999}, "rule": {"weighted": {"quota": 1}}}', "is not a number"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_game_is_refused(text: str, said: str, tmp_path: Any) -> None:
    with pytest.raises(BadInput) as caught:
        Game.load(written(tmp_path, text))
    assert said in str(caught.value)


def test_what_is_no_file_or_no_text_is_refused(tmp_path: Any) -> None:
    with pytest.raises(BadInput, match="no file"):
        Game.load(tmp_path / "nothing.json")
    with pytest.raises(BadInput, match="cannot be read"):
        Game.load(tmp_path)
    (tmp_path / "latin.json").write_bytes(b'{"members": {"\xe9": 1}}')
    with pytest.raises(BadInput, match="not UTF-8"):
        Game.load(tmp_path / "latin.json")


def test_a_rule_that_always_or_never_passes_is_refused() -> None:
    with pytest.raises(BadInput, match="can never pass"):
        Game.of(["A", "B"], "quorum(1)").absent("A").absent("B").decisive()
    with pytest.raises(BadInput, match="always passes"):
        Game.of(["A", "B"], "quorum(1)").decisive()


def test_a_nested_rule_of_any_kind_is_read_up_to_two_hundred_levels(tmp_path: Any) -> None:
    inner = '{"count": {"at_least": 2}}'
    text = '{"members": {"A": 1, "B": 1}, "rule": ' + '{"any": [' * 199 + inner + "]}" * 199 + "}"
    assert str(Game.load(written(tmp_path, text)).rule) == "count(2)"
    mixed = inner
    for level in range(190):
        mixed = f'{{"{"all" if level % 2 else "any"}": [{mixed}, {{"veto": ["A"]}}]}}'
    game = Game.load(written(tmp_path, f'{{"members": {{"A": 1, "B": 1}}, "rule": {mixed}}}'))
    assert game.decisive().wins([0, 1])
    assert len(game.sentence("en")) > 1000
