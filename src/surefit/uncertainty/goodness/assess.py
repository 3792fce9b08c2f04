"""All statistics of the pulls of a fit, with probabilities from toys that were fitted as well."""

import dataclasses

import numpy as np

from surefit.annotations import Float
from surefit.uncertainty.fit_record import FitRecord
from surefit.uncertainty.goodness.assessment import UNKNOWN, Along, Assessment, Check, Part
from surefit.uncertainty.goodness.distribution import anderson_darling, kolmogorov_smirnov
from surefit.uncertainty.goodness.influence import influence_of
from surefit.uncertainty.goodness.neighbors import (
    count_runs,
    lag_correlations,
    von_neumann_ratio,
)
from surefit.uncertainty.goodness.pulls import Pulls, pulls_of
from surefit.uncertainty.goodness.scan import (
    Stretches,
    scan_statistic,
    significant_stretches,
    stretches,
)
from surefit.uncertainty.goodness.toys import number_of_toys, toy_pulls

# Probability below which something is called significant: of good fits one in a hundred has it.
LEVEL = 0.01
# Probability that any of the stretches listed beside a significant one is there by chance.
LISTED = 0.1
# Shortest stretches for a shift of the pulls, and for a change of their width.
SHIFT, WIDTH = 2, 8
# Largest share of the points that can be outliers: more are the rule, and the model is wrong. It is
# smaller where no neighborhood tells whether a point is unlike those around it.
MOST_SHARE, MOST_SHARE_ALONE = 0.25, 0.02
# Points in the neighborhood from which an outlier stands out.
NEIGHBORS = 7
# Lags of the autocorrelation.
LAGS = 40
# Relative range of a statistic below which too few points leave it nothing to vary.
SAME = 1e-4
SEED = 0


@dataclasses.dataclass(frozen=True, eq=False)
class _Ordering:
    """The points along one input, and the stretches of each output that are scanned."""

    order: np.ndarray
    shift: tuple[Stretches, ...]
    width: tuple[Stretches, ...]


def assess(fit: FitRecord, refitted: Float[np.ndarray, "k n m"] | None = None) -> Assessment:
    """Compute every statistic for the data and for toys of the same fit.

    Args:
        fit: The fit.
        refitted: Pulls of toys that were refitted; if None, toys are drawn without refitting.

    Returns:
        The assessment; the same each time, as the toys' seed is fixed.

    Raises:
        NotAvailable: The residuals say nothing; see `pulls_of`.
    """
    pulls = pulls_of(fit)
    orderings = [_ordering(pulls, column) for column in pulls.x.T]
    every = np.ones(pulls.values.shape, dtype=bool)
    if refitted is None:
        n_toys = number_of_toys(pulls.values.size)
        drawn = toy_pulls(pulls, n_toys, np.random.default_rng(SEED))
    else:
        n_toys, drawn = len(refitted), [refitted]
    chunks = [_statistics(rows, orderings, every) for rows in drawn]
    toys = {name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]}
    # An outlier is told of by itself; it must not make a stretch of all that lie around it.
    usual = ~_outlying(pulls, float(np.quantile(toys["largest"], 1 - LEVEL)))
    found = _statistics(pulls.values[None], orderings, usual)
    checks = {name: _check(name, float(found[name][0]), toys[name]) for name in toys}
    outliers = sorted(np.argwhere(~usual).tolist(), key=lambda at: -abs(pulls.values[tuple(at)]))
    return Assessment(
        pulls=pulls,
        influence=influence_of(pulls, fit.data),
        n_toys=n_toys,
        width=UNKNOWN if pulls.is_scaled else checks["width"],
        largest=checks["largest"],
        outliers=tuple((int(pulls.index[i]), int(k)) for i, k in outliers),
        kolmogorov_smirnov=checks["kolmogorov_smirnov"],
        anderson_darling=checks["anderson_darling"],
        along=tuple(
            _along(pulls, usual, j, ordering, checks, toys) for j, ordering in enumerate(orderings)
        ),
    )


def _outlying(pulls: Pulls, critical: float) -> np.ndarray:
    """Mask of pulls too large for the largest of so many, and unlike those of their neighbors."""
    # Where all errors are too small, all pulls are too large, and none an outlier.
    usual = 1.4826 * float(np.median(np.abs(pulls.values)))
    critical *= max(1.0, usual)
    is_large = np.abs(pulls.values) > critical
    share = MOST_SHARE_ALONE
    if pulls.x.shape[1] == 1 and len(pulls.x) > 2 * NEIGHBORS:
        share = MOST_SHARE
        # Where a model is wrong over a stretch, all pulls of it are large, and none an outlier.
        padding = ((NEIGHBORS // 2,) * 2, (0, 0))
        around = np.lib.stride_tricks.sliding_window_view(
            np.pad(pulls.values, padding, mode="reflect"), NEIGHBORS, axis=0
        )
        is_large &= np.abs(pulls.values - np.median(around, axis=2)) > critical
    few = max(1, int(share * is_large.size))
    return is_large if is_large.sum() <= few else np.zeros_like(is_large)


def _ordering(pulls: Pulls, column: np.ndarray) -> _Ordering:
    order = np.argsort(column, kind="stable")
    n, m = pulls.values.shape
    absorbed = pulls.absorbed.reshape(n, m, -1)[order]
    inverse = np.where(pulls.room > 0, 1 / np.where(pulls.room > 0, pulls.room, 1.0), 0.0)[order]
    nothing = np.zeros((n, 0))
    shift = tuple(
        stretches(absorbed[:, k] * inverse[:, [k]], inverse[:, k] ** 2, SHIFT) for k in range(m)
    )
    # The square of a normal number has variance 2.
    return _Ordering(order, shift, (stretches(nothing, np.full(n, 2.0), WIDTH),) * m)


def _statistics(
    rows: Float[np.ndarray, "k n m"], orderings: list[_Ordering], usual: np.ndarray
) -> dict[str, np.ndarray]:
    """Every statistic of each set of pulls, by name; stretches are scanned without outliers."""
    flat = rows.reshape(len(rows), -1)
    found = {
        "width": np.sqrt(np.mean(flat**2, axis=1)),
        "largest": np.abs(flat).max(axis=1),
        "kolmogorov_smirnov": kolmogorov_smirnov(flat),
        "anderson_darling": anderson_darling(flat),
    }
    for j, along in enumerate(orderings):
        sorted_rows = rows[:, along.order]
        ratio = von_neumann_ratio(sorted_rows)
        neighbors = np.sum(sorted_rows[:, 1:] * sorted_rows[:, :-1], axis=(1, 2))
        found[f"runs {j}"] = count_runs(sorted_rows)
        found[f"von_neumann {j}"] = ratio
        found[f"lag_correlation {j}"] = neighbors / np.sum(flat**2, axis=1)
        for name, chosen in (("shift", along.shift), ("width", along.width)):
            terms = _terms(name, sorted_rows, usual[along.order])
            scans = [scan_statistic(terms[:, :, k].copy(), s) for k, s in enumerate(chosen)]
            found[f"{name} {j}"] = np.max(scans, axis=0)
    return found


def _terms(name: str, rows: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """What is summed over stretches, outliers left out; shape (…, n, m).

    Both are in units of the pulls' own size, so that errors that are too small everywhere do not
    make patterns of noise: for a shift of that which differences of neighbors have, in which a
    pattern is hardly seen (Rice 1984, Ann. Stat. 12, 1215), for a width of the mean.
    """
    rows = np.where(usual, rows, 0.0)
    if name == "shift":
        steps = np.diff(rows, axis=-2) ** 2 * (usual[1:] & usual[:-1])
        n_steps = max(int(np.sum(usual[1:] & usual[:-1])), 1)
        size = np.sqrt(np.sum(steps, axis=(-2, -1), keepdims=True) / (2 * n_steps))
        return rows / np.where(size > 0, size, 1.0)
    mean = np.sum(rows**2, axis=(-2, -1), keepdims=True) / max(int(usual.sum()), 1)
    return np.where(usual, rows**2 / np.where(mean > 0, mean, 1.0) - 1, 0.0)


def _check(name: str, statistic: float, toys: np.ndarray) -> Check:
    """A statistic against its toys; where both a small and a large value speak against, twice."""
    above = (1 + np.sum(toys >= statistic)) / (1 + len(toys))
    below = (1 + np.sum(toys <= statistic)) / (1 + len(toys))
    two_sided = name == "width" or name.split()[0] in ("runs", "von_neumann", "lag_correlation")
    pvalue = min(2 * min(above, below), 1.0) if two_sided else above
    if np.ptp(toys) <= SAME * np.max(np.abs(toys)):
        pvalue = float("nan")
    return Check(statistic, float(np.mean(toys)), float(np.std(toys)), float(pvalue))


def _along(
    pulls: Pulls,
    usual: np.ndarray,
    j: int,
    ordering: _Ordering,
    checks: dict[str, Check],
    toys: dict[str, np.ndarray],
) -> Along:
    values = pulls.values[ordering.order]
    parts: dict[str, tuple[Part, ...]] = {}
    for name, chosen in (("shift", ordering.shift), ("width", ordering.width)):
        # Once there is something, all of its places are wanted.
        level = LISTED if checks[f"{name} {j}"].pvalue <= LEVEL else LEVEL
        critical = float(np.quantile(toys[f"{name} {j}"], 1 - level))
        terms = _terms(name, values, usual[ordering.order])
        parts[name] = tuple(
            _part(name, pulls.x[ordering.order, j], values[:, k], s.first, s.end, k)
            for k in range(values.shape[1])
            for s in significant_stretches(terms[:, k], chosen[k], critical)
        )
    return Along(
        input=j,
        runs=checks[f"runs {j}"],
        von_neumann=checks[f"von_neumann {j}"],
        lag_correlation=checks[f"lag_correlation {j}"],
        shift=checks[f"shift {j}"],
        width=checks[f"width {j}"],
        shifted=parts["shift"],
        widened=parts["width"],
        autocorrelation=lag_correlations(values, min(LAGS, len(values) - 1)),
    )


def _part(name: str, x: np.ndarray, values: np.ndarray, first: int, end: int, output: int) -> Part:
    chosen = values[first:end]
    size = np.mean(chosen) if name == "shift" else np.sqrt(np.mean(chosen**2))
    return Part(float(x[first]), float(x[end - 1]), float(size), end - first, output)
