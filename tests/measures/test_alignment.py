"""Agreement of states, against a plain twin that walks over the votes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from multipolar.measures.alignment import agreement, with_room

tables = st.tuples(st.integers(1, 6), st.integers(0, 12)).flatmap(
    lambda shape: arrays(np.int8, shape, elements=st.integers(-1, 5))
)


def twin(codes, measure):
    """Agreement by walking over every pair and every roll call."""
    n = len(codes)
    share, joint = [[math.nan] * n for _ in range(n)], [[0] * n for _ in range(n)]
    for a in range(n):
        for b in range(n):
            score = 0.0
            for x, y in zip(codes[a].tolist(), codes[b].tolist(), strict=True):
                if x not in (0, 1, 2) or y not in (0, 1, 2):
                    continue
                joint[a][b] += 1
                half = 0.5 if measure == "lijphart" and 1 in (x, y) else 0.0
                score += 1.0 if x == y else half
            if joint[a][b]:
                share[a][b] = score / joint[a][b]
    return np.array(share).reshape(n, n), np.array(joint).reshape(n, n)


@given(tables, st.sampled_from(["same", "lijphart"]))
def test_the_fast_form_is_the_plain_one(codes, measure):
    found, (share, n) = agreement(codes, measure), twin(codes, measure)
    np.testing.assert_array_equal(found.n, n)
    np.testing.assert_allclose(found.share, share, rtol=1e-12, equal_nan=True)


@given(tables)
def test_agreement_is_symmetric_and_a_state_agrees_with_itself(codes):
    found = agreement(codes)
    np.testing.assert_array_equal(found.share, found.share.T)
    own = np.diag(found.share)
    assert ((own == 1) | np.isnan(own)).all()


@given(tables)
def test_a_state_that_never_votes_changes_nothing_for_the_others(codes):
    absent = np.full((1, codes.shape[1]), 3, dtype=np.int8)
    more = agreement(np.vstack([codes, absent]))
    np.testing.assert_array_equal(more.share[:-1, :-1], agreement(codes).share)
    assert np.isnan(more.share[-1]).all()
    assert (more.n[-1] == 0).all()


def test_without_a_joint_vote_agreement_is_not_known_and_not_zero():
    assert math.isnan(agreement(np.array([[0, 3], [3, 0]], dtype=np.int8)).share[0, 1])


def test_an_unknown_measure_is_refused():
    with pytest.raises(ValueError, match="'kappa' is not one of same, lijphart"):
        agreement(np.zeros((1, 1), dtype=np.int8), "kappa")


@given(tables)
def test_votes_with_the_room_are_counted_as_by_hand(codes):
    adopted = np.arange(codes.shape[1]) % 2 == 0
    found = with_room(codes, adopted)
    for i, row in enumerate(codes.tolist()):
        cast = [(j, v) for j, v in enumerate(row) if v in (0, 1, 2)]
        most = 0
        for j, v in cast:
            counts = [int((codes[:, j] == side).sum()) for side in (0, 1, 2)]
            most += counts[v] == max(counts)
        on = [v for j, v in cast if adopted[j]]
        assert found.n[i] == len(cast)
        assert found.n_adopted[i] == len(on)
        if cast:
            assert found.with_plurality[i] == pytest.approx(most / len(cast))
        else:
            assert math.isnan(found.with_plurality[i])
        if on:
            assert found.with_adopted[i] == pytest.approx(on.count(0) / len(on))
