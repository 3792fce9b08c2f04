"""Cut data into tiles of one fixed size, so that one compiled kernel serves data of any length."""

import dataclasses
from collections.abc import Callable, Iterator

import jax
import numpy as np

from surefit.data.checked import Data
from surefit.losses.base import AbstractLoss
from surefit.models.base import AbstractModel
from surefit.problem.derivatives import Block
from surefit.problem.kernels import CHUNK, Sharing

# Points in a tile, and most chunks of pairs of (parameter vector, tile) in one compiled call: with
# so many, evaluations take several times as long as a call costs.
TILE = 64
CHUNKS = 8
# Numbers that a call may return: it sets them to zero, be one chunk wanted or all.
RESULTS = 2**16
# Runs of tiles kept on the device, where copying them for each call would cost time.
MOST_RUNS = 32
# Pairs in a call that returns whole Jacobians, which is made for one parameter vector at a time.
FEW = 16
# Parameter vectors in one call for data that cannot be cut: one, or this many.
ROWS = 32
# Memory that the derivatives of one compiled call may take, in bytes.
MEMORY = 2**26
SMALLEST = 32


def bucket(n: int) -> int:
    """The smallest of 32, 48, 64, 96, 128, … that holds n points: at most a third is padding."""
    size = SMALLEST
    while size < n:
        size = size * 3 // 2 if (size & (size - 1)) == 0 else size * 4 // 3
    return size


@dataclasses.dataclass(frozen=True, eq=False)
class Tiles:
    """Data of a pointwise model in tiles of `TILE` points; padding repeats a point, weight zero.

    Attributes:
        block: The data with a leading axis of tiles: x (t, b) or (t, b, d), y and weight (t, b, m).
        n_items: Pairs of (parameter vector, tile) in one call.
        runs: Runs of tiles that are on the device already, by first tile and length.
    """

    block: Block
    n_items: int
    runs: dict[tuple[int, int], Block] = dataclasses.field(default_factory=dict)

    sharing = Sharing.none

    def for_rows(self, which: np.ndarray) -> "Tiles":
        """The layout of some rows of a batch, which all have the same data."""
        return self

    def sums(self, kernel: Callable, points: np.ndarray) -> tuple[np.ndarray, ...]:
        """A kernel's results for each parameter vector, added over the tiles.

        Args:
            kernel: (parameter vectors (k, p), block of k tiles, number of chunks of these that
                are wanted) → arrays whose first axis is k.
            points: Parameter vectors, shape (s, p).

        Returns:
            Arrays whose first axis is s.
        """
        s, t, k = len(points), len(self.block.y), self.n_items
        totals: tuple[np.ndarray, ...] = ()
        with np.errstate(over="ignore", invalid="ignore"):  # not finite: a bad point
            if s * t <= k:  # most calls: nothing is left over for another one
                padded = np.empty((k, points.shape[1]))
                padded[: s * t] = points if t == 1 else np.repeat(points, t, axis=0)
                padded[s * t :] = points[-1]
                results = kernel(padded, self._run(0, k), -(-s * t // CHUNK))
                arrays = (np.asarray(array)[: s * t] for array in results)
                if t == 1:
                    return tuple(array.copy() for array in arrays)
                return tuple(a.reshape(s, t, *a.shape[1:]).sum(axis=1) for a in arrays)
            for start in range(0, s * t, k):
                rows, n_items = np.arange(start, start + k) // t, min(k, s * t - start)
                block, n_chunks = self._run(start % t, k), -(-n_items // CHUNK)
                results = kernel(points[np.minimum(rows, s - 1)], block, n_chunks)
                arrays = [np.asarray(array)[:n_items] for array in results]
                if not totals:
                    totals = tuple(np.zeros((s, *array.shape[1:])) for array in arrays)
                # Where a row begins; the first may go on from the last call.
                firsts = np.arange((-start) % t, n_items, t)
                if start % t:
                    firsts = np.concatenate([[0], firsts])
                for total, array in zip(totals, arrays, strict=True):
                    total[rows[firsts]] += np.add.reduceat(array, firsts, axis=0)
        return totals

    def pieces(self, kernel: Callable, point: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]:
        """A kernel's results at one parameter vector, for runs of tiles one after another."""
        t, few = len(self.block.y), min(FEW, self.n_items)
        points = np.repeat(point[None], few, axis=0)
        for start in range(0, t, few):
            results = kernel(points, self._run(start, few))
            n_tiles = min(few, t - start)
            yield tuple(np.asarray(a)[:n_tiles].reshape(-1, *a.shape[2:]) for a in results)

    def _run(self, first: int, n: int) -> Block:
        """So many tiles one after another from the first, beginning again after the last."""
        found = self.runs.get((first, n))
        if found is None:
            tiles = np.arange(first, first + n) % len(self.block.y)
            found = self.block.each(lambda array: array[tiles])
            if len(self.runs) < MOST_RUNS:
                found = jax.device_put(found)
                self.runs[first, n] = found
        return found


@dataclasses.dataclass(frozen=True, eq=False)
class Whole:
    """Data that cannot be cut: the model is not pointwise, or the errors are correlated.

    Attributes:
        block: All points.
    """

    block: Block

    sharing = Sharing.all

    def for_rows(self, which: np.ndarray) -> "Whole":
        """The layout of some rows of a batch, which all have the same data."""
        return self

    def sums(self, kernel: Callable, points: np.ndarray) -> tuple[np.ndarray, ...]:
        """A kernel's results for each parameter vector; see `Tiles.sums`."""
        rows = 1 if len(points) == 1 else ROWS
        pieces = []
        for start in range(0, len(points), rows):
            chunk = points[start : start + rows]
            short = rows - len(chunk)
            full = np.concatenate([chunk, np.repeat(chunk[:1], short, axis=0)]) if short else chunk
            pieces.append([np.asarray(a)[: len(chunk)] for a in kernel(full, self.block)])
        return tuple(np.concatenate(arrays) for arrays in zip(*pieces, strict=True))

    def pieces(self, kernel: Callable, point: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]:
        """A kernel's results at one parameter vector; see `Tiles.pieces`."""
        yield tuple(np.asarray(array)[0] for array in kernel(point[None], self.block))


def cut(
    data: Data, model: AbstractModel, loss: AbstractLoss, chosen: np.ndarray | None = None
) -> Tiles | Whole:
    """Cut the data into tiles, or keep them whole where they have to be.

    Args:
        data: The checked data.
        model: The resolved model, for its number of parameters.
        loss: The loss, for what it takes of the errors.
        chosen: Indices of the points that stand for all; all points if None.
    """
    weight, extent = loss.weight(data.y, data.noise), data.extent
    whitening = data.noise.whitening()
    if whitening is not None:
        y = whitening @ data.y
        return Whole(Block(data.x, y, np.ones_like(y), extent, whitening))
    if not model.is_pointwise:
        return Whole(Block(data.x, data.y, weight, extent))
    chosen = np.arange(data.n_points) if chosen is None else chosen
    n_tiles = -(-len(chosen) // TILE)
    inside = np.arange(n_tiles * TILE) < len(chosen)
    index = np.concatenate([chosen, np.full(len(inside) - len(chosen), chosen[0])])
    # Each point stands for several, so that −2 ln L keeps its size.
    many = np.sqrt(data.n_points / len(chosen))
    weight = many * weight[index] * inside.reshape(-1, *(1,) * (weight.ndim - 1))
    if extent is not None:
        extent = extent[index] / (many if data.reading.is_error else 1.0)
    block = Block(data.x[index], data.y[index], weight, extent)
    block = block.each(lambda array: array.reshape(n_tiles, TILE, *array.shape[1:]))
    return Tiles(block, most_items(model.parameters().size, data.n_outputs))


def spread_sample(data: Data, n_points: int, rng: np.random.Generator) -> np.ndarray | None:
    """A random sample of points, one from each run of neighbors if there is one input.

    Args:
        data: The checked data.
        n_points: How many; rounded up to whole tiles.
        rng: Source of randomness.

    Returns:
        Indices, or None if there are not at least twice as many points.
    """
    n_points = TILE * -(-n_points // TILE)
    if data.n_points < 2 * n_points:
        return None
    if data.n_inputs > 1:
        return rng.choice(data.n_points, n_points, replace=False)
    edges = np.linspace(0, data.n_points, n_points + 1).astype(int)
    return np.argsort(data.inputs[:, 0], kind="stable")[rng.integers(edges[:-1], edges[1:])]


def most_items(n_parameters: int, n_outputs: int) -> int:
    """The most tiles for which a call keeps to the limits: a power of two, or whole chunks."""
    items = MEMORY // (8 * TILE * n_outputs * (n_parameters + 4))
    chunk = min(CHUNK, 2 ** max(int(items).bit_length() - 1, 0))
    n_chunks = min(CHUNKS, RESULTS // (CHUNK * (n_parameters + 1) ** 2))
    return chunk * max(n_chunks, 1) if chunk == CHUNK else chunk
