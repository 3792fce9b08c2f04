"""Families that no setting of the search may be chosen by: look at them at the end only."""

import numpy as np

from benchmarks.families.family import Family, Sample, log_uniform, some_axis, with_noise


def morse(r, depth, a, r0, offset):
    return depth * (1 - np.exp(-a * (r - r0))) ** 2 + offset


def arrhenius(temperature, factor, energy, offset):
    return factor * np.exp(-energy / (8.314462618 * temperature)) + offset


def fano(energy, strength, q, position, width, base):
    reduced = 2 * (energy - position) / width
    return strength * (q + reduced) ** 2 / (1 + reduced**2) + base


def stretched(t, height, lifetime, power, level):
    return height * np.exp(-((t / lifetime) ** power)) + level


def diffraction(x, height, center, width, base):
    return base + height * np.sinc((x - center) / width) ** 2


def chirp(t, amplitude, frequency, rate, phase):
    return amplitude * np.sin(frequency * t + rate * t**2 + phase)


def chain(t, amount, first, second, level):
    return amount * first / (second - first) * (np.exp(-first * t) - np.exp(-second * t)) + level


def double_logistic(x, low, rise, k, a, fall, m, b):
    return low + rise / (1 + np.exp(-k * (x - a))) + fall / (1 + np.exp(-m * (x - b)))


def skewed_peaks(x, h1, c1, w1, h2, c2, w2, skew, base):
    total = base
    for height, center, width in ((h1, c1, w1), (h2, c2, w2)):
        u = (x - center) / width
        total = total + height * np.exp(-0.5 * u**2) * (1 + np.tanh(skew * u))
    return total


def two_edges(x, a, b, left, middle, right, rate):
    return np.where(x < a, left, np.where(x < b, middle * np.exp(-rate * (x - a)), right))


def _noise(rng) -> float:
    return float(log_uniform(rng, 3e-3, 5e-2))


def _scale(rng) -> float:
    return float(log_uniform(rng, 1e-3, 1e5))


def _morse(rng: np.random.Generator) -> Sample:
    r0 = log_uniform(rng, 0.1, 10)
    r = np.linspace(rng.uniform(0.6, 0.8), rng.uniform(2, 4), 80) * r0
    depth = _scale(rng)
    return with_noise(
        rng, r, morse, [depth, log_uniform(rng, 1, 5) / r0, r0, depth * rng.normal()], _noise(rng)
    )


def _arrhenius(rng: np.random.Generator) -> Sample:
    temperature = np.linspace(rng.uniform(200, 300), rng.uniform(400, 900), 40)
    energy = log_uniform(rng, 5e3, 8e4)
    factor = _scale(rng) * np.exp(energy / 8.314 / 500)
    return with_noise(rng, temperature, arrhenius, [factor, energy, _scale(rng)], _noise(rng))


def _fano(rng: np.random.Generator) -> Sample:
    x, low, high = some_axis(rng, 200)
    extent, scale = high - low, _scale(rng)
    truth = [scale, rng.uniform(-3, 3), low + extent * rng.uniform(0.2, 0.8),
             extent * log_uniform(rng, 0.02, 0.2), scale * rng.normal()]  # fmt: skip
    return with_noise(rng, x, fano, truth, _noise(rng))


def _stretched(rng: np.random.Generator) -> Sample:
    t, _, end = some_axis(rng, 120, is_positive=True)
    scale = _scale(rng)
    truth = [scale, end * log_uniform(rng, 0.05, 0.6), rng.uniform(0.4, 2.5), scale * rng.normal()]
    return with_noise(rng, t, stretched, truth, _noise(rng))


def _diffraction(rng: np.random.Generator) -> Sample:
    x, low, high = some_axis(rng, 250)
    extent, scale = high - low, _scale(rng)
    truth = [scale, low + extent * rng.uniform(0.2, 0.8), extent * log_uniform(rng, 0.02, 0.2),
             scale * rng.normal()]  # fmt: skip
    return with_noise(rng, x, diffraction, truth, _noise(rng))


def _chirp(rng: np.random.Generator) -> Sample:
    t, _, end = some_axis(rng, 300, is_positive=True)
    truth = [_scale(rng), log_uniform(rng, 10, 100) / end, rng.normal(0, 30) / end**2,
             rng.uniform(-3, 3)]  # fmt: skip
    return with_noise(rng, t, chirp, truth, _noise(rng) * 2)


def _chain(rng: np.random.Generator) -> Sample:
    t, _, end = some_axis(rng, 150, is_positive=True)
    rates = np.sort(log_uniform(rng, 1, 40, 2)) * [1, 1.3] / end
    scale = _scale(rng)
    truth = [scale, *rng.permutation(rates), scale * rng.normal()]
    return with_noise(rng, t, chain, truth, _noise(rng))


def _double_logistic(rng: np.random.Generator) -> Sample:
    x, low, high = some_axis(rng, 200)
    extent, scale = high - low, _scale(rng)
    middles = low + extent * np.array([rng.uniform(0.15, 0.45), rng.uniform(0.55, 0.85)])
    rates = log_uniform(rng, 8, 60, 2) / extent
    sizes = scale * rng.uniform(0.4, 1, 3) * rng.choice([-1, 1], 3)
    truth = [sizes[0], sizes[1], rates[0], middles[0], sizes[2], rates[1], middles[1]]
    return with_noise(rng, x, double_logistic, truth, _noise(rng))


def _skewed_peaks(rng: np.random.Generator) -> Sample:
    x, low, high = some_axis(rng, 300)
    extent, scale = high - low, _scale(rng)
    peaks = [
        (scale * rng.uniform(0.4, 1), low + extent * place, extent * log_uniform(rng, 0.02, 0.12))
        for place in (rng.uniform(0.15, 0.45), rng.uniform(0.55, 0.85))
    ]
    truth = [*np.ravel(peaks), rng.normal(0, 2), scale * rng.normal()]
    return with_noise(rng, x, skewed_peaks, truth, _noise(rng))


def _two_edges(rng: np.random.Generator) -> Sample:
    x, low, high = some_axis(rng, 200)
    extent, scale = high - low, _scale(rng)
    places = low + extent * np.array([rng.uniform(0.1, 0.45), rng.uniform(0.55, 0.9)])
    truth = [*places, *(scale * rng.normal(size=3)), log_uniform(rng, 1, 10) / extent]
    return with_noise(rng, x, two_edges, truth, _noise(rng))


FAMILIES = (
    Family("Morse potential", _morse),
    Family("Arrhenius with offset", _arrhenius),
    Family("Fano resonance", _fano),
    Family("stretched exponential", _stretched),
    Family("diffraction at a slit", _diffraction),
    Family("chirp", _chirp),
    Family("decay chain", _chain),
    Family("two logistic steps", _double_logistic),
    Family("two skewed peaks", _skewed_peaks),
    Family("window with a decay in it", _two_edges, has_steps=True),
)
