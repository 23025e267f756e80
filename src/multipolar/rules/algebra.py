"""Decision rules as values: joined by ``&`` and ``|``, evaluated, written as sentences.

>>> from multipolar.rules import count, veto
>>> rule = count(9) & veto({"AAA", "BBB"})
>>> str(rule)
'count(9) & veto({"AAA", "BBB"})'
>>> rule.sentence("en")
'Adopted if at least 9 members vote in favour and none of AAA and BBB votes no.'
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..words import fmt_list
from .ballot import Ballot, Position
from .members import Members

Name = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a rule is not met, or cannot be decided; ``{states}`` stands for the states."""

    en: str
    zh: str
    states: tuple[str, ...] = ()

    def sentence(self, lang: str, name: Name = str) -> str:
        """Return the reason in a language, states named by ``name``."""
        states = fmt_list([name(state) for state in self.states], lang)
        return (self.zh if lang == "zh" else self.en).replace("{states}", states)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a text is adopted: True, False, or None where the record does not decide it."""

    passed: bool | None
    reasons: tuple[Reason, ...] = ()

    def why(self, lang: str, name: Name = str) -> list[str]:
        """Return the reasons in a language; none where the text is adopted."""
        return [reason.sentence(lang, name) for reason in self.reasons]


class Rule:
    """Base of all rules; a rule is frozen, hashable, and equal to what its text parses to."""

    __slots__ = ()

    def __and__(self, other: Rule) -> Rule:
        """Return the rule that asks for both."""
        return All((*_parts(self, All), *_parts(other, All)))

    def __or__(self, other: Rule) -> Rule:
        """Return the rule that asks for either."""
        return Either((*_parts(self, Either), *_parts(other, Either)))

    def evaluate(
        self,
        positions: Mapping[str, Position],
        members: Members | Iterable[str],
        *,
        rest: Position | None = None,
        concerned: str = "",
    ) -> Verdict:
        """Say whether a text is adopted, or why not.

        Parameters
        ----------
        positions : mapping of str to str
            ``yes``, ``no``, ``abstain`` or ``absent`` by state.
        members : Members or iterable of str
            Who may vote.
        rest : str, optional
            Position of every member without one; without it every member must have one.
        concerned : str
            The member that a rule with ``except_="concerned"`` leaves out.

        Returns
        -------
        Verdict
            ``passed`` is None where missing weights leave it open.

        Raises
        ------
        BadInput
            A position is unknown or missing, a state is no member, or a quota is above the total.
        """
        members = Members.of(members)
        self.check(members)
        return self.judge(Ballot.of(positions, members, rest), concerned)

    def check(self, members: Members) -> None:
        """Raise BadInput where no vote of these members could reach the quota."""
        for part in self.legs():
            if part is not self:
                part.check(members)

    def judge(self, ballot: Ballot, concerned: str = "") -> Verdict:
        """Judge a complete ballot."""
        raise NotImplementedError

    def clause(self, lang: str, name: Name) -> str:
        """Return the condition as a clause, to stand after "if"."""
        raise NotImplementedError

    def legs(self) -> Iterator[Rule]:
        """Yield the single conditions of which the rule is made."""
        yield self

    def sentence(self, lang: str, name: Name = str) -> str:
        """Return the rule as a sentence; ``name`` writes a state's name in that language."""
        if lang == "zh":
            return f"{self.clause(lang, name)}，即获通过。"
        return f"Adopted if {self.clause(lang, name)}."


@dataclass(frozen=True, slots=True)
class All(Rule):
    """Every part must be met."""

    parts: tuple[Rule, ...]

    def __str__(self) -> str:
        return " & ".join(f"({p})" if isinstance(p, Either) else str(p) for p in self.parts)

    def judge(self, ballot: Ballot, concerned: str = "") -> Verdict:
        """Judge all parts; the reasons are those of the parts that are not met."""
        verdicts = [part.judge(ballot, concerned) for part in self.parts]
        decisive = [v for v in verdicts if v.passed is False] or [
            v for v in verdicts if v.passed is None
        ]
        if not decisive:
            return Verdict(True)
        return Verdict(decisive[0].passed, tuple(r for v in decisive for r in v.reasons))

    def clause(self, lang: str, name: Name) -> str:
        """Return the parts joined by "and"."""
        clauses = [
            part.clause(lang, name) if lang == "zh" else _either(part, lang, name)
            for part in self.parts
        ]
        return "；且".join(clauses) if lang == "zh" else fmt_list(clauses, lang)

    def legs(self) -> Iterator[Rule]:
        """Yield the single conditions."""
        for part in self.parts:
            yield from part.legs()


@dataclass(frozen=True, slots=True)
class Either(Rule):
    """One part is enough."""

    parts: tuple[Rule, ...]

    def __str__(self) -> str:
        return " | ".join(str(part) for part in self.parts)

    def judge(self, ballot: Ballot, concerned: str = "") -> Verdict:
        """Judge all parts; the reasons are those of all."""
        verdicts = [part.judge(ballot, concerned) for part in self.parts]
        if any(verdict.passed for verdict in verdicts):
            return Verdict(True)
        passed = None if any(verdict.passed is None for verdict in verdicts) else False
        return Verdict(passed, tuple(r for verdict in verdicts for r in verdict.reasons))

    def clause(self, lang: str, name: Name) -> str:
        """Return the parts joined by "or"."""
        joint = "，或" if lang == "zh" else ", or "
        return joint.join(part.clause(lang, name) for part in self.parts)

    def legs(self) -> Iterator[Rule]:
        """Yield the single conditions."""
        for part in self.parts:
            yield from part.legs()


def _parts(rule: Rule, kind: type[All] | type[Either]) -> tuple[Rule, ...]:
    return rule.parts if isinstance(rule, kind) else (rule,)


def _either(part: Rule, lang: str, name: Name) -> str:
    clause = part.clause(lang, name)
    return f"either {clause}" if isinstance(part, Either) else clause
