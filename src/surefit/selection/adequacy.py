"""Whether anything larger than a model would gain more than noise lets it: one calibrated p-value.

A fitted model is inadequate where a larger one improves on it. Every larger model begins with some
direction outside the tangent of this one: one more degree, harmonic, step, kink, sigmoid or bump.
The gain in χ² of each is a score test (Rao 1948); of a family of them the largest is taken, whose
distribution is no χ² (Davies 1977; Gross & Vitells 2010), so that it is drawn: toys of the noise,
projected as a refit would do it, go through the same tests. The smallest of several p-values is
calibrated on the same toys (Westfall & Young 1993, section 2.3), which takes their correlation into
account. Degrees and harmonics are compared as in Neyman's smooth tests with a chosen order (Eubank
& Hart 1992; Ledwina 1994).
"""

import dataclasses
import math

import numpy as np
from scipy import special

from surefit.selection.directions import Cells, Group
from surefit.selection.gains import Found, Gains, gains_alone, ordered

# Toys for each test.
TOYS = 999
# A bound on the p-value below which toys are not needed to say no; and the least that is told.
CLEAR = 1e-5
# Singular values of a tangent, relative to the largest with columns of unit length, that count.
LEAST = 1e-7


@dataclasses.dataclass(frozen=True)
class Adequacy:
    """What speaks against a model.

    Attributes:
        pvalue: Probability that noise alone would let a larger model look as much better, all
            tests together; calibrated by toys.
        gain: How much −2 ln L would fall by the most significant direction, to first order.
        missing: What that is: `polynomial`, `waves`, `step`, `kink`, `sigmoid`, `bump`, or `chi2`
            where the size of the residuals alone speaks against the model.
        place: Where, in the unit of x; NaN if that has no meaning.
        is_bound: Whether `pvalue` is an upper limit rather than the value.
    """

    pvalue: float
    gain: float
    missing: str
    place: float
    is_bound: bool


@dataclasses.dataclass(frozen=True, eq=False)
class Examiner:
    """The tests for one data set; the same toys and directions serve all models.

    Attributes:
        cells: The points.
        groups: The directions.
        noise: Toys of the whitened noise, shape (C, toys).
        products: Each direction times each toy, shape (k, toys).
        squares: Squared lengths of the directions, shape (k,).
        remainder: χ² of each toy within the cells, shape (toys,).
        n_values: Measured values.
        is_absolute: Whether errors were given.
    """

    cells: Cells
    groups: tuple[Group, ...]
    noise: np.ndarray
    products: np.ndarray
    squares: np.ndarray
    remainder: np.ndarray
    n_values: int
    is_absolute: bool

    def examine(
        self, residuals: np.ndarray, chi2: float, tangent: np.ndarray, spent: float
    ) -> Adequacy:
        """Test one fitted model.

        Args:
            residuals: Whitened residuals of the cells, shape (C,).
            chi2: Sum of squared residuals of all points, in units of σ where known.
            tangent: Whitened derivatives at the cells, shape (C, p).
            spent: Effective degrees of freedom of the fit.
        """
        basis = _orthonormal(tangent)
        freedom = self.n_values - max(spent, basis.shape[1])
        if freedom < 1:
            return Adequacy(math.nan, math.nan, "", math.nan, False)
        data = residuals - basis @ (basis.T @ residuals)
        unit = 1.0 if self.is_absolute else chi2 / freedom
        # Exact data leave rounding: nothing is missing in it.
        if not unit > 0:
            return Adequacy(1.0, 0.0, "", math.nan, False)
        gains = self._all_gains(basis, data)
        found = [gain.of(unit) for gain in gains]
        bound = self._bound(found, chi2, freedom)
        if bound.pvalue < CLEAR:
            return bound
        return self._by_toys(found, basis, chi2, freedom, bound)

    def _all_gains(self, basis: np.ndarray, data: np.ndarray | None) -> list[Gains]:
        """What the directions gain on the data, or on the toys if there are none."""
        vectors = self.noise if data is None else data
        absorbed, found = basis.T @ vectors, []
        squares, toys = self._by_group(self.squares), self._by_group(self.products)
        for group, square, products in zip(self.groups, squares, toys, strict=True):
            if group.is_ordered:
                found.append(ordered(group, basis).gains(vectors))
                continue
            shadow = group.columns @ basis
            products = group.columns @ data if data is not None else products - shadow @ absorbed
            found.append(gains_alone(group, shadow, products, square))
        return found

    def _by_group(self, array: np.ndarray) -> list[np.ndarray]:
        ends = np.cumsum([len(group.columns) for group in self.groups])
        return np.split(array, ends[:-1])

    def _bound(self, found: list[Found], chi2: float, freedom: float) -> Adequacy:
        """An upper limit of the p-value, by Bonferroni's inequality over all directions."""
        n_tests = len(found) + self.is_absolute
        whole = float(special.chdtrc(freedom, chi2)) if self.is_absolute else 1.0
        best = min(found, key=lambda one: one.bound)
        if whole <= best.bound:
            return Adequacy(min(1.0, n_tests * whole), chi2 - freedom, "chi2", math.nan, True)
        pvalue = min(1.0, n_tests * best.bound)
        return Adequacy(pvalue, best.gain, best.name, best.place, True)

    def _by_toys(
        self,
        found: list[Found],
        basis: np.ndarray,
        chi2: float,
        freedom: float,
        bound: Adequacy,
    ) -> Adequacy:
        absorbed = basis.T @ self.noise
        total = np.sum(self.noise**2, axis=0) - np.sum(absorbed**2, axis=0) + self.remainder
        # What a search spends beyond its tangent lowers χ² of the toys as it does that of the data.
        total = total * (freedom / (self.n_values - basis.shape[1]))
        unit = np.ones(len(total)) if self.is_absolute else total / freedom
        columns = [gains.statistic(unit) for gains in self._all_gains(basis, None)]
        observed = [one.statistic for one in found]
        if self.is_absolute:
            columns.append(total)
            observed.append(chi2)
        names = [*found, None]
        own, among = _ranks(np.array(columns), np.array(observed))
        worst = int(own.argmin())
        pvalue = (1 + np.sum(among.min(axis=0) <= own.min())) / (1 + len(total))
        one = names[worst]
        if one is None:
            return Adequacy(float(pvalue), chi2 - freedom, "chi2", math.nan, False)
        is_bound = bool(bound.pvalue < 1 / len(total) and bound.pvalue < pvalue)
        pvalue = bound.pvalue if is_bound else float(pvalue)
        return Adequacy(pvalue, one.gain, one.name, one.place, is_bound)


def _orthonormal(tangent: np.ndarray) -> np.ndarray:
    """A basis of what the columns span, to rounding."""
    norm = np.linalg.norm(tangent, axis=0)
    tangent = tangent[:, norm > 0] / norm[norm > 0]
    if not tangent.shape[1]:
        return np.zeros((len(tangent), 0))
    left, size, _ = np.linalg.svd(tangent, full_matrices=False)
    return left[:, size > LEAST * size[0]]


def _ranks(toys: np.ndarray, observed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """p-values of the data and of each toy among the toys, for each test.

    Args:
        toys: Shape (tests, B), larger is more significant.
        observed: Shape (tests,).
    """
    n = toys.shape[1]
    order = np.sort(toys, axis=1)
    among = np.array(
        [
            (n - np.searchsorted(row, values, side="left")) / n
            for row, values in zip(order, toys, strict=True)
        ]
    )
    own = np.array(
        [
            (n - np.searchsorted(row, value, side="left") + 1) / (n + 1)
            for row, value in zip(order, observed, strict=True)
        ]
    )
    return own, among


def examiner(
    cells: Cells, groups: tuple[Group, ...], n_values: int, is_absolute: bool, rng
) -> Examiner:
    """Draw the toys once.

    Args:
        cells: The points.
        groups: The directions, of these points.
        n_values: Measured values, before they were gathered.
        is_absolute: Whether errors were given.
        rng: Source of randomness.
    """
    n = len(cells.root)
    noise = rng.standard_normal((n, TOYS))
    columns = np.concatenate([group.columns for group in groups])
    left = n_values - n
    remainder = rng.chisquare(left, TOYS) if left else np.zeros(TOYS)
    squares = np.sum(columns**2, axis=1)
    return Examiner(
        cells, groups, noise, columns @ noise, squares, remainder, n_values, is_absolute
    )
