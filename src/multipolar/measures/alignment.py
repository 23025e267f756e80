"""Agreement of states in roll calls: pair by pair, and with the room.

Only votes that both states cast (yes, abstain, no) count for a pair; an absence is no agreement and no
disagreement. Codes are those of `record.votes`: 0 yes, 1 abstain, 2 no, all else is no vote.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Codes = np.ndarray[Any, np.dtype[np.int8]]
Floats = np.ndarray[Any, np.dtype[np.float64]]
Counts = np.ndarray[Any, np.dtype[np.int64]]
MEASURES = ("same", "lijphart")
YES, ABSTAIN, NO = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of every pair of states.

    Attributes
    ----------
    share : array of float, shape (n_states, n_states)
        Agreement from 0 to 1; NaN where the pair cast no vote together.
    n : array of int, shape (n_states, n_states)
        Roll calls in which both cast a vote.
    """

    share: Floats
    n: Counts


@dataclass(frozen=True, slots=True)
class WithRoom:
    """How often each state voted as the room did.

    Attributes
    ----------
    with_plurality : array of float, shape (n_states,)
        Share of a state's votes that were the most frequent position of that roll call; a tie
        counts for every position that shares the first place. NaN without votes.
    with_adopted : array of float, shape (n_states,)
        Share of a state's votes on adopted texts that were a yes. NaN without such votes.
    n, n_adopted : arrays of int, shape (n_states,)
        Votes cast, and votes cast on adopted texts.
    """

    with_plurality: Floats
    with_adopted: Floats
    n: Counts
    n_adopted: Counts


def agreement(codes: Codes, measure: str = "same") -> Agreement:
    """Return the agreement of all pairs of states over some roll calls.

    Parameters
    ----------
    codes : array of int8, shape (n_states, n_roll_calls)
        0 yes, 1 abstain, 2 no; any other value is no vote.
    measure : str
        ``same``: share of joint votes with the same position. ``lijphart``: as ``same``, and a yes
        or no against an abstention counts one half.

    Raises
    ------
    ValueError
        The measure is not known.

    Complexity
    ----------
    Four matrix products of n_states × n_roll_calls; a year of the General Assembly takes about a
    millisecond.

    Source
    ------
    A. Lijphart, "The Analysis of Bloc Voting in the General Assembly", APSR 57 (1963), 902–917,
    doi:10.2307/1952608.

    Examples
    --------
    >>> votes = np.array([[0, 0, 2], [0, 1, 2], [3, 2, 0]], dtype=np.int8)
    >>> agreement(votes).share[0].round(2).tolist(), agreement(votes, "lijphart").share[0, 1]
    ([1.0, 0.67, 0.0], np.float64(0.8333333333333334))
    """
    if measure not in MEASURES:
        raise ValueError(f"{measure!r} is not one of {', '.join(MEASURES)}")
    sides = [(codes == side).astype(np.float32) for side in (YES, ABSTAIN, NO)]
    cast = sides[0] + sides[1] + sides[2]
    n = cast @ cast.T
    score = sides[0] @ sides[0].T + sides[1] @ sides[1].T + sides[2] @ sides[2].T
    if measure == "lijphart":
        firm = sides[0] + sides[2]
        score = score + 0.5 * (firm @ sides[1].T + sides[1] @ firm.T)
    counts = n.astype(np.int64)
    share = score.astype(np.float64) / np.maximum(counts, 1)
    return Agreement(np.where(counts > 0, share, np.nan), counts)


def with_room(codes: Codes, adopted: np.ndarray[Any, np.dtype[np.bool_]]) -> WithRoom:
    """Return how often each state voted with the plurality and on the adopted side.

    Parameters
    ----------
    codes : array of int8, shape (n_states, n_roll_calls)
        As for `agreement`.
    adopted : array of bool, shape (n_roll_calls,)
        Whether the text was adopted.

    Examples
    --------
    >>> votes = np.array([[0, 0], [0, 2], [2, 0]], dtype=np.int8)
    >>> with_room(votes, np.array([True, True])).with_plurality.tolist()
    [1.0, 0.5, 0.5]
    """
    sides = np.stack([codes == side for side in (YES, ABSTAIN, NO)])
    totals = sides.sum(axis=1)
    most = totals == totals.max(axis=0)
    cast = sides.any(axis=0)
    n = cast.sum(axis=1)
    with_most = (sides & most[:, None, :]).any(axis=0).sum(axis=1)
    n_adopted = (cast & adopted).sum(axis=1)
    yes = (sides[0] & adopted).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return WithRoom(
            np.where(n > 0, with_most / n, np.nan),
            np.where(n_adopted > 0, yes / n_adopted, np.nan),
            n.astype(np.int64),
            n_adopted.astype(np.int64),
        )
