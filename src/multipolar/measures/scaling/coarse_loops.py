"""Loops of the preconditioner (`coarse`), compiled by numba; `plain` holds the same in NumPy.

The vectors of its coarse part are 1, x and x² in one group of periods, and 0 elsewhere.
"""

from __future__ import annotations

import math

import numpy as np

from .kernels import Array, _any_order, _compiled, _Place


@_compiled
def along(
    ptr: Array,
    node: Array,
    group: Array,
    cross: Array,
    inverse: Array,
    x: Array,
    diagonal: Array,
    off: Array,
    prev: Array,
    own: Array,
    out: Array,
) -> None:
    """Fill the curvature with the items eliminated: its diagonal, and along the coarse vectors.

    Parameters
    ----------
    group : array of int, one per node
        Group of periods; nodes are sorted by it.
    inverse : array, items x 3 x 3
        Inverse curvature of the items.
    x : array, one per node
    diagonal, off, prev : arrays, one per node
        Curvature of the nodes, and coupling with the node before, which is ``prev`` or -1.
    own : array, one per node
        Filled with the diagonal.
    out : array, 3 groups x 3 groups
        Filled; zero before.
    """
    for n in range(len(prev)):
        own[n] = diagonal[n]
        a, b, p = 3 * group[n], 3 * group[prev[n]], prev[n]
        left, right = 1.0, 1.0
        for i in range(3):
            right = 1.0
            for j in range(3):
                out[a + i, a + j] += diagonal[n] * left * right
                right *= x[n]
            if p >= 0:
                right = off[n]
                for j in range(3):
                    out[a + i, b + j] += left * right
                    out[b + j, a + i] += left * right
                    right *= x[p]
            left *= x[n]
    groups = out.shape[0] // 3
    sums, turned = np.zeros((3, 3 * groups)), np.zeros((3, 3 * groups))
    place, used = np.zeros(groups, np.int64), np.zeros(groups, np.int64)
    for v in range(inverse.shape[0]):
        i00, i01, i02 = inverse[v, 0, 0], inverse[v, 0, 1], inverse[v, 0, 2]
        i11, i12, i22 = inverse[v, 1, 1], inverse[v, 1, 2], inverse[v, 2, 2]
        count, k = 0, ptr[v]
        while k < ptr[v + 1]:
            here = group[node[k]]
            end = k + 1
            while end < ptr[v + 1] and group[node[end]] == here:
                end += 1
            if place[here] == 0:
                for i in range(3):
                    for j in range(3):
                        sums[i, 3 * count + j] = 0.0
                used[count] = here
                count += 1
                place[here] = count
            s00 = s01 = s02 = s10 = s11 = s12 = s20 = s21 = s22 = 0.0
            for m in range(k, end):
                at = _Place(m)
                whose = _Place(node[at])
                y, c0, c1, c2 = x[whose], cross[at, 0], cross[at, 1], cross[at, 2]
                s00 += c0
                s01 += c0 * y
                s02 += c0 * y * y
                s10 += c1
                s11 += c1 * y
                s12 += c1 * y * y
                s20 += c2
                s21 += c2 * y
                s22 += c2 * y * y
                taken = c0 * (i00 * c0 + 2.0 * (i01 * c1 + i02 * c2))
                own[whose] -= taken + c1 * (i11 * c1 + 2.0 * i12 * c2) + i22 * c2 * c2
            c = 3 * place[here] - 3
            sums[0, c] += s00
            sums[0, c + 1] += s01
            sums[0, c + 2] += s02
            sums[1, c] += s10
            sums[1, c + 1] += s11
            sums[1, c + 2] += s12
            sums[2, c] += s20
            sums[2, c + 1] += s21
            sums[2, c + 2] += s22
            k = end
        for c in range(3 * count):
            a0, a1, a2 = sums[0, c], sums[1, c], sums[2, c]
            turned[0, c] = i00 * a0 + i01 * a1 + i02 * a2
            turned[1, c] = i01 * a0 + i11 * a1 + i12 * a2
            turned[2, c] = i02 * a0 + i12 * a1 + i22 * a2
        for a in range(3 * count):
            row = 3 * used[a // 3] + a % 3
            for b in range(3 * count):
                taken = turned[0, a] * sums[0, b] + turned[1, a] * sums[1, b]
                out[row, 3 * used[b // 3] + b % 3] -= taken + turned[2, a] * sums[2, b]
        for c in range(count):
            place[used[c]] = 0


@_any_order
def factored(off: Array, prev: Array, own: Array, ratio: Array, matrix: Array) -> bool:
    """Factor both parts in place; say whether they are positive definite.

    Parameters
    ----------
    own, ratio : arrays, one per node
        Diagonal of the chains; on return they are L D Lᵀ, with D in ``own``, and the entry of L that couples
        a node with the one before in ``ratio``.
    matrix : array, 3 groups x 3 groups
        On return its Cholesky factor, in the lower triangle.
    """
    for n in range(len(prev)):
        if prev[n] >= 0:
            ratio[n] = off[n] / own[prev[n]]
            own[n] -= ratio[n] * off[n]
        if not own[n] > 0.0:
            return False
    for i in range(matrix.shape[0]):
        for j in range(i + 1):
            total = matrix[i, j]
            for k in range(j):
                total -= matrix[i, k] * matrix[j, k]
            if j < i:
                matrix[i, j] = total / matrix[j, j]
            elif total > 0.0:
                matrix[i, i] = math.sqrt(total)
            else:
                return False
    return True


@_any_order
def solved(
    prev: Array,
    own: Array,
    ratio: Array,
    group: Array,
    x: Array,
    lower: Array,
    b: Array,
    out: Array,
) -> None:
    """Fill the sum of what both parts make of a vector (see `factored`)."""
    moved = np.zeros(lower.shape[0])
    for n in range(len(b)):
        c, y = 3 * group[n], b[n]
        moved[c] += y
        moved[c + 1] += y * x[n]
        moved[c + 2] += y * x[n] * x[n]
        out[n] = y
        if prev[n] >= 0:
            out[n] -= ratio[n] * out[prev[n]]
    for i in range(len(moved)):
        total = moved[i]
        for k in range(i):
            total -= lower[i, k] * moved[k]
        moved[i] = total / lower[i, i]
    for i in range(len(moved) - 1, -1, -1):
        moved[i] /= lower[i, i]
        for k in range(i):
            moved[k] -= lower[i, k] * moved[i]
    for n in range(len(b)):
        out[n] /= own[n]
    for n in range(len(b) - 1, -1, -1):
        if prev[n] >= 0:
            out[prev[n]] -= ratio[n] * out[n]
        c = 3 * group[n]
        out[n] += moved[c] + x[n] * (moved[c + 1] + x[n] * moved[c + 2])
