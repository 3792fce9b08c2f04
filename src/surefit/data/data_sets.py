"""Many data sets made from one: other outputs at the same points, or a choice of the points."""

import dataclasses
import functools
from collections.abc import Sequence

import numpy as np

from surefit.data.checked import Data


@dataclasses.dataclass(frozen=True, eq=False)
class DataSets:
    """k data sets that share the points and the errors of one sample.

    Toys differ in y; bootstraps of cases, folds and the rests after leaving points out differ in
    how often each point counts.

    Attributes:
        data: The sample that they are made from: x and the errors on y.
        y: Outputs, shape (k, n, m); an axis that does not vary may be a broadcast one.
        counts: How often each point counts in each data set, whole numbers, shape (k, n); or None
            if each counts once.
        targets: What Gaussian constraints on parameters measured, as `Gaussian.targets` has it,
            shape (k, c); or None if it is the same for all.

    Example:
        >>> from surefit.data.checked import check_data
        >>> sets = left_out(check_data([1, 2, 3], [1.0, 2.0, 2.5], 0.1), [[0], [1, 2]])
        >>> len(sets), sets.of(0).y[:, 0].tolist(), sets.of(1).y[:, 0].tolist()
        (2, [2.0, 2.5], [1.0])
    """

    data: Data
    y: np.ndarray
    counts: np.ndarray | None = None
    targets: np.ndarray | None = None

    def __len__(self) -> int:
        """How many data sets there are."""
        return len(self.y)

    @property
    def n_terms(self) -> np.ndarray:
        """Measurements in each, shape (k,)."""
        points = np.full(len(self), self.data.n_points) if self.counts is None else self._sizes
        return points * self.data.n_outputs

    @functools.cached_property
    def _sizes(self) -> np.ndarray:
        assert self.counts is not None
        return self.counts.sum(axis=1)

    @functools.cached_property
    def points(self) -> np.ndarray | None:
        """Indices of the points of each, shape (k, most), filled up with −1; None if all count."""
        if self.counts is None:
            return None
        filled = np.full((len(self), int(self._sizes.max(initial=0))), -1)
        for row, counts in zip(filled, self.counts, strict=True):
            chosen = np.repeat(np.arange(len(counts)), counts)
            row[: len(chosen)] = chosen
        return filled

    def of(self, row: int) -> Data:
        """One of them, as a sample of its own; a point that counts twice is there twice."""
        data, y = self.data, self.y[row]
        if self.counts is None:
            return dataclasses.replace(data, y=np.ascontiguousarray(y))
        chosen = np.repeat(np.arange(data.n_points), self.counts[row])
        noise = data.noise
        covariance = None
        if noise.covariance is not None:
            covariance = noise.covariance[np.ix_(chosen, chosen)]
        return dataclasses.replace(
            data,
            x=data.x[chosen],
            y=y[chosen],
            noise=dataclasses.replace(noise.sample(chosen, 1.0), covariance=covariance),
            extent=None if data.extent is None else data.extent[chosen],
        )

    def rows(self, which: np.ndarray) -> "DataSets":
        """Some of them."""
        counts = None if self.counts is None else self.counts[which]
        targets = None if self.targets is None else self.targets[which]
        return DataSets(self.data, self.y[which], counts, targets)


def with_outputs(data: Data, y: np.ndarray) -> DataSets:
    """Data sets with other outputs at the same points.

    Args:
        data: The sample.
        y: Shape (k, n, m); or (k, n) for a single output.
    """
    return DataSets(data, np.asarray(y, dtype=np.float64).reshape(-1, *data.y.shape))


def with_counts(data: Data, counts: np.ndarray) -> DataSets:
    """Data sets in which each point counts as often as is said.

    Args:
        data: The sample.
        counts: Whole numbers, shape (k, n).
    """
    counts = np.asarray(counts, dtype=int)
    return DataSets(data, np.broadcast_to(data.y, (len(counts), *data.y.shape)), counts)


def left_out(data: Data, groups: Sequence[Sequence[int] | np.ndarray]) -> DataSets:
    """For each group of points, the data set without them.

    Args:
        data: The sample.
        groups: Indices of the points to leave out.
    """
    counts = np.ones((len(groups), data.n_points), dtype=int)
    for row, group in zip(counts, groups, strict=True):
        row[np.asarray(group, dtype=int)] = 0
    return with_counts(data, counts)
