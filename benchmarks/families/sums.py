"""Sums of exponentials and of peaks."""

import numpy as np

from benchmarks.families.family import Family, Sample, log_uniform, some_axis, with_noise


def two_exponentials(x, a1, k1, a2, k2):
    return a1 * np.exp(-k1 * x) + a2 * np.exp(-k2 * x)


def three_exponentials(x, a1, k1, a2, k2, a3, k3):
    return a1 * np.exp(-k1 * x) + a2 * np.exp(-k2 * x) + a3 * np.exp(-k3 * x)


def four_exponentials(x, a1, t1, a2, t2, a3, t3, a4, t4):
    return a1 * np.exp(-x / t1) + a2 * np.exp(-x / t2) + a3 * np.exp(-x / t3) + a4 * np.exp(-x / t4)


def _exponentials(rng: np.random.Generator, model, n_terms: int) -> Sample:
    x, _, end = some_axis(rng, 300, is_positive=True)
    rates = np.sort(log_uniform(rng, 0.5, 60.0, n_terms)) / end
    heights = log_uniform(rng, 0.3, 3.0, n_terms) * log_uniform(rng, 1e-3, 1e3)
    inverse = model is four_exponentials
    pairs = np.stack([heights, 1 / rates if inverse else rates], axis=1)
    return with_noise(rng, x, model, pairs.ravel(), log_uniform(rng, 1e-4, 1e-2))


def gaussian_peaks(x, parameters):
    base, slope, bend = parameters[:3]
    total = base + slope * x + bend * x**2
    for height, center, width in parameters[3:].reshape(-1, 3):
        total = total + height * np.exp(-0.5 * ((x - center) / width) ** 2)
    return total


def lorentzian_peaks(x, parameters):
    base, slope = parameters[:2]
    total = base + slope * x
    for height, center, width in parameters[2:].reshape(-1, 3):
        total = total + height / (1 + ((x - center) / width) ** 2)
    return total


def many_gaussians(x, parameters):
    total = parameters[0] + parameters[1] * x
    for height, center, width in parameters[2:].reshape(-1, 3):
        total = total + height * np.exp(-0.5 * ((x - center) / width) ** 2)
    return total


def _peaks(rng, model, n_peaks: int, n_polynomial: int, n_points: int, crowd: float) -> Sample:
    x, low, high = some_axis(rng, n_points)
    extent, scale = high - low, log_uniform(rng, 1e-3, 1e5)
    slots = (np.arange(n_peaks) + rng.uniform(0.2, 0.8, n_peaks)) / n_peaks
    widths = extent / n_peaks * log_uniform(rng, 0.08, crowd, n_peaks)
    heights = scale * log_uniform(rng, 0.3, 3.0, n_peaks)
    powers = extent ** np.arange(n_polynomial)
    polynomial = scale * rng.normal(0, 0.5, n_polynomial) / powers
    peaks = np.stack([heights, low + extent * slots, widths], axis=1)
    truth = np.concatenate([polynomial, peaks.ravel()])
    return with_noise(rng, x, model, truth, log_uniform(rng, 3e-3, 2e-2), is_packed=True)


FAMILIES = (
    Family("two exponentials", lambda rng: _exponentials(rng, two_exponentials, 2)),
    Family("three exponentials", lambda rng: _exponentials(rng, three_exponentials, 3)),
    Family("four exponentials", lambda rng: _exponentials(rng, four_exponentials, 4)),
    Family(
        "1-6 Gaussian peaks",
        lambda rng: _peaks(rng, gaussian_peaks, rng.integers(1, 7), 3, 400, 0.3),
    ),
    Family(
        "1-6 Lorentzian peaks",
        lambda rng: _peaks(rng, lorentzian_peaks, rng.integers(1, 7), 2, 400, 0.3),
    ),
    Family(
        "6 overlapping peaks, 20 parameters",
        lambda rng: _peaks(rng, many_gaussians, 6, 2, 1000, 0.7),
    ),
)
