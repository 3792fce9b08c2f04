"""Contents of bins: the integral of a density over each, or the difference of its integral."""

import dataclasses

import numpy as np

from surefit.data.reading import AbstractReading, Curve
from surefit.exceptions import InvalidOption

# Points along one axis of a bin beyond which the integration would cost more than the fit.
MOST_POINTS = 64


@dataclasses.dataclass(frozen=True)
class BinIntegrals(AbstractReading):
    """The integral of a density over each bin, by Gauss and Legendre's rule.

    The model is the density: entries per unit of x (per unit area in two dimensions). `order`
    points along each axis integrate polynomials of degree 2 order − 1 exactly; the fit compares
    with twice as many and says if that changes anything. `BinIntegrals(1)` is the density at the
    center times the width.

    Attributes:
        order: Points along each axis of a bin.

    Example:
        >>> from surefit.models.linear import Line
        >>> from surefit.data.checked import check_data
        >>> line = Line().direct().resolve(check_data([0.5, 1.5], [1.0, 2.0]))
        >>> x, width = np.array([0.5, 1.5]), np.array([[1.0], [1.0]])
        >>> BinIntegrals().expected(line, np.array([0.0, 2.0]), x, width)[:, 0].round(9).tolist()
        [1.0, 3.0]
    """

    order: int = 6

    def __post_init__(self) -> None:
        n = self.order
        if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= MOST_POINTS:
            raise InvalidOption(
                f"BinIntegrals(order) has order = {n!r}; give a whole number from 1 to "
                f"{MOST_POINTS}."
            )

    def expected(self, model: Curve, values, x, extent):
        nodes, weights = _nodes(self.order, extent.shape[1])
        inputs = x.reshape(len(x), 1, -1)
        points = inputs + extent[:, None, :] / 2 * nodes
        density = model.evaluate(values, points.reshape(-1, *x.shape[1:]))
        mean = (density.reshape(len(x), len(weights), -1) * weights[:, None]).sum(axis=1)
        return extent.prod(axis=1)[:, None] * mean

    def compared(self, model: Curve, values, x, y, weight, extent):
        return self.expected(model, values, x, extent)

    def carried_over(self, model: Curve, values, x, sigma, extent):
        return sigma

    def at_points(self, y, sigma, extent):
        volume = extent.prod(axis=1)[:, None]
        return y / volume, sigma / volume

    @property
    def is_plain(self) -> bool:
        return False

    @property
    def is_linear(self) -> bool:
        return True

    @property
    def is_error(self) -> bool:
        return False

    def note(self) -> str:
        if self.order == 1:
            return "The model is a density, taken at each bin's center times its width."
        return (
            f"The model is a density, integrated over each bin (Gauss-Legendre, {self.order} "
            "points along each axis)."
        )

    def finer(self) -> AbstractReading | None:
        return BinIntegrals(min(2 * self.order, MOST_POINTS))

    def __str__(self) -> str:
        return f"BinIntegrals({self.order})"


@dataclasses.dataclass(frozen=True)
class Cumulative(AbstractReading):
    """The difference of the model between the edges of each bin: exact, in one dimension.

    The model is the number of entries below x, or that up to a constant: for a peak,
    `n * scipy.special.ndtr((x - mean) / width)`.

    Example:
        >>> import surefit as sf
        >>> def below(x, n, rate):
        ...     return -n * np.exp(-rate * x)
        >>> counts, edges = [632, 233, 85, 31, 12], [0, 1, 2, 3, 4, 5]
        >>> fit = sf.fit_histogram((counts, edges), below, bins=sf.Cumulative())
        >>> round(fit.values["rate"], 2)
        1.0
    """

    def expected(self, model: Curve, values, x, extent):
        half = extent.reshape(x.shape) / 2
        return model.evaluate(values, x + half) - model.evaluate(values, x - half)

    def compared(self, model: Curve, values, x, y, weight, extent):
        return self.expected(model, values, x, extent)

    def carried_over(self, model: Curve, values, x, sigma, extent):
        return sigma

    def at_points(self, y, sigma, extent):
        return None

    @property
    def is_plain(self) -> bool:
        return False

    @property
    def is_linear(self) -> bool:
        return True

    @property
    def is_error(self) -> bool:
        return False

    def note(self) -> str:
        return "The model is cumulative: a bin's content is its difference between the edges."

    def finer(self) -> AbstractReading | None:
        return None

    def __str__(self) -> str:
        return "Cumulative()"


def _nodes(order: int, n_inputs: int) -> tuple[np.ndarray, np.ndarray]:
    """Points in the cube from −1 to 1, (k, d), and their weights, which add up to 1."""
    points, weights = np.polynomial.legendre.leggauss(order)
    grid = np.meshgrid(*[points] * n_inputs, indexing="ij")
    product = np.ones(1)
    for _ in range(n_inputs):
        product = np.multiply.outer(product, weights / 2).ravel()
    return np.stack([axis.ravel() for axis in grid], axis=1), product
