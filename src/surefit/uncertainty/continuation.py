"""Follow a line of equal −2 ln L around, however it is bent: predictor and corrector."""

import dataclasses

import numpy as np

from surefit.annotations import Float
from surefit.uncertainty.level_descent import Levels, descend_on_levels
from surefit.uncertainty.rises import Landscape

# Distance from the line, in the root of −2 ln L, relative to its rise, that counts as on it.
ON_LINE = 1e-5
# Corrections of a predicted point; each is Newton's step across the line.
CORRECTIONS = 12
# Steps around a circle of the same rise; the turn of the line above which a step is too long (in
# cosines), and that below which the next may be longer.
STEPS_AROUND = 48
SHARP, SLIGHT = np.cos(0.5), np.cos(0.15)
# Part of the longest step at which the line is said to have ended.
SHORTEST = 1e-4
MOST_POINTS = 2000


@dataclasses.dataclass(frozen=True, eq=False)
class Traced:
    """A line in the plane of two targets, in units in which the covariance is a circle.

    Attributes:
        places: Along the line, shape (n, 2).
        points: The coordinates there, shape (n, q).
        is_closed: Whether it came back to where it began; else both ways ended, at limits or where
            it turns too sharply.
        lowest: The lowest −2 ln L met.
        lowest_point: Where.
    """

    places: np.ndarray
    points: np.ndarray
    is_closed: bool
    lowest: float
    lowest_point: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class Ground:
    """−2 ln L over the plane, minimized over all else, at some places.

    Attributes:
        rises: Above the minimum, shape (s,); infinite where the place cannot be reached.
        slopes: Derivatives by the place, shape (s, 2).
        points: The coordinates there, shape (s, q).
    """

    rises: np.ndarray
    slopes: np.ndarray
    points: np.ndarray


class Plane:
    """Profiles over the plane of two targets.

    Args:
        landscape: The minimum, with the two targets.
        factor: From places in the plane to the targets, shape (2, 2); the fit is at the origin.
    """

    def __init__(self, landscape: Landscape, factor: Float[np.ndarray, "2 2"]) -> None:
        self.landscape, self.factor = landscape, factor
        self.center, self.scale = landscape.center, landscape.scale
        self.lowest, self.lowest_point = landscape.value, landscape.point

    def at(self, places: np.ndarray, near: np.ndarray) -> Ground:
        """The profile at places, from coordinates that are near.

        Args:
            places: Shape (s, 2).
            near: Shape (s, q).
        """
        landscape = self.landscape
        which = np.repeat(np.array([[0, 1]]), len(places), axis=0)
        sizes = np.repeat(np.linalg.norm(self.factor, axis=1)[None], len(places), axis=0)
        levels = Levels(landscape.targets, which, self.center + places @ self.factor.T, sizes)
        problem = landscape.problem
        found = descend_on_levels(problem, levels, near, self.scale, landscape.unit)
        best = int(np.argmin(np.where(np.isfinite(found.value), found.value, np.inf)))
        if found.value[best] < self.lowest:
            self.lowest, self.lowest_point = float(found.value[best]), found.points[best]
        slopes = self._multipliers(found.points, which) @ self.factor
        return Ground(found.value - landscape.value, slopes, found.points)

    def _multipliers(self, points: np.ndarray, which: np.ndarray) -> np.ndarray:
        """Derivatives of the profile by the targets: Lagrange's multipliers, shape (s, 2)."""
        problem = self.landscape.problem
        gradient = problem.reduce(points).gradient
        slopes = self.landscape.targets.slopes(points, which)
        lower, upper = problem.bounds
        # What is pressed against its limit does not follow.
        free = ~((points <= lower) & (gradient > 0)) & ~((points >= upper) & (gradient < 0))
        weight = np.where(free, 1 / np.sqrt(self.scale), 0.0)
        weighted = slopes * weight[:, None, :]
        inverse = np.linalg.pinv(weighted.transpose(0, 2, 1))
        return np.einsum("skq,sq->sk", inverse, gradient * weight)

    def corrected(
        self, places: np.ndarray, near: np.ndarray, rise: float
    ) -> tuple[np.ndarray, Ground]:
        """Places moved across onto the line; infinite rises where that fails."""
        places = places.copy()
        ground = self.at(places, near)
        for _ in range(CORRECTIONS):
            off = np.sqrt(np.maximum(ground.rises, 0.0)) - np.sqrt(rise)
            if not np.any(np.abs(off[np.isfinite(off)]) > ON_LINE * np.sqrt(rise)):
                break
            square = np.sum(ground.slopes**2, axis=1)
            with np.errstate(invalid="ignore", divide="ignore"):
                # Newton's step for the root of the rise, which is nearly a cone.
                size = -2 * off * np.sqrt(np.maximum(ground.rises, 0.0)) / square
            moved = np.isfinite(size)
            places[moved] += size[moved, None] * ground.slopes[moved]
            ground = self.at(places, np.where(moved[:, None], ground.points, near))
        off = np.sqrt(np.maximum(ground.rises, 0.0)) - np.sqrt(rise)
        on_line = np.isfinite(off) & (np.abs(off) < 10 * ON_LINE * np.sqrt(rise))
        return places, dataclasses.replace(ground, rises=np.where(on_line, ground.rises, np.inf))


def trace(plane: Plane, place: np.ndarray, point: np.ndarray, rise: float) -> Traced:
    """Follow the line of one rise around, from a place on it.

    Steps along the tangent, then Newton's steps across it, with everything else minimized at each
    (Allgower and Georg 1990, *Numerical Continuation Methods*, chapter 6); the step follows the
    turn of the line. By the envelope theorem the slope across it costs nothing: it is that of
    −2 ln L itself, by the held targets.

    Args:
        plane: The plane.
        place: Where to begin, shape (2,).
        point: The coordinates there, shape (q,).
        rise: The rise of −2 ln L on the line.

    Returns:
        The line. It is the one on which `place` is; there may be others.
    """
    places, points, is_closed = _one_way(plane, place, point, rise, 1.0)
    if not is_closed:
        before, points_before, _ = _one_way(plane, place, point, rise, -1.0)
        # A tip may be too sharp to walk around; then both ways end beside it.
        is_closed = bool(np.linalg.norm(places[-1] - before[-1]) < _longest(plane, rise) / 4)
        places = np.concatenate([before[:0:-1], places])
        points = np.concatenate([points_before[:0:-1], points])
    return Traced(places, points, is_closed, plane.lowest, plane.lowest_point)


def _one_way(plane: Plane, place, point, rise: float, sense: float):
    """From a place until the line comes back or ends."""
    longest = _longest(plane, rise)
    ground = plane.at(place[None], point[None])
    first = tangent = _tangent(ground.slopes[0], sense)
    places, points, step = [place], [ground.points[0]], longest
    while len(places) < MOST_POINTS and step > SHORTEST * longest:
        ahead = places[-1] + step * tangent
        found, ground = plane.corrected(ahead[None], points[-1][None], rise)
        new = _tangent(ground.slopes[0], sense) if np.isfinite(ground.rises[0]) else -tangent
        moved = found[0] - places[-1]
        forward = moved @ tangent / max(float(np.linalg.norm(moved)), 1e-300)
        if new @ tangent < SHARP or forward < SHARP:
            step /= 2
            continue
        way = float((place - places[-1]) @ tangent)
        back = np.linalg.norm(place - found[0]) < 1.5 * step and 0 < way <= 1.5 * step
        if len(places) > 3 and back and new @ first > SLIGHT - 0.1:
            return np.array(places), np.array(points), True
        places.append(found[0])
        points.append(ground.points[0])
        step = min(step * (1.5 if new @ tangent > SLIGHT else 1.0), longest)
        tangent = new
    return np.array(places), np.array(points), False


def _longest(plane: Plane, rise: float) -> float:
    return 2 * np.pi * np.sqrt(rise / plane.landscape.unit) / STEPS_AROUND


def _tangent(slope: np.ndarray, sense: float) -> np.ndarray:
    turned = np.array([-slope[1], slope[0]]) * sense
    return turned / max(float(np.linalg.norm(turned)), 1e-300)


def spread_evenly(plane: Plane, traced: Traced, rise: float, n_points: int) -> np.ndarray:
    """So many places on a traced line, each corrected onto it.

    Half of them at equal distances, half at equal turns, so that tips have theirs.

    Args:
        plane: The plane.
        traced: The line.
        rise: The rise of −2 ln L on it.
        n_points: How many.
    """
    places, points = traced.places, traced.points
    if traced.is_closed:
        places, points = np.vstack([places, places[:1]]), np.vstack([points, points[:1]])
    chords = np.diff(places, axis=0)
    length, direction = np.linalg.norm(chords, axis=1), np.arctan2(chords[:, 1], chords[:, 0])
    turn = np.abs((np.diff(direction, append=direction[-1]) + np.pi) % (2 * np.pi) - np.pi)
    share = length / length.sum() + turn / max(turn.sum(), 1e-300)
    along = np.append(0.0, np.cumsum(share))
    wanted = np.linspace(0, along[-1], n_points, endpoint=not traced.is_closed)
    start, near = (
        np.stack([np.interp(wanted, along, column) for column in what.T], axis=1)
        for what in (places, points)
    )
    found, ground = plane.corrected(start, near, rise)
    # Within a sharp tip a place between two may not find the line; those two are on it.
    nearest = places[np.abs(wanted[:, None] - along).argmin(axis=1)]
    return np.where(np.isfinite(ground.rises)[:, None], found, nearest)
