"""Contours of two parameters: where −2 ln L, minimized over the others, has risen by so much."""

import dataclasses

import numpy as np

from surefit.uncertainty.continuation import Plane, spread_evenly, trace
from surefit.uncertainty.landscape import Fitted
from surefit.uncertainty.profiles import better_minimum
from surefit.uncertainty.rises import End, Rays, Rises, find_rises

# Cosine between ray and the way uphill below which a line may be bent back, and the change of the
# logarithm of its distance, from one of 60 rays to the next, above which a part may be missed.
OBLIQUE, JUMP = 0.4, 0.1
ENDED = (
    "It is open: it ends where the allowed region does, or where it turns too sharply to follow."
)


@dataclasses.dataclass(frozen=True, eq=False)
class ContourLine:
    """A closed line around the minimum.

    Attributes:
        x: Values of the first parameter, shape (n,).
        y: Values of the second.
        center: Both at the minimum.
        notes: What is to be said of it.
        better: All parameters at a lower point that was met; or None.
    """

    x: np.ndarray
    y: np.ndarray
    center: tuple[float, float]
    notes: tuple[str, ...]
    better: np.ndarray | None


def contour_line(fitted: Fitted, names: tuple[str, str], rise: float, n_points: int) -> ContourLine:
    """Go out from the minimum along rays, evenly spread where the covariance is a circle.

    All rays are rows of one batch. Where the line is bent so far that a ray may meet it twice, it
    is followed around instead (`continuation.trace`).

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
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    rays = Rays(np.repeat(which, n_points, axis=0), circle @ factor.T)
    found = find_rises(landscape, rays, rise)
    notes, better = [], None
    if found.is_better(landscape):
        note, better = better_minimum(landscape, found, fitted)
        notes.append(note)
    with np.errstate(invalid="ignore"):  # infinite where the rise was never met
        places = found.positions[:, None] * circle
    kept = np.isfinite(found.positions)
    around = None if better is not None else _around(Plane(landscape, factor), places, found, rise)
    if around is not None:
        places, note = around
        notes += [note] if note else []
    else:
        notes += _notes(found, kept)
        places = places[kept]
    line = center + places @ factor.T
    return ContourLine(line[:, 0], line[:, 1], tuple(center.tolist()), tuple(notes), better)


def _notes(found: Rises, kept: np.ndarray) -> list[str]:
    notes, n_points = [], len(kept)
    if not kept.all():
        notes.append(f"-2 ln L does not rise so much along {np.sum(~kept)} of {n_points} rays.")
    n_limited = sum(end is End.limit for end in found.ends)
    if n_limited:
        notes.append(f"{n_limited} of {n_points} points are where the allowed region ends.")
    return notes


def _around(
    plane: Plane, places: np.ndarray, found: Rises, rise: float
) -> tuple[np.ndarray, str] | None:
    """The line followed around, if it is bent so far that rays may miss a part of it."""
    on_line = np.array([end is End.found for end in found.ends])
    is_open = any(end is End.flat for end in found.ends)
    if is_open or not on_line.any():
        return None
    rows = np.flatnonzero(on_line)
    slopes = plane.at(places[rows], found.points[rows]).slopes
    outward = places[rows] / found.positions[rows, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        straight = np.einsum("sk,sk->s", slopes, outward) / np.linalg.norm(slopes, axis=1)
        distance = np.log(found.positions)
        jumps = np.abs(np.diff(distance, append=distance[0]))
    both = on_line & np.roll(on_line, -1)
    most = JUMP * 60 / len(places)
    if np.nanmin(straight) > OBLIQUE and not (jumps[both] > most).any():
        return None
    first = rows[int(np.nanargmax(straight))]
    traced = trace(plane, places[first], found.points[first], rise)
    if traced.is_closed and not _goes_around(traced.places):
        return None
    line = spread_evenly(plane, traced, rise, len(places))
    bent = "The line is bent far around, so it was followed from point to point."
    return line, bent if traced.is_closed else f"{bent} {ENDED}"


def _goes_around(places: np.ndarray) -> bool:
    """Whether a closed line has the fit, the origin, inside."""
    angle = np.arctan2(places[:, 1], places[:, 0])
    turns = np.diff(np.append(angle, angle[0]))
    return bool(abs(np.sum((turns + np.pi) % (2 * np.pi) - np.pi)) > np.pi)
