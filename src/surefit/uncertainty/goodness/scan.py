"""Where along x something is off: stretches of points, of all lengths, with all places tried."""

import dataclasses

import numpy as np

from surefit.annotations import Float

# Points, or cells of equally many neighbors, that a scan distinguishes.
MOST_CELLS = 4096
# Factor from one length of a stretch to the next, and parts of a length by which it is moved.
GROWTH = 1.3
PARTS = 8
# Share of what the clearest stretch exceeds the critical value by, from which others are as clear.
CLEAR = 0.8
# Share of its variance below which a stretch's sum is mostly absorbed by the fit: no test there.
LEAST_VARIANCE = 0.3


@dataclasses.dataclass(frozen=True, eq=False)
class Stretches:
    """All stretches that a scan tries, and how large their sums are by chance.

    Attributes:
        edges: First point of each cell, and the number of points, shape (cells + 1,).
        first: First cell of each stretch, shape (s,).
        end: The cell after its last, shape (s,).
        size: One standard deviation of its sum, shape (s,).
        penalty: What the largest of the stretches that are as long is expected to be, shape (s,).
    """

    edges: np.ndarray
    first: np.ndarray
    end: np.ndarray
    size: np.ndarray
    penalty: np.ndarray


@dataclasses.dataclass(frozen=True)
class Stretch:
    """A stretch of neighboring points.

    Attributes:
        first: Its first point.
        end: The point after its last.
        excess: Its sum in standard deviations, with its sign.
        statistic: The same less the penalty, without its sign.
    """

    first: int
    end: int
    excess: float
    statistic: float


def stretches(
    variance_of: Float[np.ndarray, "n r"], own: Float[np.ndarray, " n"], shortest: int
) -> Stretches:
    """Choose the stretches for points in a given order.

    Args:
        variance_of: Vectors whose sum over a stretch, squared, is taken from its variance: what
            the fit absorbs; shape (n, r), with r = 0 for nothing.
        own: Variance of each point's term before that.
        shortest: Fewest points in a stretch.

    Returns:
        Stretches of lengths that grow by a factor, at most half of the points.
    """
    n = len(own)
    n_cells = min(n, MOST_CELLS)
    edges = np.linspace(0, n, n_cells + 1).astype(int)
    sums = np.concatenate([[0.0], np.cumsum(own)])[edges]
    absorbed = np.vstack([np.zeros((1, variance_of.shape[1])), np.cumsum(variance_of, axis=0)])
    absorbed = absorbed[edges]
    firsts, ends = [], []
    length = max(1, -(-shortest * n_cells // n))
    while length <= max(n_cells // 2, 1):
        step = max(1, length // PARTS)
        start = np.arange(0, n_cells - length + 1, step)
        firsts.append(start)
        ends.append(start + length)
        length = max(length + 1, int(length * GROWTH))
    first = np.concatenate(firsts) if firsts else np.zeros(0, dtype=int)
    end = np.concatenate(ends) if ends else np.zeros(0, dtype=int)
    whole = sums[end] - sums[first]
    variance = whole - np.sum((absorbed[end] - absorbed[first]) ** 2, axis=1)
    kept = variance > LEAST_VARIANCE * whole
    first, end = first[kept], end[kept]
    # Of n/L independent stretches of length L the largest is about so many standard deviations.
    penalty = np.sqrt(2 * np.log(np.e * n_cells / np.maximum(end - first, 1)))
    return Stretches(edges, first, end, np.sqrt(variance[kept]), penalty)


def excesses(terms: Float[np.ndarray, "k n"], where: Stretches) -> Float[np.ndarray, "k s"]:
    """Sum over each stretch in standard deviations.

    Args:
        terms: Rows of terms of mean zero, points in order.
        where: The stretches.
    """
    sums = np.zeros((len(terms), len(where.edges)))
    np.cumsum(terms, axis=1, out=terms)
    sums[:, 1:] = terms[:, where.edges[1:] - 1]
    return (sums[:, where.end] - sums[:, where.first]) / where.size


def scan_statistic(terms: Float[np.ndarray, "k n"], where: Stretches) -> Float[np.ndarray, " k"]:
    """The largest excess over all stretches, lengths put on one footing by a penalty.

    The penalty √(2 ln(e n/L)) is Dümbgen and Spokoiny's (2001, Ann. Stat. 29, 124), so that long
    and short stretches are equally likely to be the largest by chance; that all were looked at is
    accounted for by comparing with the same statistic of toys (Kulldorff 1997, Commun. Stat.
    Theory Methods 26, 1481).

    Args:
        terms: Rows of terms, points in order; overwritten.
        where: The stretches.
    """
    if not len(where.first):
        return np.zeros(len(terms))
    return (np.abs(excesses(terms, where)) - where.penalty).max(axis=1)


def significant_stretches(
    terms: Float[np.ndarray, " n"], where: Stretches, critical: float
) -> tuple[Stretch, ...]:
    """Separate stretches whose statistic exceeds a critical value, in order along x.

    As the critical value is that of the largest of all, each of them is significant, at once
    (Dümbgen and Spokoiny 2001, section 4).

    Args:
        terms: Terms of the data, points in order.
        where: The stretches.
        critical: Quantile of the scan statistic.
    """
    if not len(where.first):
        return ()
    excess = excesses(terms[None].copy(), where)[0]
    statistic = np.abs(excess) - where.penalty
    length = where.end - where.first
    found: list[Stretch] = []
    is_open = statistic > critical
    while is_open.any():
        best = statistic[is_open].max()
        # Of stretches that are nearly as clear the shortest says best where it is.
        near = np.flatnonzero(is_open & (statistic >= critical + CLEAR * (best - critical)))
        place = near[np.lexsort((-statistic[near], length[near]))[0]]
        first, end = where.first[place], where.end[place]
        is_open &= (where.end <= first) | (where.first >= end)
        size, height = float(excess[place]), float(statistic[place])
        found.append(Stretch(int(where.edges[first]), int(where.edges[end]), size, height))
    return tuple(sorted(found, key=lambda stretch: stretch.first))
