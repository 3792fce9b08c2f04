"""Choose n atoms of a dictionary by steepest exchange: drop one, graft the best other one."""

import numpy as np

from surefit.search.growth.dictionary import Dictionary

# Added to the inner products of chosen atoms, which may be equal; above single-precision rounding.
RIDGE = 1e-5
# Exchanges of one support at most; more than a dozen are rare.
SWEEPS = 40


def random_support(
    dictionary: Dictionary, rng: np.random.Generator, streams: int, n: int
) -> np.ndarray:
    """Atoms drawn width by width, so that wide and narrow ones are as likely, shape (S, n)."""
    count = np.bincount(dictionary.level)
    probability = 1 / count[dictionary.level]
    return rng.choice(len(probability), size=(streams, n), p=probability / probability.sum())


def exchange(dictionary: Dictionary, support: np.ndarray) -> np.ndarray:
    """Make the best of all exchanges in each support, until none helps.

    Args:
        dictionary: The atoms.
        support: Indices of atoms, shape (S, n).

    Returns:
        Improved supports, without duplicates, each sorted.
    """
    target = dictionary.target
    support, best = support.copy(), np.full(len(support), np.inf)
    current, alive = support.copy(), np.arange(len(support))
    n = support.shape[1]
    n_atoms = target.shape[1]
    for _ in range(SWEEPS):
        chosen = current[alive]
        cross = dictionary.gram[chosen]
        inner = np.take_along_axis(cross, chosen[:, None, :], 2).astype(float)
        inverse = np.linalg.inv(inner + RIDGE * np.eye(n))
        products = target[:, chosen].transpose(1, 0, 2)
        coefficient = products @ inverse
        value = 1 - np.sum(coefficient * products, axis=(1, 2))
        better = value < best[alive] * (1 - 1e-5)
        best[alive[better]], support[alive[better]] = value[better], chosen[better]
        alive = alive[better]
        if not len(alive):
            break
        gains = exchange_gains(inverse[better], coefficient[better], cross[better], target)
        pick = gains.reshape(len(alive), -1).argmax(axis=1)
        current[alive, pick // n_atoms] = pick % n_atoms
    return np.unique(np.sort(support, axis=1), axis=0)


def exchange_gains(
    inverse: np.ndarray, coefficient: np.ndarray, cross: np.ndarray, target: np.ndarray
) -> np.ndarray:
    """Decrease of the misfit by each exchange, over what dropping nothing gives.

    With V the inverse inner products of the chosen atoms and W = V·cross, dropping atom j adds
    W_ja²/V_jj to what is new in atom a, and W_ja c_j/V_jj to its product with the residual: all
    n·K exchanges cost one small solve.

    Args:
        inverse: V, shape (S, n, n).
        coefficient: c, shape (S, T, n).
        cross: Inner products of chosen atoms with all, shape (S, n, K), single precision.
        target: Inner products of all atoms with the outputs, shape (T, K).

    Returns:
        Shape (S, n, K), single precision.
    """
    single = np.float32
    root = np.sqrt(np.maximum(np.einsum("sjj->sj", inverse), 1e-12))
    leverage = inverse.astype(single) @ cross
    new = 1 - np.einsum("snk,snk->sk", leverage, cross)
    leverage /= root[:, :, None].astype(single)
    gain = np.zeros_like(leverage)
    for t in range(len(target)):
        c = coefficient[:, t]
        residual = target[t].astype(single) - np.einsum("sn,snk->sk", c.astype(single), cross)
        numerator = leverage * (c / root)[:, :, None].astype(single)
        numerator += residual[:, None]
        numerator *= numerator
        gain += numerator
    leverage *= leverage
    leverage += new[:, None]
    np.maximum(leverage, single(SMALLEST_NEW), out=leverage)
    gain /= leverage
    gain -= ((coefficient**2).sum(axis=1) / root**2)[:, :, None].astype(single)
    return gain


# Squared part of an atom that must be new, or single precision could not tell.
SMALLEST_NEW = 1e-4
