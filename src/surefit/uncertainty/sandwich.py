"""The sandwich covariance: errors that do not believe the loss about the size of the noise."""

import dataclasses
from typing import Any, TypeVar

import numpy as np

from surefit.annotations import Float
from surefit.data.checked import Data
from surefit.exceptions import NotAvailable
from surefit.losses.base import AbstractLoss
from surefit.models.base import AbstractModel
from surefit.problem.base import AbstractProblem
from surefit.uncertainty.compared import compared_with_y
from surefit.uncertainty.conclusion import Conclusion

# A point whose leverage is nearer to 1 than this is fitted exactly: nothing says how it scatters.
EXACT = 1e-8
# The note by which fits with such errors are known.
SCATTER = "Errors are the sandwich's (HC3): from the scatter of the points, not from yerr."


def with_sandwich(
    problem: AbstractProblem, loss: AbstractLoss, conclusion: Conclusion
) -> Conclusion:
    """The conclusion with errors that hold for a loss that is no likelihood, an M-estimator's.

    The covariance is A⁻¹ B A⁻¹: A is half the Hessian of the loss, B the sum of squared scores
    (Huber 1967, Proc. 5th Berkeley Symp. 1, 221; White 1980, Econometrica 48, 817). The scores
    are divided by 1 − leverage, as in the HC3 covariance of MacKinnon and White 1985.

    Args:
        problem: The problem of the free parameters.
        loss: Its loss.
        conclusion: With the covariance A⁻¹, twice the inverse Hessian; zero where a parameter is
            at its limit.

    Returns:
        The conclusion with the sandwich and a note; NaN where it cannot be had.
    """
    if not np.isfinite(conclusion.covariance).all():
        return conclusion
    working, columns = problem.linearize(conclusion.point)
    try:
        matrix = from_scores(working[:, None], columns[:, None, :], conclusion.covariance)
        note = f"{loss} is no likelihood: errors are the sandwich's, and there is no chi2."
    except NotAvailable as error:
        matrix = np.full_like(conclusion.covariance, np.nan)
        note = f"{loss} is no likelihood, so there is no chi2. {error}"
    return dataclasses.replace(conclusion, covariance=matrix, notes=(*conclusion.notes, note))


def from_scores(
    residuals: Float[np.ndarray, "n m"],
    jacobian: Float[np.ndarray, "n m q"],
    covariance: Float[np.ndarray, "q q"],
) -> Float[np.ndarray, "q q"]:
    """C (Σ sᵢ sᵢᵀ) C with sᵢ = Jᵢᵀ (1 − Hᵢᵢ)⁻¹ rᵢ, the outputs of a point taken together.

    For one output this is HC3 (MacKinnon and White 1985); for several it is its form for clusters
    (Bell and McCaffrey 2002, Survey Methodology 28, 169, there CR3), which allows the outputs of
    a point to be correlated.

    Args:
        residuals: Whitened residuals.
        jacobian: Their derivatives.
        covariance: C = (JᵀJ)⁻¹.

    Returns:
        The sandwich.

    Raises:
        NotAvailable: A point is fitted exactly, so that its own scatter is not known.
    """
    leverage = np.einsum("nmp,pq,nkq->nmk", jacobian, covariance, jacobian, optimize=True)
    room = np.eye(residuals.shape[1]) - leverage
    least = np.linalg.eigvalsh(room)[:, 0]
    if (least < EXACT).any():
        row = int(np.argmin(least))
        raise NotAvailable(
            f"The curve passes through point {row} whatever is measured there (leverage 1), so "
            "the residuals do not tell how that point scatters; use the ordinary errors, or a "
            "model with fewer parameters."
        )
    scores = np.einsum("nmp,nm->np", jacobian, np.linalg.solve(room, residuals[..., None])[..., 0])
    half = scores @ covariance
    return half.T @ half


Fitted = TypeVar("Fitted")


def with_scatter_errors(fit: Fitted) -> Fitted:
    """A fit with the errors of `sandwich_covariance`.

    Args:
        fit: A `Fit`.

    Returns:
        The same with another covariance and a note; χ² stays.

    Raises:
        NotAvailable: See `sandwich_covariance`.

    Example:
        >>> import surefit as sf
        >>> fit = sf.fit([0, 1, 2, 3], [0.0, 2.0, 1.0, 3.0], sf.Constant(), yerr=0.1)
        >>> round(fit.errors["value"], 2), round(fit.sandwich().errors["value"], 2)
        (0.05, 0.75)
    """
    record: Any = fit
    parts = (record.model, record.data, record.loss, record.working, record.working_covariance)
    covariance = sandwich_covariance(*parts) / record.error_scale**2
    notes = (*record.notes, SCATTER)
    return dataclasses.replace(record, working_covariance=covariance, notes=notes)


def sandwich_covariance(
    model: AbstractModel,
    data: Data,
    loss: AbstractLoss,
    working: Float[np.ndarray, " p"],
    covariance: Float[np.ndarray, "p p"],
) -> Float[np.ndarray, "p p"]:
    """The covariance of the parameters if the noise is not what the fit assumed.

    It holds, for many points, whatever the errors' sizes are and however they change with x, as
    long as points are independent and the curve is right: `from_scores` at the minimum.

    Args:
        model: The resolved model.
        data: The checked data.
        loss: The loss.
        working: The minimum.
        covariance: The covariance for Δ(−2 ln L) = 1, zero where parameters are held.

    Returns:
        The covariance of the working parameters, in their units.

    Raises:
        NotAvailable: Errors are correlated, the loss has it already, or a point is fitted exactly.
    """
    if data.noise.covariance is not None:
        raise NotAvailable(
            "The errors on y were given as a covariance; the sandwich takes points as independent."
        )
    if not loss.is_likelihood:
        raise NotAvailable(f"The errors of a fit with {loss} are the sandwich's already.")
    prediction, jacobian = compared_with_y(model, data, loss, working)
    root = np.sqrt(loss.variance(prediction, loss.weight(data.y, data.noise)))
    residuals = (data.y - prediction) / root
    return from_scores(residuals, jacobian / root[:, :, None], covariance)
