"""What minimizers, searches and uncertainties may see of a fit: functions of a free vector."""

import abc
import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from surefit.annotations import Float
from surefit.data.scales import Scales


def diagonals(matrices: np.ndarray) -> np.ndarray:
    """The diagonals of a stack of matrices (…, q, q), as a view, shape (…, q)."""
    view = np.diagonal(matrices, axis1=-2, axis2=-1)
    view.flags.writeable = matrices.flags.writeable
    return view


@dataclasses.dataclass(frozen=True, eq=False)
class Reduced:
    """−2 ln L and its quadratic model at each of a batch of points.

    Attributes:
        value: −2 ln L, shape (s,); infinite where the model gave no finite value.
        gradient: Its gradient, shape (s, q).
        curvature: The Gauss–Newton approximation of its Hessian, shape (s, q, q).
    """

    value: np.ndarray
    gradient: np.ndarray
    curvature: np.ndarray

    def rows(self, which: np.ndarray) -> "Reduced":
        """The chosen rows."""
        return Reduced(self.value[which], self.gradient[which], self.curvature[which])

    def replace(self, which: np.ndarray, other: "Reduced") -> None:
        """Put other results in the place of the chosen rows."""
        self.value[which], self.gradient[which] = other.value, other.gradient
        self.curvature[which] = other.curvature


@dataclasses.dataclass(frozen=True, eq=False)
class Factored:
    """The least-squares problem at one point, rotated into triangular form: J = Q R.

    It carries twice the digits of JᵀJ.

    Attributes:
        triangle: R, shape (q, q), so that RᵀR = JᵀJ, half the Gauss–Newton Hessian of −2 ln L.
        rotated: Qᵀr, shape (q,): J δ ≈ −r is solved by R δ = −Qᵀr.
        value: |r|², which is −2 ln L for least squares.
    """

    triangle: np.ndarray
    rotated: np.ndarray
    value: float


@dataclasses.dataclass(frozen=True, eq=False)
class Pure:
    """−2 ln L as a JAX function and its arrays, for minimizers that compile a whole loop.

    Attributes:
        function: (point, rows, constants) → −2 ln L of these rows. It holds no arrays and hashes
            by value: fits of one model to other data of one shape share what is compiled for it.
        rows: The data; each leaf has the points along its first axis (some may be padding, of
            weight zero).
        constants: Arrays that belong to no point: a whitening matrix, the values held.
        is_additive: Whether −2 ln L is a sum over rows, so that a choice of rows is a mini-batch.
    """

    function: Callable[[Any, Any, Any], Any]
    rows: Any
    constants: Any
    is_additive: bool


class AbstractProblem(abc.ABC):
    """−2 ln L as a function of a vector of q free parameters, evaluated for batches of points.

    Arrays that cross this seam are NumPy float64. Every simpler problem (some parameters held,
    the linear ones eliminated, …) is again a problem, so that every minimizer works on it.
    """

    @property
    @abc.abstractmethod
    def names(self) -> tuple[str, ...]:
        """Names of the q free parameters."""

    @property
    @abc.abstractmethod
    def linear(self) -> np.ndarray:
        """Mask, shape (q,): parameters in which the prediction is jointly linear."""

    @property
    @abc.abstractmethod
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper limits, each of shape (q,), infinite where there are none."""

    @property
    @abc.abstractmethod
    def is_least_squares(self) -> bool:
        """Whether −2 ln L is a sum of squared residuals."""

    @property
    @abc.abstractmethod
    def n_terms(self) -> int:
        """Number of terms in the sum: points × outputs."""

    @property
    @abc.abstractmethod
    def scales(self) -> Scales:
        """Sizes that the data suggest."""

    @abc.abstractmethod
    def expand(self, points: Float[np.ndarray, "s q"]) -> Float[np.ndarray, "s p"]:
        """Back to the full parameter vectors of the model."""

    @abc.abstractmethod
    def value(self, points: Float[np.ndarray, "s q"]) -> Float[np.ndarray, " s"]:
        """−2 ln L at each point; infinite where the model gives no finite value."""

    @abc.abstractmethod
    def reduce(self, points: Float[np.ndarray, "s q"]) -> Reduced:
        """Value, gradient and curvature at each point, summed over the data in blocks."""

    @abc.abstractmethod
    def factorize(self, point: Float[np.ndarray, " q"]) -> Factored:
        """The triangular factor of the Jacobian at one point, by QR over blocks of data."""

    @abc.abstractmethod
    def linearize(
        self, point: Float[np.ndarray, " q"]
    ) -> tuple[Float[np.ndarray, " k"], Float[np.ndarray, "k q"]]:
        """Whitened residuals and their Jacobian at one point, for reports and small problems."""

    @abc.abstractmethod
    def thinned(self, n_points: int, rng: np.random.Generator) -> "AbstractProblem":
        """An approximation from a sample of the points, each standing for several: for screening.

        The points are spread over the inputs. What must not be missed, such as a peak of a few
        points, has to be looked for with all points.

        Args:
            n_points: How many points; approximately.
            rng: Source of randomness: another draw gives another sample.

        Returns:
            A problem of the same parameters and of values of the same size; the problem itself
            where it cannot be cut, or has hardly more points.
        """

    @abc.abstractmethod
    def for_rows(self, which: np.ndarray) -> "AbstractProblem":
        """The problem of some rows of a batch in which every row has data of its own.

        A problem of one data set, which all rows of a batch share, returns itself. One of many
        data sets takes its points in the order of its rows.

        Args:
            which: Indices of rows, shape (s,); they may repeat.
        """

    @abc.abstractmethod
    def pure(self) -> Pure:
        """−2 ln L as one JAX function and its arrays, for minimizers that compile a whole loop.

        Raises:
            UnsuitableMinimizer: The problem is no single JAX function.
        """


def size(problem: AbstractProblem) -> int:
    """Number of free parameters, q."""
    return len(problem.names)
