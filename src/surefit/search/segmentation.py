"""Cut data into pieces, exactly: dynamic programming over the places of the breaks."""

import dataclasses

import numpy as np

from surefit.bases.piecewise import Piecewise
from surefit.data.checked import Data
from surefit.minimizers.base import AbstractMinimizer, Budget, Minima, Report, Status
from surefit.problem.base import AbstractProblem
from surefit.search.base import AbstractSearch, Evidence

# Distinct x up to which every place is a candidate; the work grows with their square.
MOST_PLACES = 6000
# Places kept on each side of a break that was found among some of the places only.
AROUND = 40

EXACT = (
    "All ways to cut {n} distinct x into {pieces} pieces were compared by dynamic programming: "
    "none is lower."
)
THINNED = (
    "Breaks were looked for at {places} of {n} places, then at all places near those found; two "
    "choices of places {agree}."
)


@dataclasses.dataclass(frozen=True, eq=False)
class Cuts:
    """The best ways to cut sorted data, for every number of pieces.

    Attributes:
        x: Distinct x, increasing, shape (n,).
        value: χ² with 1, 2, … pieces, shape (pieces,).
        ends: For each number of pieces where they end, as indices into x.
    """

    x: np.ndarray
    value: np.ndarray
    ends: tuple[np.ndarray, ...]

    def breaks(self, n_breaks: int) -> np.ndarray:
        """The breaks, in the middle between the points beside them, shape (n_breaks,)."""
        ends = self.ends[n_breaks][:-1]
        return self.x[ends - 1] + (self.x[ends] - self.x[ends - 1]) / 2


def cut(data: Data, most_breaks: int, degree: int, places: np.ndarray | None = None) -> Cuts:
    """The lowest χ² for 0 … most_breaks breaks (Bellman 1961; Bai & Perron 2003, section 3).

    With C(i, j) the χ² of one piece over the points i … j − 1 and F_k(j) the lowest of k pieces
    over the first j points, F_{k+1}(j) = min_i F_k(i) + C(i, j). C comes from running sums, so that
    all numbers of breaks cost one pass over the pairs i, j.

    Args:
        data: The checked data, with independent errors and one input.
        most_breaks: Most breaks.
        degree: 0 for constants, 1 for lines.
        places: Indices into the distinct x at which pieces may end; all if None. The last must be
            the number of distinct x.
    """
    x, moments, excess = _moments(data)
    places = np.arange(1, len(x) + 1) if places is None else places
    edges = np.concatenate([[0], places])
    sums = np.concatenate([np.zeros((len(moments), 1)), np.cumsum(moments, axis=1)], axis=1)[
        :, edges
    ]
    n, least = len(edges), degree + 1
    lowest = np.full((most_breaks + 1, n), np.inf)
    before = np.zeros((most_breaks + 1, n), dtype=int)
    for j in range(1, n):
        allowed = int(np.searchsorted(edges, edges[j] - least, side="right"))
        if not allowed:
            continue
        cost = _misfit(sums[:, j, None] - sums[:, :allowed], degree)
        lowest[0, j] = cost[0]
        total = lowest[:-1, :allowed] + cost
        best = total.argmin(axis=1)
        lowest[1:, j] = total[np.arange(most_breaks), best]
        before[1:, j] = best
    ends = tuple(edges[_traced(before, k)] for k in range(most_breaks + 1))
    return Cuts(x, lowest[:, -1] + excess, ends)


def _traced(before: np.ndarray, n_breaks: int) -> np.ndarray:
    """Where pieces end, from the last to the first and turned round."""
    at, found = before.shape[1] - 1, []
    for k in range(n_breaks, -1, -1):
        found.append(at)
        at = before[k, at]
    return np.array(found[::-1])


def _moments(data: Data) -> tuple[np.ndarray, np.ndarray, float]:
    """Distinct x; weighted sums at each; and χ² that equal x have among themselves.

    The sums are of w, wx, wx², and for each output wy, wxy, wy², all outputs stacked. About the
    mean, so that differences of running sums keep their digits.
    """
    x, which = np.unique(data.inputs[:, 0], return_inverse=True)
    weight = 1 / data.noise.sigma**2
    middle = x[0] + (x[-1] - x[0]) / 2
    t = (data.inputs[:, :1] - middle) / max(x[-1] - middle, 1e-300)
    y = data.y - (weight * data.y).sum(axis=0) / weight.sum(axis=0)
    terms = [weight, weight * t, weight * t**2, weight * y, weight * t * y, weight * y**2]
    sums = np.array([[np.bincount(which, column) for column in term.T] for term in terms])
    # A mean at each x stands for its points; what they differ by no curve can remove.
    excess = float(np.sum(sums[5] - sums[3] ** 2 / sums[0]))
    sums[5] = sums[3] ** 2 / sums[0]
    return x, sums.reshape(-1, len(x)), excess


def _misfit(sums: np.ndarray, degree: int) -> np.ndarray:
    """χ² of one piece, from its sums; shape (pieces,)."""
    w, wt, wtt, wy, wty, wyy = sums.reshape(6, -1, sums.shape[1])
    left = wyy - wy**2 / w
    if degree == 1:
        spread = np.maximum(wtt - wt**2 / w, 1e-14 * wtt + 1e-300)
        left = left - (wty - wt * wy / w) ** 2 / spread
    return np.maximum(left, 0.0).sum(axis=0)


def solved(model: Piecewise, data: Data, breaks: np.ndarray) -> np.ndarray:
    """The parameters of a resolved model with given breaks: each piece solved by itself.

    Args:
        model: The resolved model.
        data: The checked data, with independent errors.
        breaks: Increasing, shape (n_breaks,).
    """
    x, found = data.inputs[:, 0], []
    piece = (x[:, None] >= breaks).sum(axis=1)
    for k in range(len(breaks) + 1):
        own = piece == k
        middle = x[own].mean()
        powers = np.vander(x[own] - middle, model.degree + 1, increasing=True)
        outputs = zip(data.noise.sigma[own].T, data.y[own].T, strict=True)
        each = [np.linalg.lstsq(powers / s[:, None], y / s, rcond=None)[0] for s, y in outputs]
        solution = np.array(each).T
        if model.degree == 1:
            solution[0] -= solution[1] * middle
        found.append(solution)
    return np.concatenate([breaks, np.array(found).transpose(1, 0, 2).ravel()])


@dataclasses.dataclass(frozen=True, eq=False)
class Segmentation(AbstractSearch):
    """Exact search for the breaks of a `Piecewise` model: least squares, independent errors.

    Attributes:
        model: The resolved model.
        data: The checked data.
    """

    model: Piecewise
    data: Data

    def search(
        self,
        problem: AbstractProblem,
        minimizer: AbstractMinimizer,
        *,
        rng: np.random.Generator,
        budget: Budget,
        report: Report,
    ) -> tuple[Minima, Evidence]:
        """Find the lowest minimum; neither minimizer nor randomness is needed."""
        n_breaks, degree = self.model.n_breaks, self.model.degree
        n = len(np.unique(self.data.x))
        if n <= MOST_PLACES:
            found = [cut(self.data, n_breaks, degree)]
            said = EXACT.format(n=n, pieces=n_breaks + 1)
        else:
            found = [self._thinned(n, shift) for shift in (0.0, 0.5)]
            agree = "agree" if self._is_same(found) else "do not agree"
            said = THINNED.format(places=MOST_PLACES // 2, n=n, agree=agree)
        best = min(found, key=lambda cuts: cuts.value[n_breaks])
        point = solved(self.model, self.data, best.breaks(n_breaks))
        value = problem.value(point[None])
        report("segmentation", float(value[0]))
        minima = Minima(point[None], value, (Status.converged,), np.array([1]))
        is_confirmed = self._is_same(found)
        values = tuple(sorted({float(cuts.value[n_breaks]) for cuts in found}))
        n_agree = len(found) if is_confirmed else 1
        gap = values[1] - values[0] if len(values) > 1 and not is_confirmed else float("nan")
        evidence = Evidence(
            *(len(found), len(found), len(values), n_agree, gap, is_confirmed, values, (said,)),
            missed=0.0 if n <= MOST_PLACES else float("nan"),
        )
        return minima, evidence

    def _is_same(self, found: list[Cuts]) -> bool:
        breaks = [cuts.breaks(self.model.n_breaks) for cuts in found]
        return all(np.array_equal(breaks[0], other) for other in breaks)

    def _thinned(self, n: int, shift: float) -> Cuts:
        """First some of the places, then all near the breaks that were found there."""
        n_breaks, degree = self.model.n_breaks, self.model.degree
        step = 2 * n / MOST_PLACES
        places = np.unique(np.append(((np.arange(1, n / step) - shift) * step).astype(int), n))
        places = places[places > 0]
        for _ in range(3):
            ends = cut(self.data, n_breaks, degree, places).ends[n_breaks][:-1]
            near = (ends[:, None] + np.arange(-AROUND, AROUND + 1)).ravel()
            more = np.union1d(places, np.clip(near, 1, n))
            if len(more) == len(places):
                break
            places = more
        return cut(self.data, n_breaks, degree, places)

    def __str__(self) -> str:
        return "segmentation"
