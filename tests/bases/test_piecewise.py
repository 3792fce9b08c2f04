"""Piecewise models: the lowest of all segmentations, found and reported."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import surefit as sf
from surefit.data.checked import check_data
from surefit.search.segmentation import cut


def misfit(x, y, sigma, degree):
    columns = np.vander(x, degree + 1) / sigma[:, None]
    solution = np.linalg.lstsq(columns, y / sigma, rcond=None)[0]
    return float(np.sum((y / sigma - columns @ solution) ** 2))


def lowest_of_all(x, y, sigma, n_breaks, degree):
    """Every way to cut sorted data, one after the other."""
    best = np.inf
    for inner in itertools.combinations(range(1, len(x)), n_breaks):
        edges = [0, *inner, len(x)]
        if min(np.diff(edges)) > degree:
            parts = [slice(a, b) for a, b in itertools.pairwise(edges)]
            best = min(best, sum(misfit(x[p], y[p], sigma[p], degree) for p in parts))
    return best


@pytest.mark.parametrize("degree", [0, 1])
@pytest.mark.parametrize("n_breaks", [1, 2, 3])
def test_no_way_to_cut_the_data_is_lower(rng, n_breaks, degree):
    x = np.sort(rng.uniform(size=16))
    sigma = rng.uniform(0.1, 0.4, 16)
    y = np.sin(7 * x) + rng.normal(scale=sigma)
    shuffled = rng.permutation(16)
    fit = sf.fit(x[shuffled], y[shuffled], sf.Piecewise(n_breaks, degree), yerr=sigma[shuffled])
    assert fit.chi2 == pytest.approx(lowest_of_all(x, y, sigma, n_breaks, degree), rel=1e-9)
    assert fit.valid
    assert fit.ndof == 16 - n_breaks - (n_breaks + 1) * (degree + 1)
    assert "dynamic programming" in str(fit)


def test_steps_are_found_and_their_intervals_hold_the_truth():
    rng = np.random.default_rng(3)
    x = np.sort(rng.uniform(size=200))
    y = np.where(x < 0.3, 1.0, np.where(x < 0.6, 3.0, 0.0)) + rng.normal(scale=0.3, size=200)
    fit = sf.fit(x, y, sf.Piecewise(2), yerr=0.3)
    for name, truth in (("break[0]", 0.3), ("break[1]", 0.6)):
        lower, upper = fit.interval(name, 0.95)
        assert lower < truth < upper
        assert np.isnan(fit.errors[name])
    means = [y[x < 0.3].mean(), y[(x > 0.3) & (x < 0.6)].mean(), y[x > 0.6].mean()]
    assert fit.parameters["level"] == pytest.approx(means, abs=0.05)


def test_lines_are_those_of_each_part_alone():
    rng = np.random.default_rng(4)
    x = np.sort(rng.uniform(5, 6, size=60))
    y = np.where(x < 5.5, 1 + x, 20 - 2 * x) + rng.normal(scale=0.05, size=60)
    fit = sf.fit(x, y, sf.Piecewise(1, degree=1), yerr=0.05)
    right = x > fit.values["break[0]"]
    alone = sf.fit(x[right], y[right], sf.Line(), yerr=0.05)
    for name in ("intercept", "slope"):
        assert fit.values[f"{name}[1]"] == pytest.approx(alone.values[name], rel=1e-6)
        assert fit.errors[f"{name}[1]"] == pytest.approx(alone.errors[name], rel=1e-6)


@given(shift=st.floats(-1e4, 1e4), scale=st.floats(1e-3, 1e3), offset=st.floats(-1e4, 1e4))
def test_shifting_and_scaling_moves_the_breaks_as_it_should(shift, scale, offset):
    rng = np.random.default_rng(5)
    x = np.sort(rng.uniform(size=40))
    y = 3.0 * (x > 0.4) - 5.0 * (x > 0.7) + rng.normal(scale=0.2, size=40)
    before = cut(check_data(x, y, 0.2), 2, 0)
    after = cut(check_data(shift + scale * x, offset + y, 0.2), 2, 0)
    np.testing.assert_allclose(after.breaks(2), shift + scale * before.breaks(2), rtol=1e-7)
    np.testing.assert_allclose(after.value, before.value, rtol=1e-5)


def test_equal_x_are_never_cut_and_outputs_share_the_breaks(rng):
    x = np.repeat(np.arange(10.0), 3)
    y = np.column_stack([x > 4, x > 4]) + rng.normal(scale=0.1, size=(30, 2))
    fit = sf.fit(x, y, sf.Piecewise(1), yerr=0.1)
    assert fit.values["break[0]"] == 4.5
    assert fit.parameters["level"].shape == (2, 2)
    assert fit.parameters["level"][1] == pytest.approx(y[x > 4].mean(axis=0))


def test_many_points_are_cut_on_some_places_first(rng):
    x = np.sort(rng.uniform(size=8000))
    y = 1.0 * (x > 0.37) + rng.normal(scale=0.3, size=8000)
    fit = sf.fit(x, y, sf.Piecewise(1), yerr=0.3)
    sums = np.cumsum(y)[:-1]
    n = np.arange(1, 8000)
    gains = sums**2 / n + (y.sum() - sums) ** 2 / (8000 - n)
    best = int(np.argmax(gains))
    assert x[best] < fit.values["break[0]"] < x[best + 1]
    assert "two choices of places agree" in str(fit).replace("\n" + 13 * " ", " ")


def test_it_is_written_and_read_and_named_on_the_command_line(tmp_path, rng):
    x = np.linspace(0, 1, 30)
    fit = sf.fit(x, (x > 0.5) + rng.normal(scale=0.1, size=30), sf.Piecewise(1), yerr=0.1)
    fit.save(tmp_path / "fit.json")
    assert np.array_equal(sf.load(tmp_path / "fit.json").predict(x), fit.predict(x))
    from surefit.cli.model_spec import parse_model

    assert parse_model("piecewise:3,1") == sf.Piecewise(3, degree=1)
    assert str(sf.Piecewise(3, degree=1)) == "Piecewise(3, degree=1)"


def test_wrong_use_is_refused():
    x = np.arange(5.0)
    with pytest.raises(sf.InvalidOption, match="degree of Piecewise is 2"):
        sf.Piecewise(1, 2)
    with pytest.raises(sf.InvalidOption, match="n_breaks"):
        sf.Piecewise(0)
    with pytest.raises(sf.TooFewPoints, match="needs at least 6 distinct x, but there are 5"):
        sf.fit(x, x, sf.Piecewise(2, 1))
    with pytest.raises(sf.ShapeMismatch, match="takes one input"):
        sf.fit(np.ones((5, 2)), x, sf.Piecewise(1))
