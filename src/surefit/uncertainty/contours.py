"""Contours of two parameters: where −2 ln L, minimized over the others, has risen by so much."""

import dataclasses

import numpy as np

from surefit.uncertainty.landscape import Fitted
from surefit.uncertainty.profiles import better_minimum
from surefit.uncertainty.rises import End, Rays, find_rises


@dataclasses.dataclass(frozen=True, eq=False)
class ContourLine:
    """A closed line around the minimum.

    Attributes:
        x: Values of the first parameter, shape (n,).
        y: Values of the second.
        center: Both at the minimum.
        notes: What is to be said of it.
        better: Values of a lower minimum that was met, by name; or None.
    """

    x: np.ndarray
    y: np.ndarray
    center: tuple[float, float]
    notes: tuple[str, ...]
    better: dict[str, float] | None


def contour_line(fitted: Fitted, names: tuple[str, str], rise: float, n_points: int) -> ContourLine:
    """Go out from the minimum along rays, evenly spread where the covariance is a circle.

    All rays are rows of one batch. It finds the line where that meets each ray once, as it does
    unless it is bent far around.

    Args:
        fitted: The fit.
        names: Two reported parameters.
        rise: The rise of −2 ln L on the line.
        n_points: How many rays.

    Returns:
        The line; points where the allowed region ends are on its edge, and rays along which
        −2 ln L never rises so much are left out.
    """
    landscape = fitted.landscape(names)
    which = np.array([[0, 1]])
    _, covariance = landscape.tangents(which)
    center = landscape.center
    try:
        factor = np.linalg.cholesky(covariance[0])
    except np.linalg.LinAlgError:
        nothing, note = np.zeros(0), f"The data do not determine {names[0]} and {names[1]} both."
        return ContourLine(nothing, nothing, tuple(center.tolist()), (note,), None)
    angles = 2 * np.pi * np.arange(n_points) / n_points
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1) @ factor.T
    rays = Rays(np.repeat(which, n_points, axis=0), directions)
    found = find_rises(landscape, rays, rise)
    notes, better = [], None
    if found.is_better(landscape):
        note, better = better_minimum(landscape, found, fitted)
        notes.append(note)
    kept = np.isfinite(found.positions)
    if not kept.all():
        notes.append(f"-2 ln L does not rise so much along {np.sum(~kept)} of {n_points} rays.")
    n_limited = sum(end is End.limit for end in found.ends)
    if n_limited:
        notes.append(f"{n_limited} of {n_points} points are where the allowed region ends.")
    line = center + found.positions[kept, None] * directions[kept]
    return ContourLine(line[:, 0], line[:, 1], tuple(center.tolist()), tuple(notes), better)
