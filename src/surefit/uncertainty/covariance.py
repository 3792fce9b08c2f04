"""The covariance of the parameters, from the triangular factor of the Jacobian."""

import dataclasses

import numpy as np

from surefit.annotations import Float
from surefit.minimizers.closed_form import rank_tolerance

# A parameter is called undetermined when this much of it (in scaled units, squared) lies in the
# directions that the data leave free: less cannot move it by more than rounding does.
SHARE = 1e-6


@dataclasses.dataclass(frozen=True, eq=False)
class Covariance:
    """Covariance with its rank stated.

    Attributes:
        matrix: Shape (q, q), for Δ(−2 ln L) = 1; over the determined combinations only.
        rank: How many combinations of parameters the data determine.
        undetermined: Mask of the parameters that take part in an undetermined combination.
        free: Orthonormal directions that the data leave free, in scaled units, shape (k, q).
        scale: What turns scaled units into those of the parameters, shape (q,); zero for a
            parameter that moves nothing.
    """

    matrix: Float[np.ndarray, "q q"]
    rank: int
    undetermined: np.ndarray
    free: Float[np.ndarray, "k q"]
    scale: Float[np.ndarray, " q"]


def covariance_from_triangle(
    triangle: Float[np.ndarray, "k q"], *, least: float | None = None
) -> Covariance:
    """(JᵀJ)⁻¹ from J = QR, by singular values of R with its columns scaled to unit length.

    Args:
        triangle: R, of whitened residuals, so that |r|² is −2 ln L.
        least: Relative size of the singular values that count; by default what exceeds rounding.

    Returns:
        The covariance. Where the rank is less than q it is the pseudo-inverse in scaled units:
        zero variance along undetermined directions, whose parameters are marked.
    """
    length = np.linalg.norm(triangle, axis=0)
    scale = np.where(length > 0, 1 / np.where(length > 0, length, 1.0), 0.0)
    _, values, rows = np.linalg.svd(triangle * scale, full_matrices=True)
    values = np.concatenate([values, np.zeros(len(rows) - len(values))])
    least = rank_tolerance(triangle.shape) if least is None else least
    keep = values > least * max(values.max(initial=0.0), 0.0)
    return _assemble(rows[keep], values[keep] ** 2, rows[~keep], scale)


def covariance_in_gauge(
    triangle: Float[np.ndarray, "k q"],
    free: Float[np.ndarray, "g q"],
    held: Float[np.ndarray, "g q"],
    *,
    least: float | None = None,
) -> Covariance:
    """(JᵀJ)⁻¹ of a model with continuous symmetries, where a choice among equals is made.

    Args:
        triangle: R, as in `covariance_from_triangle`.
        free: Directions along which the model is the same: R times them is 0.
        held: Gradients of the quantities that the choice keeps fixed; as many.
        least: As in `covariance_from_triangle`.

    Returns:
        The covariance of the chosen parameters, which do not vary along `held`. The rank does
        not count the symmetries; parameters are undetermined only if something else leaves them.
    """
    # Rows as large as the largest of the triangle hold the symmetries without losing its digits.
    length = np.linalg.norm(triangle, axis=0)
    scale = np.where(length > 0, 1 / np.where(length > 0, length, 1.0), 0.0)
    rows = held * scale
    size = np.linalg.norm(rows, axis=1, keepdims=True)
    rows = np.where(size > 0, held / np.where(size > 0, size, 1.0), 0.0)
    full = covariance_from_triangle(np.vstack([triangle, rows]), least=least)
    # What the rows added is a variance along the free directions: move along these to take it out.
    overlap = held @ free.T
    move = np.eye(len(scale)) - free.T @ np.linalg.lstsq(overlap, held, rcond=None)[0]
    undetermined = full.undetermined | (length == 0)
    matrix, rank = move @ full.matrix @ move.T, full.rank - len(free)
    return Covariance(matrix, rank, undetermined, full.free, full.scale)


def covariance_from_hessian(hessian: Float[np.ndarray, "q q"]) -> Covariance:
    """2 H⁻¹ from the Hessian of −2 ln L, as MINUIT's HESSE computes it.

    Args:
        hessian: Second derivatives of −2 ln L at the minimum.

    Returns:
        The covariance; directions without positive curvature are undetermined.
    """
    diagonal = np.diag(hessian)
    scale = np.where(diagonal > 0, 1 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0)), 0.0)
    values, vectors = np.linalg.eigh(hessian * np.outer(scale, scale))
    keep = values > rank_tolerance(hessian.shape) * max(values.max(initial=0.0), 0.0)
    return _assemble(vectors.T[keep], values[keep] / 2, vectors.T[~keep], scale)


def _assemble(determined, information, free, scale) -> Covariance:
    matrix = (determined.T / information) @ determined if len(determined) else 0.0
    with np.errstate(over="ignore", invalid="ignore"):  # a parameter that moves next to nothing
        matrix = np.zeros((len(scale),) * 2) + matrix * np.outer(scale, scale)
    undetermined = (np.sum(free**2, axis=0) > SHARE) | (scale == 0)
    return Covariance(matrix, len(determined), undetermined, free, scale)


def correlation_of(covariance: Float[np.ndarray, "q q"]) -> Float[np.ndarray, "q q"]:
    """The correlation that belongs to a covariance; NaN where a variance is 0."""
    errors = np.sqrt(np.diag(covariance))
    with np.errstate(invalid="ignore", divide="ignore"):
        return covariance / np.outer(errors, errors)


def factor_of(covariance: Float[np.ndarray, "p p"]) -> Float[np.ndarray, "p p"]:
    """F with F Fᵀ = covariance, also where that is singular; NaN where it is not known.

    Args:
        covariance: Positive semidefinite.

    Returns:
        The factor: independent normal numbers times Fᵀ have this covariance.
    """
    if not np.isfinite(covariance).all():
        return np.full_like(covariance, np.nan)
    errors = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    inverse = np.where(errors > 0, 1 / np.where(errors > 0, errors, 1.0), 0.0)
    values, vectors = np.linalg.eigh(covariance * np.outer(inverse, inverse))
    return errors[:, None] * vectors * np.sqrt(np.maximum(values, 0.0))
