"""Each point as predicted from the others, from draws of the posterior: no formula assumed."""

import dataclasses
import functools

import jax
import numpy as np

from surefit.annotations import Float
from surefit.models.function import ResolvedFunction
from surefit.problem.blocks import bucket
from surefit.uncertainty.fit_record import FitRecord
from surefit.uncertainty.leave_one_out.pareto import smoothed_weights

# Draws of the posterior; their tail then has some two hundred values.
DRAWS = 4000
# Degrees of freedom of the draws: their tails are heavier than those of most posteriors, so that
# no draw outweighs all others where the posterior is wider than its curvature says.
TAILS = 5
# Values of the model computed in one call, and in all: some seconds.
CHUNK, MOST_VALUES = 2**20, 2 * 10**8
SEED = 0


@dataclasses.dataclass(frozen=True, eq=False)
class Resampled:
    """What weighted draws say of each point.

    Attributes:
        deviances: −2 ln of the density that the others predict, on the scale of χ², shape (n,).
        shapes: k of each point's weights, shape (n,): above 0.7 leaving that point out changes
            more than the draws can tell.
    """

    deviances: Float[np.ndarray, " n"]
    shapes: Float[np.ndarray, " n"]


def resampled(fit: FitRecord) -> Resampled | None:
    """Leave each point out by weighting draws from an approximation of the posterior.

    Draws from Student's distribution around θ̂ with scale C weigh as the posterior without the
    point has them: the density of the posterior over that of the draws, divided by the point's
    likelihood, with the largest weights smoothed (Vehtari, Gelman and Gabry 2017, Stat. Comput.
    27, 1413; Magnusson et al. 2019, ICML, *Bayesian leave-one-out cross-validation for large
    data*, section 2). Priors are flat.

    Args:
        fit: A fit with independent errors and a likelihood.

    Returns:
        The estimates, the same each time; None where there are too many points.
    """
    n_points = fit.data.n_points
    if n_points * DRAWS > MOST_VALUES:
        return None
    rng = np.random.default_rng(SEED)
    z = rng.standard_normal((DRAWS, len(fit.working)))
    factor = _factor(fit.working_covariance * fit.error_scale**2)
    z = z[:, : factor.shape[1]]
    z *= np.sqrt(TAILS / rng.chisquare(TAILS, (DRAWS, 1)))
    draws = fit.working + z @ factor.T
    deviances = _deviances(fit, draws)
    prior = np.zeros(DRAWS)
    if len(fit.constraints.gaussian):
        prior = np.array([fit.constraints.gaussian.chi2(draw) for draw in draws])
    # Density of the posterior over that of the draws, as logarithms.
    drawn = -(TAILS + z.shape[1]) / 2 * np.log1p(np.sum(z**2, axis=1) / TAILS)
    possible = np.isfinite(deviances)
    n_possible, likely = possible.sum(axis=1), np.where(possible, deviances, 0.0)
    target = -(likely.sum(axis=1) + prior) / 2 - drawn
    found, shapes = np.empty(n_points), np.empty(n_points)
    for i in range(n_points):
        ratios = target + likely[:, i] / 2
        ratios[n_possible - possible[:, i] < n_points - 1] = -np.inf
        log_weights, shapes[i] = smoothed_weights(ratios)
        likelihood = log_weights - deviances[:, i] / 2
        largest = likelihood.max()
        found[i] = -2 * (largest + np.log(np.sum(np.exp(likelihood - largest))))
    return Resampled(found, shapes)


def _factor(covariance: np.ndarray) -> np.ndarray:
    """F with F Fᵀ = covariance, one column for each direction that it leaves free."""
    errors = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    inverse = np.where(errors > 0, 1 / np.where(errors > 0, errors, 1.0), 0.0)
    values, vectors = np.linalg.eigh(covariance * np.outer(inverse, inverse))
    kept = values > 1e-12 * max(values.max(initial=0.0), 0.0)
    return errors[:, None] * vectors[:, kept] * np.sqrt(values[kept])


def _deviances(fit: FitRecord, draws: np.ndarray) -> np.ndarray:
    """−2 ln L of each point at each draw, shape (s, n); infinite where the model is not finite."""
    data, rows = fit.data, []
    weight = 1 / (data.noise.sigma * fit.error_scale)
    step = max(CHUNK // data.n_points, 1)
    for start in range(0, len(draws), step):
        predictions = _predictions(fit, draws[start : start + step], step)
        with np.errstate(all="ignore"):
            found = np.asarray(fit.loss.pointwise(predictions, data.y, weight)).sum(axis=2)
        rows.append(np.where(np.isnan(found), np.inf, found))
    return np.concatenate(rows)


def _predictions(fit: FitRecord, draws: np.ndarray, n_rows: int) -> np.ndarray:
    model, x = fit.model, fit.data.x
    if isinstance(model, ResolvedFunction) and model.untraceable:
        with np.errstate(all="ignore"):
            return np.stack([model.evaluate(draw, x) for draw in draws])
    n, s = len(x), len(draws)
    if model.is_pointwise:
        x = np.concatenate([x, np.repeat(x[:1], bucket(n) - n, axis=0)])
    draws = np.concatenate([draws, np.repeat(draws[:1], n_rows - s, axis=0)])
    return np.asarray(_evaluate_many(model, draws, x))[:s, :n]


@functools.partial(jax.jit, static_argnames="model")
def _evaluate_many(model, draws, x):
    return jax.vmap(model.evaluate, (0, None))(draws, x)
