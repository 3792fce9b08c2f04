"""How often intervals contain the truth, counted over toys, with what the counting can miss."""

import dataclasses

import numpy as np

from surefit.uncertainty.toy_fits import ToyFits


@dataclasses.dataclass(frozen=True)
class Covered:
    """A coverage that was counted.

    Attributes:
        level: What was stated.
        share: What was found.
        error: Its binomial error: that of `level`, were it true, if the share is 0 or 1.
    """

    level: float
    share: float
    error: float

    @property
    def pull(self) -> float:
        """How far it is from what was stated, in binomial errors of that."""
        return (self.share - self.level) / self.error if self.error > 0 else float("nan")


@dataclasses.dataclass(frozen=True)
class ParameterCoverage:
    """How the errors of one parameter behave.

    Attributes:
        name: The parameter.
        symmetric: Coverage of value ± error at each level; empty where there is no error.
        profile: Coverage of the profile interval at each level; empty where not asked for.
        mean_pull: Mean of (value − truth) / error over the toys: the bias in errors.
        pull_width: Their standard deviation; 1 if the error is right.
        factor: What the error has to be multiplied with to cover 68.27 % of the toys.
        n_toys: Toys that gave the parameter an error.
    """

    name: str
    symmetric: tuple[Covered, ...]
    profile: tuple[Covered, ...]
    mean_pull: float
    pull_width: float
    factor: float
    n_toys: int


@dataclasses.dataclass(frozen=True, eq=False)
class BandCoverage:
    """How the band of the curve behaves.

    Attributes:
        x: Where, (g,) or (g, d).
        levels: What was stated, l levels.
        shares: Coverage at each x, shape (l, g·m).
        means: Coverage averaged over x, with its error from toy to toy; one for each level.
        factor: What the band has to be widened by for its mean to cover 68.27 % of the toys.
        mean_pull: Mean over toys and x of (curve − truth) / error.
        pull_width: Root mean square of their standard deviations over x.
    """

    x: np.ndarray
    levels: tuple[float, ...]
    shares: np.ndarray
    means: tuple[Covered, ...]
    factor: float
    mean_pull: float
    pull_width: float


def counted(level: float, inside: np.ndarray) -> Covered:
    """The coverage that was counted, with its binomial error.

    Example:
        >>> counted(0.5, np.array([True, True, True, False]))
        Covered(level=0.5, share=0.75, error=0.25)
    """
    n = len(inside)
    if not n:
        return Covered(level, float("nan"), float("nan"))
    return Covered(level, float(inside.mean()), float(np.sqrt(level * (1 - level) / n)))


def parameter_coverage(
    toys: ToyFits, place: int, truth: float, levels: tuple[float, ...], profiled: int | None
) -> ParameterCoverage:
    """Coverage of one parameter.

    Args:
        toys: The fits of the toys.
        place: Which of the reported parameters.
        truth: What the toys were drawn with.
        levels: What the intervals state.
        profiled: Its place among the profiled parameters, or None.
    """
    has_error = toys.is_minimum & (toys.errors[:, place] > 0)
    pulls = (toys.values[has_error, place] - truth) / toys.errors[has_error, place]
    half = toys.quantiles[has_error]
    symmetric = tuple(
        counted(level, np.abs(pulls) <= half[:, i]) for i, level in enumerate(levels) if len(pulls)
    )
    profile: tuple[Covered, ...] = ()
    if profiled is not None and toys.intervals is not None:
        ends = toys.intervals[:, :, profiled]
        known = toys.is_minimum & np.isfinite(ends).any(axis=(1, 2))
        # An end that does not exist excludes nothing.
        lower = np.where(np.isnan(ends[known, :, 0]), -np.inf, ends[known, :, 0])
        upper = np.where(np.isnan(ends[known, :, 1]), np.inf, ends[known, :, 1])
        inside = (lower <= truth) & (truth <= upper)
        profile = tuple(
            counted(level, inside[:, i]) for i, level in enumerate(levels) if known.any()
        )
    return ParameterCoverage(
        toys.names[place],
        symmetric,
        profile,
        float(pulls.mean()) if len(pulls) else float("nan"),
        float(pulls.std(ddof=1)) if len(pulls) > 1 else float("nan"),
        _factor(np.abs(pulls) / half[:, 0], levels[0]),
        len(pulls),
    )


def band_coverage(
    toys: ToyFits, x: np.ndarray, truth: np.ndarray, levels: tuple[float, ...]
) -> BandCoverage:
    """Coverage of the band at each x, and averaged over x.

    Args:
        toys: The fits of the toys.
        x: Where their curves were read.
        truth: The curve that they were drawn from, shape (g·m,).
        levels: What the bands state.
    """
    good = toys.is_minimum & np.isfinite(toys.curve_errors).all(axis=1)
    errors = toys.curve_errors[good]
    with np.errstate(invalid="ignore", divide="ignore"):  # a curve may be held at a point
        pulls = np.where(errors > 0, (toys.curves[good] - truth) / errors, 0.0)
    half = toys.quantiles[good]
    inside = np.abs(pulls)[None] <= half.T[:, :, None]
    means = tuple(_averaged(level, inside[i]) for i, level in enumerate(levels))
    return BandCoverage(
        x,
        levels,
        inside.mean(axis=1) if len(pulls) else np.full((len(levels), len(truth)), np.nan),
        means,
        _factor((np.abs(pulls) / half[:, :1]).ravel(), levels[0]),
        float(pulls.mean()) if len(pulls) else float("nan"),
        float(np.sqrt(np.mean(np.var(pulls, axis=0)))) if len(pulls) else float("nan"),
    )


def _averaged(level: float, inside: np.ndarray) -> Covered:
    """A coverage averaged over x; neighbors are covered together, so toys are what counts."""
    if len(inside) < 2:
        return Covered(level, float("nan"), float("nan"))
    by_toy = inside.mean(axis=1)
    return Covered(level, float(by_toy.mean()), float(by_toy.std(ddof=1) / np.sqrt(len(by_toy))))


def _factor(sizes: np.ndarray, level: float) -> float:
    """The quantile of sizes that ought to be 1."""
    return float(np.quantile(sizes, level)) if len(sizes) else float("nan")
