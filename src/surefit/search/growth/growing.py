"""What the growth search goes downhill on: a sum of units on points, linear parameters solved."""

import dataclasses
import functools

import numpy as np

from surefit.bases.slopes import Fill, fill_for
from surefit.models.units import AbstractShape
from surefit.search.growth.points import Points

# Added to the diagonal of the columns' inner products, where a column of ones has 1. A
# coefficient a million times the size of y then costs as much as having no curve at all, one a
# thousand times as large a millionth of that: enough to keep units that merge, or of which only
# an exponential tail is used, from running to infinity, and nothing that the final polish, which
# has no such term, would notice.
RIDGE = 1e-12
# Largest slope of a unit times the distance of neighboring points: it is a step already.
STEEPEST = 16.0
# Numbers in a block of columns: it stays in a processor's cache, at any number of points.
BLOCK = 400_000


class Scratch:
    """Memory that is used again: fresh arrays cost more in page faults than in arithmetic."""

    def __init__(self) -> None:
        self._memory = np.empty(0)

    def array(self, *shape: int) -> np.ndarray:
        """An array of this shape with arbitrary contents, valid until the next call."""
        size = int(np.prod(shape))
        if self._memory.size < size:
            self._memory = np.empty(size)
        return self._memory[:size].reshape(shape)


@dataclasses.dataclass(frozen=True, eq=False)
class Growing:
    """A sum of n units plus the points' extra columns, to be fitted to the points.

    A batch of S such sums is an array q (S, n, 1 + D) of biases and weights; coefficients are
    always solved.

    Attributes:
        shape: The shape of the units.
        n: Number of units.
        points: The points.
        scratch: Memory for the inner loop; one for each search, so that searches can run in
            threads.
    """

    shape: AbstractShape
    n: int
    points: Points
    scratch: Scratch

    def on(self, points: Points) -> "Growing":
        """The same sum on other points."""
        return dataclasses.replace(self, points=points)

    @functools.cached_property
    def fill(self) -> Fill:
        """How to evaluate the shape and its slope."""
        fill = fill_for(self.shape)
        assert fill is not None, "Growth.refusal has been asked"
        return fill

    @property
    def n_linear(self) -> int:
        """Columns that are solved for, of each output."""
        return self.n + len(self.points.extra)

    @property
    def n_searched(self) -> int:
        """Nonlinear parameters."""
        return self.n * (1 + self.points.n_inputs)

    @property
    def n_parameters(self) -> int:
        """All parameters."""
        return self.n_searched + self.n_linear * self.points.y.shape[0] * self.points.y.shape[1]

    def per_degree(self, value: float) -> float:
        """χ² per degree of freedom: the unit in which two minima differ."""
        return value / max(self.points.degrees - self.n_parameters, 1)

    @property
    def is_scale_free(self) -> bool:
        """Whether a unit has a knot and a direction, but no width (a rectifier)."""
        return self.shape.symmetry.degree == 1

    @property
    def has_parity(self) -> bool:
        """Whether turning a unit around changes at most its sign."""
        symmetry = self.shape.symmetry
        return symmetry.sign != 0 and symmetry.constant == 0

    def steepest(self, q: np.ndarray) -> np.ndarray:
        """Largest useful norm of each unit's weights, shape (S, n)."""
        points, period = self.points, self.shape.symmetry.half_period
        if points.n_inputs > 1:
            return np.full(q.shape[:2], STEEPEST * len(points) ** (1 / points.n_inputs))
        if period is not None:  # the frequency at which neighbors alternate
            return np.full(q.shape[:2], period / np.median(points.gap))
        slope = q[:, :, 1]
        center = -q[:, :, 0] / np.where(slope == 0, 1e-300, slope)
        i = np.clip(np.searchsorted(points.x[:, 0], center) - 1, 0, len(points.gap) - 1)
        return STEEPEST / points.gap[i]


def centers(q: np.ndarray) -> np.ndarray:
    """The point nearest to the origin at which each unit's argument vanishes, inside the data.

    Returns:
        Shape (S, n, D); each coordinate between −1 and 1.
    """
    weight = q[:, :, 1:]
    square = np.maximum((weight * weight).sum(axis=2, keepdims=True), 1e-300)
    # In this order nothing overflows: biases are bounded by the weights.
    return np.clip(-(q[:, :, :1] / np.sqrt(square)) * (weight / np.sqrt(square)), -1, 1)


def gram(growing: Growing, q: np.ndarray, center: np.ndarray) -> np.ndarray:
    """Inner products over points of [s_j, extra | s'_j, (x − center_j) s'_j | y].

    Every derivative column belongs to one unit, whose coefficients multiply it afterwards.

    Args:
        growing: The sums' description.
        q: Shape (S, n, 1 + D).
        center: About which the columns of the weights' derivatives are taken, shape (S, n, D).

    Returns:
        Shape (S, G, m, m).
    """
    points = growing.points
    n_groups, n_targets = points.y.shape[:2]
    m = growing.n_linear + growing.n_searched + n_targets
    total = np.zeros((len(q), n_groups, m, m))
    step = max(256, BLOCK // (len(q) * m))
    for start in range(0, len(points), step):
        rows = slice(start, start + step)
        for group in range(n_groups):
            columns = columns_of(growing, q, center, rows, group)
            total[:, group] += columns @ columns.transpose(0, 2, 1)
    return total


def columns_of(
    growing: Growing, q: np.ndarray, center: np.ndarray, rows: slice, group: int
) -> np.ndarray:
    """Whitened columns of one block of points.

    Args:
        growing: The sums' description.
        q: Shape (S, n, 1 + D).
        center: As in `gram`.
        rows: Which points.
        group: Whose weights and outputs.

    Returns:
        Shape (S, m, block), in the search's scratch memory.
    """
    points, n = growing.points, growing.n
    x, root = points.x[rows], points.root[group, rows]
    linear, m = growing.n_linear, growing.n_linear + growing.n_searched + points.y.shape[1]
    columns = growing.scratch.array(len(q), m, len(x))
    z = columns[:, linear + n : linear + 2 * n]
    if points.n_inputs == 1:
        np.multiply(q[:, :, 1:], x[:, 0], out=z)
    else:
        z[...] = q[:, :, 1:] @ x.T
    z += q[:, :, :1]
    value, slope = columns[:, :n], columns[:, linear : linear + n]
    growing.fill(z, value, slope)
    value *= root
    slope *= root
    columns[:, n:linear] = points.extra[:, rows] * root
    for i in range(points.n_inputs):
        out = columns[:, linear + n * (1 + i) : linear + n * (2 + i)]
        np.subtract(x[:, i], center[:, :, i : i + 1], out=out)
        out *= slope
    columns[:, m - points.y.shape[1] :] = points.target[group, :, rows]
    return columns


@dataclasses.dataclass(frozen=True, eq=False)
class Projected:
    """χ² of a batch of sums with the coefficients solved, and its quadratic model.

    Attributes:
        value: χ² on the points, without their excess, shape (S,).
        coefficient: Of units and extra columns, shape (S, G, L, T).
        gradient: Half the gradient in (bias, weight) order, each for all units, shape (S, K).
        curvature: Half the Gauss–Newton matrix (Kaufman 1975), shape (S, K, K).
        diagonal: Squared norms of the derivative columns, before projection, shape (S, K).
    """

    value: np.ndarray
    coefficient: np.ndarray
    gradient: np.ndarray
    curvature: np.ndarray
    diagonal: np.ndarray


def project(growing: Growing, inner: np.ndarray) -> Projected:
    """Solve for the coefficients and eliminate them (variable projection).

    Args:
        growing: The sums' description.
        inner: What `gram` returned.
    """
    L, K, n = growing.n_linear, growing.n_searched, growing.n
    solution, left = eliminated(inner, L, growing.points.size)
    coefficient = solution[..., K:]
    value = np.einsum("sgtt->s", left[:, :, K:, K:])
    factors = 1 + growing.points.n_inputs
    unit = coefficient[:, :, :n]
    products = unit @ unit.swapaxes(-1, -2)
    # Derivative columns are (factor, unit), and each belongs to the coefficients of its unit.
    S, G = left.shape[:2]
    pairs = left[:, :, :K, :K].reshape(S, G, factors, n, factors, n)
    curvature = (pairs * products[:, :, None, :, None]).sum(axis=1).reshape(S, K, K)
    targets = left[:, :, :K, K:].reshape(S, G, factors, n, -1)
    gradient = -(targets * unit[:, :, None]).sum(axis=(1, 4)).reshape(S, K)
    raw = np.einsum("sgkk->sgk", inner[:, :, L : L + K, L : L + K])
    own = np.einsum("sgjj->sgj", products)[:, :, None]
    diagonal = (raw.reshape(S, G, factors, n) * own).sum(axis=1).reshape(S, K)
    return Projected(np.maximum(value, 0.0), coefficient, gradient, curvature, diagonal)


def eliminated(inner: np.ndarray, linear: int, size: float) -> tuple[np.ndarray, np.ndarray]:
    """The solution of the first columns for all others, and what is left of these.

    Args:
        inner: Inner products of all columns, shape (..., m, m).
        linear: How many come first.
        size: Norm of a column of ones.

    Returns:
        Shapes (..., linear, m − linear) and (..., m − linear, m − linear).
    """
    diagonal = np.einsum("...ii->...i", inner)[..., :linear]
    # Small columns are not scaled up, so that the ridge bounds their coefficients.
    scale = 1 / np.maximum(np.sqrt(diagonal), size)
    matrix = inner[..., :linear, :linear] * scale[..., :, None] * scale[..., None, :]
    np.einsum("...ii->...i", matrix)[...] += RIDGE
    right = inner[..., :linear, linear:]
    solution = np.linalg.solve(matrix, right * scale[..., :, None]) * scale[..., :, None]
    left = inner[..., linear:, linear:] - right.swapaxes(-1, -2) @ solution
    return solution, left


def curves(growing: Growing, q: np.ndarray, coefficient: np.ndarray) -> np.ndarray:
    """Fitted curves on the points, whitened, all outputs end to end, shape (S, G·T·N)."""
    points, n = growing.points, growing.n
    value = unit_values(growing, q)
    out = np.einsum("sgjt,sjk->sgtk", coefficient[:, :, :n], value)
    out += np.einsum("sgjt,jk->sgtk", coefficient[:, :, n:], points.extra)
    return (out * points.root[:, None]).reshape(len(q), -1)


def unit_values(growing: Growing, q: np.ndarray) -> np.ndarray:
    """s_j on the points, not whitened, shape (S, n, N)."""
    z = q[:, :, 1:] @ growing.points.x.T + q[:, :, :1]
    value = np.empty_like(z)
    growing.fill(z, value, np.empty_like(z))
    return value
