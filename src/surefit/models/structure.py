"""Find out how a function depends on its parameters, by calling it."""

import dataclasses
from collections.abc import Callable

import numpy as np

from surefit.data.scales import Scales
from surefit.exceptions import ModelFailed
from surefit.models.sampling import draw

# Second differences below this fraction of the terms they are formed from are rounding.
ROUNDING = 1e-12
# A change of a parameter too small to move a smooth function by more than rounding shows.
TINY = 1e-7
# Parameter vectors at which structure is probed, and draws in which to find them.
PROBES = 4
DRAWS = 400


@dataclasses.dataclass(frozen=True)
class Structure:
    """How a function depends on each of its parameters.

    Attributes:
        linear: Jointly linear parameters: with the others held, the function is affine in them.
        step: Parameters on which the function depends only through jumps: its derivative is zero
            wherever it exists, yet its value changes.
        idle: Parameters on which it does not depend, wherever it was tried.
        is_pointwise: Whether each prediction depends on its own x only.
    """

    linear: tuple[bool, ...]
    step: tuple[bool, ...]
    idle: tuple[bool, ...]
    is_pointwise: bool


Predict = Callable[[np.ndarray], np.ndarray]
"""Parameter vector → predictions, as a plain NumPy function."""


def find_structure(predict: Predict, bases: np.ndarray, is_pointwise: bool) -> Structure:
    """Probe a function at a few parameter vectors.

    Args:
        predict: Parameter vector (p,) → flat predictions.
        bases: Parameter vectors at which it is finite, shape (k, p), k ≥ 2.
        is_pointwise: What `find_pointwise` said; it is only recorded.

    Returns:
        The structure; a property holds only if it holds at every vector tried.
    """
    p = bases.shape[1]
    idle, flat, affine = (np.ones(p, dtype=bool) for _ in range(3))
    for base in bases:
        center, moves = predict(base), np.diag(_moves(base))
        for i in range(p):
            moved = _finite(predict(base + moves[i]))
            near = _finite(predict(base + TINY * moves[i]))
            idle[i] &= moved is not None and np.array_equal(moved, center)
            flat[i] &= near is not None and _mostly_equal(near, center)
            affine[i] &= _is_affine(predict, base, center, moves[i])
    step = flat & ~idle
    linear = affine & ~step & ~idle
    if not all(_is_affine(predict, base, predict(base), _moves(base) * linear) for base in bases):
        linear = _without_conflicts(predict, bases, linear)
    return Structure(tuple(linear), tuple(step), tuple(idle), is_pointwise)


def finite_vectors(
    predict: Predict, scales: Scales, first_guess: np.ndarray, label: str
) -> np.ndarray:
    """A few parameter vectors at which a function is finite at all points, and active.

    A window that contains no point hides what the function does inside; vectors are therefore
    chosen so that, together, every parameter has an effect at one of them, if that can be had.

    Args:
        predict: Parameter vector (p,) → predictions.
        scales: Sizes that the data suggest.
        first_guess: A vector to try first.
        label: The function's name, for the message.

    Returns:
        Up to four vectors, at least two, shape (k, p).

    Raises:
        ModelFailed: None of some hundred plausible vectors will do.
    """
    rng, p = np.random.default_rng(0), len(first_guess)
    drawn, _ = draw(rng, scales, DRAWS, p)
    candidates = np.concatenate([first_guess[None], drawn, rng.uniform(0.3, 1.7, (8, p))])
    finite = []
    seen = np.zeros(p, dtype=int)
    for values in candidates:
        predictions = predict(values)
        if not np.isfinite(predictions).all():
            continue
        active = _active(predict, values, predictions)
        if len(finite) < PROBES or (active & (seen == 0)).any():
            finite.append(values)
            seen += active
        if len(finite) >= PROBES and (seen > 0).all():
            break
    if not finite:
        raise ModelFailed(
            f"{label} gave NaN or infinity for some x at each of {len(candidates)} trial "
            "parameter sets. Check the formula, or fit only the x where it is defined."
        )
    return np.array(finite if len(finite) > 1 else finite * 2)


def _active(predict: Predict, values: np.ndarray, predictions: np.ndarray) -> np.ndarray:
    """Mask of the parameters whose change changes a prediction."""
    moves = np.diag(_moves(values))
    return np.array([not np.array_equal(predict(values + move), predictions) for move in moves])


def find_pointwise(evaluate: Callable, values: np.ndarray, x: np.ndarray) -> bool:
    """Whether predictions at permuted and at partial x are the same as at all of x.

    Args:
        evaluate: (parameter vector, x) → predictions (n, m), as a plain NumPy function.
        values: A parameter vector at which it is finite.
        x: Inputs, (n,) or (n, d).

    Returns:
        True if each prediction depends on its own x only, as far as these trials show.
    """
    n = len(x)
    if n < 3:
        return False
    whole = evaluate(values, x)
    order = np.random.default_rng(0).permutation(n)
    for choice in (order, np.arange(n // 2), np.array([n // 3])):
        try:
            part = evaluate(values, x[choice])
        except Exception:  # the user's function may need a certain length
            return False
        if part.shape != whole[choice].shape or not np.allclose(
            part, whole[choice], rtol=1e-12, atol=0, equal_nan=True
        ):
            return False
    return True


def _moves(base: np.ndarray) -> np.ndarray:
    """A finite change for each parameter, irregular so that nothing cancels by chance."""
    size = np.where(base != 0, np.abs(base), 1.0)
    return size * (0.37 + 0.11 * np.cos(1 + 7 * np.arange(len(base))))


def _finite(values: np.ndarray) -> np.ndarray | None:
    return values if np.isfinite(values).all() else None


def _mostly_equal(a: np.ndarray, b: np.ndarray) -> bool:
    """Equal to the last bit but for a few points that a jump may have crossed."""
    return np.sum(a != b) <= max(1, len(a) // 100)


def _is_affine(predict: Predict, base, center, move) -> bool:
    """Whether the function is a straight line along a move, also backwards across zero."""
    one, two, back = (predict(base + factor * move) for factor in (1.0, 2.0, -4.0))
    if not all(np.isfinite(end).all() for end in (one, two, back)):
        return False
    return _is_zero(two, -2 * one, center) and _is_zero(back, 4 * one, -5 * center)


def _is_zero(*terms: np.ndarray) -> bool:
    """Whether terms add up to zero up to rounding."""
    size = sum(np.abs(term) for term in terms)
    return bool(np.all(np.abs(sum(terms)) <= ROUNDING * size))


def _without_conflicts(predict: Predict, bases: np.ndarray, linear: np.ndarray) -> np.ndarray:
    """A large jointly linear set: drop the most entangled parameter until no product is left."""
    chosen = linear.copy()
    which = np.flatnonzero(linear)
    conflict = np.zeros((len(linear), len(linear)), dtype=bool)
    for base in bases:
        center, moves = predict(base), np.diag(_moves(base))
        moved = {i: predict(base + moves[i]) for i in which}
        for i in which:
            for j in which[which < i]:
                both = predict(base + moves[i] + moves[j])
                if not _is_zero(both, -moved[i], -moved[j], center):
                    conflict[i, j] = conflict[j, i] = True
    while True:
        counts = (conflict & chosen[:, None] & chosen[None, :]).sum(axis=1)
        if not counts.any():
            return chosen
        chosen[int(np.argmax(counts))] = False
