"""Find at which magnitudes parameters matter, where those that the data suggest have no effect.

A formula with constants of nature inside, such as h ν / k T, answers to its parameters only around
values that no size of x or y hints at, some of them thirty decades apart.
"""

import numpy as np

from surefit.problem.projected import completed, searched_part, solve_scaled
from surefit.search.run import Run
from surefit.search.starts import AbstractStarts

# Plausible candidates of which nearly all must be without effect, and how many that is; and how
# many are evaluated at a time, as a few tell where all parameters have an effect.
PROBES = 64
NEARLY_ALL = 0.9
TOGETHER = 8
# Decades searched on each side of one, candidates over them, and how many of these go on.
DECADES = 40.0
CANDIDATES = 16384
CHOSEN = 16
# Change of −2 ln L, relative to its typical value, that shows an effect, and its largest value.
VISIBLE = 1e-6
LARGEST = 1e12
# A curvature below this fraction of −2 ln L, for a change of a parameter by itself, is no effect.
EFFECT = 1e-24
# Steps toward the right magnitude, and the most by which the logarithm may change in one.
STEPS = 60
LONGEST = 2.3


def without_effect(run: Run, starts: AbstractStarts) -> np.ndarray:
    """Mask of the nonlinear parameters that plausible values give no effect, shape (q',).

    Those that move jumps have an effect, though no slope shows it.
    """
    inner = searched_part(run.screen, starts.draw(run.problem, run.rng, PROBES))
    jumps = searched_part(run.screen, run.jumping[None])[0]
    n_with, most_with = np.zeros(inner.shape[1], dtype=int), PROBES - NEARLY_ALL * PROBES
    for some in np.split(inner, range(TOGETHER, PROBES, TOGETHER)):
        at = run.screen.reduce(some)
        effect = np.einsum("sii->si", at.curvature) * some**2
        size = np.where(np.isfinite(at.value), at.value, np.inf)[:, None]
        n_with += np.sum(effect > EFFECT * size, axis=0)
        if np.all(jumps | (n_with > most_with)):
            break
    return ~jumps & (n_with <= most_with)


def at_magnitudes(
    run: Run, starts: AbstractStarts, inactive: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Points at which inactive parameters have found their magnitude.

    What the others seem to do at plausible values may be of no use either: they are drawn once as
    the data suggest, and once over all magnitudes as well.

    Args:
        run: The search.
        starts: Where the other parameters come from.
        inactive: Mask of the parameters to draw over all magnitudes, shape (q',).

    Returns:
        Points, at most twice `CHOSEN`, shape (k, q); and of the inactive parameters those that had
        an effect at any magnitude: it is no use to look for that of the others again.
    """
    masks = [inactive] if inactive.all() else [inactive, np.ones_like(inactive)]
    chosen, shown = zip(*(_chosen(run, starts, mask) for mask in masks), strict=True)
    points, still = np.concatenate(chosen), inactive & np.any(shown, axis=0)
    if not len(points):
        return np.zeros((0, len(run.problem.names))), still
    return completed(run.screen, _climbed(run, points)), still


def _chosen(run: Run, starts: AbstractStarts, wide: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The best candidates with some parameters drawn over all magnitudes, shape (k, q').

    The second is the mask of the parameters that had an effect somewhere.
    """
    inner = searched_part(run.screen, starts.draw(run.problem, run.rng, CANDIDATES))
    size = 10.0 ** run.rng.uniform(-DECADES, DECADES, inner.shape)
    inner = np.clip(np.where(wide, np.copysign(size, inner), inner), *run.screen.bounds)
    at = run.screen.reduce(inner)
    finite = np.isfinite(at.value)
    # Most predictions are zero or far too large: what is left of −2 ln L there is lost in rounding.
    typical = np.median(at.value[finite]) if finite.any() else 0.0
    visible = np.abs(at.value - typical) > VISIBLE * typical
    usable = np.flatnonzero(finite & visible & (at.value < LARGEST * typical))
    step = solve_scaled(at.curvature[usable], at.gradient[usable, :, None])[:, :, 0]
    left = at.value[usable] - np.sum(step * at.gradient[usable], axis=1) / 2
    shown = np.any(np.einsum("sii->si", at.curvature) > 0, axis=0)
    return inner[usable[np.argsort(left)[:CHOSEN]]], shown


def _climbed(run: Run, points: np.ndarray) -> np.ndarray:
    """Damped Gauss–Newton steps in the logarithms of the parameters, none longer than a decade."""
    at, damping = run.screen.reduce(points), np.full(len(points), 1e-2)
    for _ in range(STEPS):
        curvature = at.curvature * points[:, :, None] * points[:, None, :]
        diagonal = np.einsum("sii->si", curvature)
        damped = curvature + np.einsum("s,si,ij->sij", damping, diagonal, np.eye(points.shape[1]))
        move = -solve_scaled(damped, (at.gradient * points)[:, :, None])[:, :, 0]
        longest = np.abs(move).max(axis=1, keepdims=True)
        move *= np.minimum(1.0, LONGEST / np.maximum(longest, 1e-300))
        trial = points * np.exp(move)
        new = run.screen.reduce(trial)
        lower = new.value < at.value
        damping = np.where(lower, damping / 3, damping * 4)
        points = np.where(lower[:, None], trial, points)
        at.value[lower], at.gradient[lower] = new.value[lower], new.gradient[lower]
        at.curvature[lower] = new.curvature[lower]
    return points
