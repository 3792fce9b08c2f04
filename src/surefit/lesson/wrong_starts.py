"""How often MIGRAD finds the answer, against how far from it it starts; ours has no start."""

import dataclasses
import time
from collections.abc import Callable, Mapping

import numpy as np

from surefit.fitting import fit
from surefit.lesson.peers import migrad
from surefit.lesson.sample import (
    TOSS_TRUE_VALUES,
    TRUE_VALUES,
    Array,
    Sample,
    ansatz,
    draw_sample,
    draw_toss,
    toss,
)

DISTANCES = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
FACTORS = (-10.0, -3.0, -1.0, 0.0, 0.1, 0.3, 0.5, 0.8, 0.9, 1.0, 1.1, 1.25, 2.0, 3.0, 10.0)
NEGLIGIBLE = 0.1  # in χ²: MIGRAD stops when it expects to gain less than 0.0002, give or take


@dataclasses.dataclass(frozen=True, eq=False)
class Success:
    """How often one theory was fitted with success; χ² no larger than the truth's is success.

    Attributes:
        title: The theory.
        distances: Relative distance of every parameter's start from its true value.
        rates: MIGRAD's rate of success at each.
        n_starts: Starts at each distance.
        names: Parameters that were started at wrong values one at a time.
        factors: Start of that one parameter in units of its true value.
        one_at_a_time: Whether MIGRAD succeeded, shape (names, factors).
        migrad_seconds: Mean time of one MIGRAD.
        n_samples: Samples on which ours was tried, each drawn anew.
        n_successes: On how many of them it succeeded, from no start.
        our_seconds: Its median time.
    """

    title: str
    distances: tuple[float, ...]
    rates: tuple[float, ...]
    n_starts: int
    names: tuple[str, ...]
    factors: tuple[float, ...]
    one_at_a_time: np.ndarray
    migrad_seconds: float
    n_samples: int
    n_successes: int
    our_seconds: float

    def document(self) -> dict[str, object]:
        """What the JSON document says of it."""
        fields = dataclasses.asdict(self)
        return fields | {"one_at_a_time": self.one_at_a_time.tolist()}


def toss_success(rng: np.random.Generator, n_starts: int, n_samples: int) -> Success:
    """The tossed object: smooth in its four parameters."""
    return _success("tossed object", toss, TOSS_TRUE_VALUES, draw_toss, rng, n_starts, n_samples)


def ansatz_success(rng: np.random.Generator, n_starts: int, n_samples: int) -> Success:
    """The lesson's ansatz: six parameters, two of which move steps."""
    return _success("ansatz with steps", ansatz, TRUE_VALUES, draw_sample, rng, n_starts, n_samples)


def is_success(chi2: float, sample: Sample) -> bool:
    """Whether a fit is at least as good as the truth, to MIGRAD's own tolerance."""
    return bool(chi2 <= sample.true_chi2 + NEGLIGIBLE)


def _success(
    title: str,
    function: Callable[..., Array],
    true_values: Mapping[str, float],
    draw: Callable[[np.random.Generator], Sample],
    rng: np.random.Generator,
    n_starts: int,
    n_samples: int,
) -> Success:
    samples = [draw(rng) for _ in range(n_samples)]
    sample = samples[0]
    true = np.array(list(true_values.values()))

    def succeeds(start: Array) -> bool:
        named = dict(zip(true_values, map(float, start), strict=True))
        return is_success(migrad(sample, function, named, "", "").chi2, sample)

    began = time.perf_counter()
    rates = []
    for distance in DISTANCES:
        signs = rng.choice([-1.0, 1.0], (n_starts, len(true)))
        rates.append(float(np.mean([succeeds(true * (1 + distance * row)) for row in signs])))
    one_at_a_time = np.zeros((len(true), len(FACTORS)), dtype=bool)
    for i, j in np.ndindex(one_at_a_time.shape):
        start = true.copy()
        start[i] *= FACTORS[j]
        one_at_a_time[i, j] = succeeds(start)
    n_fits = n_starts * len(DISTANCES) + one_at_a_time.size
    migrad_seconds = (time.perf_counter() - began) / n_fits
    ours = [fit(own.x, own.y, function, own.yerr) for own in samples]
    return Success(
        title=title,
        distances=DISTANCES,
        rates=tuple(rates),
        n_starts=n_starts,
        names=tuple(true_values),
        factors=FACTORS,
        one_at_a_time=one_at_a_time,
        migrad_seconds=migrad_seconds,
        n_samples=n_samples,
        n_successes=sum(is_success(f.chi2, own) for f, own in zip(ours, samples, strict=True)),
        our_seconds=float(np.median([f.seconds for f in ours])),
    )
