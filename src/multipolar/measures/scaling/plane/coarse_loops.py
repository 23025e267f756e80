"""Loops of the preconditioner in the plane (`coarse`), compiled by numba.

The vectors of its coarse part are, in one group of periods and on one of the two axes, 1, x1, x2, x1², x1 x2 and
x2², and 0 elsewhere. Tests hold them against dense matrices.
"""

from __future__ import annotations

import numpy as np

from ..kernels import Array, _any_order, _compiled, _Place

FORMS = 6
"""Smooth functions of the position, per group and axis."""
WIDTH = 2 * FORMS


@_compiled
def along(
    ptr: Array,
    node: Array,
    group: Array,
    cross: Array,
    theta: Array,
    items: Array,
    inverse: Array,
    forms: Array,
    diagonal: Array,
    off: Array,
    prev: Array,
    own: Array,
    out: Array,
) -> None:
    """Fill the curvature with the items eliminated: its blocks, and along the coarse vectors.

    Parameters
    ----------
    group : array of int, one per node
        Group of periods; nodes are sorted by it.
    inverse : array, items x 4 x 4
        Inverse curvature of the items.
    forms : array, nodes x 6
        The smooth functions at each node.
    diagonal : array, nodes x 3
        Curvature of the nodes with the prior: by x1 twice, by both, by x2 twice.
    off, prev : arrays, one per node
        Coupling with the node before, which is ``prev`` or -1.
    own : array, nodes x 3
        Filled with the blocks.
    out : array, 12 groups x 12 groups
        Filled; zero before.
    """
    for n in range(len(prev)):
        for i in range(3):
            own[n, i] = diagonal[n, i]
        a, p = WIDTH * group[n], prev[n]
        b = WIDTH * group[p]
        for i in range(FORMS):
            for j in range(FORMS):
                both = forms[n, i] * forms[n, j]
                r, c = a + 2 * i, a + 2 * j
                out[r, c] += diagonal[n, 0] * both
                out[r, c + 1] += diagonal[n, 1] * both
                out[r + 1, c] += diagonal[n, 1] * both
                out[r + 1, c + 1] += diagonal[n, 2] * both
                if p >= 0:
                    tied = off[n] * forms[n, i] * forms[p, j]
                    c = b + 2 * j
                    out[r, c] += tied
                    out[c, r] += tied
                    out[r + 1, c + 1] += tied
                    out[c + 1, r + 1] += tied
    groups = out.shape[0] // WIDTH
    sums = np.zeros((5, FORMS * groups))
    full, turned = np.zeros((4, WIDTH * groups)), np.zeros((4, WIDTH * groups))
    place, used = np.zeros(groups, np.int64), np.zeros(groups, np.int64)
    here_sums, iw, w = np.zeros((5, FORMS)), np.zeros(4), np.zeros(4)
    for v in range(inverse.shape[0]):
        b1, b2, inv = items[v, 0], items[v, 1], inverse[v]
        count, k = 0, ptr[v]
        while k < ptr[v + 1]:
            here = group[node[k]]
            end = k + 1
            while end < ptr[v + 1] and group[node[end]] == here:
                end += 1
            if place[here] == 0:
                for i in range(5):
                    for j in range(FORMS):
                        sums[i, FORMS * count + j] = 0.0
                used[count] = here
                count += 1
                place[here] = count
            here_sums[:] = 0.0
            for m in range(k, end):
                at = _Place(m)
                who = _Place(node[at])
                s, bent = cross[at, 0], cross[at, 1]
                w[0], w[1] = bent * theta[who, 0], bent * theta[who, 1]
                w[2], w[3] = -bent, -cross[at, 2]
                for j in range(FORMS):
                    f = forms[who, j]
                    here_sums[0, j] += s * f
                    here_sums[1, j] += w[0] * f
                    here_sums[2, j] += w[1] * f
                    here_sums[3, j] += w[2] * f
                    here_sums[4, j] += w[3] * f
                for i in range(4):
                    iw[i] = (
                        inv[i, 0] * w[0] + inv[i, 1] * w[1] + inv[i, 2] * w[2] + inv[i, 3] * w[3]
                    )
                within = iw[0] * w[0] + iw[1] * w[1] + iw[2] * w[2] + iw[3] * w[3]
                own[who, 0] -= s * (s * inv[0, 0] + 2.0 * b1 * iw[0]) + b1 * b1 * within
                own[who, 1] -= s * (s * inv[0, 1] + b2 * iw[0] + b1 * iw[1]) + b1 * b2 * within
                own[who, 2] -= s * (s * inv[1, 1] + 2.0 * b2 * iw[1]) + b2 * b2 * within
            c = FORMS * (place[here] - 1)
            for i in range(5):
                for j in range(FORMS):
                    sums[i, c + j] += here_sums[i, j]
            k = end
        for j in range(FORMS * count):
            for i in range(4):
                full[i, 2 * j] = b1 * sums[i + 1, j]
                full[i, 2 * j + 1] = b2 * sums[i + 1, j]
            full[0, 2 * j] += sums[0, j]
            full[1, 2 * j + 1] += sums[0, j]
        for c in range(WIDTH * count):
            for i in range(4):
                turned[i, c] = (
                    inv[i, 0] * full[0, c]
                    + inv[i, 1] * full[1, c]
                    + inv[i, 2] * full[2, c]
                    + inv[i, 3] * full[3, c]
                )
        for a in range(WIDTH * count):
            row = WIDTH * used[a // WIDTH] + a % WIDTH
            t0, t1, t2, t3 = turned[0, a], turned[1, a], turned[2, a], turned[3, a]
            for b in range(WIDTH * count):
                taken = t0 * full[0, b] + t1 * full[1, b] + t2 * full[2, b] + t3 * full[3, b]
                out[row, WIDTH * used[b // WIDTH] + b % WIDTH] -= taken
        for c in range(count):
            place[used[c]] = 0


@_compiled
def factored(off: Array, prev: Array, own: Array, ratio: Array) -> bool:
    """Factor the chains of the states in place; say whether they are positive definite.

    Parameters
    ----------
    own, ratio : arrays, nodes x 3
        Blocks of the chains; on return they are L D Lᵀ, with the inverse of D in ``own``, and the block of
        L that couples a node with the one before in ``ratio``. All are symmetric.
    """
    for n in range(len(prev)):
        p = prev[n]
        if p >= 0:
            for i in range(3):
                ratio[n, i] = off[n] * own[p, i]
                own[n, i] -= off[n] * ratio[n, i]
        a, b, c = own[n, 0], own[n, 1], own[n, 2]
        size = a * c - b * b
        if not (a > 0.0 and size > 1e-14 * a * c):
            return False
        own[n, 0], own[n, 1], own[n, 2] = c / size, -b / size, a / size
    return True


@_any_order
def gathered(group: Array, forms: Array, b: Array, out: Array) -> None:
    """Fill the products of a vector with the coarse vectors."""
    out[:] = 0.0
    for n in range(len(b)):
        c = WIDTH * group[n]
        for j in range(FORMS):
            out[c + 2 * j] += forms[n, j] * b[n, 0]
            out[c + 2 * j + 1] += forms[n, j] * b[n, 1]


@_any_order
def solved(
    prev: Array,
    own: Array,
    ratio: Array,
    group: Array,
    forms: Array,
    move: Array,
    b: Array,
    out: Array,
) -> None:
    """Fill the sum of what the chains make of a vector (see `factored`) and of the coarse moves."""
    for n in range(len(b)):
        p = prev[n]
        out[n, 0], out[n, 1] = b[n, 0], b[n, 1]
        if p >= 0:
            out[n, 0] -= ratio[n, 0] * out[p, 0] + ratio[n, 1] * out[p, 1]
            out[n, 1] -= ratio[n, 1] * out[p, 0] + ratio[n, 2] * out[p, 1]
    for n in range(len(b)):
        y1, y2 = out[n, 0], out[n, 1]
        out[n, 0] = own[n, 0] * y1 + own[n, 1] * y2
        out[n, 1] = own[n, 1] * y1 + own[n, 2] * y2
    for n in range(len(b) - 1, -1, -1):
        p = prev[n]
        if p >= 0:
            out[p, 0] -= ratio[n, 0] * out[n, 0] + ratio[n, 1] * out[n, 1]
            out[p, 1] -= ratio[n, 1] * out[n, 0] + ratio[n, 2] * out[n, 1]
    # The chains are done before the moves are added, which they must not carry on.
    for n in range(len(b)):
        c = WIDTH * group[n]
        for j in range(FORMS):
            out[n, 0] += forms[n, j] * move[c + 2 * j]
            out[n, 1] += forms[n, j] * move[c + 2 * j + 1]
