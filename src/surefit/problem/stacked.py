"""Many data sets as one batch: each row of a call meets data of its own."""

import dataclasses
import functools
from collections.abc import Callable, Iterator

import numpy as np

from surefit.data.data_sets import DataSets
from surefit.losses.base import AbstractLoss
from surefit.models.base import AbstractModel
from surefit.problem.blocks import FEW, ROWS, TILE, most_items
from surefit.problem.derivatives import Block
from surefit.problem.kernels import CHUNK, Sharing


@dataclasses.dataclass(frozen=True, eq=False)
class StackedTiles:
    """Data sets of a pointwise model in tiles of `TILE` points, gathered call by call.

    Attributes:
        x: Inputs of all points, (n,) or (n, d).
        y: Outputs of each data set, (k, n, m).
        weight: What the loss takes of the errors of all points: 1/σ, (n, m).
        extent: What the reading needs to know of all points, (n, d), or None.
        index: Points of each data set in tiles, (k, t, b), −1 for padding; (1, t, b) if all have
            the same.
        which: The data set of each row, shape (s,).
        n_items: Pairs of (row, tile) in one call.
    """

    x: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    extent: np.ndarray | None
    index: np.ndarray
    which: np.ndarray
    n_items: int

    sharing = Sharing.none

    def for_rows(self, which: np.ndarray) -> "StackedTiles":
        """The layout of some of the rows."""
        return dataclasses.replace(self, which=self.which[which])

    def sums(self, kernel: Callable, points: np.ndarray) -> tuple[np.ndarray, ...]:
        """A kernel's results for each row, added over its tiles; see `Tiles.sums`.

        Args:
            kernel: As in `Tiles.sums`.
            points: The parameter vector of each row, shape (s, p).
        """
        s, t, k = len(points), self.index.shape[1], self.n_items
        assert s == len(self.which), "one point for each row"
        totals: tuple[np.ndarray, ...] = ()
        with np.errstate(over="ignore", invalid="ignore"):  # not finite: a bad point
            for start in range(0, s * t, k):
                items = np.minimum(np.arange(start, start + k), s * t - 1)
                rows, n_items = items // t, min(k, s * t - start)
                n_chunks = -(-n_items // CHUNK)
                used = slice(n_chunks * CHUNK)
                block = self._block(self.which[rows[used]], items[used] % t)
                block = block.each(functools.partial(_lengthened, n=k))
                results = kernel(points[rows], block, n_chunks)
                arrays = [np.asarray(array)[:n_items] for array in results]
                if not totals:
                    totals = tuple(np.zeros((s, *array.shape[1:])) for array in arrays)
                firsts = np.flatnonzero(np.diff(rows[:n_items], prepend=-1))
                for total, array in zip(totals, arrays, strict=True):
                    total[rows[firsts]] += np.add.reduceat(array, firsts, axis=0)
        return totals

    def pieces(self, kernel: Callable, point: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]:
        """A kernel's results at one parameter vector, for the tiles of the only row."""
        (row,) = self.which
        t, k = self.index.shape[1], min(FEW, self.n_items)
        points = np.repeat(point[None], k, axis=0)
        for start in range(0, t, k):
            tiles = np.minimum(np.arange(start, start + k), t - 1)
            results = kernel(points, self._block(np.full(k, row), tiles))
            n_tiles = min(k, t - start)
            yield tuple(np.asarray(a)[:n_tiles].reshape(-1, *a.shape[2:]) for a in results)

    def _block(self, sets: np.ndarray, tiles: np.ndarray) -> Block:
        index = self.index[sets if len(self.index) > 1 else 0, tiles]
        inside = index >= 0
        index = np.where(inside, index, index[:, :1])
        index = np.maximum(index, 0)  # a tile of nothing but padding
        weight = self.weight[index]
        weight = weight * inside.reshape(*inside.shape, *(1,) * (weight.ndim - 2))
        extent = None if self.extent is None else self.extent[index]
        return Block(self.x[index], self.y[sets[:, None], index], weight, extent)


@dataclasses.dataclass(frozen=True, eq=False)
class StackedWhole:
    """Data sets that cannot be cut: the model is not pointwise, or the errors are correlated.

    Attributes:
        block: All points; its y belongs to no row.
        y: Outputs of each data set, whitened, (k, n, m).
        which: The data set of each row, shape (s,).
    """

    block: Block
    y: np.ndarray
    which: np.ndarray

    sharing = Sharing.all_but_outputs

    def for_rows(self, which: np.ndarray) -> "StackedWhole":
        """The layout of some of the rows."""
        return dataclasses.replace(self, which=self.which[which])

    def sums(self, kernel: Callable, points: np.ndarray) -> tuple[np.ndarray, ...]:
        """A kernel's results for each row; see `Tiles.sums`."""
        assert len(points) == len(self.which), "one point for each row"
        rows = 1 if len(points) == 1 else ROWS
        pieces = []
        for start in range(0, len(points), rows):
            own = np.minimum(np.arange(start, start + rows), len(points) - 1)
            n = min(rows, len(points) - start)
            results = kernel(points[own], self.block._replace(y=self.y[self.which[own]]))
            pieces.append([np.asarray(array)[:n] for array in results])
        return tuple(np.concatenate(arrays) for arrays in zip(*pieces, strict=True))

    def pieces(self, kernel: Callable, point: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]:
        """A kernel's results at one parameter vector, for the only row."""
        results = kernel(point[None], self.block._replace(y=self.y[self.which]))
        yield tuple(np.asarray(array)[0] for array in results)


def _lengthened(array: np.ndarray, n: int) -> np.ndarray:
    """The array with zeros behind it, of which a kernel makes nothing."""
    longer = np.zeros((n, *array.shape[1:]), array.dtype)
    longer[: len(array)] = array
    return longer


def stacking_refusal(sets: DataSets, model: AbstractModel) -> str | None:
    """Why data sets cannot be one batch, in a sentence; or None if they can."""
    if sets.counts is None:
        return None
    if sets.data.noise.covariance is not None:
        return "Points with correlated errors are left out or repeated one data set at a time."
    if not model.is_pointwise:
        return f"{model} does not compute each point by itself, so points cannot be left out."
    return None


def stack(sets: DataSets, model: AbstractModel, loss: AbstractLoss) -> StackedTiles | StackedWhole:
    """Lay data sets out for a batch with one row for each; ask `stacking_refusal` first.

    Args:
        sets: The data sets.
        model: The resolved model.
        loss: The loss, for what it takes of the errors.
    """
    data, which = sets.data, np.arange(len(sets))
    whitening, weight = data.noise.whitening(), loss.weight(data.y, data.noise)
    if whitening is not None:
        y = np.einsum("ab,kbm->kam", whitening, sets.y)
        return StackedWhole(
            Block(data.x, None, np.ones_like(weight), whitening=whitening), y, which
        )
    if not model.is_pointwise:
        return StackedWhole(Block(data.x, None, weight, data.extent), sets.y, which)
    points = np.arange(data.n_points)[None] if sets.points is None else sets.points
    n_tiles = -(-points.shape[1] // TILE)
    index = np.full((len(points), n_tiles * TILE), -1)
    index[:, : points.shape[1]] = points
    index = index.reshape(len(points), n_tiles, TILE)
    n_items = most_items(model.parameters().size, data.n_outputs)
    return StackedTiles(data.x, sets.y, weight, data.extent, index, which, n_items)
