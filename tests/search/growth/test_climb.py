"""Growing one unit at a time: never far above an independent search."""

import itertools

import numpy as np
import pytest

import surefit as sf
from surefit.data.checked import check_data
from surefit.lesson.sample import draw_sample
from surefit.search.growth.climb import climb


def first(model, data, n):
    units = model.resolve(data).units()
    return list(itertools.islice(climb(units, data, np.random.default_rng(0)), n))


def test_each_sum_is_that_of_its_model_and_not_far_above_an_independent_search():
    sample = draw_sample(np.random.default_rng(1))
    data = check_data(sample.x, sample.y, sample.yerr)
    for n, (plain, easier) in enumerate(first(sf.Sigmoids(1), data, 5), 1):
        for model, grown in ((sf.Sigmoids(n), plain), (sf.Dense(n), easier)):
            resolved = model.resolve(data)
            values = resolved.from_units(grown.values())
            pulls = (data.y - resolved.evaluate(values, data.x)) / data.noise.sigma
            assert np.sum(pulls**2) == pytest.approx(grown.deviance, rel=1e-4)  # the search's ridge
    best = sf.fit(data.x, data.y, sf.Sigmoids(5), sample.yerr).chi2
    assert plain.deviance < 1.1 * best


def test_shapes_that_make_no_constant_have_one_sum(rng):
    x = np.linspace(-1, 1, 60)
    data = check_data(x, np.exp(-(x**2) / 0.1) + rng.normal(scale=0.05, size=60), 0.05)
    grown = first(sf.Sigmoids(1, "gaussian"), data, 2)
    assert [len(both) for both in grown] == [1, 1]
    assert grown[0][0].deviance < 100
