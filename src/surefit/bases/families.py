"""The classical families as exact recurrences (Abramowitz & Stegun 1964, table 22.7).

Coefficients are fractions, so that a change of basis is exact, and the normalization is that of
`scipy.special` and `numpy.polynomial`.
"""

import functools
from fractions import Fraction

from surefit.bases.recurrence import Recurrence


@functools.lru_cache(maxsize=64)
def power_recurrence(degree: int) -> Recurrence:
    """The powers 1, u, u², and so on."""
    return Recurrence((Fraction(1),) * degree, (Fraction(0),) * degree, (Fraction(0),) * degree)


@functools.lru_cache(maxsize=64)
def chebyshev_recurrence(degree: int) -> Recurrence:
    """T_k(u) = cos(k arccos u), orthogonal on [−1, 1] with weight 1/√(1 − u²)."""
    slope = tuple(Fraction(1 if k == 0 else 2) for k in range(degree))
    return Recurrence(slope, (Fraction(0),) * degree, (Fraction(1),) * degree)


@functools.lru_cache(maxsize=64)
def jacobi_recurrence(degree: int, alpha: float, beta: float) -> Recurrence:
    """P_k^(α,β)(u), orthogonal on [−1, 1] with weight (1 − u)^α (1 + u)^β.

    At α = β = 0 they are Legendre's.
    """
    a, b = Fraction(alpha), Fraction(beta)
    slope, shift, previous = [(a + b + 2) / 2], [(a - b) / 2], [Fraction(0)]
    for k in range(1, degree):
        both = 2 * k + a + b
        denominator = 2 * (k + 1) * (k + a + b + 1)
        slope.append((both + 1) * (both + 2) / denominator)
        shift.append((both + 1) * (a * a - b * b) / (denominator * both))
        previous.append(2 * (k + a) * (k + b) * (both + 2) / (denominator * both))
    return Recurrence(tuple(slope[:degree]), tuple(shift[:degree]), tuple(previous[:degree]))


@functools.lru_cache(maxsize=64)
def laguerre_recurrence(degree: int) -> Recurrence:
    """L_k(u), orthogonal on [0, ∞) with weight exp(−u)."""
    ks = range(degree)
    return Recurrence(
        tuple(Fraction(-1, k + 1) for k in ks),
        tuple(Fraction(2 * k + 1, k + 1) for k in ks),
        tuple(Fraction(k, k + 1) for k in ks),
    )


@functools.lru_cache(maxsize=64)
def hermite_recurrence(degree: int) -> Recurrence:
    """H_k(u) of the physicists, orthogonal on the line with weight exp(−u²)."""
    ks = range(degree)
    return Recurrence(
        (Fraction(2),) * degree, (Fraction(0),) * degree, tuple(Fraction(2 * k) for k in ks)
    )
