"""Truncated normal numbers, accurate in the tails; compiled by numba.

Importing this module loads the compiler.

Source: Wichura, M. J. (1988), Algorithm AS 241: the percentage points of the normal distribution, Applied
Statistics 37, 477–484.
"""

from __future__ import annotations

import math

import numpy as np

from .kernels import _PHI0, Array, _compiled, _exp, _inlined, _tail, log_normal

_FAR = -4.0
"""Upper end of a truncation below which quantiles are found from logarithms of probabilities."""
_LN2 = math.log(2.0)
_ROOT2 = math.sqrt(2.0)
_LEAST = 1e-300


@_inlined
def _log(x: float) -> float:
    """Return the logarithm of a number above 0 (and above 1e-307), without a branch."""
    bits = np.float64(x).view(np.int64)
    power = (bits >> 52) - 1023
    part = np.int64((bits & 0x000FFFFFFFFFFFFF) | 0x3FF0000000000000).view(np.float64)
    high = part > _ROOT2
    part = 0.5 * part if high else part
    power = power + 1 if high else power
    r = (part - 1.0) / (part + 1.0)
    u = r * r
    p = 1.0 / 19.0
    p = p * u + 1.0 / 17.0
    p = p * u + 1.0 / 15.0
    p = p * u + 1.0 / 13.0
    p = p * u + 1.0 / 11.0
    p = p * u + 1.0 / 9.0
    p = p * u + 1.0 / 7.0
    p = p * u + 1.0 / 5.0
    p = p * u + 1.0 / 3.0
    return power * _LN2 + 2.0 * r * (1.0 + u * p)


@_inlined
def _cumulative(z: float) -> float:
    """Return Phi(z), accurate in the lower tail."""
    tail = _tail(abs(z)) * math.exp(-0.5 * z * z)
    return 1.0 - tail if z > 0.0 else tail


@_compiled
def _lower_quantile(log_p: float) -> float:
    """Return z with log Phi(z) as given, for Phi(z) up to 0.075.

    Wichura 1988, algorithm AS 241; below his range, Newton steps on log Phi.
    """
    r = math.sqrt(-log_p)
    if r <= 5.0:
        r -= 1.6
        a = 7.7454501427834140764e-4
        a = a * r + 0.0227238449892691845833
        a = a * r + 0.24178072517745061177
        a = a * r + 1.27045825245236838258
        a = a * r + 3.64784832476320460504
        a = a * r + 5.7694972214606914055
        a = a * r + 4.6303378461565452959
        a = a * r + 1.42343711074968357734
        b = 1.05075007164441684324e-9
        b = b * r + 5.475938084995344946e-4
        b = b * r + 0.0151986665636164571966
        b = b * r + 0.14810397642748007459
        b = b * r + 0.68976733498510000455
        b = b * r + 1.6763848301838038494
        b = b * r + 2.05319162663775882187
        b = b * r + 1.0
        return -a / b
    if r <= 26.0:
        r -= 5.0
        a = 2.01033439929228813265e-7
        a = a * r + 2.71155556874348757815e-5
        a = a * r + 0.0012426609473880784386
        a = a * r + 0.026532189526576123093
        a = a * r + 0.29656057182850489123
        a = a * r + 1.7848265399172913358
        a = a * r + 5.4637849111641143699
        a = a * r + 6.6579046435011037772
        b = 2.04426310338993978564e-15
        b = b * r + 1.4215117583164458887e-7
        b = b * r + 1.8463183175100546818e-5
        b = b * r + 7.868691311456132591e-4
        b = b * r + 0.0148753612908506148525
        b = b * r + 0.13692988092273580531
        b = b * r + 0.5998322065558879377
        b = b * r + 1.0
        return -a / b
    z = -_ROOT2 * r
    for _ in range(5):
        z += (log_p - log_normal(z)) * _tail(-z) / _PHI0
    return z


@_inlined
def _central_quantile(q: float) -> float:
    """Return z with Phi(z) = q + 1/2, for q within 0.425 of 0 (Wichura 1988)."""
    r = 0.180625 - q * q
    a = 2509.0809287301226727
    a = a * r + 33430.575583588128105
    a = a * r + 67265.770927008700853
    a = a * r + 45921.953931549871457
    a = a * r + 13731.693765509461125
    a = a * r + 1971.5909503065514427
    a = a * r + 133.14166789178437745
    a = a * r + 3.387132872796366608
    b = 5226.495278852854561
    b = b * r + 28729.085735721942674
    b = b * r + 39307.89580009271061
    b = b * r + 21213.794301586595867
    b = b * r + 5394.1960214247511077
    b = b * r + 687.1870074920579083
    b = b * r + 42.313330701600911252
    b = b * r + 1.0
    return q * a / b


@_compiled
def _below(u: float, high: float) -> float:
    """Return the u-quantile of a standard normal number that is below ``high``."""
    if high < _FAR:
        return min(_lower_quantile(log_normal(high) + math.log(u)), high)
    p = u * _cumulative(high)
    if p < 0.075:
        return min(_lower_quantile(math.log(max(p, _LEAST))), high)
    if p <= 0.925:
        return min(_central_quantile(p - 0.5), high)
    above = (1.0 - u) + u * _cumulative(-high)
    return min(-_lower_quantile(math.log(max(above, _LEAST))), high)


@_compiled
def below(size: int, u: Array, high: Array, out: Array) -> None:
    """Fill what `_below` returns, for several numbers at once where they are not in a tail."""
    for i in range(size):
        z = high[i]
        tail = _tail(abs(z)) * _exp(-0.5 * z * z)
        share = 1.0 - tail if z > 0.0 else tail
        q = u[i] * share - 0.5
        central = min(_central_quantile(q), z)
        out[i] = central if abs(q) <= 0.425 else math.inf
    for i in range(size):
        if out[i] == math.inf:
            out[i] = _below(u[i], high[i])


@_compiled
def _inside(u: float, low: float, high: float) -> float:
    """Return the u-quantile of a standard normal number between two ends."""
    if low + high > 0.0:
        return -_inside_lower(1.0 - u, -high, -low)
    return _inside_lower(u, low, high)


@_compiled
def _inside_lower(u: float, low: float, high: float) -> float:
    """Return what `_inside` does, for ends whose middle is not above 0."""
    if high < _FAR:
        log_high = log_normal(high)
        share = math.exp(log_normal(low) - log_high)
        z = _lower_quantile(log_high + math.log(max(u + (1.0 - u) * share, _LEAST)))
    else:
        p, least = _cumulative(high), _cumulative(low)
        p = least + u * (p - least)
        if p < 0.075:
            z = _lower_quantile(math.log(max(p, _LEAST)))
        elif p <= 0.925:
            z = _central_quantile(p - 0.5)
        else:
            z = -_lower_quantile(math.log(1.0 - p))
    return min(max(z, low), high)


@_compiled
def truncated(u: Array, low: Array, high: Array, out: Array) -> None:
    """Fill quantiles of standard normal numbers between ends, one of which may be infinite.

    Where the upper end is, they are counted from above.
    """
    for i in range(u.shape[0]):
        if low[i] == -math.inf:
            out[i] = _below(u[i], high[i])
        elif high[i] == math.inf:
            out[i] = -_below(u[i], -low[i])
        else:
            out[i] = _inside(u[i], low[i], high[i])
