"""Hot loops of `laplace` and `marginal`, compiled by numba; their tests hold plain twins.

Importing this module loads the compiler.
"""

from __future__ import annotations

import math

import numpy as np

from .kernels import Array, _between, _compiled, log_normal

_LOG_ROOT_2PI = 0.5 * math.log(2.0 * math.pi)
_PHI0 = 1.0 / math.sqrt(2.0 * math.pi)
_LONGEST = 1.0
"""Longest step of an item towards its mode in one round."""
_NARROW = 0.05
"""Standard deviation of the voters' positions below which they give no frame."""


@_compiled
def spread(
    chosen: Array,
    ptr: Array,
    node: Array,
    begin: int,
    end: int,
    cross: Array,
    root: Array,
    rooted: bool,
    into: Array,
) -> None:
    """Write the cross derivatives of items with the nodes of one period into a dense matrix.

    Parameters
    ----------
    chosen : array of int
        Items; three rows of the matrix each.
    begin, end : int
        The nodes of the period; one column each.
    root : array, items x 3 x 3
        Lower Cholesky factors of the items' inverse curvature.
    rooted : bool
        Whether to multiply by the transposed root.
    into : array, 3 items x nodes
        Zero before. (A state may vote twice on an item in a period: what it has is added up.)
    """
    for j in range(chosen.shape[0]):
        v, r = chosen[j], 3 * j
        for k in range(ptr[v], ptr[v + 1]):
            if node[k] < begin or node[k] >= end:
                continue
            n = node[k] - begin
            c0, c1, c2 = cross[k, 0], cross[k, 1], cross[k, 2]
            if rooted:
                into[r, n] += c0 * root[v, 0, 0] + c1 * root[v, 1, 0] + c2 * root[v, 2, 0]
                into[r + 1, n] += c1 * root[v, 1, 1] + c2 * root[v, 2, 1]
                into[r + 2, n] += c2 * root[v, 2, 2]
            else:
                into[r, n] += c0
                into[r + 1, n] += c1
                into[r + 2, n] += c2


@_compiled
def _cell(category: int, z1: float, z2: float) -> tuple[float, float, float, float, float, float]:
    """Return the log probability of a vote, its slopes by the cutpoints, and negative curvatures."""
    if category == 0:
        log_p = log_normal(z1)
        r = math.exp(-0.5 * z1 * z1 - _LOG_ROOT_2PI - log_p)
        return log_p, r, 0.0, r * (r + z1), 0.0, 0.0
    if category == 2:
        log_p = log_normal(-z2)
        r = math.exp(-0.5 * z2 * z2 - _LOG_ROOT_2PI - log_p)
        return log_p, 0.0, -r, 0.0, 0.0, r * (r - z2)
    p = max(_between(z1, z2), 1e-300)
    a1 = _PHI0 * math.exp(-0.5 * z1 * z1) / p
    a2 = _PHI0 * math.exp(-0.5 * z2 * z2) / p
    return math.log(p), -a1, a2, a1 * (a1 - z1), -a1 * a2, a2 * (a2 + z2)


@_compiled
def settle(
    ptr: Array,
    node: Array,
    category: Array,
    theta: Array,
    items: Array,
    prior: Array,
    rounds: int,
    curve: Array,
) -> None:
    """Move items towards their modes given the positions, and fill the curvature there.

    The items are beta, m and the logarithm of g, on which scale their posterior is nearer to
    normal. The curvature by log g is that at the mode, where the slope of the likelihood balances
    the prior: with it the matrix is positive definite everywhere.

    Parameters
    ----------
    items : array, items x 3
        beta, m, log g; changed in place.
    prior : array of 4
        Precision of beta and of m; shape and rate of g.
    rounds : int
        Newton steps.
    curve : array, items x 3 x 3
    """
    for v in range(items.shape[0]):
        for turn in range(rounds + 1):
            beta, middle, gap = items[v, 0], items[v, 1], math.exp(items[v, 2])
            gb = g1 = g2 = bb = b1 = b2 = c11 = c12 = c22 = 0.0
            for k in range(ptr[v], ptr[v + 1]):
                t = theta[node[k]]
                x = beta * t
                _, l1, l2, k11, k12, k22 = _cell(
                    category[k], middle - 0.5 * gap - x, middle + 0.5 * gap - x
                )
                k1, k2 = k11 + k12, k12 + k22
                gb -= (l1 + l2) * t
                g1 += l1
                g2 += l2
                bb += t * t * (k1 + k2)
                b1 -= t * k1
                b2 -= t * k2
                c11 += k11
                c12 += k12
                c22 += k22
            h00, h10, h20 = bb + prior[0], b1 + b2, 0.5 * gap * (b2 - b1)
            h11, h21 = c11 + 2.0 * c12 + c22 + prior[1], 0.5 * gap * (c22 - c11)
            h22 = 0.25 * gap * gap * (c11 - 2.0 * c12 + c22) + prior[2]
            if turn == rounds:
                curve[v, 0, 0], curve[v, 1, 1], curve[v, 2, 2] = h00, h11, h22
                curve[v, 0, 1] = curve[v, 1, 0] = h10
                curve[v, 0, 2] = curve[v, 2, 0] = h20
                curve[v, 1, 2] = curve[v, 2, 1] = h21
                break
            s0 = gb - prior[0] * beta
            s1 = g1 + g2 - prior[1] * middle
            s2 = 0.5 * gap * (g2 - g1) + prior[2] - prior[3] * gap
            # Solve by elimination.
            f10, f20 = h10 / h00, h20 / h00
            e11, e21, e22 = h11 - f10 * h10, h21 - f10 * h20, h22 - f20 * h20
            s1 -= f10 * s0
            s2 -= f20 * s0
            f21 = e21 / e11
            d2 = (s2 - f21 * s1) / (e22 - f21 * e21)
            d1 = (s1 - e21 * d2) / e11
            d0 = (s0 - h10 * d1 - h20 * d2) / h00
            part = min(1.0, _LONGEST / max(abs(d0), abs(d1), abs(d2), 1e-12))
            items[v, 0] += part * d0
            items[v, 1] += part * d1
            items[v, 2] += part * d2


@_compiled
def framed(
    ptr: Array,
    node: Array,
    category: Array,
    theta: Array,
    items: Array,
    root: Array,
    prior: Array,
    points: Array,
    log_weights: Array,
    weights: Array,
    response: Array,
    slope: Array,
    matrix: Array,
) -> float:
    """Integrate the items out by quadrature, and add up slope and curvature by the positions.

    The points of an item stand in the frame of its voters: they shift and stretch with the mean
    and the standard deviation of their positions. The likelihood then knows a voter only by its
    place in the frame, and along shifts and stretches only the prior of the item changes; with
    fixed points the curvature in these directions would be a small difference of large sums.

    Parameters
    ----------
    items : array, items x 3
        beta, m, log g: the middle of each item's points.
    root : array, items x 3 x 3
        Lower Cholesky factors of the covariance that spreads them.
    prior : array of 4
        Precision of beta and of m; shape and rate of g.
    points, log_weights : arrays, points x 3 and points
        The rule for a standard normal density.
    weights : array, items x points
        Filled with the posterior weights of the points.
    response : array, cells x 3
        Filled with the derivatives of an item's posterior mean (beta, m, log g) by a voter's
        position.
    slope : array, one per node
    matrix : array, nodes x nodes
        Negative second derivatives; both are added to.

    Returns
    -------
    float
        The log marginal likelihood up to a constant.
    """
    count = points.shape[0]
    most = 0
    for v in range(items.shape[0]):
        most = max(most, ptr[v + 1] - ptr[v])
    slopes, moved = np.empty((count, most)), np.empty((count, most))
    curves = np.empty((count, most))
    values, places = np.empty(count), np.empty((count, 3))
    by_a, by_b = np.empty(count), np.empty(count)
    y, k0, s0, g0 = np.empty(most), np.empty(most), np.empty(most), np.empty(most)
    total = 0.0
    for v in range(items.shape[0]):
        first, n = ptr[v], ptr[v + 1] - ptr[v]
        a = b = 0.0
        for k in range(n):
            a += theta[node[first + k]] / n
        for k in range(n):
            b += (theta[node[first + k]] - a) ** 2 / n
        b = math.sqrt(b)
        u = 1.0 / n
        if b < _NARROW:
            # Voters in one place: no frame.
            u, b = 0.0, 1.0
        for k in range(n):
            y[k] = (theta[node[first + k]] - a) / b if u > 0.0 else 0.0
        best = -1e300
        for q in range(count):
            u0, u1, u2 = points[q, 0], points[q, 1], points[q, 2]
            beta = items[v, 0] + root[v, 0, 0] * u0
            middle = items[v, 1] + root[v, 1, 0] * u0 + root[v, 1, 1] * u1
            log_gap = items[v, 2] + root[v, 2, 0] * u0 + root[v, 2, 1] * u1 + root[v, 2, 2] * u2
            gap = math.exp(log_gap)
            places[q, 0], places[q, 1], places[q, 2] = beta, middle, log_gap
            value = log_weights[q] + 0.5 * (u0 * u0 + u1 * u1 + u2 * u2)
            value -= 0.5 * (prior[0] * beta * beta + prior[1] * middle * middle)
            value += prior[2] * log_gap - prior[3] * gap
            for k in range(n):
                x = beta * theta[node[first + k]]
                log_p, l1, l2, k11, k12, k22 = _cell(
                    category[first + k], middle - 0.5 * gap - x, middle + 0.5 * gap - x
                )
                value += log_p
                slopes[q, k] = -beta * (l1 + l2)
                curves[q, k] = beta * beta * (k11 + 2.0 * k12 + k22)
            values[q] = value
            best = max(best, value)
        mass = 0.0
        for q in range(count):
            values[q] = math.exp(values[q] - best)
            mass += values[q]
        total += best + math.log(mass * root[v, 0, 0] * root[v, 1, 1] * root[v, 2, 2])
        # Averages over the points, and each point's slope in the frame.
        aa = ab = bb = mean_b = 0.0
        m0 = m1 = m2 = 0.0
        for k in range(n):
            k0[k] = s0[k] = g0[k] = 0.0
        for q in range(count):
            w = values[q] / mass
            weights[v, q] = w
            beta, middle = places[q, 0], places[q, 1]
            m0 += w * beta
            m1 += w * middle
            m2 += w * places[q, 2]
            pull, lean = prior[0] * beta * beta, prior[1] * beta
            by_a[q] = -lean * middle
            by_b[q] = (pull + lean * middle * a - 1.0) / b
            mean_b += w * by_b[q]
            aa -= w * lean * beta
            ab += w * lean * (beta * a + middle) / b
            bb += w * (1.0 - 3.0 * pull - lean * a * (beta * a + 2.0 * middle)) / (b * b)
            along_1 = along_y = 0.0
            for k in range(n):
                along_1 += slopes[q, k]
                along_y += slopes[q, k] * y[k]
            for k in range(n):
                moved[q, k] = slopes[q, k] + u * (by_a[q] - along_1 + (by_b[q] - along_y) * y[k])
                k0[k] += w * curves[q, k]
                s0[k] += w * slopes[q, k]
                g0[k] += w * moved[q, k]
        for k in range(n):
            slope[node[first + k]] += g0[k]
            for i in range(3):
                response[first + k, i] = 0.0
        for q in range(count):
            w = values[q] / mass
            d0, d1, d2 = w * (places[q, 0] - m0), w * (places[q, 1] - m1), w * (places[q, 2] - m2)
            for k in range(n):
                response[first + k, 0] += d0 * slopes[q, k]
                response[first + k, 1] += d1 * slopes[q, k]
                response[first + k, 2] += d2 * slopes[q, k]
                moved[q, k] = math.sqrt(w) * (moved[q, k] - g0[k])
        sum_k = sum_ky = sum_kyy = along_1 = along_y = 0.0
        for k in range(n):
            sum_k += k0[k]
            sum_ky += k0[k] * y[k]
            sum_kyy += k0[k] * y[k] * y[k]
            along_1 += s0[k]
            along_y += s0[k] * y[k]
        for k in range(n):
            # From here on the part of the mean slope that is neither shift nor stretch.
            s0[k] -= u * (along_1 + along_y * y[k])
        common = u * (along_y - mean_b) / b
        for i in range(n):
            for j in range(i + 1):
                yy = y[i] * y[j]
                value = u * u * (sum_k + sum_ky * (y[i] + y[j]) + sum_kyy * yy)
                value -= u * (k0[i] + k0[j]) * (1.0 + yy)
                value += u / b * (y[i] * s0[j] + s0[i] * y[j]) - u * common * (1.0 + yy)
                value -= u * u * (aa + ab * (y[i] + y[j]) + bb * yy)
                if i == j:
                    value += k0[i] + common
                for q in range(count):
                    value -= moved[q, i] * moved[q, j]
                matrix[node[first + i], node[first + j]] += value
                if i != j:
                    matrix[node[first + j], node[first + i]] += value
    return total
