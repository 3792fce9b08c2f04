"""Dictionaries of units: all centers × widths (or ridge directions), with their inner products."""

import dataclasses

import numpy as np

from surefit.search.growth.growing import Growing
from surefit.search.growth.points import Points

# Slopes of steps between neighboring points, in units of their distance.
SHARP = (2.0, 8.0)
# Widths below which a local dictionary follows the points' density.
NARROW = 0.3
# Widths from which a dictionary goes down, in units of the half range: of the widest units only a
# slope and a bend are seen.
WIDEST = 4.0
# Distance of centers, in widths.
SPACING = 1.4
# Atoms of a dictionary for several inputs; most atoms of any dictionary.
RIDGES = 1500
MOST_ATOMS = 1500
# Columns smaller than this part of the largest of their level are left out.
SMALLEST = 1e-4


@dataclasses.dataclass(frozen=True, eq=False)
class Dictionary:
    """Units to choose from.

    Attributes:
        atoms: Bias and weights, shape (K, 1 + D).
        level: Which width each has, shape (K,).
        columns: Their values on the points, whitened, extra columns projected out, of unit norm,
            shape (K, N), single precision.
        gram: Inner products of the columns, shape (K, K), single precision.
        target: Inner products with each output, shape (T, K), the outputs' norm being 1 in all.
    """

    atoms: np.ndarray
    level: np.ndarray
    columns: np.ndarray
    gram: np.ndarray
    target: np.ndarray


def tabulate(growing: Growing, rng: np.random.Generator, *, is_local: bool = False) -> Dictionary:
    """Draw a dictionary for a sum on its points; each draw has other centers and widths.

    Args:
        growing: The sum and its points.
        rng: Source of randomness.
        is_local: Whether narrow units, for one input, follow the density of the points and go
            down to their distance; else they have the same width everywhere. Neither is better:
            with more units to choose from, exchanges end more often at a poor choice.
    """
    points = growing.points
    if points.n_inputs > 1:
        atoms, level = _ridges(growing, rng)
    elif growing.shape.symmetry.half_period is not None:
        atoms, level = _waves(growing, rng, growing.shape.symmetry.half_period)
    else:
        atoms, level = _positions(growing, rng, is_local)
    if len(atoms) > MOST_ATOMS:
        chosen = np.sort(rng.choice(len(atoms), MOST_ATOMS, replace=False))
        atoms, level = atoms[chosen], level[chosen]
    columns = whitened_columns(growing, atoms)
    norm = np.sqrt(np.einsum("kn,kn->k", columns, columns))
    # Compared with units of like width: of an unbounded shape, steep ones are far larger.
    largest = np.zeros(level.max() + 1)
    np.maximum.at(largest, level, norm)
    good = norm > SMALLEST * largest[level]
    columns = columns[good] / norm[good, None]
    target = whitened_targets(points)
    size = np.sqrt(np.sum(target**2)) or 1.0
    products = (target / size).astype(np.float32) @ columns.T
    return Dictionary(
        atoms[good], level[good], columns, columns @ columns.T, products.astype(float)
    )


def whitened_columns(growing: Growing, atoms: np.ndarray) -> np.ndarray:
    """Units' values on the points, whitened, extra columns projected out, single precision."""
    points = growing.points
    root, basis = _common(points)
    z = atoms[:, 1:].astype(np.float32) @ points.x.T.astype(np.float32)
    z += atoms[:, :1].astype(np.float32)
    columns = np.empty_like(z)
    growing.fill(z, columns, np.empty_like(z))
    columns *= root.astype(np.float32)
    if len(basis):
        single = basis.astype(np.float32)
        columns -= (columns @ single.T) @ single
    return columns


def _common(points: Points) -> tuple[np.ndarray, np.ndarray]:
    """One root weight for all outputs, and an orthonormal basis of the extra columns."""
    weight = points.weight / points.weight.sum(axis=1, keepdims=True)
    root = np.sqrt(weight.mean(axis=0))
    if not len(points.extra):
        return root, points.extra
    return root, np.linalg.qr((points.extra * root).T)[0].T


def whitened_targets(points: Points) -> np.ndarray:
    """Outputs, whitened with the common weight and weighted by their precision, shape (T, N)."""
    root, basis = _common(points)
    size = np.sqrt(points.weight.sum(axis=1))[:, None, None]
    target = (points.y * root * size).reshape(-1, len(points))
    return target - (target @ basis.T) @ basis if len(basis) else target


def _n_orientations(growing: Growing) -> int:
    """1 where turning a unit around gives nothing new, as a constant takes up the difference."""
    symmetry = growing.shape.symmetry
    absorbs = symmetry.sign != 0 and has_constant(growing.points)
    return 1 if growing.has_parity or absorbs else 2


def has_constant(points: Points) -> bool:
    """Whether the extra columns can make a constant."""
    root, basis = _common(points)
    return bool(len(basis) and np.sum((basis @ root) ** 2) > (1 - 1e-9) * np.sum(root**2))


def _positions(
    growing: Growing, rng: np.random.Generator, is_local: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Centers × widths for one input, from the whole range to steps between two points."""
    x, gap = growing.points.x[:, 0], growing.points.gap
    middle = (x[1:] + x[:-1]) / 2
    center, slope = [], []
    if growing.is_scale_free:
        center, slope = [np.concatenate([x[:1], middle])], [np.ones(len(middle) + 1)]
    else:
        width = WIDEST * 2 ** rng.uniform(-0.5, 0.5)
        while not center or (width > NARROW if is_local else width > 8 / len(x)):
            step = width * SPACING
            grid = np.arange(-1 - width - rng.uniform() * step, 1 + width + step, step)
            center.append(grid)
            slope.append(np.full(len(grid), 1 / width))
            width /= 2
        reach = width / 2 * len(x)
        while is_local and reach > 0.7:
            grid, width_there = _local_grid(x, reach, rng)
            center.append(grid)
            slope.append(1 / width_there)
            reach /= 2
        for sharp in SHARP:
            center.append(middle)
            slope.append(sharp * 2 ** rng.uniform(-1, 1) / gap)
    level = np.repeat(np.arange(len(center)), [len(piece) for piece in center])
    centers, slopes = np.concatenate(center), np.concatenate(slope)
    atoms = np.stack([-centers * slopes, slopes], axis=1)
    if _n_orientations(growing) == 2:
        return np.concatenate([atoms, -atoms]), np.concatenate([level, level])
    return atoms, level


def _local_grid(x: np.ndarray, reach: float, rng: np.random.Generator):
    """Centers and widths that reach over so many points, wherever these lie close or far apart."""
    index = np.arange(len(x))
    position = np.arange(rng.uniform() * reach * SPACING, len(x) - 1, reach * SPACING)
    low, high = np.maximum(position - reach, 0), np.minimum(position + reach, len(x) - 1)
    span = np.interp(high, index, x) - np.interp(low, index, x)
    return np.interp(position, index, x), np.maximum(span * reach / (high - low), 1e-300)


def _waves(
    growing: Growing, rng: np.random.Generator, period: float
) -> tuple[np.ndarray, np.ndarray]:
    """Two phases of each frequency that the range of x can resolve, up to alternating points."""
    most = min(period * (len(growing.points) - 1) / 2, SHARP[0] * MOST_ATOMS / 4)
    frequency = np.arange(rng.uniform(0.05, 0.5), max(most, 2.0), period / 4)
    phase = rng.uniform(0, period)
    bias = np.repeat([phase, phase + period / 2], len(frequency))
    atoms = np.stack([bias, np.tile(frequency, 2)], axis=1)
    level = np.floor(np.log2(1 + np.tile(frequency, 2))).astype(int)
    return atoms, level


def _ridges(growing: Growing, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Random directions, centers at points, widths from the range down to the spacing."""
    points = growing.points
    n, d = points.x.shape
    direction = rng.normal(size=(RIDGES, d))
    along = min(RIDGES // 4, 64 * d)
    direction[:along] = np.eye(d)[np.arange(along) % d]
    direction /= np.sqrt((direction**2).sum(axis=1, keepdims=True))
    center = points.x[rng.integers(0, n, RIDGES)]
    n_levels = 1 if growing.is_scale_free else max(2, int(np.ceil(np.log2(n) / d)) + 2)
    level = rng.integers(0, n_levels, RIDGES)
    slope = 0.5 * 2.0 ** (level + rng.uniform(0, 1, RIDGES))
    if growing.is_scale_free:
        slope = np.ones(RIDGES)
    weight = direction * slope[:, None]
    atoms = np.concatenate([-(weight * center).sum(axis=1, keepdims=True), weight], axis=1)
    if _n_orientations(growing) == 2:
        atoms[rng.uniform(size=RIDGES) < 0.5] *= -1
    return atoms, level
