"""Series of all degrees from one orthogonalization: each takes one more column out."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from surefit.bases.fourier import Fourier
from surefit.bases.polynomials import Chebyshev, Polynomial
from surefit.data.checked import Data
from surefit.models.linear import Constant, Line, Plane
from surefit.selection.directions import Cells
from surefit.selection.rungs import Candidate, Rung

# Highest degree and number of harmonics; parameters of a series, at most, for each point.
DEGREES, HARMONICS, SHARE = 40, 20, 0.3
# Degree up to which coefficients of powers are what one wants to read; then Chebyshev's.
READABLE = 6


@dataclasses.dataclass(eq=False)
class Sweep:
    """A series of nested linear models, solved together.

    Attributes:
        family: What they are.
        models: From small to large.
        sizes: Columns of each.
        columns: Those of the largest, those of smaller ones first, shape (N, p).
        data: The checked data.
        cells: The points, gathered.
    """

    family: str
    models: Sequence[Any]
    sizes: Sequence[int]
    columns: np.ndarray
    data: Data
    cells: Cells

    def __post_init__(self) -> None:
        self._solved: tuple[np.ndarray, ...] | None = None

    def rungs(self) -> list[Rung]:
        """The models, in order."""
        return [
            Rung(self.family, model, size, float(size), lambda size=size: self._at(size))
            for model, size in zip(self.models, self.sizes, strict=True)
        ]

    def _at(self, size: int) -> Candidate:
        """The model of so many columns: what the others take out is put back."""
        if self._solved is None:
            self._solved = self._solve()
        deviances, residuals, products, tangent = self._solved
        beyond = tangent[:, size:] @ products[size:]
        return Candidate(deviances[size], residuals + beyond, tangent[:, :size])

    def _solve(self) -> tuple[np.ndarray, ...]:
        sigma, whitening = self.data.noise.sigma[:, 0], self.data.noise.whitening()
        if whitening is None:
            whitened, target = self.columns / sigma[:, None], self.data.y[:, 0] / sigma
        else:
            whitened, target = whitening @ self.columns, whitening @ self.data.y[:, 0]
        basis = np.linalg.qr(whitened)[0]
        products = basis.T @ target
        left = target - basis @ products
        # What the columns not used yet explain, summed from the smallest part up.
        explained = np.concatenate([np.cumsum(products[::-1] ** 2)[::-1], [0.0]])
        if whitening is not None:
            return left @ left + explained, left, products, basis
        gather = self.cells.gather
        tangent = np.array([gather(column * sigma, sigma) for column in basis.T]).T
        return left @ left + explained, gather(left * sigma, sigma), products, tangent


def sweeps(data: Data, cells: Cells, period: float | None = None) -> list[Sweep]:
    """Constant, line and polynomials, and Fourier series; constant and plane for several inputs.

    Chebyshev, Legendre, Jacobi, Laguerre and Hermite series of one degree are one set of curves
    with the polynomial of that degree: their rung is that of the polynomial.

    Args:
        data: The checked data.
        cells: The points, gathered.
        period: Of the Fourier series; the range of x if None.
    """
    if data.n_inputs > 1:
        x = data.inputs - data.inputs.mean(axis=0)
        size = np.max(np.abs(x), axis=0)
        columns = np.column_stack([np.ones(len(x)), x[:, size > 0] / size[size > 0]])
        models, sizes = [Constant(), Plane()], [1, columns.shape[1]]
        keep = slice(None) if sizes[1] > 1 else slice(1)
        return [Sweep("polynomial", models[keep], sizes[keep], columns, data, cells)]
    found, n_distinct = [], len(np.unique(data.x))
    degree = max(0, min(DEGREES, max(2, int(SHARE * data.n_points)), n_distinct - 2))
    polynomials = [Constant(), Line(), *map(_polynomial, range(2, degree + 1))][: degree + 1]
    columns = np.asarray(Chebyshev(degree).resolve(data).columns(data.x))[:, 0]
    sizes = range(1, degree + 2)
    found.append(Sweep("polynomial", polynomials, sizes, columns, data, cells))
    phases = data.x if period is None else np.mod(data.x, period)
    n_phases = len(np.unique(phases))
    harmonics = min(HARMONICS, (int(SHARE * data.n_points) - 1) // 2, (n_phases - 3) // 2)
    if harmonics >= 1:
        columns = np.asarray(Fourier(harmonics, period).resolve(data).columns(data.x))[:, 0]
        turns = np.arange(1, harmonics + 1)
        order = np.concatenate([[0], np.column_stack([turns, turns + harmonics]).ravel()])
        waves = [Fourier(k, period) for k in turns.tolist()]
        sizes = range(3, 2 * harmonics + 2, 2)
        found.append(Sweep("Fourier", waves, sizes, columns[:, order], data, cells))
    return found


def _polynomial(degree: int) -> Polynomial | Chebyshev:
    return Polynomial(degree) if degree <= READABLE else Chebyshev(degree)
