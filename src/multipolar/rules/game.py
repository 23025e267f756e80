"""A voting game: who decides, with what weights, by which rule; from a body, from code, or a file.

>>> game = Game.of({"A": 3, "B": 2, "C": 1}, {"weighted": {"quota": 4}})
>>> game.form().thresholds()
((4,),)
>>> game.sentence("en")
'Adopted if members with at least 4 votes vote in favour.'
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from ..errors import BadInput
from .algebra import All, Either, Name, Rule
from .ballot import Position
from .form import Form, form_of
from .gamefile import read_members, read_rule, read_text
from .legs import Count, Veto, Weighted, least
from .members import Members
from .parsing import parse
from .quota import Quota


@dataclass(frozen=True, slots=True)
class Game:
    """Members and the rule by which they decide.

    Attributes
    ----------
    members : Members
        Who decides, and with what weights.
    rule : Rule
        The rule.
    fixed : mapping of str to str
        Members whose position is given, such as ``{"USA": "absent"}``; totals keep them.
    concerned : str
        The member that a rule with ``except_="concerned"`` leaves out.
    """

    members: Members
    rule: Rule
    fixed: Mapping[str, Position] = field(default_factory=dict)
    concerned: str = ""

    @classmethod
    def of(
        cls,
        members: Members | Mapping[str, Any] | Sequence[str],
        rule: Rule | str | Mapping[str, Any],
    ) -> Game:
        """Make a game from members and a rule.

        Parameters
        ----------
        members : Members, mapping or sequence
            Names; or names with a weight; or names with several named weights, as in a game file.
        rule : Rule, str or mapping
            A rule, its text, or its form in a game file.

        Raises
        ------
        BadInput
            A weight, a quota or a name cannot be meant.
        """
        who = members if isinstance(members, Members) else read_members(members)
        if isinstance(rule, str):
            made = parse(rule)
        else:
            made = rule if isinstance(rule, Rule) else read_rule(rule, who)
        made.check(who)
        return cls(who, made)

    @classmethod
    def from_dict(cls, given: Any) -> Game:
        """Make a game from ``{"members": …, "rule": …}``.

        Raises
        ------
        BadInput
            A part is missing or cannot be meant, or the rule can never or always pass.
        """
        if not isinstance(given, Mapping) or set(given) - {"members", "rule", "name"}:
            raise BadInput('a game is an object of "members" and "rule".', hint=_FORM)
        if missing := [part for part in ("members", "rule") if part not in given]:
            raise BadInput(f"the game has no {missing[0]!r}.", hint=_FORM)
        game = cls.of(given["members"], given["rule"])
        game.decisive()
        return game

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Game:
        """Read a game file.

        Raises
        ------
        BadInput
            There is no such file, it is not JSON, or it is not a game.

        Examples
        --------
        >>> Game.load("no-such-file.json")
        Traceback (most recent call last):
        multipolar.errors.BadInput: no file 'no-such-file.json'.
        """
        name = os.fspath(path)
        try:
            data = Path(name).read_bytes()
        except FileNotFoundError:
            raise BadInput(f"no file {name!r}.") from None
        except OSError as error:
            raise BadInput(f"{name!r} cannot be read: {error.strerror}.") from None
        return cls.from_dict(read_text(data, name))

    def form(self, *, abstention: bool = False) -> Form:
        """Return the rule as criteria with whole numbers and thresholds."""
        return form_of(
            self.rule,
            self.members,
            fixed=self.fixed,
            concerned=self.concerned,
            abstention=abstention,
        )

    def decisive(self) -> Form:
        """Return the form, or refuse a rule that never or always passes.

        Raises
        ------
        BadInput
            The outcome does not depend on what anybody does.
        """
        form = self.form()
        if isinstance(form.formula, bool):
            often = "always passes, even if nobody votes yes" if form.formula else "can never pass"
            raise BadInput(f"the rule {often}.")
        return form

    def sentence(self, lang: str, name: Name = str) -> str:
        """Return the rule as a sentence."""
        return self.rule.sentence(lang, name)

    @property
    def quota(self) -> Fraction | None:
        """Return the votes that the first condition on votes or members asks, as a number.

        Where all weights are whole numbers it is the least number of votes that is enough; for a
        share of the votes cast, when all members vote yes or no.
        """
        leg = self._leading
        if leg is None:
            return None
        if isinstance(leg, Count):
            heads = leg.among or self.members.ids
            unnamed = 0 if leg.among else self.members.unnamed
            return (
                None
                if unnamed is None
                else Fraction(least(leg.quota, Fraction(len(heads) + unnamed)))
            )
        total = self.members.total(leg.weight)
        whole = all(w.denominator == 1 for w in self.members.weights.get(leg.weight, {}).values())
        if total is None:
            return None
        if whole and total.denominator == 1:
            return Fraction(least(leg.quota, total))
        return leg.quota.value * total if leg.quota.share else leg.quota.value

    def weight(self, state: str) -> Fraction | None:
        """Return a member's weight in the condition of `quota`: one where heads are counted."""
        leg = self._leading
        if isinstance(leg, Weighted):
            return self.members.weight(leg.weight, state)
        names = sorted(self.members.weights)
        if leg is None and len(names) == 1:
            return self.members.weight(names[0], state)
        return Fraction(1)

    @property
    def total(self) -> Fraction | None:
        """Return the sum of what `weight` returns, as the body states it or added up."""
        leg = self._leading
        if isinstance(leg, Weighted):
            return self.members.total(leg.weight)
        names = sorted(self.members.weights)
        if leg is None and len(names) == 1:
            return self.members.total(names[0])
        unnamed = self.members.unnamed
        return None if unnamed is None else Fraction(len(self.members.ids) + unnamed)

    @property
    def _leading(self) -> Weighted | Count | None:
        """Return the first weighted condition, else the first that counts all members."""
        legs = list(self.rule.legs())
        for leg in legs:
            if isinstance(leg, Weighted):
                return leg
        for leg in legs:
            if isinstance(leg, Count) and not leg.among:
                return leg
        return None

    def absent(self, state: str, position: Position = "absent") -> Game:
        """Return the game with a member away: totals and quotas keep it."""
        return Game(self.members, self.rule, {**self.fixed, state: position}, self.concerned)

    def left(self, state: str) -> Game:
        """Return the game after a member has left: its weight leaves, quotas are computed anew."""
        rule = without_name(self.rule, state)
        if rule is None or (self.members.complete and set(self.members.ids) == {state}):
            raise BadInput(f"without {state} nobody is left to decide.")
        return Game(self.members.without(state), rule, self.fixed, self.concerned)

    def joined(self, state: str, weights: Mapping[str, Fraction]) -> Game:
        """Return the game with a new member: its weights join every total.

        Raises
        ------
        BadInput
            It is a member already, or one of the body's weights is missing.
        """
        if state in self.members.ids:
            raise BadInput(f"{state} is a member already.")
        names = set(self.members.weights)
        if missing := sorted(names - set(weights)):
            raise BadInput(f"{state} joins without the weight {missing[0]!r}.")
        if strange := sorted(set(weights) - names):
            raise BadInput(f"no member has a weight {strange[0]!r}.", candidates=sorted(names))
        own = self.members
        table = {n: {**own.weights[n], state: weights[n]} for n in own.weights}
        totals = {n: total + weights[n] for n, total in own.totals.items()}
        members = Members((*own.ids, state), table, totals, own.unnamed)
        return Game(members, self.rule, self.fixed, self.concerned)

    @property
    def key(self) -> str:
        """Return a hash of everything on which the numbers depend, names and order included."""
        return key_of(self.form())


def key_of(form: Form) -> str:
    """Return a hash of a form: the players in their order, criteria and formula."""
    text = json.dumps([form.players, form.yes, form.abstain, repr(form.formula)])
    return hashlib.sha256(text.encode()).hexdigest()


def without_name(rule: Rule, state: str) -> Rule | None:
    """Return a rule in which a state that has left is not named any more; None if nothing is left.

    A named group of which all must agree shrinks with it; a named group of which a number must
    agree keeps its number, as the text has it.
    """
    if isinstance(rule, All | Either):
        found = [without_name(part, state) for part in rule.parts]
        parts = tuple(part for part in found if part is not None)
        return type(rule)(parts) if len(parts) > 1 else (parts[0] if parts else None)
    if isinstance(rule, Veto) and state in rule.states:
        return Veto(rule.states - {state}) if len(rule.states) > 1 else None
    if isinstance(rule, Count) and state in rule.among:
        left = rule.among - {state}
        every = not rule.quota.share and rule.quota.value == len(rule.among)
        quota = Quota(Fraction(len(left)), share=False) if every else rule.quota
        return Count(quota, rule.of, left, rule.except_) if left else None
    return rule


_FORM = '{"members": {"A": {"weight": 3}, …}, "rule": {"weighted": {"quota": 4}}}'
