"""Pulls as they would be if model and errors were right, drawn without refitting."""

import math
from collections.abc import Iterator

import numpy as np

from surefit.uncertainty.goodness.pulls import Pulls

# Values drawn at a time, and in all: some tenths of a second.
CHUNK = 2**20
MOST_VALUES = 2 * 10**7
MOST_TOYS, FEWEST_TOYS = 999, 99


def number_of_toys(n_values: int) -> int:
    """How many toys are drawn for so many residuals.

    Example:
        >>> number_of_toys(1000), number_of_toys(100_000), number_of_toys(10**6)
        (999, 200, 99)
    """
    return min(max(MOST_VALUES // n_values, FEWEST_TOYS), MOST_TOYS)


def toy_pulls(pulls: Pulls, n_toys: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Pulls of data drawn from the fitted model, in chunks of shape (k, n, m).

    Each toy draws errors z as the loss has them and takes out what a refit would absorb: for a
    model that is linear, e = z − H z exactly, else to first order (Cook and Weisberg 1982,
    section 2.1; Stute, González Manteiga and Presedo Quindimil 1998, J. Am. Stat. Assoc. 93,
    141, show that such toys calibrate tests of pulls). They are standardized by leverage, and by
    their own size where the fit estimated it.

    Args:
        pulls: Those of the fit.
        n_toys: How many.
        rng: Source of randomness.
    """
    shape = pulls.values.shape
    n, gain = math.prod(shape), _gain(pulls)
    for start in range(0, n_toys, max(CHUNK // n, 1)):
        k = min(max(CHUNK // n, 1), n_toys - start)
        drawn = pulls.loss.draw(rng, pulls.prediction, pulls.weight, (k, *shape))
        variance = pulls.loss.variance(pulls.prediction, pulls.weight)
        errors = ((drawn - pulls.prediction) / np.sqrt(variance)).reshape(k, n)
        moved = _response(pulls, errors) / gain @ pulls.absorbed
        if pulls.external.any():
            moved = moved + rng.standard_normal(moved.shape) @ pulls.external
        residuals = errors - moved @ pulls.absorbed.T
        if pulls.is_scaled:
            size = np.sqrt(np.sum(residuals**2, axis=1, keepdims=True) / pulls.ndof)
            residuals = residuals / size
        room = pulls.room.reshape(n)
        yield (residuals * np.where(room > 0, 1 / np.where(room > 0, room, 1.0), 0.0)).reshape(
            k, *shape
        )


def _response(pulls: Pulls, errors: np.ndarray) -> np.ndarray:
    """How much each error moves the fit: in proportion, or as a robust loss lets it."""
    if pulls.loss.is_likelihood:
        return errors
    return pulls.loss.slope(errors, 0.0 * errors, np.ones_like(errors)) / 2


def _gain(pulls: Pulls) -> float:
    """Mean slope of the response for normal errors, E[ψ′] = E[z ψ] (Huber 1981, section 4.4)."""
    if pulls.loss.is_likelihood:
        return 1.0
    z = np.linspace(-10, 10, 4001)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return float(np.sum(z * _response(pulls, z) * density) * (z[1] - z[0]))
