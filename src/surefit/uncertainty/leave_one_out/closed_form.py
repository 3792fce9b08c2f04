"""Each point as predicted from the others, by formula: exact where the model is linear."""

import dataclasses
from collections.abc import Mapping

import numpy as np
import scipy  # its parts are imported on first use: together they take longer than most fits

from surefit.annotations import Float
from surefit.data.checked import Data
from surefit.exceptions import NotAvailable
from surefit.uncertainty.goodness.influence import influence_of
from surefit.uncertainty.goodness.pulls import EXACT, Pulls


@dataclasses.dataclass(frozen=True, eq=False)
class LeftOut:
    """What the others say of each point, in the order of the data.

    Attributes:
        deviances: −2 ln of the density that they predict at the measured y, less the same for a
            prediction without error: on the scale of χ², shape (n,).
        residuals: y less what they predict, in the unit of y, shape (n, m).
    """

    deviances: Float[np.ndarray, " n"]
    residuals: Float[np.ndarray, "n m"]


def left_out(pulls: Pulls, data: Data, refitted: Mapping[int, np.ndarray] | None = None) -> LeftOut:
    """The predictive density of each point given all others, under flat priors.

    With H the leverage of a point (a matrix for several outputs) and r its whitened residual, the
    fit of the others predicts it with residual (1 − H)⁻¹ r and covariance (1 − H)⁻¹ (Allen 1974,
    Technometrics 16, 125; Cook and Weisberg 1982, section 2.2; Gelman et al. 2013, *Bayesian Data
    Analysis*, section 14.2). Where one size of the errors is estimated, its density is Student's.
    For correlated errors the others also tell of the point's own error (Haslett 1999, J. R. Stat.
    Soc. B 61, 603). All is exact for linear models with normal errors.

    Args:
        pulls: Those of the fit.
        data: Its data.
        refitted: Residuals, shape (m,), from fits without a point, by its place in the data; used
            instead of those of the formula.

    Raises:
        NotAvailable: The curve passes through a point whatever is measured there, or too few are
            left to estimate the size of the errors.
    """
    if data.noise.covariance is not None:
        return _of_correlated(pulls, data)
    n, m = pulls.values.shape
    absorbed = pulls.absorbed.reshape(n, m, -1)
    room = np.eye(m) - np.einsum("imr,ikr->imk", absorbed, absorbed)
    _refuse_exact(np.linalg.eigvalsh(room)[:, 0], pulls.index)
    errors = np.sqrt(pulls.loss.variance(pulls.prediction, pulls.weight)) * pulls.scale
    white = np.linalg.solve(room, (pulls.values * pulls.room)[..., None])[..., 0]
    back = np.argsort(pulls.index)
    for row, residual in (refitted or {}).items():
        white[back[row]] = residual / errors[back[row]]
    squared = np.einsum("im,imk,ik->i", white, room, white)
    deviances = _deviances(pulls, squared, m) - np.linalg.slogdet(room)[1]
    return LeftOut(deviances[back], (errors * white)[back])


def _of_correlated(pulls: Pulls, data: Data) -> LeftOut:
    influence = influence_of(pulls, data)
    assert data.noise.covariance is not None
    room = 1 - influence.leverage[:, 0]
    _refuse_exact(room, np.arange(len(room)))
    standard = influence.studentized[:, 0]
    # What each error varies by once all others are known: 1/Kᵢᵢ, K the inverse covariance.
    own = 1 / np.diag(np.linalg.inv(data.noise.covariance))
    residuals = standard * np.sqrt(own / room)
    return LeftOut(standard**2 - np.log(room), residuals[:, None])


def _deviances(pulls: Pulls, squared: np.ndarray, m: int) -> np.ndarray:
    """−2 ln of the densities at squared distances, but for the determinants."""
    if not pulls.is_scaled:
        return squared
    ndof = pulls.ndof
    if ndof <= m:
        raise NotAvailable(
            f"Without errors on y, {ndof} degree(s) of freedom are too few to estimate their size "
            "when a point is left out; use a smaller model, more points, or give yerr."
        )
    # Student's density in m dimensions with ν − m degrees of freedom, whose scale is that of the
    # others, s²(ν − q)/(ν − m). The constant is that of the profiled deviance of the criteria.
    left = np.maximum(ndof - squared, 1e-300) * pulls.scale**2
    gammaln = scipy.special.gammaln
    constant = 2 * (gammaln((ndof - m) / 2) - gammaln(ndof / 2)) - m * (1 + np.log(2.0))
    return constant + m * np.log(left) + ndof * np.log(ndof * pulls.scale**2 / left)


def _refuse_exact(room: np.ndarray, index: np.ndarray) -> None:
    if (room < EXACT).any():
        row = int(index[int(np.argmin(room))])
        raise NotAvailable(
            f"The curve passes through point {row} whatever is measured there (leverage 1), so "
            "nothing predicts that point when it is left out; use a smaller model."
        )
