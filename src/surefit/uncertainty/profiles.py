"""Profile likelihood: intervals as MINOS has them, and the curves they are read off."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from surefit.uncertainty.landscape import Fitted
from surefit.uncertainty.rises import End, Landscape, Rays, Rises, Walk, find_rises

# Points of a profile on each side of the minimum.
POINTS = 20


class Interval(NamedTuple("Ends", [("lower", float), ("upper", float)])):
    """A profile interval: two numbers, (lower, upper), and what is to be said of them.

    Attributes:
        lower: Lower end in the parameter's unit; NaN where there is none, for the reason.
        upper: Upper end.
        reason: Why an end is missing, or is a limit; empty where nothing is to be said.
        better: The fit at a lower minimum that was met on the way: it replaces the one that was
            asked, and the interval is its. None if there was none, as there should be.
    """

    reason: str
    better: Any

    def __new__(
        cls,
        lower: float,
        upper: float,
        reason: str = "",
        better: Any = None,
    ) -> "Interval":
        """Make an interval."""
        made = tuple.__new__(cls, (float(lower), float(upper)))
        made.reason, made.better = reason, better
        return made

    def __str__(self) -> str:
        """The two ends, and the reason."""
        return f"({self.lower:.6g}, {self.upper:.6g})" + (f": {self.reason}" if self.reason else "")


@dataclasses.dataclass(frozen=True, eq=False)
class ProfileCurve:
    """−2 ln L minimized over all else, as one parameter is moved.

    Attributes:
        values: Values of the parameter, increasing, shape (n,).
        rises: −2 ln L above its minimum, in units of one standard deviation squared, shape (n,).
        notes: What is to be said of it.
    """

    values: np.ndarray
    rises: np.ndarray
    notes: tuple[str, ...]


def profile_intervals(
    fitted: Fitted, names: Sequence[str], rises: Mapping[str, float]
) -> dict[str, Interval]:
    """Find where −2 ln L, minimized over the other parameters, has risen by so much.

    James and Roos 1975 (MINOS). Use it rather than the covariance where −2 ln L is no parabola; it
    costs some tens of evaluations of all derivatives. It does not correct a wrong noise model. All
    sides of all parameters are rows of one batch.

    Args:
        fitted: The fit.
        names: Reported parameters.
        rises: The rise of −2 ln L at the ends, by name.

    Returns:
        The intervals by name, one-sided at limits. Where a lower minimum is met all are NaN, and
        `better` holds the parameters there.
    """
    landscape = fitted.landscape(names)
    sizes = _sizes(landscape)
    known = np.flatnonzero(np.isfinite(sizes) & (sizes > 0))
    intervals = {
        name: Interval(np.nan, np.nan, f"The data do not determine {name}.") for name in names
    }
    if not len(known):
        return intervals
    rays = _both_sides(known, sizes)
    wanted = np.array([rises[name] for name in names])[rays.which[:, 0]]
    found = find_rises(landscape, rays, wanted)
    if found.is_better(landscape):
        said, better = better_minimum(landscape, found, fitted)
        return dict.fromkeys(names, Interval(np.nan, np.nan, said, better))
    ends = landscape.targets.values(found.points, rays.which)[:, 0]
    ends[[end is End.flat for end in found.ends]] = np.nan
    for row, index in enumerate(known.tolist()):
        name, sides = names[index], slice(2 * row, 2 * row + 2)
        both = zip(_SIDES, found.ends[sides], strict=True)
        reasons = [_reason(name, side, end) for side, end in both]
        lower, upper = ends[sides]
        intervals[name] = Interval(lower, upper, " ".join(filter(None, reasons)))
    return intervals


_SIDES = ("below", "above")


def _sizes(landscape: Landscape) -> np.ndarray:
    """One standard deviation of each target, from the curvature, shape (t,)."""
    which = np.arange(len(landscape.targets.offset))[:, None]
    _, covariance = landscape.tangents(which)
    return np.sqrt(np.maximum(covariance[:, 0, 0], 0.0))


def _both_sides(chosen: np.ndarray, sizes: np.ndarray) -> Rays:
    """Two rays for each of the chosen targets, downward first."""
    signs = np.tile([-1.0, 1.0], len(chosen))
    which = np.repeat(chosen, 2)
    return Rays(which[:, None], (signs * sizes[which])[:, None])


def _reason(name: str, side: str, end: End) -> str:
    if end is End.limit:
        return f"The allowed region of {name} ends {side} before -2 ln L has risen so much."
    if end is End.flat:
        return f"-2 ln L does not rise so much {side}, however far {name} goes."
    return ""


def better_minimum(landscape: Landscape, found: Rises, fitted: Fitted) -> tuple[str, np.ndarray]:
    """What to say of a lower minimum that was met, and all parameters there."""
    full = landscape.targets.complete(found.lowest_point[None])
    working = fitted.constraints.coordinates.expand(full)[0]
    below = landscape.value - found.lowest
    said = (
        f"A minimum lower by at least {below:.4g} in -2 ln L was met on the way, so the fit that "
        "was asked is not at the minimum."
    )
    return said, working


def profile_curve(fitted: Fitted, name: str, reach: float) -> ProfileCurve:
    """Walk along a parameter to where −2 ln L has risen by so much on each side.

    Args:
        fitted: The fit.
        name: A reported parameter.
        reach: The rise of −2 ln L at which to end.
    """
    landscape = fitted.landscape([name])
    sizes = _sizes(landscape)
    size, center = float(sizes[0]), float(landscape.center[0])
    if not (np.isfinite(size) and size > 0):
        note = f"The data do not determine {name}."
        return ProfileCurve(np.array([center]), np.zeros(1), (note,))
    rays = _both_sides(np.zeros(1, dtype=int), sizes)
    ends = find_rises(landscape, rays, reach)
    far = np.sqrt(reach / landscape.unit)
    positions = np.where(np.isfinite(ends.positions), ends.positions, 2 * far)
    walk, both = Walk(landscape, rays), np.arange(2)
    rises = np.array([walk.rises(both, positions * k / POINTS) for k in range(1, POINTS + 1)])
    steps = np.arange(1, POINTS + 1)[:, None] * positions / POINTS
    values = np.concatenate([center - size * steps[::-1, 0], [center], center + size * steps[:, 1]])
    curve = np.concatenate([rises[::-1, 0], [0.0], rises[:, 1]]) / landscape.unit
    notes = [_reason(name, side, end) for side, end in zip(_SIDES, ends.ends, strict=True)]
    if min(ends.lowest, walk.lowest) < landscape.value - 1e-2 * landscape.unit:
        notes.append(
            f"The curve falls below the fit: a better minimum exists; interval({name!r}).better "
            "is the fit there."
        )
    known = np.isfinite(curve)
    return ProfileCurve(values[known], curve[known], tuple(note for note in notes if note))
