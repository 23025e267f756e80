"""Random rules, members and ballots."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from multipolar.rules import (
    Members,
    blocking_minority,
    consensus,
    count,
    negative_consensus,
    quorum,
    unanimity,
    veto,
    weighted,
)

STATES = ("AAA", "BBB", "CCC", "DDD", "EEE", "FFF")
POSITIONS = ("yes", "no", "abstain", "absent")

shares = st.builds(Fraction, st.integers(1, 12), st.integers(12, 12)).map(str)
quotas = st.one_of(shares, st.just("majority"), st.integers(1, 3))
some_states = st.sets(st.sampled_from(STATES), min_size=1)
excepted = st.sampled_from(["", "concerned", "AAA"])

monotone_legs = st.one_of(
    st.builds(weighted, quotas, of=st.sampled_from(["total_votes", "votes_cast", "represented"])),
    st.builds(count, quotas, of=st.sampled_from(["members", "present", "present_and_voting"])),
    st.builds(count, st.just(1), among=some_states),
    st.builds(veto, some_states),
    st.builds(consensus),
    st.builds(unanimity, abstain=st.sampled_from(["blocks", "allowed"])),
    st.builds(negative_consensus),
    st.builds(blocking_minority, st.integers(1, 4), shares, of=st.just("total_votes")),
)
legs = st.one_of(
    monotone_legs,
    st.builds(consensus, except_=excepted),
    st.builds(unanimity, except_=excepted),
    st.builds(count, shares, except_=excepted),
    st.builds(weighted, st.sampled_from(["1/3", "2/3"]), strict=st.booleans(), weight=st.just("x")),
    st.builds(quorum, quotas),
    st.builds(quorum, shares, of=st.just("total_votes")),
)


def joined(parts: st.SearchStrategy) -> st.SearchStrategy:
    """Return rules of several legs."""
    return st.recursive(
        parts,
        lambda inner: st.one_of(
            st.builds(lambda a, b: a & b, inner, inner), st.builds(lambda a, b: a | b, inner, inner)
        ),
        max_leaves=5,
    )


rules = joined(legs)
monotone_rules = joined(monotone_legs)
weights = st.fixed_dictionaries({state: st.integers(1, 40).map(Fraction) for state in STATES})
ballots = st.fixed_dictionaries({state: st.sampled_from(POSITIONS) for state in STATES})


@st.composite
def full_members(draw: st.DrawFn) -> Members:
    """Return members whose weights are all known."""
    table = draw(weights)
    return Members(STATES, {"votes": table}, {"votes": sum(table.values(), Fraction(0))})
