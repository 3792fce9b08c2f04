import numpy as np
import pytest

from surefit.lesson.costs import ARCHITECTURES, costs, forward, random_network


def test_the_largest_network_is_the_lessons_with_195_parameters(rng):
    assert ARCHITECTURES[-1] == (8, 7, 9, 6)
    assert random_network(rng, ARCHITECTURES[-1]).shape == (195,)


def test_the_plain_network_is_matrices_and_rectifiers(rng):
    parameters, x = random_network(rng, (2, 3, 1)), rng.normal(size=(4, 2))
    first, bias = parameters[:6].reshape(3, 2), parameters[6:9]
    second, last = parameters[9:12], parameters[12]
    for row, got in zip(x, forward(parameters, x, (2, 3, 1)), strict=True):
        hidden = [max(0.0, float(w @ row + b)) for w, b in zip(first, bias, strict=True)]
        assert got[0] == pytest.approx(max(0.0, float(np.dot(second, hidden) + last)))


def test_migrad_stops_at_the_limit_of_calls_and_says_so(rng):
    said = []
    (cost,) = costs(rng, 1, 300, said.append)
    assert cost.is_capped
    assert 300 <= cost.migrad_calls < 400
    assert cost.n_parameters == 12
    assert cost.n_terms == 500
    assert 300 < cost.true_chi2 < 700
    assert said == ["MIGRAD on 12 parameters", "surefit on 12 parameters"]
