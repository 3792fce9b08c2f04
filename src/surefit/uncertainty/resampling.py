"""Ways to make data sets from one, whose refits scatter as the fit does."""

import abc
import dataclasses

import numpy as np

from surefit.data.data_sets import DataSets, with_counts, with_outputs
from surefit.exceptions import NotAvailable
from surefit.models.base import AbstractModel
from surefit.problem.build import build_problem
from surefit.uncertainty.fit_record import FitRecord
from surefit.uncertainty.refitting import Origin, origin_of
from surefit.uncertainty.toys import drawn_toys

# Points for each free parameter below which a draw of points too often leaves some undetermined.
POINTS_EACH = 3
# A point of leverage nearer to 1 than this is fitted exactly: its residual says nothing.
EXACT = 1e-8


class AbstractResampling(abc.ABC):
    """How the data sets of a bootstrap are made."""

    @abc.abstractmethod
    def draw(self, fit: FitRecord, k: int, rng: np.random.Generator) -> DataSets:
        """Make data sets.

        Args:
            fit: A `Fit`.
            k: How many.
            rng: Source of randomness.

        Raises:
            NotAvailable: It makes no sense for this fit; says why and what does.
        """

    @abc.abstractmethod
    def skewness(self, influence: np.ndarray, origin: Origin) -> np.ndarray:
        """The acceleration of each estimate, shape (r,), from the influence of each term.

        Args:
            influence: Effect of each residual on each estimate, shape (terms, r).
            origin: The fit.
        """

    @abc.abstractmethod
    def __str__(self) -> str:
        """The constructor."""


@dataclasses.dataclass(frozen=True)
class Cases(AbstractResampling):
    """Draw whole points with replacement: trusts neither `yerr` nor that the model is right.

    It needs points that are a sample, independent of each other. Source: Efron 1979, Ann. Statist.
    7, 1; Davison and Hinkley 1997, section 6.2.4.
    """

    def draw(self, fit: FitRecord, k: int, rng: np.random.Generator) -> DataSets:
        origin = origin_of(fit)
        n, q, noise = origin.data.n_points, len(origin.point), origin.data.noise
        if noise.covariance is not None:
            raise NotAvailable(
                "The errors are correlated, so points cannot be drawn one by one; use Residuals() "
                "or Parametric()."
            )
        if not origin.model.is_pointwise:
            raise NotAvailable(
                f"{origin.model} does not compute each point by itself, so points cannot be left "
                "out or repeated; use Residuals() or Parametric()."
            )
        if n < POINTS_EACH * q:
            raise NotAvailable(
                f"There are {n} points for {q} free parameters: some draws would not determine "
                f"them all. Cases() needs {POINTS_EACH} points for each; use Residuals() or "
                "Parametric()."
            )
        return with_counts(origin.data, rng.multinomial(n, np.full(n, 1 / n), k))

    def skewness(self, influence: np.ndarray, origin: Origin) -> np.ndarray:
        by_point = influence[: origin.data.y.size].reshape(origin.data.n_points, -1)
        by_point = by_point.reshape(origin.data.n_points, origin.data.n_outputs, -1).sum(axis=1)
        return _acceleration(by_point)

    def __str__(self) -> str:
        return "Cases()"


@dataclasses.dataclass(frozen=True)
class Residuals(AbstractResampling):
    """Keep the points and draw their errors from the residuals, in units of `yerr`.

    Each is divided by the root of 1 − leverage, which the fit took from it, and all are centered.
    It trusts the model and the relative size of the errors, not their shape. Source: Davison and
    Hinkley 1997, sections 6.2.3 and 7.3 (modified residuals).
    """

    def draw(self, fit: FitRecord, k: int, rng: np.random.Generator) -> DataSets:
        origin, data = origin_of(fit), fit.data
        if not origin.loss.is_least_squares:
            raise NotAvailable(
                f"Residuals of {origin.loss} do not have one distribution that all points share; "
                "use Cases() or Parametric()."
            )
        residuals, jacobian = linearized(origin)
        orthogonal, _ = np.linalg.qr(jacobian)
        n = data.y.size
        room = 1 - np.sum(orthogonal[:n] ** 2, axis=1)
        if room.min() < EXACT:
            raise NotAvailable(
                "A point is fitted exactly (leverage 1), so its residual says nothing of its "
                "error; use Parametric()."
            )
        modified = -residuals[:n] / np.sqrt(room)
        drawn = rng.choice(modified - modified.mean(), (k, n))
        mean = np.asarray(origin.model.evaluate(origin.working, data.x))
        if data.noise.covariance is not None:
            errors = drawn @ np.linalg.cholesky(data.noise.covariance).T
        else:
            errors = drawn * data.noise.sigma.ravel()
        sets = with_outputs(data, mean.ravel() + errors)
        if not len(origin.constraints.gaussian):
            return sets
        toys = drawn_toys(fit, k, rng)
        return dataclasses.replace(sets, targets=toys.targets)

    def skewness(self, influence: np.ndarray, origin: Origin) -> np.ndarray:
        return _acceleration(influence)

    def __str__(self) -> str:
        return "Residuals()"


@dataclasses.dataclass(frozen=True)
class Parametric(AbstractResampling):
    """Draw toys from the fitted model with the errors of the fit: trusts both.

    Source: Efron 1985, Biometrika 72, 45; Davison and Hinkley 1997, section 2.2.
    """

    def draw(self, fit: FitRecord, k: int, rng: np.random.Generator) -> DataSets:
        return drawn_toys(fit, k, rng)

    def skewness(self, influence: np.ndarray, origin: Origin) -> np.ndarray:
        # The score of normal errors is symmetric; that of counts is a Poisson variable's.
        if origin.loss.is_least_squares or not origin.loss.is_likelihood:
            return np.zeros(influence.shape[1])
        residuals, _ = linearized(origin)
        mean = np.asarray(origin.model.evaluate(origin.working, origin.data.x)).ravel()
        n, size = len(mean), np.abs(residuals)[:, None]
        each = np.where(size > 0, np.abs(influence) / np.where(size > 0, size, 1.0), 0.0)[:n]
        sign = np.where(influence[:n] * residuals[:n, None] < 0, 1.0, -1.0)
        effect = sign * each  # of one standard deviation of each count
        third = np.sum(effect**3 / np.sqrt(mean)[:, None], axis=0)
        return third / (6 * np.sum(effect**2, axis=0) ** 1.5)

    def __str__(self) -> str:
        return "Parametric()"


def linearized(origin: Origin) -> tuple[np.ndarray, np.ndarray]:
    """Whitened residuals and their Jacobian at the fit; constraints' rows come last."""
    problem = build_problem(origin.model, origin.data, origin.loss, origin.constraints)
    return problem.linearize(origin.point)


def influences(origin: Origin, model: AbstractModel) -> np.ndarray:
    """Effect of each residual on each reported parameter, to first order, shape (terms, r).

    The empirical influence values −(JᵀJ)⁻¹ Jᵢ rᵢ (Davison and Hinkley 1997, section 2.7.4).
    """
    residuals, jacobian = linearized(origin)
    moved = -residuals[:, None] * np.linalg.pinv(jacobian, rcond=1e-10).T
    slopes = origin.constraints.coordinates.jacobian(origin.point[None])[0]
    conversion = model.conversion()
    matrix = slopes if conversion is None else conversion.matrix @ slopes
    return moved @ matrix.T


def _acceleration(influence: np.ndarray) -> np.ndarray:
    """Σ l³ / 6 (Σ l²)^1.5 (Efron 1987, J. Am. Stat. Assoc. 82, 171, eq. 7.3)."""
    square = np.sum(influence**2, axis=0)
    third = np.sum(influence**3, axis=0)
    return np.where(square > 0, third / np.where(square > 0, 6 * square**1.5, 1.0), 0.0)
