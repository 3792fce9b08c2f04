"""Plausible parameter values, drawn from nothing but the sizes that the data suggest."""

import numpy as np

from surefit.data.scales import Scales

# Roles a parameter can play in a formula; each gives its own distribution of plausible values.
ROLES = ("location", "width", "rate", "order_one", "height", "frequency", "period")
# How often each is drawn for a parameter of which nothing is known. Frequencies need a dense scan
# of their own, so they and their inverses are drawn where a rate or a width has been recognized.
UNKNOWN = np.array([0.2, 0.2, 0.2, 0.2, 0.2, 0.0, 0.0])


def draw(
    rng: np.random.Generator,
    scales: Scales,
    n_draws: int,
    n_parameters: int,
    weights: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw parameter vectors whose entries each play a random role.

    Locations lie uniformly over the range of x, widths and rates log-uniformly with both signs
    between the spacing and the range of x, frequencies uniformly up to half the sampling rate,
    periods as their inverses,
    exponents are of order one, heights of the order of y.

    Args:
        rng: Source of randomness.
        scales: Sizes that the data suggest.
        n_draws: How many vectors.
        n_parameters: Length of each.
        weights: How often each parameter plays each of `ROLES`, shape (n_parameters, 7), rows
            adding to one; by default all but the last two are as likely.

    Returns:
        Values of shape (n_draws, n_parameters), and the role of each entry as an index into
        `ROLES`.
    """
    weights = np.tile(UNKNOWN, (n_parameters, 1)) if weights is None else weights
    edges = np.cumsum(weights, axis=1)[:, :-1]
    roles = (rng.uniform(size=(n_draws, n_parameters, 1)) >= edges).sum(axis=2)
    return draw_roles(rng, scales, roles), roles


def draw_roles(rng: np.random.Generator, scales: Scales, roles: np.ndarray) -> np.ndarray:
    """Draw one value for each entry of an array of roles."""
    shape = roles.shape
    axis = rng.integers(len(scales.x_low), size=shape)
    low = np.array(scales.x_low)[axis]
    high = np.array(scales.x_high)[axis]
    extent = np.where(high > low, high - low, np.maximum(np.abs(high), 1.0))
    spacing = np.array(scales.x_spacing)[axis]
    spacing = np.where(spacing > 0, spacing, extent)
    height = max(abs(scales.y_low), abs(scales.y_high), scales.y_high - scales.y_low) or 1.0
    drawn = [
        low + extent * rng.uniform(-0.2, 1.2, shape),
        _log_uniform(rng, spacing / 2, 3 * extent, shape) * _signs(rng, shape, 0.8),
        _log_uniform(rng, 0.1 / extent, np.pi / spacing, shape) * _signs(rng, shape, 0.7),
        _log_uniform(rng, 0.1, 10.0, shape) * _signs(rng, shape, 0.7),
        _log_uniform(rng, 1e-2 * height, 3 * height, shape) * _signs(rng, shape, 0.7),
        np.pi / spacing * rng.uniform(0, 1, shape) * rng.choice([1, 1 / (2 * np.pi)], shape),
    ]
    period = 1 / np.maximum(drawn[-1], 1e-3 / extent)
    choices = np.stack([*drawn, period])
    return np.take_along_axis(choices, roles[None], axis=0)[0]


def _log_uniform(rng: np.random.Generator, low, high, shape) -> np.ndarray:
    return np.exp(rng.uniform(np.log(low), np.log(np.maximum(high, low)), shape))


def _signs(rng: np.random.Generator, shape, positive: float) -> np.ndarray:
    return np.where(rng.uniform(size=shape) < positive, 1.0, -1.0)
