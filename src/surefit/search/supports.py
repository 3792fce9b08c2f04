"""Choose one candidate for each term of a sum so that they fit best together: steepest exchange.

No descent takes part: candidates' columns and the data are all there is, so that dozens of random
choices can be improved at the price of a few descents (orthogonal least squares with exchange;
Miller 2002, *Subset Selection in Regression*, ch. 3).
"""

import numpy as np

from surefit.search.atoms import LEAST_NEW, Atoms
from surefit.search.components import Component

# Sweeps over the terms at most; a choice that no longer improves leaves earlier.
SWEEPS = 12
# Among how many of the best atoms a term chooses where a sum is begun term by term.
CHOICES = (1, 4, 20, 100)
# Relative decrease of the misfit that counts as an improvement.
IMPROVED = 1e-6


def exchanged(
    atoms: dict[int, Atoms],
    components: tuple[Component, ...],
    common: np.ndarray,
    residual: np.ndarray,
    rng: np.random.Generator,
    n_streams: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Improve random choices term by term until no single exchange helps.

    Args:
        atoms: Candidates of each kind.
        components: The terms, each with its kind.
        common: Orthonormal columns that are there whatever is chosen, shape (n, a).
        residual: What these leave of the data, shape (n,).
        rng: Source of randomness.
        n_streams: How many random choices to improve.

    Returns:
        Distinct choices, lowest misfit first: an atom of its kind for each component, shape
        (k, c), and the misfit of each, shape (k,).
    """
    kinds = [component.kind for component in components]
    columns = {kind: _orthonormal(one, common) for kind, one in atoms.items()}
    counts = [len(columns[kind]) for kind in kinds]
    support = rng.integers(counts, size=(n_streams, len(kinds)))
    grown = np.arange(n_streams // 2)  # the others begin with atoms at random
    order = rng.permutation(len(kinds)).tolist()
    for count, place in enumerate(order):
        others = [columns[kinds[i]][support[grown, i]] for i in order[:count]]
        gain = _gain(columns[kinds[place]], others, residual, len(grown))[0]
        support[grown, place] = _one_of_the_best(gain, rng)
    misfit = np.full(n_streams, np.inf)
    active = np.arange(n_streams)
    for _ in range(SWEEPS):
        before = misfit[active].copy()
        for place in rng.permutation(len(kinds)).tolist():
            others = [
                columns[kind][support[active, i]] for i, kind in enumerate(kinds) if i != place
            ]
            gain, left = _gain(columns[kinds[place]], others, residual, len(active))
            best = gain.argmax(axis=1)
            left -= gain[np.arange(len(active)), best]
            better = left < misfit[active]
            support[active[better], place] = best[better]
            misfit[active[better]] = left[better]
        active = active[misfit[active] < before * (1 - IMPROVED)]
        if not len(active):
            break
    for kind in set(kinds):  # terms of one kind have no order
        alike = np.flatnonzero(np.array(kinds) == kind)
        support[:, alike] = np.sort(support[:, alike], axis=1)
    support, first = np.unique(support, axis=0, return_index=True)
    order = np.argsort(misfit[first])
    return support[order], misfit[first][order]


def _one_of_the_best(gain: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One atom for each stream, among the best 1, 4, 20 or 100 in turn, shape (s,)."""
    chosen = np.empty(len(gain), dtype=int)
    for row, one in enumerate(gain):
        n = min(CHOICES[row % len(CHOICES)], len(one))
        chosen[row] = rng.choice(np.argpartition(-one, n - 1)[:n])
    return chosen


def _gain(
    columns: np.ndarray, others: list[np.ndarray], residual: np.ndarray, s: int
) -> tuple[np.ndarray, np.ndarray]:
    """By how much each atom lowers the misfit next to the others, (s, m), and that misfit, (s,)."""
    m, g, n = columns.shape
    there = np.concatenate(others, axis=1) if others else np.zeros((s, 0, n))
    a = there.shape[1]
    basis, _ = np.linalg.qr(there.transpose(0, 2, 1))  # (s, n, a)
    inside = np.einsum("sna,n->sa", basis, residual)
    left = residual - np.einsum("sna,sa->sn", basis, inside)
    flat = columns.reshape(m * g, n)
    slope = (flat @ left.T).reshape(m, g, s).transpose(2, 0, 1)
    known = (flat @ basis.transpose(1, 0, 2).reshape(n, s * a)).reshape(m, g, s, a)
    return _gains(known.transpose(2, 0, 1, 3), slope), np.sum(left**2, axis=1)


def _gains(known: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """Decreases (s, m) by atoms whose parts along the basis are known, (s, m, g, a)."""
    if slope.shape[2] == 1:
        new = 1 - np.sum(known[:, :, 0] ** 2, axis=2)
        return np.where(new > LEAST_NEW, slope[:, :, 0] ** 2 / np.maximum(new, LEAST_NEW), 0.0)
    matrix = -known @ known.transpose(0, 1, 3, 2)
    matrix += (1 + LEAST_NEW) * np.eye(slope.shape[2])
    return np.sum(slope * np.linalg.solve(matrix, slope[..., None])[..., 0], axis=2)


def _orthonormal(atoms: Atoms, common: np.ndarray) -> np.ndarray:
    """Each atom's columns less their part in common ones, orthonormal among themselves."""
    columns = atoms.columns - (atoms.columns @ common) @ common.T
    basis, triangle = np.linalg.qr(columns.transpose(0, 2, 1))
    # A column of which nothing is new has no direction of its own.
    size = np.abs(np.einsum("mgg->mg", triangle))
    return np.where(size[:, :, None] > np.sqrt(LEAST_NEW), basis.transpose(0, 2, 1), 0.0)
