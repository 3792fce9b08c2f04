"""Starts made from good minima: units replaced, shifted, sharpened, turned around."""

import numpy as np

from surefit.search.growth.descent import Descended, descend
from surefit.search.growth.dictionary import Dictionary, whitened_columns
from surefit.search.growth.exchange import random_support
from surefit.search.growth.growing import Growing, centers, eliminated, gram

# Units beyond which not every pattern of orientations is looked at.
MOST_TURNED = 12


def mutated_support(
    growing: Growing,
    dictionary: Dictionary,
    rng: np.random.Generator,
    streams: int,
    elite: np.ndarray,
) -> np.ndarray:
    """Elite minima on a dictionary, one or two units of each replaced at random.

    Returns:
        Indices of atoms, shape (S, n).
    """
    near = nearest_atoms(growing, dictionary, elite)[rng.integers(0, len(elite), streams)]
    kicks = rng.integers(1, min(2, growing.n) + 1, streams)
    chosen = rng.random(near.shape).argsort(axis=1) < kicks[:, None]
    return np.where(chosen, random_support(dictionary, rng, streams, growing.n), near)


def nearest_atoms(growing: Growing, dictionary: Dictionary, q: np.ndarray) -> np.ndarray:
    """The atom most like each unit, (S, n, 1 + D) to (S, n)."""
    columns = whitened_columns(growing, q.reshape(-1, q.shape[2]))
    return np.abs(columns @ dictionary.columns.T).argmax(axis=1).reshape(q.shape[:2])


def neighbors(growing: Growing, q: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Starts in which one unit is shifted by a few points or its own width, sharper or flatter.

    A step between two points cannot leave its gap by going downhill; so each unit is tried in the
    gaps nearby, at another sharpness.

    Args:
        growing: The sum; its points say where the gaps are.
        q: Minima, shape (S, n, 1 + D).
        rng: Source of the sizes.

    Returns:
        Shape (S · n · moves, n, 1 + D).
    """
    points, pieces = growing.points, []
    for j in range(growing.n):
        unit = q[:, j]
        size = np.linalg.norm(unit[:, 1:], axis=1)
        width = 1 / np.maximum(size, 1e-3)
        for sign in (-1.0, 1.0):
            shift = sign * width * rng.uniform(0.5, 2.0)
            shifts = [shift] if points.n_inputs > 1 else [shift, *_gap_shifts(points, unit, sign)]
            for shift in shifts:
                moved = q.copy()
                moved[:, j, 0] -= shift * size
                pieces.append(moved)
        if growing.is_scale_free:
            continue
        for factor in (rng.uniform(0.1, 0.4), rng.uniform(2.5, 10.0)):
            scaled = q.copy()
            scaled[:, j] *= factor
            pieces.append(scaled)
    return np.concatenate(pieces)


def _gap_shifts(points, unit: np.ndarray, sign: float) -> list[np.ndarray]:
    """How far the next two gaps on one side are from each unit's center."""
    x = points.x[:, 0]
    if len(x) < 3:
        return []
    middle = (x[1:] + x[:-1]) / 2
    slope = np.where(unit[:, 1] == 0, 1e-300, unit[:, 1])
    center = np.clip(-unit[:, 0] / slope, -2.0, 2.0)
    gap = np.clip(np.searchsorted(x, center) - 1, 0, len(middle) - 1)
    direction = int(sign) * np.where(unit[:, 1] < 0, -1, 1)
    shifts = []
    for n in (1, 2):
        goal = middle[np.clip(gap + n * direction, 0, len(middle) - 1)]
        shifts.append((goal - center) * np.sign(slope))
    return shifts


def turned(growing: Growing, easier: Growing, q: np.ndarray, value: np.ndarray, keep: int):
    """From minima with a constant to starts without: the cheapest orientations of units.

    With s(z) = κ − s(−z), turning the units F around adds κ Σ_F c to the constant, which must
    then vanish. On the paraboloid about a minimum that costs t²/(hᵀVh), a Wald statistic: t is
    constant + κ Σ_F c, h its derivative, and V the covariance with all parameters free.

    Args:
        growing: The sum, without a constant.
        easier: The same sum with a constant as the last extra column.
        q: Minima of the easier sum, shape (S, n, 1 + D).
        value: χ² there.
        keep: How many starts to return at most.

    Returns:
        Starts, cheapest first.
    """
    n, complement = growing.n, growing.shape.symmetry.constant
    patterns = _patterns(n)
    linear = easier.n_linear
    h = np.zeros((len(patterns), linear))
    h[:, :n], h[:, -1] = complement * patterns, 1
    inner = gram(easier, q, centers(q))
    n_targets = easier.points.y.shape[1]
    solution, _ = eliminated(inner, linear, easier.points.size)
    t = np.einsum("pl,sglt->sgtp", h, solution[..., -n_targets:])
    variance = _linear_covariance(inner[..., :-n_targets, :-n_targets], linear)
    spread = np.einsum("pl,sglm,pm->sgp", h, variance, h, optimize=True)
    cost = value[:, None] + np.sum(t**2 / np.maximum(spread, 1e-300)[:, :, None], axis=(1, 2))
    row, pattern = np.unravel_index(np.argsort(cost, axis=None, kind="stable")[:keep], cost.shape)
    return q[row] * (1 - 2 * patterns[pattern])[:, :, None]


def _patterns(n: int) -> np.ndarray:
    """All choices of units to turn around; of more than a dozen, those of the first dozen."""
    few = min(n, MOST_TURNED)
    patterns = ((np.arange(2**few)[:, None] >> np.arange(few)) & 1).astype(float)
    return np.concatenate([patterns, np.zeros((len(patterns), n - few))], axis=1)


def _linear_covariance(inner: np.ndarray, linear: int) -> np.ndarray:
    """Covariance of the linear parameters with all others free, shape (S, G, L, L)."""
    diagonal = np.einsum("sgii->sgi", inner)
    scale = 1 / np.sqrt(np.maximum(diagonal, 1e-300))
    matrix = inner * scale[..., :, None] * scale[..., None, :]
    matrix = matrix + 1e-9 * np.eye(matrix.shape[-1])
    covariance = np.linalg.inv(matrix)[..., :linear, :linear]
    return covariance * scale[..., :linear, None] * scale[..., None, :linear]


def refined(growing: Growing, q: np.ndarray, *, first: int, second: int, part: int) -> Descended:
    """Successive halving: a few steps for all, more for the best."""
    rough = descend(growing, q, steps=first)
    return descend(growing, rough.best(-(-len(q) // part)).q, steps=second)
