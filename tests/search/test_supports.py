"""Candidates for the terms of a sum are chosen so that they fit best together."""

import itertools

import numpy as np
import pytest

from surefit.search.atoms import Atoms
from surefit.search.components import Component
from surefit.search.supports import exchanged


def make(rng, m, g, n):
    columns = rng.standard_normal((m, g, n))
    return Atoms(
        rng.standard_normal((m, 1)), columns / np.linalg.norm(columns, axis=2, keepdims=True)
    )


def left_by(columns, y):
    solution = np.linalg.lstsq(columns.T, y, rcond=None)[0]
    return float(np.sum((y - columns.T @ solution) ** 2))


@pytest.mark.parametrize("g", [1, 2])
def test_exchange_finds_the_best_of_all_choices(g):
    rng = np.random.default_rng(g)
    atoms = {0: make(rng, 12, g, 40), 1: make(rng, 9, 1, 40)}
    common = np.linalg.qr(rng.standard_normal((40, 2)))[0]
    y = rng.standard_normal(40)
    y = y - common @ (common.T @ y)
    nothing = np.zeros(0, dtype=int)
    terms = tuple(Component(nothing, nothing, kind) for kind in (0, 1, 0))
    support, misfit = exchanged(atoms, terms, common, y, rng, 30)
    one, other = atoms[0].columns, atoms[1].columns
    every = {
        (i, j, k): left_by(np.concatenate([common.T, one[i], other[j], one[k]]), y)
        for i, j, k in itertools.product(range(12), range(9), range(12))
        if i < k
    }
    best = min(every, key=lambda choice: every[choice])
    assert tuple(support[0]) == best
    assert misfit[0] == pytest.approx(every[best], rel=1e-6)
    assert np.all(np.diff(misfit) >= 0)
    assert len(np.unique(support, axis=0)) == len(support)
