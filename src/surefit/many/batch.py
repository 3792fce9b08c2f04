"""Rows of nearly equal length as one block of arrays, in an order that depends on the data only."""

import dataclasses
import functools
from typing import Any

import jax
import numpy as np

from surefit.data.scales import Scales
from surefit.many.rows import Samples, keys_of
from surefit.problem.blocks import bucket
from surefit.problem.derivatives import Block

# Rows in a group of their own length; fewer join the next longer group.
FEWEST = 64
# Rows in one compiled call: many where they are short, fewer beyond so many points.
SHORT, FEW, MANY = 4096, 64, 1024
# Chunks of so many rows that are kept on the device.
MOST_CHUNKS = 64


@dataclasses.dataclass(frozen=True, eq=False)
class Batch:
    """Rows that are fitted together, padded to one length with points of weight zero.

    Attributes:
        rows: Which rows of the samples these are, shape (k,).
        x: (n,) or (n, d) if shared by all rows, else (k, n) or (k, n, d).
        y: Shape (k, n).
        weight: 1/σ, shape (k, n); 0 for padding.
        n_points: Points of each row without padding, shape (k,).
        is_shared: Whether all rows have the same x.
        chunks: Rows that are on the device already, by their number.
    """

    rows: np.ndarray
    x: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    n_points: np.ndarray
    is_shared: bool
    chunks: dict[int, Block] = dataclasses.field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.rows)

    @functools.cached_property
    def size(self) -> np.ndarray:
        """−2 ln L of no model at all, the sum of (y/σ)² of each row, shape (k,)."""
        return np.einsum("kn,kn->k", self.weight**2, self.y**2)

    @functools.cached_property
    def has_profile(self) -> bool:
        """Whether the weights of each row are a multiple of those of the first."""
        first = self.weight[0]
        if np.all(self.weight == first):
            return True
        factor = np.max(self.weight, axis=1, keepdims=True) / np.max(first)
        return bool(np.all(np.abs(self.weight - factor * first) <= 1e-9 * self.weight))

    def block(self, which: np.ndarray | slice) -> Block:
        """The data of the chosen rows, for a kernel."""
        x = self.x if self.is_shared else self.x[which]
        return Block(x, self.y[which][:, :, None], self.weight[which][:, :, None])

    @property
    def n_at_once(self) -> int:
        """Rows in one compiled call: always as many, as another number is another compilation."""
        return MANY if self.y.shape[1] <= SHORT else FEW

    def chunk(self, number: int) -> Block:
        """The data of `n_at_once` rows, of the same ones for the same number.

        They are kept on the device: copying them for each call takes as long as some evaluations.
        What is left at the end is filled up with copies.
        """
        found = self.chunks.get(number)
        if found is None:
            size = self.n_at_once
            own = slice(number * size, (number + 1) * size)
            n = len(self.y[own])
            which = own if n == size else np.resize(np.arange(own.start, own.start + n), size)
            found = jax.device_put(self.block(which))
            if len(self.chunks) < MOST_CHUNKS:
                self.chunks[number] = found
        return found

    def scales(self, row: int) -> Scales:
        """Sizes that the data of one row suggest."""
        n = int(self.n_points[row])
        x = (self.x if self.is_shared else self.x[row])[:n].reshape(n, -1)
        low, high, spacing = [], [], []
        for column in x.T:
            distinct = np.unique(column)
            low.append(float(distinct[0]))
            high.append(float(distinct[-1]))
            spacing.append(float(np.median(np.diff(distinct))) if len(distinct) > 1 else 0.0)
        y = self.y[row, :n]
        return Scales(tuple(low), tuple(high), tuple(spacing), float(y.min()), float(y.max()))


def batches(samples: Samples, *, may_pad: bool) -> list[Batch]:
    """The usable rows, those of similar length together.

    Args:
        samples: The checked samples.
        may_pad: Whether rows may be padded: only for a model that computes each point by itself.

    Returns:
        The batches. The order of rows within one does not depend on their order in the samples.
    """
    usable = samples.usable
    if not len(usable):
        return []
    if isinstance(samples.y, np.ndarray) and isinstance(samples.x, np.ndarray):
        yerr = samples.yerr
        if yerr is None or isinstance(yerr, np.ndarray):
            return [_rectangular(samples, usable, may_pad)]
    return _ragged(samples, usable, may_pad)


def _rectangular(samples: Samples, usable: np.ndarray, may_pad: bool) -> Batch:
    y: Any = samples.y
    is_all = len(usable) == len(y)  # then nothing is copied but in the end
    y, k = y if is_all else y[usable], len(usable)
    weight = np.ones((1, 1))
    if samples.yerr is not None:
        weight = 1 / np.reshape(np.asarray(samples.yerr)[usable], (k, -1))
    x = samples.x if samples.is_shared or is_all else samples.x[usable]
    order = _canonical([y, weight] if samples.is_shared else [y, weight, x])
    n, axis = y.shape[1], 0 if samples.is_shared else 1
    whole = padded(n) if may_pad else n
    x = _padded(x if samples.is_shared else x[order], whole - n, axis, 0)
    both = np.empty((2, k, whole))
    both[0, :, :n] = y[order]
    both[0, :, n:], both[1, :, n:] = both[0, :, :1], 0.0
    both[1, :, :n] = weight if len(weight) == 1 else weight[order]
    return Batch(usable[order], x, both[0], both[1], np.full(k, n), samples.is_shared)


def _ragged(samples: Samples, usable: np.ndarray, may_pad: bool) -> list[Batch]:
    """Rows of different lengths, in groups."""
    data = {int(row): samples.data(int(row)) for row in usable}
    lengths = np.array([data[int(row)].n_points for row in usable])
    groups = np.array([bucket(n) if may_pad else n for n in lengths.tolist()])
    if may_pad:
        for size in np.unique(groups)[:-1]:
            if np.sum(groups == size) < FEWEST:
                groups[groups == size] = np.min(groups[groups > size])
    found = []
    for size in np.unique(groups):
        rows, n_points = usable[groups == size], lengths[groups == size]
        n = padded(int(n_points.max())) if may_pad else int(size)
        pieces = []
        for row in rows:
            one, short = data[int(row)], n - data[int(row)].n_points
            weight = 1 / one.noise.sigma[:, 0] if samples.is_given else np.ones(one.n_points)
            pieces.append(
                (
                    _padded(one.x, short, 0, 0),
                    _padded(one.y[:, 0], short, 0, 0),
                    _padded(weight, short, 0, None),
                )
            )
        x, y, weight = (np.array(arrays) for arrays in zip(*pieces, strict=True))
        order = _canonical([y, weight, x])
        found.append(Batch(rows[order], x[order], y[order], weight[order], n_points[order], False))
    return found


def padded(n: int) -> int:
    """A length not much above n, of which there are few, so that little is compiled.

    Example:
        >>> padded(100), padded(104), padded(1000)
        (104, 104, 1024)
    """
    step = max(8, 2 ** (int(n).bit_length() - 5))
    return -(-n // step) * step


def _padded(array: np.ndarray, short: int, axis: int, repeated: int | None) -> np.ndarray:
    """An array made longer, by copies of one of its entries or by zeros."""
    if not short:
        return np.ascontiguousarray(array)
    entry = np.take(array, [0], axis=axis)
    filling = np.repeat(entry if repeated == 0 else np.zeros_like(entry), short, axis=axis)
    return np.concatenate([array, filling], axis=axis)


def _canonical(arrays: list[np.ndarray]) -> np.ndarray:
    """An order of k rows that looks random and follows from what is in them.

    Args:
        arrays: What is in the rows, each of shape (k, …), or (1, …) where all are alike.
    """
    return np.argsort(keys_of(arrays), kind="stable")
