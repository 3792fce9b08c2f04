"""How a minimum is found: by one search where one is enough."""

import pytest

import surefit as sf
from surefit.search import find
from tests.lesson_sample import SIGMA, sample


@pytest.mark.parametrize("model", [sf.Sigmoids(2), sf.Dense(2)], ids=str)
def test_least_squares_at_points_is_searched_once(model, monkeypatch):
    carried_out = []

    def counted(*arguments):
        carried_out.append(arguments)
        return original(*arguments)

    original = find.carry_out
    monkeypatch.setattr(find, "carry_out", counted)
    sf.fit(*sample(5, n=200), model, SIGMA)
    assert len(carried_out) == 1
