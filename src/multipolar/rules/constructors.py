"""The constructors of which rule texts are made; each refuses what cannot be meant."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from fractions import Fraction

from ..errors import BadInput
from .algebra import Rule
from .legs import (
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
    check_number,
    weight_of,
)
from .quota import Quota


def weighted(
    quota: str | int | Fraction, of: str = "total_votes", *, strict: bool = False, weight: str = ""
) -> Rule:
    """Ask for a share of the weights: ``weighted("85/100", of="total_votes")``."""
    base = _word(of, WEIGHED, "weighted")
    return Weighted(Quota.read(quota, strict), base, weight or weight_of(of))


def count(
    quota: str | int | Fraction,
    of: str = "members",
    *,
    strict: bool = False,
    among: Iterable[str] = (),
    except_: str = "",
) -> Rule:
    """Ask for a number or share of members: ``count("2/3", of="present_and_voting")``."""
    read = Quota.read(quota, strict)
    base = _word(of, COUNTED, "count") if read.share else "members"
    chosen = _states(among) if among else frozenset[str]()
    if chosen:
        check_number(read, Fraction(len(chosen)))
    return Count(read, base, chosen, except_)


def veto(states: Iterable[str]) -> Rule:
    """Give each of these members the right to stop a text by voting no."""
    return Veto(_states(states))


def consensus(*, except_: str = "") -> Rule:
    """Ask that no member objects, but for one."""
    return Consensus(except_)


def unanimity(*, abstain: str = "blocks", except_: str = "") -> Rule:
    """Ask for the votes of all members; ``abstain="allowed"`` lets members abstain."""
    return Unanimity(_word(abstain, ("blocks", "allowed"), "unanimity"), except_)


def negative_consensus() -> Rule:
    """Adopt unless there is a consensus against."""
    return NegativeConsensus()


def quorum(quota: str | int | Fraction, of: str = "members", *, weight: str = "") -> Rule:
    """Ask for presence: ``quorum("majority")``, ``quorum("2/3", of="total_votes")``."""
    _word(of, ("members", "total_votes", "population"), "quorum")
    return Quorum(Quota.read(quota), of, weight or (weight_of(of) if of != "members" else ""))


def blocking_minority(
    members: int, share: str | Fraction, of: str = "population", *, weight: str = ""
) -> Rule:
    """Adopt unless so many members with more than this share are not in favour."""
    heads = Quota.read(members)
    if heads.share:
        raise BadInput(f"the number of members {members!r} is not a whole number.")
    part = Quota.read(share)
    if not part.share:
        raise BadInput(f"the share {share!r} is not a fraction.")
    base = _word(of, ("total_votes", "population"), "blocking_minority")
    return BlockingMinority(int(heads.value), part.value, base, weight or weight_of(of))


def _word(word: str, known: Collection[str], where: str) -> str:
    if word not in known:
        raise BadInput(f"{where} does not know {word!r}.", candidates=tuple(known))
    return word


def _states(states: Iterable[str]) -> frozenset[str]:
    found = frozenset(states) if not isinstance(states, str) else frozenset[str]()
    if not found or not all(isinstance(state, str) and state for state in found):
        raise BadInput(f"{states!r} is not a set of members.", hint='Write {"AAA", "BBB"}.')
    return found
