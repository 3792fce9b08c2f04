"""Pulls of a fit, and how the fit made them depend on each other: to draw others like them."""

import dataclasses

import numpy as np

from surefit.annotations import Float
from surefit.exceptions import NotAvailable
from surefit.losses.base import AbstractLoss
from surefit.uncertainty.compared import compared_with_y
from surefit.uncertainty.fit_record import FitRecord

# Share of its own variance below which a point counts as fitted exactly: it has no pull.
EXACT = 1e-8
# Residuals this small relative to y are rounding.
ROUNDING = 1e-13
# Entries of the Jacobian that are held at a time; beyond, half a gigabyte.
MOST_ENTRIES = 2**26


@dataclasses.dataclass(frozen=True, eq=False)
class Pulls:
    """Residuals in units of the errors that the fit left them.

    With one input the points are sorted by x. Errors that were given as a covariance are made
    independent along that order: each pull is then what its point adds to those before it.

    Attributes:
        values: (y − f) / (σ √(1 − h)), h the leverage: of variance 1 if model and errors are
            right; shape (n, m), 0 where a point is fitted exactly.
        room: √(1 − h), shape (n, m); 0 where a point is fitted exactly.
        absorbed: What of independent errors the fit takes up: the residuals of errors z are
            z − absorbed @ (absorbedᵀ z + external g); shape (n·m, r).
        external: Root of the share of the parameters' freedom that constraint terms hold, (r, r).
        x: Inputs, shape (n, d), in the order of the pulls.
        index: Place of each point in the data, shape (n,).
        prediction: The curve at the points, shape (n, m).
        weight: What the loss takes of the errors: 1/σ of each, shape (n, m).
        loss: The loss.
        scale: Size of the errors where it was estimated from the residuals, else 1.
        is_scaled: Whether it was.
        ndof: Degrees of freedom.
    """

    values: Float[np.ndarray, "n m"]
    room: Float[np.ndarray, "n m"]
    absorbed: Float[np.ndarray, "k r"]
    external: Float[np.ndarray, "r r"]
    x: Float[np.ndarray, "n d"]
    index: np.ndarray
    prediction: Float[np.ndarray, "n m"]
    weight: Float[np.ndarray, "n m ..."]
    loss: AbstractLoss
    scale: float
    is_scaled: bool
    ndof: float

    @property
    def leverage(self) -> Float[np.ndarray, "n m"]:
        """How much of each residual's variance the fit took up; they add up to the rank."""
        return 1 - self.room**2


def pulls_of(fit: FitRecord) -> Pulls:
    """The pulls of a fit.

    Args:
        fit: The fit.

    Returns:
        Its pulls; the geometry is that of the model made linear at the minimum (Cook and Weisberg
        1982, *Residuals and Influence in Regression*, section 2.1).

    Raises:
        NotAvailable: The residuals say nothing: as many parameters as points, an exact fit, no
            covariance; or there are too many points times parameters.
    """
    data, loss = fit.data, fit.loss
    _refuse_hopeless(fit)
    order = (
        np.argsort(data.inputs[:, 0], kind="stable")
        if data.n_inputs == 1
        else np.arange(data.n_points)
    )
    prediction, jacobian = compared_with_y(fit.model, data, loss, fit.working)
    residuals = data.y - prediction
    if np.sqrt(np.mean(residuals**2)) <= ROUNDING * np.max(np.abs(data.y)):
        raise NotAvailable(
            "The curve passes through all points to rounding, so its residuals say nothing."
        )
    residuals, jacobian = _whitened(fit, residuals, jacobian, prediction, order)
    absorbed, external = _absorbed(jacobian, fit)
    room = 1 - np.sum(absorbed**2, axis=1).reshape(residuals.shape)
    room = np.where(room > EXACT, np.sqrt(np.maximum(room, 0.0)), 0.0)
    values = residuals / (fit.error_scale * np.where(room > 0, room, np.inf))
    return Pulls(
        values=values,
        room=room,
        absorbed=absorbed,
        external=external,
        x=data.inputs[order],
        index=order,
        prediction=prediction[order],
        weight=loss.weight(data.y, data.noise)[order],
        loss=loss,
        scale=fit.error_scale,
        is_scaled=loss.is_least_squares and not data.noise.is_given,
        ndof=fit.ndof,
    )


def _whitened(
    fit: FitRecord,
    residuals: np.ndarray,
    jacobian: np.ndarray,
    prediction: np.ndarray,
    order: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Residuals and their derivatives in units of the errors, in order."""
    noise = fit.data.noise
    residuals, jacobian = residuals[order], jacobian[order]
    if noise.covariance is not None:
        lower = np.linalg.cholesky(noise.covariance[np.ix_(order, order)])
        columns = np.linalg.solve(lower, jacobian[:, 0, :])
        return np.linalg.solve(lower, residuals), columns[:, None, :]
    weight = fit.loss.weight(fit.data.y, noise)
    root = np.sqrt(fit.loss.variance(prediction, weight))[order]
    return residuals / root, jacobian / root[:, :, None]


def _refuse_hopeless(fit: FitRecord) -> None:
    if fit.ndof <= 0:
        raise NotAvailable(
            "There are as many parameters as points, so the residuals say nothing of the fit; "
            "use a smaller model or more points."
        )
    if not np.isfinite(fit.working_covariance).all() or not np.isfinite(fit.working).all():
        raise NotAvailable(
            "This fit has no covariance, so it is not known what its residuals would be by chance."
        )
    size = fit.data.y.size * len(fit.working)
    if size > MOST_ENTRIES:
        raise NotAvailable(
            f"{fit.data.y.size:,} values times {len(fit.working):,} parameters need too much "
            "memory here; judge a fit to a part of the points."
        )


def _absorbed(jacobian: np.ndarray, fit: FitRecord) -> tuple[np.ndarray, np.ndarray]:
    """J F with F Fᵀ the covariance, and the root of what constraint terms add to it.

    Without constraint terms all that matters of the covariance is which parameters it leaves free:
    the columns are an orthonormal basis of the tangent.
    """
    covariance = fit.working_covariance
    columns = jacobian.reshape(-1, jacobian.shape[2])
    errors = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    inverse = np.where(errors > 0, 1 / np.where(errors > 0, errors, 1.0), 0.0)
    values, vectors = np.linalg.eigh(covariance * np.outer(inverse, inverse))
    factor = errors[:, None] * vectors * np.sqrt(np.maximum(values, 0.0))
    left, sizes, _ = np.linalg.svd(columns @ factor, full_matrices=False)
    kept = sizes > 1e-6 * sizes.max(initial=0.0)
    # 1 for what only the data determine; less where a constraint term or a penalty does too.
    share = np.ones(int(kept.sum()))
    has_more = len(fit.constraints.gaussian) > 0 or fit.constraints.penalty is not None
    if has_more and fit.loss.is_likelihood:
        share = np.minimum(sizes[kept], 1.0)
    return left[:, kept] * share, np.diag(np.sqrt(1 - share**2))
