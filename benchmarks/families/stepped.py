"""Functions with jumps and kinks at unknown places."""

import numpy as np

from benchmarks.families.family import Family, Sample, log_uniform, some_axis, with_noise


def windowed(x, A, B, C, D, E, F):
    return np.where(abs(x - A) < B, np.sin(C * x), D + E * x + F * x**2)


def kinked_line(x, kink, level, left, right):
    return level + np.where(x < kink, left, right) * (x - kink)


def edge(x, place, before, after, slope):
    return np.where(x < place, before, after) + slope * x


def staircase(x, first, second, third, a, b, c, d):
    return np.piecewise(
        x,
        [x < first, (x >= first) & (x < second), (x >= second) & (x < third), x >= third],
        [a, b, c, d],
    )


def gated_decay(t, start, height, lifetime, level):
    return level + height * np.heaviside(t - start, 0.5) * np.exp(-(t - start) / lifetime)


def _windowed(rng: np.random.Generator) -> Sample:
    x = np.sort(rng.uniform(0, 1, 1000))
    middle, half = rng.uniform(0.25, 0.75), rng.uniform(0.07, 0.2)
    truth = [middle, half, rng.uniform(8, 60), *rng.normal(0, (1, 3, 2))]
    return with_noise(rng, x, windowed, truth, 0.015)


def _kinked_line(rng: np.random.Generator) -> Sample:
    x, low, high = some_axis(rng, 100)
    extent, scale = high - low, log_uniform(rng, 1e-3, 1e5)
    truth = [low + extent * rng.uniform(0.15, 0.85), scale * rng.normal(),
             *(scale * rng.normal(0, 1, 2) / extent)]  # fmt: skip
    return with_noise(rng, x, kinked_line, truth, log_uniform(rng, 0.01, 0.05))


def _edge(rng: np.random.Generator) -> Sample:
    x, low, high = some_axis(rng, 100)
    extent, scale = high - low, log_uniform(rng, 1e-3, 1e5)
    before, after, slope = scale * rng.normal(0, 1, 3)
    truth = [low + extent * rng.uniform(0.1, 0.9), before, after, slope / extent]
    return with_noise(rng, x, edge, truth, log_uniform(rng, 0.01, 0.15))


def _staircase(rng: np.random.Generator) -> Sample:
    x, low, high = some_axis(rng, 200)
    places = low + (high - low) * (np.arange(3) + rng.uniform(0.1, 0.9, 3)) / 3
    levels = log_uniform(rng, 1e-3, 1e5) * np.cumsum(
        rng.uniform(0.3, 1, 4) * rng.choice([-1, 1], 4)
    )
    return with_noise(rng, x, staircase, [*places, *levels], log_uniform(rng, 0.02, 0.1))


def _gated_decay(rng: np.random.Generator) -> Sample:
    x, low, high = some_axis(rng, 150)
    extent, scale = high - low, log_uniform(rng, 1e-3, 1e5)
    truth = [low + extent * rng.uniform(0.1, 0.7), scale, extent * log_uniform(rng, 0.05, 0.5),
             scale * rng.normal()]  # fmt: skip
    return with_noise(rng, x, gated_decay, truth, log_uniform(rng, 0.01, 0.08))


FAMILIES = (
    Family("the lesson's ansatz with two steps", _windowed, has_steps=True),
    Family("line with a kink", _kinked_line),
    Family("step edge on a line", _edge, has_steps=True),
    Family("three steps", _staircase, has_steps=True),
    Family("step in a product", _gated_decay, has_steps=True),
)
