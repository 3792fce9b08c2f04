"""Parameter vectors at which a function shows what it does: finite, every parameter with effect."""

import dataclasses
import functools
from collections.abc import Iterator

import numpy as np

from surefit.data.scales import Scales
from surefit.exceptions import ModelFailed
from surefit.models.sampling import draw
from surefit.models.structures.probe import Probe

# A change of the function by less than this fraction of its size counts as no effect.
VISIBLE = 1e-4
# Vectors at which a function is probed, candidates that are examined, and draws among them.
PROBES = 3
EXAMINED = 16
DRAWS = 400
# Further vectors at which what was found is not contradicted.
FURTHER = 3
# Vectors after the first error, none of them any good, after which an error is believed.
HOPELESS = 60
# Factors by which a parameter without effect is changed, in search of one.
FACTORS = 10.0 ** np.array([3, -3, 6, -6, 9, -9, 13, -13, 17, -17, 22, -22, 28, -28, 36, -36])
# Other orders of the values of one vector: an interval from a to b is empty unless a < b.
ORDERS = 6


@dataclasses.dataclass(frozen=True, eq=False)
class Base:
    """A function around one parameter vector.

    Attributes:
        values: The vector, shape (p,).
        moves: A finite change of each parameter, shape (p,).
        center: Predictions at the vector, shape (k,).
        moved: Predictions after each change, one at a time, shape (p, k).
    """

    values: np.ndarray
    moves: np.ndarray
    center: np.ndarray
    moved: np.ndarray

    @functools.cached_property
    def size(self) -> np.ndarray:
        """Largest magnitude met at each point, shape (k,): what rounding errors are relative to."""
        largest = np.fmax.reduce(np.abs(self.moved), axis=0)
        return np.fmax(largest, np.abs(self.center))

    @functools.cached_property
    def response(self) -> np.ndarray:
        """Largest relative effect of each change; NaN where it leads out of the domain, (p,)."""
        size = np.where(self.size > 0, self.size, 1.0)
        return (np.abs(self.moved - self.center) / size).max(axis=1)

    @functools.cached_property
    def visible(self) -> np.ndarray:
        """Mask of the parameters whose change has an effect, shape (p,)."""
        return self.response > VISIBLE


def base_at(probe: Probe, values: np.ndarray) -> Base | None:
    """The function around a vector, or None where it is not finite.

    Args:
        probe: The function.
        values: The vector, shape (p,).
    """
    center = probe(values)
    if not np.isfinite(center).all():
        return None
    size = np.where(values != 0, np.abs(values), 1.0)
    # Irregular, so that nothing cancels by chance.
    moves = size * (0.37 + 0.11 * np.cos(1 + 7 * np.arange(len(values))))
    moved = np.empty((len(values), len(center)))
    for i in range(len(values)):
        moved[i] = probe(_with(values, i, values[i] + moves[i]))
        if not np.isfinite(moved[i]).all():  # perhaps only this way
            moves[i] *= -0.5
            moved[i] = probe(_with(values, i, values[i] + moves[i]))
    return Base(values, moves, center, moved)


def find_bases(
    probe: Probe, scales: Scales, first_guess: np.ndarray, label: str, *, n_examined: int = EXAMINED
) -> list[Base]:
    """Vectors at which a function is finite and, if that can be had, every parameter has an effect.

    A window that contains no point hides what the function does inside; a term too small beside
    the others hides its parameters. So several are examined, and mended.

    Args:
        probe: The function.
        scales: Sizes that the data suggest.
        first_guess: A vector to try first, shape (p,).
        label: The function's name, for the message.
        n_examined: How many finite vectors to examine at most.

    Returns:
        At least one, those with the most visible parameters first.

    Raises:
        ModelFailed: It is finite at none of some hundred plausible vectors.
    """
    found: list[Base] = []
    n_tried = n_failed = 0
    for values in _candidates(scales, first_guess):
        n_tried += 1
        base = base_at(probe, values)
        if base is None:
            n_failed += probe.failure is not None
            if n_failed > HOPELESS and not found:
                break
            continue
        found.append(base if base.visible.all() else _mended(probe, base))
        n_complete = sum(base.visible.all() for base in found)
        if n_complete >= PROBES or len(found) >= n_examined:
            break
    if not found:
        if probe.failure is not None:
            raise probe.failure
        raise ModelFailed(
            f"{label} gave NaN or infinity for some x at each of {n_tried} trial parameter sets. "
            "Check the formula, or fit only the x where it is defined."
        )
    return _chosen(found)


def more_vectors(probe: Probe, scales: Scales, p: int) -> list[np.ndarray]:
    """A few vectors of another kind, parameters in random roles, at which a function is finite."""
    drawn, _ = draw(np.random.default_rng(1), scales, 6 * FURTHER, p)
    found: list[np.ndarray] = []
    for values in drawn:
        if len(found) == FURTHER:
            break
        if np.isfinite(probe(values)).all():
            found.append(values)
    return found


def _chosen(found: list[Base]) -> list[Base]:
    """The few that show most, and whatever shows a parameter that those do not."""
    ordered = sorted(found, key=lambda base: -int(base.visible.sum()))
    chosen, seen = ordered[:PROBES], np.zeros(len(found[0].values), dtype=int)
    for base in chosen:
        seen += base.visible
    for base in ordered[PROBES:]:
        if (base.visible & (seen < 2)).any():
            chosen.append(base)
            seen += base.visible
    return chosen


def _candidates(scales: Scales, first_guess: np.ndarray) -> Iterator[np.ndarray]:
    """Vectors to try: the guess, all parameters of one size, then each in a role of its own."""
    p, rng = len(first_guess), np.random.default_rng(0)
    # Irregular, so that no two are equal and none is the double of another.
    spread = 0.6 + 0.9 * np.modf(np.arange(1, p + 1) * 0.6180339887498949 + 0.13)[0]
    if len(np.unique(first_guess)) > p // 2:
        yield first_guess * (1 + 1e-3 * spread)
    low, high = np.array(scales.x_low), np.array(scales.x_high)
    extent = max(np.abs([low, high]).max(), 1e-300)
    column = np.arange(p) % len(low)
    # Some with both signs: a function that looks symmetric where all is positive may not be.
    signs = np.where(np.arange(p) % 3 == 1, -1.0, 1.0)
    for factors, sign in ((spread, signs), (spread[::-1] * 1.03, -signs)):
        # Between 0.15 and 0.85 of the way: where steps and peaks within the data are.
        yield low[column] + (high - low)[column] * (0.77 * factors - 0.31)
        yield factors
        for size in (extent, 1 / extent, 1.0, np.sqrt(extent)):
            yield size * factors * sign
            yield size * factors
    yield first_guess
    drawn, _ = draw(rng, scales, DRAWS, p)
    yield from drawn
    yield from rng.uniform(0.3, 1.7, (8, p))


def _mended(probe: Probe, base: Base) -> Base:
    """A vector nearby at which more parameters have an effect, if there is one.

    Terms far above the others are made smaller; a parameter of a term far below is enlarged.
    """
    mended = base
    for _ in range(4):
        better = _quietened(probe, mended) or _enlarged(probe, mended)
        if better is None:
            break
        mended = better
        if mended.visible.all():
            break
    return mended if mended.visible.sum() > base.visible.sum() else base


def _quietened(probe: Probe, base: Base) -> Base | None:
    """The vector with the loudest parameters turned down to the size of what they drown."""
    change = np.nan_to_num(np.max(np.abs(base.moved - base.center), axis=1), posinf=0.0)
    for loud in (change > VISIBLE * change.max(), change == change.max()):
        rest = probe(np.where(loud, 0.0, base.values))
        if not np.isfinite(rest).all() or not np.any(rest):
            continue
        loud &= change > 0
        factor = np.abs(rest).max() / np.where(loud, change, np.inf)
        if factor.max() >= VISIBLE or not loud.any():
            continue
        quiet = base_at(probe, np.where(loud, factor, 1.0) * base.values)
        if quiet is not None and quiet.visible.sum() >= base.visible.sum():
            return quiet
    return None


def _enlarged(probe: Probe, base: Base) -> Base | None:
    """The vector with parameters of little effect enlarged, one at a time or all together."""
    weak = np.flatnonzero((base.response > 0) & ~base.visible)
    for chosen in (weak, *weak[:3, None]):
        if len(chosen):
            values = base.values.copy()
            values[chosen] /= np.maximum(base.response[chosen], 1e-15)
            better = base_at(probe, values)
            if better is not None and better.visible.sum() > base.visible.sum():
                return better
    return None


def with_effect(
    probe: Probe, bases: list[Base], i: int, scales: Scales | None = None
) -> Base | None:
    """A vector at which a parameter has a visible effect, looked for at other sizes and places.

    Args:
        probe: The function.
        bases: Vectors at which it has none.
        i: The parameter.
        scales: Sizes that the data suggest, if many more vectors are to be drawn from them.
    """
    within = np.quantile(probe.x.reshape(len(probe.x), -1), [0.2, 0.5, 0.8], axis=0).ravel()
    for base in bases[:2]:
        for value in (*within, *(FACTORS * base.values[i])):
            predictions = probe(_with(base.values, i, value))
            if not np.isfinite(predictions).all() or np.array_equal(predictions, base.center):
                continue
            other = base_at(probe, _with(base.values, i, value))
            if other is not None and other.visible[i]:
                return other
    further = [*_reordered([base.values for base in bases[:2]])]
    if scales is not None:
        further += [*draw(np.random.default_rng(4), scales, DRAWS, len(bases[0].values))[0]]
    for values in further:
        here, moved = probe(values), probe(_with(values, i, 1.4 * values[i] or 1.0))
        if not np.any(np.abs(moved - here) > VISIBLE * np.abs(here)):
            continue
        other = base_at(probe, values)
        if other is not None and other.visible[i]:
            return other
    return None


def _reordered(vectors: list[np.ndarray]) -> Iterator[np.ndarray]:
    """The values of some vectors in other orders, increasing and decreasing ones first."""
    rng = np.random.default_rng(3)
    for values in vectors:
        yield np.sort(values)
        yield np.sort(values)[::-1]
        for _ in range(ORDERS):
            yield rng.permutation(values)


def _with(values: np.ndarray, i: int, value: float) -> np.ndarray:
    changed = values.copy()
    changed[i] = value
    return changed
