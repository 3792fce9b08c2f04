"""Leave-one-out of a fit: by formula where there is one, checked where that is not exact."""

import dataclasses

import numpy as np

from surefit.annotations import Float
from surefit.exceptions import NotAvailable
from surefit.models.base import AbstractLinearModel
from surefit.uncertainty.fit_record import FitRecord
from surefit.uncertainty.goodness.influence import influence_of
from surefit.uncertainty.goodness.pulls import Pulls, pulls_of
from surefit.uncertainty.leave_one_out.closed_form import LeftOut, left_out
from surefit.uncertainty.leave_one_out.laplace import DRAWS, Resampled, resampled
from surefit.uncertainty.leave_one_out.pareto import UNRELIABLE
from surefit.uncertainty.leave_one_out.refits import residuals_without

# Points that are left out by refitting, to check the formula and to replace it there.
REFITTED = 10
# Difference between formula and refit, in standard deviations of the prediction, that matters.
FAR = 0.5
EXACT = "Exact: from the leverage of each point, as the model is linear in its parameters."
FIRST_ORDER = "From the leverage of each point, with the model made linear at the minimum"
WEIGHTED = f"From {DRAWS:,} draws of the posterior, weighted as if each point were left out (PSIS)."
INSTEAD = "sf.cross_validate(fit, folds=fit.data.n_points) refits instead"


@dataclasses.dataclass(frozen=True, eq=False)
class Estimate:
    """How well each point is predicted by the fit of all others.

    Attributes:
        deviances: −2 ln of the predictive density at each point, on the scale of χ², shape (n,).
        residuals: y less the prediction of the others, in the unit of y, shape (n, m).
        shapes: Pareto k of each point, shape (n,); empty where no draws were weighted.
        method: How it was computed, in a sentence.
        notes: What is to be said of it.
        is_reliable: Whether its own checks found nothing against it.
    """

    deviances: Float[np.ndarray, " n"]
    residuals: Float[np.ndarray, "n m"]
    shapes: Float[np.ndarray, " k"]
    method: str
    notes: tuple[str, ...] = ()
    is_reliable: bool = True


def leave_one_out(fit: FitRecord, remarks: tuple[str, ...]) -> Estimate:
    """Predict each point from all others, without refitting for each.

    Least squares uses the formula of `left_out`, exact for linear models; for others the points
    of largest influence are refitted, which checks it and replaces it there. Other likelihoods
    use weighted draws of the posterior (`resampled`).

    Args:
        fit: The fit.
        remarks: What is remarked on its parameters.

    Raises:
        NotAvailable: Points cannot be left out by formula: a loss that is no likelihood, steps, a
            point of leverage 1, an exact fit, as many parameters as points.
    """
    _refuse(fit, remarks)
    pulls = pulls_of(fit)
    closed = left_out(pulls, fit.data)
    is_limited = any(remark.startswith("at its limit") for remark in remarks)
    if not fit.loss.is_least_squares:
        return _by_draws(fit, closed)
    if isinstance(fit.model, AbstractLinearModel) and not is_limited:
        return Estimate(closed.deviances, closed.residuals, np.zeros(0), EXACT)
    if fit.data.noise.covariance is not None or not fit.model.is_pointwise:
        note = f"This was not checked by refitting single points; {INSTEAD}."
        return Estimate(
            *(closed.deviances, closed.residuals, np.zeros(0), f"{FIRST_ORDER}."),
            (note,),
            is_reliable=False,
        )
    return _checked(fit, pulls, closed)


def _checked(fit: FitRecord, pulls: Pulls, closed: LeftOut) -> Estimate:
    """The formula, with the points of largest influence refitted."""
    cook = influence_of(pulls, fit.data).cook.max(axis=1)
    rows = np.argsort(-cook, kind="stable")[:REFITTED].tolist()
    refitted = residuals_without(fit, rows)
    better = left_out(pulls, fit.data, refitted)
    back = np.argsort(pulls.index)
    errors = np.sqrt(pulls.loss.variance(pulls.prediction, pulls.weight)) * pulls.scale
    spread = (errors / np.where(pulls.room > 0, pulls.room, 1.0))[back]
    apart = np.abs(better.residuals - closed.residuals) / spread
    furthest = float(apart[rows].max())
    method = (
        f"{FIRST_ORDER}; the {len(rows)} points of largest influence by refitting, which moved "
        f"their predictions by up to {furthest:.2g} of a standard deviation."
    )
    notes = []
    if furthest > FAR or len(refitted) < len(rows):
        notes.append(
            f"The formula is far off for points of large influence; {INSTEAD}, for every point."
        )
    return Estimate(
        *(better.deviances, better.residuals, np.zeros(0), method),
        tuple(notes),
        is_reliable=not notes,
    )


def _by_draws(fit: FitRecord, closed: LeftOut) -> Estimate:
    draws = resampled(fit)
    if draws is None:
        raise NotAvailable(
            f"{fit.data.n_points:,} points are too many to weight {DRAWS:,} draws for each; use "
            "sf.cross_validate(fit, folds=10)."
        )
    notes = _shape_notes(draws)
    return Estimate(
        *(draws.deviances, closed.residuals, draws.shapes, WEIGHTED),
        notes,
        is_reliable=not notes,
    )


def _shape_notes(draws: Resampled) -> tuple[str, ...]:
    bad = int(np.sum(draws.shapes > UNRELIABLE))
    if not bad:
        return ()
    return (
        f"Leaving out {bad} of {len(draws.shapes)} point(s) changes the fit more than the draws "
        f"can tell (Pareto k up to {draws.shapes.max():.2f}, above {UNRELIABLE}); {INSTEAD}.",
    )


def _refuse(fit: FitRecord, remarks: tuple[str, ...]) -> None:
    if not fit.data.reading.is_plain or fit.data.noise.sides is not None:
        raise NotAvailable(
            "Points are left out by formula only where the curve is compared at x itself, not for "
            "errors on x, asymmetric errors, or bins."
        )
    if not fit.loss.is_likelihood:
        raise NotAvailable(
            f"{fit.loss} is no likelihood, so no density is predicted for a point left out; "
            f"{INSTEAD} and takes the loss itself as the error."
        )
    if any(remark.startswith("step") for remark in remarks):
        raise NotAvailable(
            "The fit has steps, which move when a point is left out and have no derivative to say "
            f"how; {INSTEAD}."
        )
