"""Rule texts: what is read, what is refused, and that reading undoes writing."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from rule_strategies import rules

from multipolar.errors import BadInput
from multipolar.rules import blocking_minority, count, parse, quorum, veto, weighted


@given(rules)
def test_a_rule_is_what_its_text_parses_to(rule):
    again = parse(str(rule))
    assert again == rule
    assert str(again) == str(rule)
    assert hash(again) == hash(rule)


@given(rules)
def test_every_rule_has_a_sentence_in_both_languages(rule):
    assert rule.sentence("en").startswith("Adopted if ")
    assert rule.sentence("zh").endswith("即获通过。")


def test_shares_are_equal_however_they_are_written():
    assert weighted("85/100") == weighted("0.85") == weighted("85%") == weighted(Fraction(17, 20))
    assert count("1/2", strict=True) == count("majority")
    assert str(weighted("17/20")) == 'weighted("85/100", of="total_votes")'


def test_and_binds_more_than_or():
    rule = parse('count(1) | count(2) & veto({"A"})')
    assert rule == count(1) | (count(2) & veto({"A"}))
    assert str(parse("(count(1) | count(2)) & count(3)")) == "(count(1) | count(2)) & count(3)"


@pytest.mark.parametrize(
    ("build", "problem"),
    [
        (lambda: count(0), "not above zero"),
        (lambda: count(-3), "not above zero"),
        (lambda: weighted("0/5"), "not above zero"),
        (lambda: weighted("-1/2"), "not above zero"),
        (lambda: weighted("3/2"), "above the total"),
        (lambda: count("1/1", strict=True), "above the total"),
        (lambda: weighted(0.85), "not exact"),
        (lambda: weighted(True), "not exact"),
        (lambda: weighted("most"), "not a number"),
        (lambda: weighted("1/0"), "not a number"),
        (lambda: weighted("1/2", of="shoes"), "does not know 'shoes'"),
        (lambda: quorum("1/2", of="votes_cast"), "does not know 'votes_cast'"),
        (lambda: count(6, among={"A", "B"}), "above the total 2"),
        (lambda: veto(()), "not a set of members"),
        (lambda: veto("CHN"), "not a set of members"),
        (lambda: blocking_minority("1/2", "1/3"), "not a whole number"),
        (lambda: blocking_minority(4, 3), "not a fraction"),
    ],
)
def test_a_quota_that_cannot_be_meant_is_refused(build, problem):
    with pytest.raises(BadInput, match=problem):
        build()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "not a rule"),
        ("count(", "not a rule"),
        ("9", "not a rule"),
        ("count(9) + count(2)", "not a rule"),
        ("count(9) and count(2)", "not a rule"),
        ("vetto({'CHN'})", "no rule is called 'vetto'"),
        ("__import__('os').system('true')", "not a rule"),
        ("open('x')", "no rule is called 'open'"),
        ("count(open('x'))", "not a text"),
        ("count(0.5)", "not a text"),
        ("count(9, of=members)", "not a text"),
        ("count(9, **{'of': 'members'})", "without a name"),
        ("count(9, colour='red')", "does not have the arguments"),
        ("count()", "does not have the arguments"),
        ("count(2) & " * 2000 + "count(2)", "too long"),
        ("(" * 300 + "count(2)" + ")" * 300, "not a rule"),
    ],
)
def test_a_text_that_is_no_rule_is_refused(text, problem):
    with pytest.raises(BadInput, match=problem):
        parse(text)


def test_an_unknown_word_names_the_nearest():
    with pytest.raises(BadInput) as caught:
        parse("vetto({'CHN'})")
    assert "veto" in caught.value.candidates
