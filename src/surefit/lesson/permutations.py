"""The permutation experiment: one network, n! · 2^n equal minima, and ridges between them."""

import dataclasses
import itertools
import math

import numpy as np

from surefit.bases.sigmoids import Sigmoids
from surefit.fitting import fit
from surefit.lesson.attempt import Attempt
from surefit.lesson.sample import Array, Sample

N_PATHS = 6
N_ON_PATH = 201


@dataclasses.dataclass(frozen=True, eq=False)
class Permutations:
    """What happens to a fitted sum of sigmoids when its units change places.

    Attributes:
        n_units: Number of units.
        n_copies: How many permutations there are, n!; all were tried.
        largest_difference: Largest difference of χ² among them.
        largest_canonical_difference: Largest difference of a parameter among the canonical forms
            of all permutations, relative to its size.
        refitted_chi2: χ² after refitting from some permutations as starts.
        refitted_difference: Largest difference of a reported parameter among these refits,
            relative to its size.
        along: Positions on the straight paths between the minimum and permuted copies, 0 to 1.
        paths: χ² there, shape (paths, positions).
    """

    n_units: int
    n_copies: int
    largest_difference: float
    largest_canonical_difference: float
    refitted_chi2: tuple[float, ...]
    refitted_difference: float
    along: Array
    paths: Array

    def document(self) -> dict[str, object]:
        """What the JSON document says of it."""
        return {
            "n_units": self.n_units,
            "n_copies": self.n_copies,
            "largest_difference": self.largest_difference,
            "largest_canonical_difference": self.largest_canonical_difference,
            "refitted_chi2": list(self.refitted_chi2),
            "refitted_difference": self.refitted_difference,
            "lowest_ridge": float(self.paths.max(axis=1).min()),
        }


def permute(
    attempt: Attempt, sample: Sample, rng: np.random.Generator, n_refits: int
) -> Permutations:
    """Exchange the units of a fitted sum of sigmoids in every way.

    Args:
        attempt: What `attempts.sigmoids` returned.
        sample: The points.
        rng: Chooses the permutations that are drawn and refitted.
        n_refits: How many permutations are refitted.
    """
    result = attempt.fit
    assert result is not None
    model = result.model.direct()
    assert isinstance(model, Sigmoids)
    n, best = model.n, np.array(list(result.values.values()))
    orders = np.array(list(itertools.permutations(range(n))))
    copies = best.reshape(3, n)[:, orders].transpose(1, 0, 2).reshape(len(orders), -1)
    chi2 = np.array([sample.chi2(model.evaluate(copy, sample.x)[:, 0]) for copy in copies])
    canonical = np.array([model.canonical(copy) for copy in copies])
    chosen = copies[rng.choice(np.arange(1, len(copies)), min(N_PATHS, len(copies) - 1), False)]
    along = np.linspace(0.0, 1.0, N_ON_PATH)
    refits = [_refit(model, copy, sample) for copy in chosen[:n_refits]]
    values = np.array([list(refit.values.values()) for refit in refits]).reshape(-1, len(best))
    return Permutations(
        n_units=n,
        n_copies=math.factorial(n),
        largest_difference=float(np.ptp(chi2)),
        largest_canonical_difference=_spread(canonical),
        refitted_chi2=tuple(refit.chi2 for refit in refits),
        refitted_difference=_spread(np.vstack([best[None], values])),
        along=along,
        paths=np.array([_chi2_between(model, best, copy, along, sample) for copy in chosen]),
    )


def _refit(model: Sigmoids, copy: Array, sample: Sample):
    names = model.parameters().names
    start = dict(zip(names, map(float, copy), strict=True))
    return fit(sample.x, sample.y, Sigmoids(model.n), sample.yerr, start=start)


def _chi2_between(
    model: Sigmoids, first: Array, second: Array, along: Array, sample: Sample
) -> Array:
    points = first + along[:, None] * (second - first)
    return np.array([sample.chi2(model.evaluate(point, sample.x)[:, 0]) for point in points])


def _spread(rows: Array) -> float:
    scale = np.abs(rows[0])
    return float(np.max(np.ptp(rows, axis=0) / np.where(scale == 0, 1.0, scale)))
