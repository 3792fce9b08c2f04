"""Fourier series, fitted by least squares, and the textbook's integrals for comparison."""

import dataclasses

import numpy as np
from numpy.typing import ArrayLike

from surefit.bases.arguments import check_count, check_real
from surefit.data.checked import Data, check_data
from surefit.exceptions import ConstantInput, ShapeMismatch, TooFewPoints
from surefit.models.base import AbstractLinearModel, Conversion
from surefit.models.columns import for_each_output, shape_for, single_input
from surefit.models.parameters import Parameter, Parameters

# Two phases nearer than this are one, besides what rounding of a large x does to its phase.
_SAME_PHASE = 1e-13


@dataclasses.dataclass(frozen=True)
class Fourier(AbstractLinearModel):
    """A Fourier series: a constant and `harmonics` cosines and sines of one input.

    constant + Σ_k cosine[k] cos(2π (k + 1) x / period) + sine[k] sin(2π (k + 1) x / period), for
    k = 0 … harmonics − 1: `cosine[0]` belongs to the fundamental frequency. It has
    2 · harmonics + 1 parameters, and takes equal values at both ends of a period; where the data
    do not, expect ringing there.

    Attributes:
        harmonics: Number of frequencies, 1 or more.
        period: Length of one period, in the unit of x; the data's range if None, recorded by the
            fit. Give it where you know it: data on [0, 1] never quite reach both ends.
        n_outputs: M, filled in from the data; with M > 1 parameters have one more axis.

    Raises:
        InvalidType: `harmonics` is not a whole number or `period` not a real one.
        InvalidOption: `harmonics` is below 1, or `period` not above 0.

    Example:
        >>> model = Fourier(1, period=1.0)
        >>> model.parameters().names
        ('constant', 'cosine[0]', 'sine[0]')
        >>> model.evaluate(np.array([1.0, 0.5, 0.0]), np.array([0.0, 1e6])).tolist()
        [[1.5], [1.5]]
    """

    harmonics: int
    period: float | None = None
    n_outputs: int = dataclasses.field(default=1, kw_only=True)

    def __post_init__(self) -> None:
        count = check_count(self.harmonics, "harmonics", "Fourier", minimum=1)
        object.__setattr__(self, "harmonics", count)
        if self.period is not None:
            period = check_real(self.period, "period", "Fourier", above=0.0)
            object.__setattr__(self, "period", period)

    def resolve(self, data: Data) -> "Fourier":
        """Fill in the period and the number of outputs.

        Raises:
            ShapeMismatch: There are several inputs.
            ConstantInput: All x are the same, and no period was given.
            TooFewPoints: There are not 2 · harmonics + 1 distinct phases x mod period.
        """
        if data.n_inputs > 1:
            raise ShapeMismatch(
                f"Fourier takes one input but x has {data.n_inputs} columns; use sf.Dense(5), or "
                "pass one column."
            )
        x = data.inputs[:, 0]
        if self.period is None:
            extent = float(x.max() - x.min())
            if not extent > 0:
                raise ConstantInput(
                    "All x are the same, so they have no range to take as Fourier's period; "
                    "give period=, or fit sf.Constant()."
                )
            return dataclasses.replace(self, period=extent).resolve(data)
        distinct, needed = _count_phases(x, self.period), 2 * self.harmonics + 1
        if distinct < needed:
            raise TooFewPoints(
                f"{self} has {needed} parameters, but there are {distinct} distinct x modulo the "
                f"period {self.period:g}; use {max(1, (distinct - 1) // 2)} harmonics or fewer, "
                "add points, or give another period=."
            )
        return dataclasses.replace(self, n_outputs=data.n_outputs)

    def direct(self) -> "Fourier":
        """The same model: it works with the parameters that it reports."""
        return self

    def parameters(self) -> Parameters:
        shape = shape_for(self.n_outputs)
        return Parameters(
            (
                Parameter("constant", shape, linear=True),
                Parameter("cosine", (self.harmonics, *shape), linear=True),
                Parameter("sine", (self.harmonics, *shape), linear=True),
            )
        )

    def columns(self, x):
        return for_each_output(self._waves(x), self.n_outputs)

    def evaluate(self, values, x):
        return self._waves(x) @ values.reshape(2 * self.harmonics + 1, self.n_outputs)

    def canonical(self, values: np.ndarray) -> np.ndarray:
        return values

    def conversion(self) -> Conversion | None:
        return None

    @property
    def is_pointwise(self) -> bool:
        return True

    @property
    def label(self) -> str:
        return "fourier"

    def __str__(self) -> str:
        period = "" if self.period is None else f", period={float(f'{self.period:.6g}')}"
        return f"Fourier({self.harmonics}{period})"

    def _waves(self, x):
        """Constant, cosines and sines, shape (n, 2 · harmonics + 1)."""
        assert self.period is not None, "resolve fills it in"
        x = single_input(x, str(self))
        xp = x.__array_namespace__()
        # The remainder is exact, so that a large offset of x costs no digits of the phase.
        phase = xp.fmod(x, self.period) / self.period
        angle = phase[:, None] * (2.0 * np.pi * np.arange(1.0, self.harmonics + 1))
        return xp.concat([xp.ones_like(phase)[:, None], xp.cos(angle), xp.sin(angle)], axis=1)


def _count_phases(x: np.ndarray, period: float) -> int:
    """How many points lie at different places of the period, to rounding."""
    phase = np.sort(np.fmod(x, period) / period % 1.0)
    tolerance = _SAME_PHASE + np.finfo(float).eps * float(np.max(np.abs(x / period)))
    gaps = np.diff(phase, append=phase[0] + 1.0)
    return max(1, int(np.sum(gaps > tolerance)))


def trapezoid_coefficients(
    x: ArrayLike, y: ArrayLike, harmonics: int, period: float = 1.0
) -> np.ndarray:
    """Estimate Fourier coefficients by the textbook's integrals over one period.

    constant = (1/P) ∫ y dx, cosine[k] = (2/P) ∫ y cos(2π (k + 1) x / P) dx and likewise for the
    sines, each by the trapezoid rule between the sorted points. It needs no linear algebra and is
    what a lesson shows first. `Fourier` fitted by least squares is better wherever the points are
    random or noisy: this ignores errors, does not minimize χ², and leaves out the parts of the
    period before the first and after the last point, a bias of the order of the mean spacing.

    Args:
        x: Inputs, shape (n,), covering one period.
        y: Outputs, shape (n,) or (n, m).
        harmonics: Number of frequencies, 1 or more.
        period: Length of one period, P, in the unit of x.

    Returns:
        The coefficients as one flat vector, in the order of `Fourier(harmonics).parameters()`, in
        the unit of y.

    Raises:
        DataError: x and y do not fit together, or are not finite.
        TooFewPoints: There are fewer than two points.
        ShapeMismatch: There are several inputs.
        InvalidOption: `harmonics` is below 1, or `period` not above 0.

    Example:
        >>> x = np.linspace(0, 1, 101)
        >>> y = 1 + 2 * np.cos(2 * np.pi * x)
        >>> np.allclose(trapezoid_coefficients(x, y, 1), [1, 2, 0])
        True
    """
    model, data = Fourier(harmonics, period), check_data(x, y)
    if data.n_points < 2:
        raise TooFewPoints("The trapezoid rule needs at least 2 points, but there is 1.")
    points = single_input(data.x, "trapezoid_coefficients")
    order = np.argsort(points, kind="stable")
    points, outputs = points[order], data.y[order]
    waves = model.columns(points)[:, 0, :]
    integrals = np.trapezoid(waves[:, :, None] * outputs[:, None, :], points, axis=0)
    factor = np.full((2 * model.harmonics + 1, 1), 2.0 / period)
    factor[0] = 1.0 / period
    return (factor * integrals).ravel()
