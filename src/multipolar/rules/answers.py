"""What a rule answers without any index: who can block alone, what works without a state.

Every answer comes from evaluating the rule. Where weights are missing, an answer is given only if
it holds for every way in which the missing weights could be spread; else its value is None.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, Literal, TypeVar

from ..errors import BadInput
from .algebra import Reason, Rule
from .ballot import Ballot, Position
from .legs import Count, Quorum, Weighted, least
from .members import Members

T = TypeVar("T")
Mode = Literal["absent", "opposed", "exit"]
_MODES: dict[str, Position] = {"absent": "absent", "opposed": "no", "exit": "yes"}


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """An answer, or None and why it cannot be given."""

    value: T | None
    why: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Margin:
    """What all others bring to one quota, against what it asks.

    ``have`` and ``need`` are shares of the base of ``leg``, or numbers of votes where the quota is
    a number; ``have`` is None where the state's weight is not known. ``reached`` says whether it is
    enough.
    """

    leg: Rule
    have: Fraction | None
    need: Fraction
    strict: bool
    reached: bool | None

    @property
    def spare(self) -> Fraction | None:
        """Return what is left over; negative: what is missing."""
        return None if self.have is None else self.have - self.need


_NO_QUORUM = Reason(
    "the record holds no quorum for this decision", "现有记录未载明该项决定的法定人数"
)
_HOPELESS = Reason(
    "the rule is not met even when all members vote yes", "即使全体成员投赞成票，规则亦不能满足"
)


def can_pass_without(
    rule: Rule, members: Members, state: str, mode: Mode = "absent", *, concerned: str = ""
) -> Answer[bool]:
    """Say whether the others can adopt a text, all of them voting yes.

    Parameters
    ----------
    mode : str
        ``absent``: the state stays away; ``opposed``: it votes no; ``exit``: it is no member any
        more, so that totals and quotas shrink.

    Raises
    ------
    BadInput
        The mode is unknown.
    """
    if mode not in _MODES:
        raise BadInput(f"{mode!r} is not a mode.", candidates=tuple(_MODES))
    if mode == "exit":
        left = members.without(state)
        positions: dict[str, Position] = {}
    else:
        left, positions = members, {state: _MODES[mode]}
        if members.complete and state not in members.ids:
            positions = {}
    verdict = rule.judge(Ballot.of(positions, left, "yes"), concerned)
    return Answer(verdict.passed, verdict.reasons if verdict.passed is None else ())


def veto_holders(rule: Rule, members: Members) -> Answer[tuple[str, ...]]:
    """Return the members that can each block alone, by voting no when all others vote yes.

    The value is None where a member's case is undecided, or where a member that is not known by
    name might be able to block; `sure_holders` still names those of whom it is certain.
    """
    if rule.judge(Ballot.of({}, members, "yes")).passed is False:
        return Answer((), (_HOPELESS,))
    answers = {state: can_pass_without(rule, members, state, "opposed") for state in members.ids}
    unknown = [answer for answer in answers.values() if answer.value is None]
    if not members.complete and not unknown:
        stranger = can_pass_without(rule, members, "?", "opposed")
        if stranger.value is not True:
            unknown = [stranger]
    if unknown:
        return Answer(None, unknown[0].why or (_STRANGER,))
    return Answer(tuple(state for state in members.ids if answers[state].value is False))


_STRANGER = Reason(
    "a member whose weight the record does not hold might be able to block",
    "现有记录未载明权重的成员中，可能有成员能够单独阻止",
)


def sure_holders(rule: Rule, members: Members) -> tuple[str, ...]:
    """Return the members of which it is certain that they can block alone.

    Members are tried from the heaviest down. Once one cannot block, none that weighs no more in any
    respect can, unless the rule names it; so most members of a large body need no evaluation.
    """
    if rule.judge(Ballot.of({}, members, "yes")).passed is False:
        return ()
    text = str(rule)
    names = sorted(members.weights)
    found: set[str] = set()
    harmless: list[tuple[Fraction, ...]] = []
    weights = {state: _vector(members, names, state) for state in members.ids}
    for state in sorted(members.ids, key=lambda s: sum(weights[s] or ()), reverse=True):
        vector, named = weights[state], f'"{state}"' in text
        if vector is not None and not named and _below_any(vector, harmless):
            continue
        blocks = can_pass_without(rule, members, state, "opposed").value is False
        if blocks:
            found.add(state)
        elif vector is not None and not named:
            harmless.append(vector)
    return tuple(state for state in members.ids if state in found)


def _vector(members: Members, names: list[str], state: str) -> tuple[Fraction, ...] | None:
    """Return a member's weights in the order of the names; None where one is not known."""
    weights = [members.weight(name, state) for name in names]
    known = [weight for weight in weights if weight is not None]
    return tuple(known) if len(known) == len(weights) else None


def _below_any(vector: tuple[Fraction, ...], others: list[tuple[Fraction, ...]]) -> bool:
    return any(all(a <= b for a, b in zip(vector, other, strict=True)) for other in others)


def quorum_stands(rule: Rule, members: Members, absent: Collection[str]) -> Answer[bool]:
    """Say whether the body can meet and vote when these members stay away and all others come."""
    quorums = [leg for leg in rule.legs() if isinstance(leg, Quorum)]
    if not quorums:
        return Answer(None, (_NO_QUORUM,))
    away: dict[str, Position] = {
        state: "absent" for state in absent if state in members.ids or not members.complete
    }
    ballot = Ballot.of(away, members, "yes")
    verdicts = [leg.judge(ballot) for leg in quorums]
    if any(verdict.passed is False for verdict in verdicts):
        return Answer(False)
    unknown = [verdict for verdict in verdicts if verdict.passed is None]
    return Answer(None, unknown[0].reasons) if unknown else Answer(True)


def margin(
    rule: Rule, members: Members, state: str, mode: Literal["absent", "opposed"] = "opposed"
) -> tuple[Margin, ...]:
    """Return, for each quota of the rule, what all others bring against what is needed."""
    here = state in members.ids or not members.complete
    positions: dict[str, Position] = {state: _MODES[mode]} if here else {}
    ballot = Ballot.of(positions, members, "yes")
    out = []
    for leg in rule.legs():
        if isinstance(leg, Weighted):
            have, whole = _weights(leg, ballot)
        elif isinstance(leg, Count):
            have, whole = _heads(leg, ballot)
        else:
            continue
        if leg.quota.share:
            have = None if have is None or not whole else have / whole
        out.append(Margin(leg, have, leg.quota.value, leg.quota.strict, leg.judge(ballot).passed))
    return tuple(out)


def members_needed(rule: Rule, members: Members) -> int | None:
    """Return the number of yes votes that the rule's counting leg asks when all members vote."""
    legs = [leg for leg in rule.legs() if isinstance(leg, Count) and not leg.among]
    if not legs or members.unnamed is None:
        return None
    base = Fraction(len(members.ids) + members.unnamed)
    return max(least(leg.quota, base) for leg in legs)


def _weights(leg: Weighted, ballot: Ballot) -> tuple[Fraction | None, Fraction | None]:
    have = ballot.weight(leg.weight, "yes")
    if leg.of in ("total_votes", "population"):
        return have, ballot.members.total(leg.weight)
    if leg.of == "represented":
        return have, ballot.weight(leg.weight, "yes", "no", "abstain")
    return have, ballot.weight(leg.weight, "yes", "no")


def _heads(leg: Count, ballot: Ballot) -> tuple[Fraction | None, Fraction | None]:
    have = ballot.count("yes", among=leg.among)
    if leg.of == "members":
        return have, ballot.count("yes", "no", "abstain", "absent", among=leg.among)
    return have, ballot.count("yes", "no", among=leg.among)
