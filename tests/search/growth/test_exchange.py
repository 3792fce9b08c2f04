import itertools

import numpy as np
import pytest

from surefit.search.growth.dictionary import tabulate
from surefit.search.growth.exchange import exchange, exchange_gains, random_support
from tests.search.growth.sums import growing_sum


def misfit(table, chosen, target):
    solution = np.linalg.lstsq(table.columns[chosen].T.astype(float), target)[0]
    return np.sum((target - table.columns[chosen].T @ solution) ** 2)


def small_table(rng, n_outputs=1):
    growing = growing_sum(rng, n_points=12, n_outputs=n_outputs)
    return growing, tabulate(growing, rng)


@pytest.mark.parametrize("n_outputs", [1, 3])
def test_gains_are_those_of_trying_each_exchange(n_outputs, rng):
    growing, table = small_table(rng, n_outputs)
    root = growing.points.root[0] / np.linalg.norm(growing.points.root[0])
    targets = growing.points.target[0] - np.outer(growing.points.target[0] @ root, root)
    targets = targets / np.linalg.norm(targets)
    chosen = np.array([3, 12, 25])
    cross = table.gram[chosen][None]
    inverse = np.linalg.inv(cross[:, :, chosen].astype(float))
    coefficient = table.target[:, chosen][None] @ inverse
    gains = exchange_gains(inverse, coefficient, cross, table.target)[0]
    start = sum(misfit(table, chosen, target) for target in targets)
    for j, atom in itertools.product(range(3), range(0, len(table.atoms), 7)):
        new = chosen.copy()
        new[j] = atom
        if np.linalg.cond(table.gram[np.ix_(new, new)]) > 1e3:
            continue  # beyond single precision
        gain = start - sum(misfit(table, new, target) for target in targets)
        assert gains[j, atom] == pytest.approx(gain, abs=2e-4)


def test_exchange_never_ends_above_its_start(rng):
    growing, table = small_table(rng)
    root = growing.points.root[0] / np.linalg.norm(growing.points.root[0])
    target = growing.points.target[0, 0]
    target = target - (target @ root) * root
    start = random_support(table, rng, 8, 2)
    ended = min(misfit(table, chosen, target) for chosen in exchange(table, start))
    assert ended <= min(misfit(table, chosen, target) for chosen in start) * (1 + 1e-4)


def test_columns_are_of_unit_norm_and_orthogonal_to_the_constant(rng):
    growing, table = small_table(rng)
    np.testing.assert_allclose(np.linalg.norm(table.columns, axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(table.columns @ growing.points.root[0], 0, atol=1e-4)
