"""The errors on y: independent, or a covariance between points."""

import dataclasses
from typing import Any

import numpy as np

from surefit.data.arrays import as_float_array
from surefit.exceptions import InvalidErrors, ShapeMismatch

# χ² needs fourth powers of 1/σ to stay within the range of float64, 1e±308.
LARGEST = 1e75


@dataclasses.dataclass(frozen=True, eq=False)
class Noise:
    """One standard deviation of each y, or the covariance of all of them.

    Attributes:
        sigma: Standard deviations, shape (n, m), in the unit of y; ones where none were given.
        covariance: Covariance of the points, shape (n, n), or None if they are independent.
        is_given: Whether the user gave errors. They are then absolute; otherwise their common
            size is estimated from the residuals and the report says so.
        sides: Lower and upper error of each y where they differ, shape (n, m, 2), or None; sigma
            is their mean then.
    """

    sigma: np.ndarray
    covariance: np.ndarray | None = None
    is_given: bool = True
    sides: np.ndarray | None = None

    def sample(self, chosen: np.ndarray, root: float) -> "Noise":
        """That of some independent points, with errors smaller by a factor."""
        sides = None if self.sides is None else self.sides[chosen] / root
        return dataclasses.replace(self, sigma=self.sigma[chosen] / root, sides=sides)

    def refusal_of_sides(self, loss: str) -> str | None:
        """Why a loss of symmetric errors does not suit, or None if it does."""
        if self.sides is None:
            return None
        return (
            f"{loss} takes symmetric errors; leave loss out for Asymmetric ones, or pass "
            "sf.VariableVariance() or sf.VariableSigma()."
        )

    def whitening(self) -> np.ndarray | None:
        """The inverse Cholesky factor of the covariance, which makes residuals independent."""
        if self.covariance is None:
            return None
        lower = np.linalg.cholesky(self.covariance)
        return np.linalg.solve(lower, np.eye(len(lower)))


@dataclasses.dataclass(frozen=True, eq=False)
class Asymmetric:
    """Errors on y that differ downward and upward, y +upper −lower: `yerr=Asymmetric(0.1, 0.3)`.

    Both are sizes, and positive. Where the curve passes above a point its upper error counts. The
    likelihood is `VariableVariance`, unless another loss is given.

    Attributes:
        lower: Downward error: a scalar, (n,), or (n, m).
        upper: Upward error, likewise.

    Example:
        >>> import surefit as sf
        >>> fit = sf.fit([0], [1.0], sf.Constant(), yerr=sf.Asymmetric(0.1, 0.2))
        >>> interval = fit.interval("value")
        >>> round(interval.lower, 3), round(interval.upper, 3)
        (0.9, 1.2)
    """

    lower: Any
    upper: Any


def _check_asymmetric(yerr: Asymmetric, y: np.ndarray, keep: np.ndarray) -> Noise:
    """Check both sides by themselves."""
    sides = []
    for name in ("lower", "upper"):
        side = getattr(yerr, name)
        try:
            found = check_noise(side, y, keep)
        except InvalidErrors as error:
            raise InvalidErrors(f"Asymmetric(lower, upper), {name}: {error}") from None
        if not found.is_given or found.covariance is not None or isinstance(side, Asymmetric):
            raise InvalidErrors(
                f"Asymmetric(lower, upper) has {name} = {side!r}; give both as standard deviations."
            )
        sides.append(found.sigma)
    return Noise((sides[0] + sides[1]) / 2, sides=np.stack(sides, axis=-1))


def check_noise(yerr: Any, y: np.ndarray, keep: np.ndarray) -> Noise:
    """Check errors against the y they belong to.

    Args:
        yerr: Scalar, (n,), (n, m), an (n, n) covariance for one output, or None.
        y: The outputs, (n,) or (n, m), before masked points are dropped.
        keep: Mask of the points that stay.

    Returns:
        The noise of the points that stay.

    Raises:
        ShapeMismatch: The shape fits neither y nor a covariance of it.
        InvalidErrors: Zero, negative, NaN or infinite, or not positive definite.
    """
    if isinstance(yerr, Asymmetric):
        return _check_asymmetric(yerr, y, keep)
    n, m = y.shape[0], 1 if y.ndim == 1 else y.shape[1]
    if yerr is None:
        return Noise(np.ones((int(keep.sum()), m)), is_given=False)
    sigma, mask = as_float_array(yerr, "yerr")
    if mask is not None and mask.reshape(-1).any():
        raise InvalidErrors("yerr has masked values; mask those points in y instead.")
    if sigma.shape == (n, n) and m == 1 and n > 1:
        return _check_covariance(sigma[np.ix_(keep, keep)])
    shape = sigma.shape
    if sigma.ndim == 1 and shape == (n,):
        sigma = sigma[:, None]
    elif sigma.ndim != 0 and shape not in ((n, m), (n, 1)):
        expected = f"a scalar, ({n},), ({n}, {m})" + (f" or ({n}, {n})" if m == 1 else "")
        raise ShapeMismatch(f"yerr has shape {shape} but y has shape {y.shape}; pass {expected}.")
    sigma = np.broadcast_to(sigma, (n, m))[keep]
    _check_positive(sigma)
    return Noise(np.ascontiguousarray(sigma))


def _check_positive(sigma: np.ndarray) -> None:
    if np.isfinite(sigma).all() and (sigma.max() > LARGEST or 0 < sigma.min() < 1 / LARGEST):
        raise InvalidErrors(
            f"yerr ranges from {sigma.min():.3g} to {sigma.max():.3g}, whose powers leave the "
            "range of 64-bit numbers; change the unit of y and yerr."
        )
    bad = ~(np.isfinite(sigma) & (sigma > 0))
    if bad.any():
        index = tuple(int(i) for i in np.argwhere(bad)[0])
        value = sigma[index]
        raise InvalidErrors(
            f"yerr has {int(bad.sum())} value(s) that are not positive finite numbers, the first "
            f"{value:g} at index {index[0]}; each point needs one positive standard deviation "
            "(drop points without an error, or pass yerr=None to estimate one for all)."
        )


def _check_covariance(covariance: np.ndarray) -> Noise:
    if not np.isfinite(covariance).all():
        raise InvalidErrors("yerr, an (n, n) covariance, has NaN or infinite entries.")
    scale = np.sqrt(np.abs(np.diag(covariance)))
    if not np.allclose(covariance, covariance.T, rtol=1e-8, atol=1e-12 * np.max(scale) ** 2):
        raise InvalidErrors("yerr, an (n, n) covariance, is not symmetric; pass (C + C.T) / 2.")
    try:
        np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:
        smallest = np.linalg.eigvalsh(covariance)[0]
        raise InvalidErrors(
            f"yerr, an (n, n) covariance, is not positive definite (smallest eigenvalue "
            f"{smallest:.3g}); points that are exactly correlated must be merged, and yerr is "
            "variances on the diagonal, not standard deviations."
        ) from None
    return Noise(np.sqrt(np.diag(covariance))[:, None], covariance)
