"""Errors on x: the true x of each point is unknown, and is eliminated or allowed for."""

import dataclasses
import functools
from typing import Any

import jax
import jax.numpy as jnp

from surefit.data.reading import AbstractReading, Curve
from surefit.exceptions import InvalidType

# Steps of the descent to the true x of a point, and the square of the step, in units of the error
# on x, at which it ends: what is left moves −2 ln L by less than rounding.
MOST_STEPS = 50
FINAL = 1e-20
# Relative rise of a point's −2 ln L that is rounding.
ROUNDING = 1e-14


@dataclasses.dataclass(frozen=True)
class LatentInputs(AbstractReading):
    """The curve at the true x of each point, which is where the point's −2 ln L is lowest.

    With errors σ on y and s on x, a point's −2 ln L is ((f(ξ) − y)/σ)² + ((ξ − x)/s)². It is
    minimized over ξ for each point by itself, so that the cost grows as the number of points
    (Boggs, Byrd and Schnabel 1987, SIAM J. Sci. Stat. Comput. 8, 1052). What remains is one pull
    for each output: the tangent at ξ, read at x, less y, in units of √(σ² + f′(ξ)² s²); and its
    derivative is that of f at ξ in the same units, exactly. Their squares give the covariance of
    York et al. 2004, Am. J. Phys. 72, 367, and of ODRPACK.
    """

    def expected(self, model: Curve, values, x, extent):
        return model.evaluate(values, x)

    def compared(self, model: Curve, values, x, y, weight, extent):
        function = functools.partial(_with_latent, model, values)
        return jax.vmap(function)(x, y, weight, extent)

    def carried_over(self, model: Curve, values, x, sigma, extent):
        return _carried_over(model, values, x, sigma, extent)

    def at_points(self, y, sigma, extent):
        return y, sigma

    @property
    def is_plain(self) -> bool:
        return False

    @property
    def is_linear(self) -> bool:
        return False

    @property
    def is_error(self) -> bool:
        return True

    def note(self) -> str:
        return (
            "Errors in variables: the true x of each point is fitted too, and eliminated (xerr). "
            "Pulls, chi2 and errors count the errors on x and on y."
        )

    def finer(self) -> AbstractReading | None:
        return None

    def __str__(self) -> str:
        return "LatentInputs()"


@dataclasses.dataclass(frozen=True)
class EffectiveErrors(AbstractReading):
    """The curve at the measured x, and the error on x carried over to y by the slope there.

    The error of a point is √(σ² + f′(x)² s²), at the present parameters (Orear 1982, Am. J. Phys.
    50, 912; Lybanon 1984, Am. J. Phys. 52, 22). For straight lines this is the same as
    `LatentInputs`; for a curve it is right where s is small against what bends it.
    """

    def expected(self, model: Curve, values, x, extent):
        return model.evaluate(values, x)

    def compared(self, model: Curve, values, x, y, weight, extent):
        function = functools.partial(_with_slope, model, values)
        return jax.vmap(function)(x, y, weight, extent)

    def carried_over(self, model: Curve, values, x, sigma, extent):
        return _carried_over(model, values, x, sigma, extent)

    def at_points(self, y, sigma, extent):
        return y, sigma

    @property
    def is_plain(self) -> bool:
        return False

    @property
    def is_linear(self) -> bool:
        return False

    @property
    def is_error(self) -> bool:
        return True

    def note(self) -> str:
        return (
            "Effective variance: errors on x (xerr) are carried over to y by the slope of the "
            "curve. Pulls, chi2 and errors count the errors on x and on y."
        )

    def finer(self) -> AbstractReading | None:
        return None

    def __str__(self) -> str:
        return "EffectiveErrors()"


def _curve(model: Curve, values, x):
    """The curve as a function of one point's inputs, (d,) → (m,), and these inputs."""

    def curve(inputs):
        return model.evaluate(values, inputs.reshape(1, *x.shape))[0]

    return curve, x.reshape(-1)


def _standardized(curve, inputs, y, sigma, extent):
    """Residuals in units of σ, shape (m,), and their slopes per error on x, shape (m, d)."""
    slope = jax.jacfwd(curve)(inputs)
    return (curve(inputs) - y) / sigma, slope * extent / sigma[:, None]


def _whitened(residuals, slopes):
    """L⁻¹ r with L Lᵀ = 1 + G Gᵀ: residuals whose errors include those carried over from x."""
    if len(residuals) == 1:
        return residuals / jnp.sqrt(1 + jnp.sum(slopes**2))
    lower = jnp.linalg.cholesky(jnp.eye(len(residuals)) + slopes @ slopes.T)
    return jax.scipy.linalg.solve_triangular(lower, residuals, lower=True)


@functools.partial(jax.jit, static_argnames="model")
def _carried_over(model: Curve, values, x, sigma, extent):
    """√(σ² + Σ (∂f/∂x s)²) of each output of each point."""

    def at_point(x, sigma, extent):
        curve, inputs = _curve(model, values, x)
        return jnp.sqrt(sigma**2 + jnp.sum((jax.jacfwd(curve)(inputs) * extent) ** 2, axis=1))

    return jax.vmap(at_point)(x, sigma, extent)


def _with_slope(model: Curve, values, x, y, weight, extent):
    """`EffectiveErrors.compared` for one point."""
    curve, inputs = _curve(model, values, x)
    sigma = jnp.where(weight > 0, 1 / jnp.where(weight > 0, weight, 1.0), 1.0)
    residuals, slopes = _standardized(curve, inputs, y, sigma, extent)
    return y + sigma * _whitened(residuals, slopes)


def _with_latent(model: Curve, values, x, y, weight, extent):
    """`LatentInputs.compared` for one point."""
    sigma = jnp.where(weight > 0, 1 / jnp.where(weight > 0, weight, 1.0), 1.0)
    held = jax.lax.stop_gradient(values)
    curve, measured = _curve(model, held, x)
    shift = _latent_shift(curve, measured, y, sigma, extent)
    latent = measured + extent * shift
    _, slopes = _standardized(curve, latent, y, sigma, extent)
    # By the envelope theorem ξ and the slope there count as constants in the derivative.
    moving, _ = _curve(model, values, x)
    tangent = (moving(latent) - y) / sigma - slopes @ shift
    return y + sigma * _whitened(tangent, slopes)


def _latent_shift(curve, measured, y, sigma, extent):
    """(ξ − x)/s of one point, shape (d,): damped Gauss–Newton steps from ξ = x."""

    def at(shift):
        residuals, slopes = _standardized(curve, measured + extent * shift, y, sigma, extent)
        return residuals, slopes, jnp.sum(residuals**2) + jnp.sum(shift**2)

    def goal(shift, residuals, slopes):
        """Where the problem made linear has its minimum."""
        total = jnp.eye(len(residuals)) + slopes @ slopes.T
        linear = residuals - slopes @ shift
        return -slopes.T @ (
            linear / total[0] if len(linear) == 1 else jnp.linalg.solve(total, linear)
        )

    def is_moving(state):
        _, step, _, _, _, n = state
        return (jnp.sum(step**2) > FINAL) & (n < MOST_STEPS)

    def move(state):
        shift, step, length, here, _, n = state
        trial = shift + length * step
        residuals, slopes, value = at(trial)
        is_better = value <= here * (1 + ROUNDING)
        shift = jnp.where(is_better, trial, shift)
        step = jnp.where(is_better, goal(trial, residuals, slopes) - trial, step)
        length = jnp.where(is_better, jnp.minimum(2 * length, 1.0), length / 4)
        return shift, step, length, jnp.where(is_better, value, here), value, n + 1

    zero = jnp.zeros_like(measured)
    residuals, slopes, value = at(zero)
    first = (zero, goal(zero, residuals, slopes), 1.0, value, value, 0)
    return jax.lax.while_loop(is_moving, move, first)[0]


@dataclasses.dataclass(frozen=True, eq=False)
class ErrorsInVariables:
    """Errors on x treated in full: `xerr=0.1` means `xerr=sf.ErrorsInVariables(0.1)`.

    The true x of each point is a parameter too, found for each point by itself and eliminated:
    orthogonal distance regression. See `EffectiveVariance` for the quicker approximation.

    Attributes:
        sigma: One standard deviation of x: a scalar, (n,), or (n, d); 0 where x is exact.

    Example:
        >>> import surefit as sf
        >>> x, y = [0.1, 0.9, 2.2, 2.9], [0.0, 1.1, 1.9, 3.1]
        >>> fit = sf.fit(x, y, sf.Line(), yerr=0.1, xerr=sf.ErrorsInVariables(0.1))
        >>> round(fit.values["slope"], 2), round(fit.errors["slope"], 2)
        (1.04, 0.07)
    """

    sigma: Any

    @property
    def reading(self) -> AbstractReading:
        """How points are compared with the curve."""
        return LatentInputs()


@dataclasses.dataclass(frozen=True, eq=False)
class EffectiveVariance:
    """Errors on x carried over to y by the slope of the curve: `xerr=sf.EffectiveVariance(0.1)`.

    Quicker than `ErrorsInVariables` and the same for straight lines; wrong where the curve bends
    within the error on x, as in a peak.

    Attributes:
        sigma: One standard deviation of x: a scalar, (n,), or (n, d); 0 where x is exact.

    Example:
        >>> import surefit as sf
        >>> x, y = [0.1, 0.9, 2.2, 2.9], [0.0, 1.1, 1.9, 3.1]
        >>> fit = sf.fit(x, y, sf.Line(), yerr=0.1, xerr=sf.EffectiveVariance(0.1))
        >>> round(fit.values["slope"], 2), round(fit.errors["slope"], 2)
        (1.04, 0.07)
    """

    sigma: Any

    @property
    def reading(self) -> AbstractReading:
        """How points are compared with the curve."""
        return EffectiveErrors()


def as_x_errors(xerr: Any) -> ErrorsInVariables | EffectiveVariance:
    """What the user said of the errors on x, with the default method for plain numbers."""
    said = xerr if isinstance(xerr, ErrorsInVariables | EffectiveVariance) else None
    found = ErrorsInVariables(xerr) if said is None else said
    if found.sigma is None:
        raise InvalidType("xerr is None; pass one standard deviation of x, or leave xerr out.")
    return found
