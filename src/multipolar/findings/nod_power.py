"""Voting power in facet nod: the state's share of votes held against what it can decide with it.

A decision is shown where all members and weights are on record and members do not all count alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..rules import Members, Rule
from ..rules.form import Form, Formula
from ..rules.game import Game
from ..rules.legs import CONCERNED, Weighted
from . import phrases as p
from .finding import Exhibit, Finding
from .view import View, sources_of

if TYPE_CHECKING:
    from .nod import Answer

_TRAP = Fraction(1, 2)
"""A blocker whose Banzhaf share is below this part of its share of votes calls for a warning."""
_LEVEL = 0.95
_UNEVEN = ("weight", "among", "states")
"""What a condition has that does not count all members alike."""

Interval = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Share:
    """Power of one member.

    Attributes
    ----------
    shapley, banzhaf : float
        Shapley–Shubik index and normalised Banzhaf index; each sums to one over the members.
    prevent : float or None
        Coleman's power to prevent action; None where coalitions were drawn.
    intervals : mapping of str to triple
        Low end, high end and level of an index that was drawn; empty where it was counted.
    """

    shapley: float
    banzhaf: float
    prevent: float | None
    intervals: Mapping[str, Interval] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Power:
    """Voting power in one decision.

    Attributes
    ----------
    members : mapping of str to Share
        The power of every member.
    votes : mapping of str to Fraction
        Its share of the weight that the rule asks first, or of the members.
    weight : str
        Name of that weight; empty where each member has one vote.
    draws : int
        Coalitions drawn; 0 where all were counted.
    """

    members: Mapping[str, Share]
    votes: Mapping[str, Fraction]
    weight: str
    draws: int

    def next_to(self, blockers: Iterable[str]) -> tuple[str, ...]:
        """Return who has the largest power to prevent of those that cannot block alone."""
        rest = {s: share.prevent for s, share in self.members.items() if s not in set(blockers)}
        most = max((value for value in rest.values() if value is not None), default=None)
        return tuple(sorted(s for s, value in rest.items() if value == most and most is not None))


def power_of(rule: Rule, members: Members | None) -> Power | None:
    """Return the power of all members under a rule.

    None where a member or a weight is not known, where all members count alike, and where the
    outcome is certain.
    """
    if members is None or not _uneven(rule) or not _known(rule, members):
        return None
    form = Game(members, rule).form()
    if isinstance(form.formula, bool):
        return None
    columns = tuple(zip(*form.yes, strict=True))
    if len(set(columns)) == 1:
        return None
    order = sorted(range(len(columns)), key=columns.__getitem__)
    alike = _Alike(tuple(columns[i] for i in order), form.formula, form)
    shares, draws = _shares(alike)
    weight = next((leg.weight for leg in rule.legs() if isinstance(leg, Weighted)), "")
    return Power(
        {state: shares[columns[i]] for i, state in enumerate(form.players)},
        {state: _votes(members, weight, state) for state in form.players},
        weight,
        draws,
    )


def _uneven(rule: Rule) -> bool:
    """Say whether some condition weighs members or names some of them."""
    for leg in rule.legs():
        named = getattr(leg, "except_", "") not in ("", CONCERNED)
        if named or any(getattr(leg, name, None) for name in _UNEVEN):
            return True
    return False


def _known(rule: Rule, members: Members) -> bool:
    names = {getattr(leg, "weight", "") for leg in rule.legs()} - {""}
    whole = all(members.weights.get(name) and not members.lacking(name) for name in names)
    return whole and members.unnamed == 0


def _votes(members: Members, weight: str, state: str) -> Fraction:
    if not weight:
        return Fraction(1, len(members.ids))
    total = members.total(weight)
    return members.weights[weight][state] / total if total else Fraction(0)


@dataclass(frozen=True, slots=True)
class _Alike:
    """A game up to the names and the order of its members: equal ones have equal indices."""

    columns: tuple[tuple[int, ...], ...]
    formula: Formula
    form: Form = field(compare=False)


@lru_cache(maxsize=256)
def _shares(game: _Alike) -> tuple[Mapping[tuple[int, ...], Share], int]:
    """Return the power of members by what they add to the criteria, and the draws."""
    from .power.cache import kept_indices

    form = game.form
    made = kept_indices(form)
    assert made.shapley_shubik is not None
    found: dict[tuple[int, ...], Share] = {}
    for i, column in enumerate(zip(*form.yes, strict=True)):
        found[column] = Share(
            made.shapley_shubik[i],
            made.banzhaf_normalised[i],
            made.prevent[i] if made.exact and made.prevent else None,
            {name: (lo[i], hi[i], _LEVEL) for name, (lo, hi) in made.intervals.items()},
        )
    return found, made.draws


# --- what is said -------------------------------------------------------------------------------


def findings(view: View, answers: Iterable[Answer]) -> Iterator[Finding]:
    """Yield the indices of the state, three for each decision."""
    for answer, power in _shown(view, answers):
        own, rule = power.members[view.state], answer.decision.rule
        terms = {
            "state": p.State(view.state),
            "body": p.Body(rule.body_id),
            "label": p.Text(rule.text("label", "en"), rule.text("label", "zh")),
            "shapley": p.Share(own.shapley),
            "banzhaf": p.Share(own.banzhaf),
            "held": _held(power, view.state),
            "needed": _needed(answer, own),
            "trap": _trap(view, answer, power),
        }
        key = "power" if own.prevent is not None else "power_drawn"
        yield _finding(view, answer, power, "shapley", view.say(key, **terms))
        yield _finding(view, answer, power, "banzhaf", view.say("power_banzhaf", **terms))
        if own.prevent is not None:
            yield _finding(view, answer, power, "prevent", view.say("power_prevent", **terms))


def _shown(view: View, answers: Iterable[Answer]) -> Iterator[tuple[Answer, Power]]:
    for answer in answers:
        power = answer.decision.power
        if power is not None and view.state in power.members:
            yield answer, power


def _finding(
    view: View, answer: Answer, power: Power, measure: str, sentences: Mapping[str, str]
) -> Finding:
    rule, own = answer.decision.rule, power.members[view.state]
    made = view.finding(
        "nod",
        rule.body_id,
        f"{measure}-{rule.decision}",
        getattr(own, measure),
        "share",
        [("decision_rules", rule.row), *view.seats.get(rule.body_id, ())],
        sentences,
        coverage="complete",
        n=power.draws or len(power.members),
        interval=own.intervals.get(_INDEX[measure]),
    )
    # The index rests on every member's weight, not on the state's alone.
    others = answer.decision.roll.sources
    return replace(made, sources=tuple(dict.fromkeys((*made.sources, *others))))


_INDEX = {
    "shapley": "shapley_shubik",
    "banzhaf": "banzhaf_normalised",
    "prevent": "coleman_prevent",
}


def _held(power: Power, state: str) -> p.Say:
    share = p.Share(float(power.votes[state]))
    if power.weight:
        known = p.knows(f"held_{power.weight}")
        return p.Say(f"held_{power.weight if known else 'weight'}", {"share": share})
    return p.Say("held_heads", {"share": share, "members": p.Number(len(power.members))})


def _needed(answer: Answer, own: Share) -> p.Say:
    if answer.blocks:
        return p.Say("needed_always", {})
    return p.Say("needed_often", {"prevent": p.Share(own.prevent or 0.0)})


def _hidden(answer: Answer, power: Power, state: str) -> bool:
    """Say whether the Banzhaf index hides that the state can block alone."""
    low = power.members[state].banzhaf < _TRAP * power.votes[state]
    return bool(answer.blocks) and low and bool(_next(answer, power))


def _next(answer: Answer, power: Power) -> tuple[str, ...]:
    return power.next_to(answer.decision.holders or ())


def _trap(view: View, answer: Answer, power: Power) -> Any:
    if not _hidden(answer, power, view.state):
        return p.NOTHING
    others = _next(answer, power)
    return p.Say(
        "power_trap",
        {
            "state": p.State(view.state),
            "prevent": p.Share(power.members[view.state].prevent or 0.0),
            "next": p.States(others, 2),
            "next_prevent": p.Share(power.members[others[0]].prevent or 0.0),
        },
    )


# --- what is drawn ------------------------------------------------------------------------------


def exhibits(view: View, answers: Iterable[Answer]) -> Iterator[Exhibit]:
    """Yield the state's power beside its share of votes; nothing where no decision can be shown."""
    every = list(answers)
    shown = list(_shown(view, every))
    if not shown:
        return
    yield Exhibit(
        "power",
        "nod",
        _title(view, shown),
        view.say("subtitle_power"),
        [_row(view, answer, power) for answer, power in shown],
        tuple(
            dict.fromkeys(
                source
                for answer, _ in shown
                for source in (
                    *sources_of([answer.decision.rule.row]),
                    *answer.decision.roll.sources,
                )
            )
        ),
        coverage="complete" if all(_told(answer) for answer in every) else "partial",
    )


def _told(answer: Answer) -> bool:
    """Say whether the record holds all that the power in a decision rests on."""
    rule, members = answer.decision.rule.rule, answer.decision.members
    known = rule is not None and members is not None and _known(rule, members)
    return known or answer.any_member


def _title(view: View, shown: list[tuple[Answer, Power]]) -> dict[str, str]:
    """Return the decision in which the Shapley–Shubik share is largest, with those like it."""

    def seen(pair: tuple[Answer, Power]) -> tuple[str, float, Fraction]:
        answer, power = pair
        own = power.members[view.state].shapley
        return answer.decision.rule.body_id, own, power.votes[view.state]

    top = max(shown, key=lambda pair: pair[1].members[view.state].shapley)
    rules = [pair[0].decision.rule for pair in shown if seen(pair) == seen(top)]
    labels = [p.Text(rule.text("label", "en"), rule.text("label", "zh")) for rule in rules]
    return view.say(
        "title_power",
        state=p.State(view.state),
        body=p.Body(rules[0].body_id),
        labels=p.Parts(labels, 1),
        shapley=p.Share(top[1].members[view.state].shapley),
        held=_held(top[1], view.state),
    )


def _row(view: View, answer: Answer, power: Power) -> dict[str, Any]:
    rule, own = answer.decision.rule, power.members[view.state]
    others = _next(answer, power) if answer.blocks else ()
    return {
        "body_id": rule.body_id,
        "decision": rule.decision,
        "label_en": rule.text("label", "en"),
        "label_zh": rule.text("label", "zh"),
        "members": len(power.members),
        "weight": power.weight or "members",
        "vote_share": float(power.votes[view.state]),
        "shapley_shubik": own.shapley,
        "banzhaf_normalised": own.banzhaf,
        "coleman_prevent": own.prevent,
        "focal_blocks": answer.blocks,
        "hidden": _hidden(answer, power, view.state),
        "next_states": list(others),
        "next_prevent": power.members[others[0]].prevent if others else None,
    }
