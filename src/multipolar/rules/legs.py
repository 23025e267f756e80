"""The single conditions of which rules are made; `constructors` builds them from checked input."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..errors import BadInput
from ..words import fmt_list
from .algebra import Name, Reason, Rule, Verdict
from .ballot import POSITIONS, PRESENT, VOTING, Ballot, Position
from .members import Members
from .quota import Quota, amount, percent

CONCERNED = "concerned"
COUNTED: dict[str, tuple[tuple[Position, ...], str, str]] = {
    "members": (POSITIONS, "members", "全体成员"),
    "present": (PRESENT, "members present", "出席成员"),
    "present_and_voting": (VOTING, "members present and voting", "出席并参加表决的成员"),
}
WEIGHED: dict[str, tuple[tuple[Position, ...], str, str]] = {
    "total_votes": (POSITIONS, "total voting power", "总投票权"),
    "votes_cast": (VOTING, "votes cast", "所投票数"),
    "represented": (PRESENT, "voting power represented", "与会成员所代表的投票权"),
    "population": (POSITIONS, "population of the members", "成员总人口"),
}
_UNKNOWN = Reason(
    "the record does not hold the weights of all members, and the answer depends on them",
    "现有记录未载明全部成员的投票权重，而结果取决于此",
)


@dataclass(frozen=True, slots=True)
class Weighted(Rule):
    """Members in favour hold a share of the weights."""

    quota: Quota
    of: str = "total_votes"
    weight: str = "votes"

    def __str__(self) -> str:
        usual = self.weight == weight_of(self.of)
        return _call("weighted", self.quota, of=self.of, weight=None if usual else self.weight)

    def check(self, members: Members) -> None:
        """Raise BadInput where the quota is above the sum of all weights."""
        check_number(self.quota, members.total(self.weight))

    def judge(self, ballot: Ballot, concerned: str = "") -> Verdict:
        """Judge the weights in favour; an empty vote is no vote in favour."""
        base, *_ = WEIGHED[self.of]
        passed = ballot.anyone("yes") and ballot.weights_reach(self.quota, base, self.weight)
        if passed is not False:
            return _verdict(passed)
        have = ballot.weight(self.weight, "yes")
        whole = (
            ballot.members.total(self.weight)
            if len(base) == len(POSITIONS)
            else ballot.weight(self.weight, *base)
        )
        if have is None or not whole:
            return Verdict(False, (_not_reached(self.clause),))
        need = self.quota.value if self.quota.share else self.quota.value / whole
        return Verdict(False, (self._short(have / whole, need),))

    def _short(self, have: Fraction, need: Fraction) -> Reason:
        _, en, zh = WEIGHED[self.of]
        more = ("more than ", "超过") if self.quota.strict else ("", "")
        return Reason(
            f"{percent(have)} of the {en} in favour, {more[0]}{percent(need)} needed",
            f"赞成者占{zh}的{percent(have)}，须{more[1]}{percent(need)}",
        )

    def clause(self, lang: str, name: Name) -> str:
        """Return the condition as a clause."""
        _, en, zh = WEIGHED[self.of]
        words = self.quota.words(lang)
        if lang == "zh":
            return f"赞成者占{zh}{words}" if self.quota.share else f"赞成者合计{words}票"
        if not self.quota.share:
            return f"members with {words} votes vote in favour"
        if self.of == "votes_cast":
            return f"{words} the {en} are in favour"
        return f"members with {words} the {en} vote in favour"


@dataclass(frozen=True, slots=True)
class Count(Rule):
    """So many members are in favour."""

    quota: Quota
    of: str = "members"
    among: frozenset[str] = frozenset()
    except_: str = ""

    def __str__(self) -> str:
        usual = self.of == "members" or not self.quota.share
        return _call(
            "count",
            self.quota,
            of=None if usual else self.of,
            among=self.among or None,
            except_=self.except_ or None,
        )

    def check(self, members: Members) -> None:
        """Raise BadInput where the quota is above the number of members."""
        if not self.among and members.unnamed is not None:
            check_number(self.quota, Fraction(len(members.ids) + members.unnamed))

    def judge(self, ballot: Ballot, concerned: str = "") -> Verdict:
        """Judge the members in favour."""
        but = _left_out(self.except_, concerned)
        base, *_ = COUNTED[self.of]
        here: dict[str, Any] = {"among": self.among, "but": but}
        passed = ballot.anyone("yes", **here) and ballot.counts_reach(self.quota, base, **here)
        if ballot.rest is not None and self.among - ballot.positions.keys():
            # One of the named group may be among the members that are not known by name.
            sure = not self.quota.share and (passed or ballot.rest != "yes")
            passed = passed if sure else None
        if passed is not False:
            return _verdict(passed)
        have, whole = ballot.count("yes", **here), ballot.count(*base, **here)
        if have is None or whole is None:
            return Verdict(False, (_not_reached(self.clause),))
        need = least(self.quota, whole)
        among = tuple(sorted(self.among))
        en, zh = ("of {states} ", "（限{states}）") if among else ("", "")
        text = (f"{have} votes {en}in favour, {need} needed", f"{have}票赞成{zh}，须{need}票")
        return Verdict(False, (Reason(*text, among),))

    def clause(self, lang: str, name: Name) -> str:
        """Return the condition as a clause."""
        _, en, zh = COUNTED[self.of]
        words = self.quota.words(lang)
        but = _but(self.except_, lang, name)
        if self.among:
            names = fmt_list([name(state) for state in sorted(self.among)], lang)
            every = not self.quota.share and self.quota.value == len(self.among)
            if lang == "zh":
                return f"{names}均投赞成票" if every else f"{names}中{words}国投赞成票"
            some = f"{self.quota.words(lang).removesuffix(' of')} of {names} vote in favour"
            return f"all of {names} vote in favour" if every else some
        if lang == "zh":
            middle = "" if words == "过半数" else "中"
            who = f"{zh}{but}{middle}{words}" if self.quota.share else f"{words}个成员"
            return f"{who}投赞成票"
        if not self.quota.share:
            return f"{words} members{but} vote in favour"
        return f"{words} the {en}{but} vote in favour"


@dataclass(frozen=True, slots=True)
class Veto(Rule):
    """None of these members votes no; abstention and absence do not stop the text."""

    states: frozenset[str]

    def __str__(self) -> str:
        return f"veto({_set(self.states)})"

    def judge(self, ballot: Ballot, concerned: str = "") -> Verdict:
        """Judge the holders' votes; a holder that is no member does not count."""
        if ballot.rest == "no" and not self.states <= ballot.positions.keys():
            return _verdict(None)
        return _objections(ballot.who("no", among=self.states))

    def clause(self, lang: str, name: Name) -> str:
        """Return the condition as a clause."""
        names = [name(state) for state in sorted(self.states)]
        joined = fmt_list(names, lang)
        if lang == "zh":
            return f"{joined}{'均' if len(names) > 1 else ''}未投反对票"
        return f"none of {joined} votes no" if len(names) > 1 else f"{joined} does not vote no"


@dataclass(frozen=True, slots=True)
class Consensus(Rule):
    """No member objects; abstention and absence do not stop the text."""

    except_: str = ""

    def __str__(self) -> str:
        return _call("consensus", None, except_=self.except_ or None)

    def judge(self, ballot: Ballot, concerned: str = "") -> Verdict:
        """Judge the objections."""
        but = _left_out(self.except_, concerned)
        if not ballot.anyone(*PRESENT, but=but):
            return Verdict(False, (_NOBODY,))
        if ballot.rest == "no":
            return Verdict(False, (_not_reached(self.clause),))
        return _objections(ballot.who("no", but=but))

    def clause(self, lang: str, name: Name) -> str:
        """Return the condition as a clause."""
        but = _but(self.except_, lang, name)
        if lang == "zh":
            return f"成员{but}均不反对（协商一致）"
        return f"no member{but} objects (consensus)"


@dataclass(frozen=True, slots=True)
class Unanimity(Rule):
    """Every member votes yes; where abstention is allowed, every member votes and none votes no."""

    abstain: str = "blocks"
    except_: str = ""

    def __str__(self) -> str:
        usual = self.abstain == "blocks"
        return _call(
            "unanimity", None, abstain=None if usual else self.abstain, except_=self.except_ or None
        )

    def judge(self, ballot: Ballot, concerned: str = "") -> Verdict:
        """Judge the votes of all members."""
        but = _left_out(self.except_, concerned)
        stopping: tuple[Position, ...] = ("no", "absent")
        stopping += ("abstain",) if self.abstain == "blocks" else ()
        stopped = tuple(ballot.who(*stopping, but=but))
        if not stopped and ballot.rest in stopping:
            return Verdict(False, (_not_reached(self.clause),))
        if not stopped:
            return _verdict(ballot.anyone(*PRESENT, but=but))
        return Verdict(False, (Reason("not in favour: {states}", "未投赞成票：{states}", stopped),))

    def clause(self, lang: str, name: Name) -> str:
        """Return the condition as a clause."""
        but = _but(self.except_, lang, name)
        if self.abstain == "blocks":
            return f"全体成员{but}一致赞成" if lang == "zh" else f"all members{but} vote in favour"
        if lang == "zh":
            return f"全体成员{but}参加表决且无一反对（弃权不妨碍通过）"
        return f"all members{but} take part and none votes no (abstention does not prevent it)"


@dataclass(frozen=True, slots=True)
class NegativeConsensus(Rule):
    """Adopted unless all who take a side are against."""

    def __str__(self) -> str:
        return "negative_consensus()"

    def judge(self, ballot: Ballot, concerned: str = "") -> Verdict:
        """Judge whether anybody stands in the way of a rejection."""
        if not ballot.anyone(*PRESENT):
            return Verdict(False, (_NOBODY,))
        if ballot.anyone("no") and not ballot.anyone("yes"):
            reason = Reason("decided by consensus not to adopt", "经协商一致决定不予通过")
            return Verdict(False, (reason,))
        return Verdict(True)

    def clause(self, lang: str, name: Name) -> str:
        """Return the condition as a clause."""
        if lang == "zh":
            return "未经协商一致决定不予通过（反向协商一致）"
        return "there is no consensus against it (negative consensus)"


@dataclass(frozen=True, slots=True)
class Quorum(Rule):
    """So many members, or so much weight, are present."""

    quota: Quota
    of: str = "members"
    weight: str = ""

    def __str__(self) -> str:
        usual = self.weight == (weight_of(self.of) if self.of in WEIGHED else "")
        return _call(
            "quorum",
            self.quota,
            of=None if self.of == "members" else self.of,
            weight=None if usual else self.weight,
        )

    def check(self, members: Members) -> None:
        """Raise BadInput where the quorum is above the total."""
        if self.weight:
            check_number(self.quota, members.total(self.weight))
        elif members.unnamed is not None:
            check_number(self.quota, Fraction(len(members.ids) + members.unnamed))

    def judge(self, ballot: Ballot, concerned: str = "") -> Verdict:
        """Judge who is present."""
        if self.weight:
            passed = ballot.weights_reach(self.quota, POSITIONS, self.weight, yes=PRESENT)
        else:
            present: dict[str, Position] = {
                state: "absent" if position == "absent" else "yes"
                for state, position in ballot.positions.items()
            }
            rest: Position | None = "yes" if ballot.rest in PRESENT else ballot.rest
            passed = Ballot(ballot.members, present, rest).counts_reach(self.quota, POSITIONS)
        return _verdict(passed, _not_reached(self.clause))

    def clause(self, lang: str, name: Name) -> str:
        """Return the condition as a clause."""
        words = self.quota.words(lang)
        _, en, zh = WEIGHED[self.of] if self.weight else COUNTED["members"]
        if lang == "zh":
            return f"出席者占{zh}{words}" if self.quota.share else f"出席成员{words}个"
        if self.weight:
            return f"members with {words} the {en} are present"
        return f"{words} {'the ' * self.quota.share}members are present"


@dataclass(frozen=True, slots=True)
class BlockingMinority(Rule):
    """Those not in favour are too few members, or hold too small a share, to block."""

    members: int
    share: Fraction
    of: str = "population"
    weight: str = "population"

    def __str__(self) -> str:
        parts = [f"members={self.members}", f"share={Quota(self.share, True).argument}"]
        parts.append(f"of={json.dumps(self.of)}")
        parts += [f"weight={json.dumps(self.weight)}"] if self.weight != weight_of(self.of) else []
        return f"blocking_minority({', '.join(parts)})"

    def judge(self, ballot: Ballot, concerned: str = "") -> Verdict:
        """Judge the members and the weight that are not in favour."""
        against: dict[str, Position] = {
            s: "no" if p == "yes" else "yes" for s, p in ballot.positions.items()
        }
        rest: Position | None = "no" if ballot.rest == "yes" else "yes"
        rest = rest if ballot.rest else None
        turned = Ballot(ballot.members, against, rest)
        enough = Quota(Fraction(self.members), share=False)
        heads = turned.counts_reach(enough, POSITIONS)
        weight = turned.weights_reach(Quota(self.share, True, strict=True), POSITIONS, self.weight)
        if heads is False or weight is False:
            return Verdict(True)
        passed = None if heads is None or weight is None else False
        return _verdict(passed, _not_reached(self.clause))

    def clause(self, lang: str, name: Name) -> str:
        """Return the condition as a clause."""
        _, en, zh = WEIGHED[self.of]
        share = amount(self.share, True, lang)
        if lang == "zh":
            return f"未赞成者不构成阻止少数（至少{self.members}个成员且合计超过{zh}的{share}）"
        return (
            "those not in favour do not form a blocking minority "
            f"(at least {self.members} members with more than {share} of the {en})"
        )


def least(quota: Quota, base: Fraction) -> int:
    """Return the least number of votes that meets the quota."""
    need = quota.value * base if quota.share else quota.value
    whole = -(-need.numerator // need.denominator)
    return whole + 1 if quota.strict and need == whole else max(whole, 1)


_NOBODY = Reason("no member is present", "无成员出席")


def _verdict(passed: bool | None, reason: Reason | None = None) -> Verdict:
    if passed is None:
        return Verdict(None, (_UNKNOWN,))
    return Verdict(passed, () if passed or reason is None else (reason,))


def _objections(states: Collection[str]) -> Verdict:
    if not states:
        return Verdict(True)
    return Verdict(False, (Reason("voted no: {states}", "投反对票：{states}", tuple(states)),))


def _not_reached(clause: Any) -> Reason:
    return Reason(f"not met: {clause('en', str)}", f"未满足：{clause('zh', str)}")


def _left_out(except_: str, concerned: str) -> str:
    return concerned if except_ == CONCERNED else except_


def _but(except_: str, lang: str, name: Name) -> str:
    if not except_:
        return ""
    if except_ == CONCERNED:
        return "（当事成员除外）" if lang == "zh" else " other than the one concerned"
    return f"（{name(except_)}除外）" if lang == "zh" else f" other than {name(except_)}"


def weight_of(of: str) -> str:
    """Return the weight that a base is made of."""
    return "population" if of == "population" else "votes"


def check_number(quota: Quota, total: Fraction | None) -> None:
    """Raise BadInput where a quota that is a number is above the total."""
    if not quota.share and total is not None and quota.value + quota.strict > total:
        raise BadInput(f"the quota {quota.value} is above the total {total}.")


def _set(states: Iterable[str]) -> str:
    return "{" + ", ".join(json.dumps(state) for state in sorted(states)) + "}"


def _call(function: str, quota: Quota | None, **options: str | frozenset[str] | None) -> str:
    parts = [quota.argument] if quota else []
    for key, value in options.items():
        if isinstance(value, frozenset):
            parts.append(f"{key}={_set(value)}")
        elif value is not None:
            parts.append(f"{key}={json.dumps(value)}")
    if quota and quota.says_strict:
        parts.append("strict=True")
    return f"{function}({', '.join(parts)})"
