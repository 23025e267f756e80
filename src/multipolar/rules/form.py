"""A rule over given members as criteria with whole numbers and thresholds: what indices count.

Every condition of the algebra is linear in what each member does: a member adds so much by voting
yes, so much by abstaining, nothing by voting no, and the sum must reach a threshold. Shares become
whole numbers by multiplying with their denominators, so that no quota is ever rounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from typing import Any

from ..errors import BadInput
from .algebra import All, Either, Rule
from .ballot import POSITIONS, PRESENT, Position
from .legs import (
    CONCERNED,
    COUNTED,
    WEIGHED,
    BlockingMinority,
    Consensus,
    Count,
    NegativeConsensus,
    Quorum,
    Unanimity,
    Veto,
    Weighted,
)
from .members import Members
from .quota import Quota


@dataclass(frozen=True, slots=True)
class At:
    """The sum of a criterion reaches a threshold."""

    criterion: int
    least: int


@dataclass(frozen=True, slots=True)
class Every:
    """Every part holds."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one part holds."""

    parts: tuple[Formula, ...]


Formula = bool | At | Every | Some


@dataclass(frozen=True, slots=True)
class Form:
    """A rule as criteria and a formula over their thresholds.

    Attributes
    ----------
    players : tuple of str
        Who decides freely.
    yes, abstain : tuple of tuple of int
        Per criterion, what each player adds by voting yes or by abstaining; voting no adds 0, and
        ``0 <= abstain <= yes``.
    formula : Formula
        True or False where nothing that the players do changes the outcome.
    """

    players: tuple[str, ...]
    yes: tuple[tuple[int, ...], ...]
    abstain: tuple[tuple[int, ...], ...]
    formula: Formula

    @property
    def totals(self) -> tuple[int, ...]:
        """Return each criterion's sum when all vote yes."""
        return tuple(sum(row) for row in self.yes)

    def wins(self, yes: Iterable[int], abstain: Iterable[int] = ()) -> bool:
        """Say whether a text is adopted, players given by their places."""
        sums = [0] * len(self.yes)
        for rows, chosen in ((self.yes, tuple(yes)), (self.abstain, tuple(abstain))):
            for k, row in enumerate(rows):
                sums[k] += sum(row[i] for i in chosen)
        return holds(self.formula, sums)

    def thresholds(self) -> tuple[tuple[int, ...], ...]:
        """Return, per criterion, the thresholds in the formula, ascending."""
        found: list[set[int]] = [set() for _ in self.yes]
        for leaf in leaves(self.formula):
            found[leaf.criterion].add(leaf.least)
        return tuple(tuple(sorted(each)) for each in found)


def holds(formula: Formula, sums: Sequence[int]) -> bool:
    """Evaluate a formula for the sums of all criteria."""
    if isinstance(formula, bool):
        return formula
    if isinstance(formula, At):
        return bool(sums[formula.criterion] >= formula.least)
    some = (holds(part, sums) for part in formula.parts)
    return all(some) if isinstance(formula, Every) else any(some)


def leaves(formula: Formula) -> list[At]:
    """Return all thresholds of a formula."""
    if isinstance(formula, bool):
        return []
    if isinstance(formula, At):
        return [formula]
    return [leaf for part in formula.parts for leaf in leaves(part)]


def form_of(
    rule: Rule,
    members: Members,
    *,
    fixed: Mapping[str, Position] | None = None,
    concerned: str = "",
    abstention: bool = False,
    players: Sequence[str] | None = None,
) -> Form:
    """Write a rule over given members as criteria and thresholds.

    Parameters
    ----------
    rule : Rule
        The rule.
    members : Members
        Who decides; members known by number only become players ``"?1"``, ``"?2"``, …
    fixed : mapping of str to str, optional
        Members whose position is given (``absent``, ``no``); they are no players.
    concerned : str
        The member that a rule with ``except_="concerned"`` leaves out.
    abstention : bool
        Whether players may abstain; without it ``abstain`` is all zeros.
    players : sequence of str, optional
        Order of the players; by default that of the members.

    Raises
    ------
    BadInput
        The number of members, or a weight on which the rule rests, is not known.
    """
    rule.check(members)
    made = _Maker(members, dict(fixed or {}), concerned, abstention)
    formula = made.formula(rule)
    order = [s for s in (players or made.states) if s not in made.fixed]
    return _settled(order, made, formula)


@dataclass(frozen=True, slots=True)
class _Line:
    """One linear condition: coefficients per state and position, and a least sum."""

    row: tuple[tuple[Fraction, Fraction, Fraction, Fraction], ...]
    least: Fraction


_Draft = Any
Coefficients = Mapping[Position, Fraction]
_ONE, _NIL = Fraction(1), Fraction(0)


class _Maker:
    """Turns conditions into lines over all states."""

    def __init__(
        self, members: Members, fixed: dict[str, Position], concerned: str, abstention: bool
    ) -> None:
        if members.unnamed is None:
            raise BadInput("the number of members is not known.")
        self.members = members
        self.states = (*members.ids, *(f"?{k + 1}" for k in range(members.unnamed)))
        self.fixed = fixed
        self.concerned = concerned
        self.abstention = abstention

    def formula(self, rule: Rule) -> _Draft:
        """Return the rule with lines in place of conditions."""
        if isinstance(rule, All | Either):
            parts = [self.formula(part) for part in rule.parts]
            return ("all" if isinstance(rule, All) else "any", parts)
        maker: Callable[..., _Draft] = _MAKERS[type(rule)]
        return maker(self, rule)

    def line(
        self,
        quota: Quota,
        base: Iterable[Position],
        unit: Callable[[str], Fraction],
        total: Fraction | None = None,
        favour: Iterable[Position] = ("yes",),
    ) -> _Line:
        """Write "in favour less what is needed" as one line."""
        inside, good = set(base), set(favour)
        fixed_total = quota.share and len(inside) == len(POSITIONS)
        share = quota.value if quota.share and not fixed_total else _NIL
        per = [Fraction(p in good) - share * (p in inside) for p in POSITIONS]
        rows = []
        for state in self.states:
            own = unit(state)
            rows.append((per[0] * own, per[1] * own, per[2] * own, per[3] * own))
        if fixed_total:
            whole = sum((unit(s) for s in self.states), _NIL) if total is None else total
            least = quota.value * whole
        else:
            least = _NIL if quota.share else quota.value
        return _above(rows, least, quota.strict)

    def weight(self, name: str) -> Callable[[str], Fraction]:
        """Return the weights of a name; refuse where one is missing."""
        if lacking := self.members.lacking(name):
            some = ", ".join(lacking[:3])
            raise BadInput(f"no weight {name!r} of {some} is known.")
        if self.members.unnamed:
            raise BadInput(f"the weights {name!r} of {self.members.unnamed} members are not known.")
        return self.members.weights[name].__getitem__ if self.members.ids else lambda _: _NIL

    def heads(self, among: frozenset[str], except_: str) -> Callable[[str], Fraction]:
        """Return one for every state that counts, else zero; refuse a group not known by name."""
        if self.members.unnamed and (strange := sorted(among - set(self.states))):
            raise BadInput(f"it is not known whether {strange[0]} is a member.")
        but = self.concerned if except_ == CONCERNED else except_

        def unit(state: str) -> Fraction:
            return _ONE if state != but and (not among or state in among) else _NIL

        return unit

    def plain(
        self, unit: Callable[[str], Fraction], good: Iterable[Position], least: Fraction | None
    ) -> _Line:
        """Ask that so many of a set (all of them where None) take one of some positions."""
        good = set(good)
        rows = []
        for state in self.states:
            own = unit(state)
            values = [own * (p in good) for p in POSITIONS]
            rows.append((values[0], values[1], values[2], values[3]))
        need = sum((unit(s) for s in self.states), _NIL) if least is None else least
        return _above(rows, need, strict=False)


def _above(rows: Sequence[tuple[Fraction, ...]], least: Fraction, strict: bool) -> _Line:
    """Scale a condition to whole numbers, where "more than" is "at least one more"."""
    values = {v for row in rows for v in row}
    scale = lcm(least.denominator, *(v.denominator for v in values))
    need = least * scale + (1 if strict else 0)
    return _Line(
        tuple((r[0] * scale, r[1] * scale, r[2] * scale, r[3] * scale) for r in rows), need
    )


def _weighted(made: _Maker, leg: Weighted) -> _Draft:
    base = WEIGHED[leg.of][0]
    line = made.line(leg.quota, base, made.weight(leg.weight), made.members.total(leg.weight))
    return _somebody(made, line, leg.of in ("total_votes", "population"), made.heads(_ALL, ""))


def _count(made: _Maker, leg: Count) -> _Draft:
    heads = made.heads(leg.among, leg.except_)
    line = made.line(leg.quota, COUNTED[leg.of][0], heads)
    return _somebody(made, line, leg.of == "members", heads)


def _somebody(made: _Maker, line: _Line, always: bool, heads: Callable[[str], Fraction]) -> _Draft:
    """Ask for one yes where all may abstain: an empty vote is no vote in favour."""
    return (
        line
        if always or not made.abstention
        else ("all", [line, made.plain(heads, ("yes",), _ONE)])
    )


def _veto(made: _Maker, leg: Veto) -> _Draft:
    return made.plain(made.heads(leg.states, ""), ("yes", "abstain", "absent"), None)


def _consensus(made: _Maker, leg: Consensus) -> _Draft:
    heads = made.heads(_ALL, leg.except_)
    silent = made.plain(heads, ("yes", "abstain", "absent"), None)
    return ("all", [silent, made.plain(heads, PRESENT, _ONE)])


def _unanimity(made: _Maker, leg: Unanimity) -> _Draft:
    heads = made.heads(_ALL, leg.except_)
    good: tuple[Position, ...] = ("yes",) if leg.abstain == "blocks" else ("yes", "abstain")
    return ("all", [made.plain(heads, good, None), made.plain(heads, PRESENT, _ONE)])


def _negative(made: _Maker, leg: NegativeConsensus) -> _Draft:
    heads = made.heads(_ALL, "")
    silent = made.plain(heads, ("yes", "abstain", "absent"), None)
    some = ("any", [silent, made.plain(heads, ("yes",), _ONE)])
    return ("all", [some, made.plain(heads, PRESENT, _ONE)])


def _quorum(made: _Maker, leg: Quorum) -> _Draft:
    if leg.weight:
        unit, total = made.weight(leg.weight), made.members.total(leg.weight)
        return made.line(leg.quota, POSITIONS, unit, total, favour=PRESENT)
    return made.line(leg.quota, POSITIONS, made.heads(_ALL, ""), favour=PRESENT)


def _minority(made: _Maker, leg: BlockingMinority) -> _Draft:
    heads = made.heads(_ALL, "")
    few = made.plain(heads, ("yes",), Fraction(len(made.states) - leg.members + 1))
    share = Quota(1 - leg.share, share=True)
    light = made.line(share, POSITIONS, made.weight(leg.weight), made.members.total(leg.weight))
    return ("any", [few, light])


_ALL: frozenset[str] = frozenset()
_MAKERS: dict[type, Callable[..., _Draft]] = {
    Weighted: _weighted,
    Count: _count,
    Veto: _veto,
    Consensus: _consensus,
    Unanimity: _unanimity,
    NegativeConsensus: _negative,
    Quorum: _quorum,
    BlockingMinority: _minority,
}


def _settled(order: Sequence[str], made: _Maker, draft: _Draft) -> Form:
    """Fold fixed positions into thresholds, merge equal criteria, and simplify."""
    place = {state: i for i, state in enumerate(made.states)}
    chosen = [place[s] for s in order]
    fixed = [(place[s], POSITIONS.index(p)) for s, p in made.fixed.items() if s in place]
    criteria: dict[tuple[tuple[int, ...], tuple[int, ...]], int] = {}

    def settle(part: _Draft) -> Formula:
        if isinstance(part, tuple):
            return simplified(part[0] == "all", [settle(each) for each in part[1]])
        rows = part.row
        least = part.least - sum((rows[i][k] for i, k in fixed), _NIL)
        least -= sum((rows[i][1] for i in chosen), _NIL)
        yes = [int(rows[i][0] - rows[i][1]) for i in chosen]
        may = made.abstention
        abstain = [int(rows[i][2] - rows[i][1]) * may for i in chosen]
        divisor = gcd(*yes, *abstain)
        if divisor == 0:
            return bool(least <= 0)
        need = -(-int(least) // divisor)
        if need <= 0 or need > sum(yes) // divisor:
            return need <= 0
        key = (tuple(v // divisor for v in yes), tuple(v // divisor for v in abstain))
        return At(criteria.setdefault(key, len(criteria)), need)

    formula = settle(draft)
    return _used(tuple(order), list(criteria), formula)


def simplified(every: bool, parts: Sequence[Formula]) -> Formula:
    """Join parts by "and" or "or": constants fold, of two thresholds on a criterion one decides."""
    flat: list[Formula] = []
    for part in parts:
        same = isinstance(part, Every if every else Some)
        flat.extend(part.parts if same else [part])  # type: ignore[union-attr]
    if any(part is (not every) for part in flat):
        return not every
    decisive: dict[int, int] = {}
    for part in flat:
        if isinstance(part, At):
            known = decisive.get(part.criterion, part.least)
            pick = max(known, part.least) if every else min(known, part.least)
            decisive[part.criterion] = pick
    kept: list[Formula] = [At(k, least) for k, least in decisive.items()]
    kept += dict.fromkeys(p for p in flat if isinstance(p, Every | Some))
    if not kept:
        return every
    if len(kept) == 1:
        return kept[0]
    return Every(tuple(kept)) if every else Some(tuple(kept))


def _used(
    players: tuple[str, ...],
    criteria: list[tuple[tuple[int, ...], tuple[int, ...]]],
    formula: Formula,
) -> Form:
    """Keep the criteria that the formula still asks, and number them anew."""
    names = {leaf.criterion for leaf in leaves(formula)}
    kept = [k for k in range(len(criteria)) if k in names]
    number = {k: i for i, k in enumerate(kept)}

    def renamed(part: Formula) -> Formula:
        if isinstance(part, bool):
            return part
        if isinstance(part, At):
            return At(number[part.criterion], part.least)
        return type(part)(tuple(renamed(each) for each in part.parts))

    yes = tuple(criteria[k][0] for k in kept)
    return Form(players, yes, tuple(criteria[k][1] for k in kept), renamed(formula))
