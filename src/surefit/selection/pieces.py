"""Piecewise models of the ladder: one pass of dynamic programming cuts the data in all numbers."""

import dataclasses

import numpy as np

from surefit.bases.piecewise import Piecewise
from surefit.data.checked import Data
from surefit.search.segmentation import Cuts, cut, solved
from surefit.selection.directions import Cells
from surefit.selection.rungs import Candidate, Rung
from surefit.selection.spent import spent_by_breaks

# Most breaks.
BREAKS = 12


@dataclasses.dataclass(eq=False)
class Pieces:
    """Constant or straight pieces with 1, 2, … breaks.

    Attributes:
        data: The checked data, with independent errors and one input.
        cells: The points, gathered; breaks are looked for between cells.
        degree: 0 for constants, 1 for lines.
    """

    data: Data
    cells: Cells
    degree: int

    def __post_init__(self) -> None:
        self._cuts: Cuts | None = None

    def rungs(self) -> list[Rung]:
        """The models, in order."""
        n_distinct = len(np.unique(self.cells.data.x))
        most = min(BREAKS, n_distinct // (2 * (self.degree + 1)) - 1)
        return [self._rung(n, most) for n in range(1, most + 1)]

    def _rung(self, n_breaks: int, most: int) -> Rung:
        n_parameters = n_breaks + (n_breaks + 1) * (self.degree + 1)
        spent = spent_by_breaks(n_parameters, n_breaks)
        family = "steps" if self.degree == 0 else "broken lines"
        model = Piecewise(n_breaks, self.degree)
        return Rung(family, model, n_parameters, spent, lambda: self._at(n_breaks, most))

    def _at(self, n_breaks: int, most: int) -> Candidate:
        if self._cuts is None:
            self._cuts = cut(self.cells.data, most, self.degree)
        model = Piecewise(n_breaks, self.degree).resolve(self.data)
        breaks = self._cuts.breaks(n_breaks)
        values = solved(model, self.data, breaks)
        left = (self.data.y - np.asarray(model.evaluate(values, self.data.x)))[:, 0]
        sigma = self.data.noise.sigma[:, 0]
        x = self.cells.data.inputs[:, 0]
        piece = (x[:, None] >= breaks).sum(axis=1)
        inside = (piece[:, None] == np.arange(n_breaks + 1)).astype(float)
        columns = [inside.T, inside.T * (x - x.mean())] if self.degree else [inside.T]
        tangent = self.cells.whitened(np.concatenate(columns)).T
        deviance = float(np.sum((left / sigma) ** 2))
        # Between cells: a full search may place breaks better.
        start = None if len(x) == self.data.n_points else {}
        return Candidate(deviance, self.cells.gather(left, sigma), tangent, start)


def pieces(data: Data, cells: Cells) -> list[list[Rung]]:
    """The families of piecewise models; none for several inputs or correlated errors."""
    if data.n_inputs > 1 or data.noise.covariance is not None:
        return []
    return [Pieces(data, cells, degree).rungs() for degree in (0, 1)]
