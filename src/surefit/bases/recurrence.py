"""Three-term recurrences: how every polynomial family here is evaluated and converted."""

import dataclasses
import decimal
from collections.abc import Iterator
from fractions import Fraction

import numpy as np

# Digits carried while one polynomial basis is written in another. Terms cancel by a few digits a
# degree; beyond that, the ratio and the offset of the two scales enter once a degree.
_DIGITS = 60
_DIGITS_PER_DEGREE = 4


@dataclasses.dataclass(frozen=True)
class Recurrence:
    """A family of polynomials in u, one of each degree, starting from P_0 = 1.

    P_{k+1}(u) = (slope_k u + shift_k) P_k(u) − previous_k P_{k−1}(u); Favard's theorem says that
    every family orthogonal on the line has this form.

    Attributes:
        slope: slope_k for k = 0 … degree − 1, never zero; floats, or exact fractions.
        shift: shift_k, as many.
        previous: previous_k, as many; the first is not used.

    Example:
        >>> chebyshev = Recurrence((1.0, 2.0), (0.0, 0.0), (0.0, 1.0))
        >>> [float(term[0]) for term in chebyshev.terms(np.array([0.5]))]
        [1.0, 0.5, -0.5]
    """

    slope: tuple[float | Fraction, ...]
    shift: tuple[float | Fraction, ...]
    previous: tuple[float | Fraction, ...]

    @property
    def degree(self) -> int:
        """The highest degree of the family."""
        return len(self.slope)

    @property
    def coefficients(self) -> tuple[tuple[float | Fraction, ...], ...]:
        """slope, shift and previous together."""
        return self.slope, self.shift, self.previous

    def terms(self, u) -> Iterator:
        """P_0(u), P_1(u), … in turn, for a NumPy or JAX array of any shape."""
        before, current = None, u.__array_namespace__().ones_like(u)
        yield current
        for slope, shift, previous in zip(*self.coefficients, strict=True):
            following = (float(slope) * u + float(shift)) * current
            if before is not None:
                following = following - float(previous) * before
            before, current = current, following
            yield current


@dataclasses.dataclass(frozen=True)
class Affine:
    """The exact map u = scale · x + offset."""

    scale: Fraction
    offset: Fraction

    def after_inverse(self, other: "Affine") -> "Affine":
        """This map as a function of what `other` makes of the same x."""
        scale = self.scale / other.scale
        return Affine(scale, self.offset - scale * other.offset)


def change_of_basis(source: Recurrence, target: Recurrence, argument: Affine) -> np.ndarray:
    """Write the polynomials of one family in terms of those of another.

    The recurrence of the source is run on coefficients instead of numbers; multiplying by u is the
    target's recurrence read backwards (Salzer 1973, "A recurrence scheme for converting from one
    orthogonal expansion into another"). It is done in long decimal arithmetic, because in 64 bits
    the terms would cancel to nothing from degree 20 or so on.

    Args:
        source: Polynomials in t.
        target: Polynomials in u, of the same degree.
        argument: t as a function of u.

    Returns:
        Array of `decimal.Decimal`, shape (degree + 1, degree + 1); column j holds the
        coefficients of the source's polynomial of degree j.
    """
    size = source.degree + 1
    spread = max(abs(argument.scale), abs(argument.offset), 1 / abs(argument.scale), Fraction(1))
    per_degree = _DIGITS_PER_DEGREE + len(str(int(spread)))
    with decimal.localcontext(decimal.Context(prec=_DIGITS + per_degree * size)):
        slope, shift, previous = (_decimals(c) for c in target.coefficients)
        scale, offset = _decimals((argument.scale, argument.offset))
        up, stay, down = scale / slope, offset - scale * shift / slope, scale * previous / slope
        zero, one = decimal.Decimal(0), decimal.Decimal(1)
        rows = [np.array([one] + [zero] * (size - 1), dtype=object)]
        steps = zip(*(_decimals(c) for c in source.coefficients), strict=True)
        for k, (slope_k, shift_k, previous_k) in enumerate(steps):
            degree, row = k + 1, rows[k][: k + 1]  # there are no terms beyond
            times_argument = np.array([zero] * (degree + 1), dtype=object)
            times_argument[:degree] = row * stay[:degree]
            times_argument[1:] += row * up[:degree]
            times_argument[:k] += row[1:] * down[1:degree]
            following = np.array([zero] * size, dtype=object)
            following[: degree + 1] = slope_k * times_argument
            following[:degree] += shift_k * row
            if k:
                following[:k] -= previous_k * rows[k - 1][:k]
            rows.append(following)
        return np.array(rows, dtype=object).T


def _decimals(numbers) -> np.ndarray:
    """Numbers as decimals, to the precision of the current context."""
    exact = [Fraction(number) for number in numbers]
    return np.array(
        [decimal.Decimal(f.numerator) / decimal.Decimal(f.denominator) for f in exact],
        dtype=object,
    )
