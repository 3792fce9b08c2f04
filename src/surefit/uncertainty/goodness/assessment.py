"""What is found out about the residuals of a fit, as plain records."""

import dataclasses

import numpy as np

from surefit.uncertainty.goodness.influence import Influence
from surefit.uncertainty.goodness.pulls import Pulls


@dataclasses.dataclass(frozen=True)
class Check:
    """One statistic of the pulls against what toys of the same fit give.

    Attributes:
        statistic: Its value for the data.
        expected: Its mean over the toys.
        spread: Its standard deviation over the toys.
        pvalue: Probability of a value at least as unlikely if model and errors are right, from
            the toys: never below 1/(toys + 1) (Davison and Hinkley 1997, *Bootstrap Methods*,
            eq. 4.11).
    """

    statistic: float
    expected: float
    spread: float
    pvalue: float


UNKNOWN = Check(*(float("nan"),) * 4)


@dataclasses.dataclass(frozen=True)
class Part:
    """A stretch of neighboring points along one input.

    Attributes:
        low: x of its first point.
        high: x of its last point.
        size: Mean of its pulls, or their root mean square.
        n_points: How many points it has.
        output: Of which output.
    """

    low: float
    high: float
    size: float
    n_points: int
    output: int


@dataclasses.dataclass(frozen=True, eq=False)
class Along:
    """The pulls along one input.

    Attributes:
        input: Which input, 0 for the first.
        runs: Number of runs of one sign; few if neighbors go together.
        von_neumann: Mean squared difference of neighbors over the mean square, near 2.
        lag_correlation: Correlation of neighbors.
        shift: The stretch of points whose pulls are most clearly off zero, all looked at.
        width: The stretch whose pulls are most clearly too wide or too narrow.
        shifted: Stretches off zero, their size the mean pull: those significant at 1 %, and if
            there are any, those at 10 %, for the largest of all.
        widened: Stretches of another width, their size that width; chosen in the same way.
        autocorrelation: At lags of 1, 2, … points.
    """

    input: int
    runs: Check
    von_neumann: Check
    lag_correlation: Check
    shift: Check
    width: Check
    shifted: tuple[Part, ...]
    widened: tuple[Part, ...]
    autocorrelation: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class Assessment:
    """What the residuals of a fit say.

    Attributes:
        pulls: The pulls.
        influence: Of every point.
        n_toys: Number of toys behind every probability.
        width: Root mean square of the pulls, expected 1; NaN where their size was estimated.
        largest: The largest pull, all points looked at.
        outliers: Places (point, output) of pulls that are too large for the largest of so many;
            points numbered as in the data.
        kolmogorov_smirnov: Distance of the pulls' distribution from a normal one.
        anderson_darling: The same with weight on the tails.
        along: The pulls along each input.
    """

    pulls: Pulls
    influence: Influence
    n_toys: int
    width: Check
    largest: Check
    outliers: tuple[tuple[int, int], ...]
    kolmogorov_smirnov: Check
    anderson_darling: Check
    along: tuple[Along, ...]
