"""Sums of units on random points, and the same in a few slow lines of NumPy."""

import numpy as np

from surefit.bases.activations import Logistic
from surefit.search.growth.growing import Growing, Scratch
from surefit.search.growth.points import sorted_points


def growing_sum(rng, n=3, n_points=60, n_inputs=1, n_outputs=1, extra=1, shared=True, shape=None):
    """A sum of n units to be fitted to noise; weights of outputs in one group if shared."""
    x = rng.uniform(-1, 1, (n_points, n_inputs))
    groups = (1, n_outputs) if shared else (n_outputs, 1)
    y = rng.normal(size=(*groups, n_points))
    weight = rng.uniform(0.5, 2.0, (groups[0], n_points))
    columns = np.stack([x[:, 0] ** k for k in range(extra)]) if extra else np.zeros((0, n_points))
    points = sorted_points(x, y, weight, columns)
    return Growing(shape or Logistic(), n, points, Scratch())


def random_units(rng, growing, streams=4):
    """Biases and weights of units that differ clearly, so that coefficients are of order 1."""
    n, d = growing.n, growing.points.n_inputs
    center = np.linspace(-0.8, 0.8, n)[:, None] + rng.uniform(-0.1, 0.1, (streams, n, d))
    weight = rng.uniform(3, 7, (streams, n, d)) * rng.choice([-1, 1], (streams, n, d))
    bias = -(weight * center).sum(axis=2, keepdims=True)
    return np.concatenate([bias, weight], axis=2)


def plain_chi2(growing, q):
    """χ² of one sum with coefficients solved by numpy.linalg.lstsq, and the coefficients."""
    points, total, solutions = growing.points, 0.0, []
    columns = np.column_stack([growing.shape(points.x @ q[:, 1:].T + q[:, 0]), *points.extra])
    for weight, ys in zip(points.weight, points.y, strict=True):
        for y in ys:
            root = np.sqrt(weight)
            solution = np.linalg.lstsq(columns * root[:, None], y * root)[0]
            total += np.sum(weight * (y - columns @ solution) ** 2)
            solutions.append(solution)
    return total, np.array(solutions)
