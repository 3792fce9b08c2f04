"""The likelihood ratio: exact p-values where they exist, toys where chi2 does not hold."""

import numpy as np
import pytest
from scipy import stats

import surefit as sf


def peak(x, height, center, width, level):
    return level + height * np.exp(-0.5 * ((x - center) / width) ** 2)


def decay(x, a, tau, c):
    return a * np.exp(-x / tau) + c


@pytest.fixture
def sample(rng):
    x = np.linspace(0.0, 1.0, 40)
    return x, decay(x, 2.0, 0.3, 0.5) + rng.normal(scale=0.1, size=40)


def test_the_p_value_is_that_of_an_independent_fit(sample):
    x, y = sample
    rss = [np.sum((y - np.polyval(np.polyfit(x, y, d), x)) ** 2) for d in (2, 4)]
    for yerr in (0.1, None):
        fits = [sf.fit(x, y, sf.Polynomial(degree), yerr) for degree in (2, 4)]
        found = sf.likelihood_ratio(*fits)
        expected = (
            stats.f.sf((rss[0] - rss[1]) / 2 / (rss[1] / 35), 2, 35)
            if yerr is None
            else stats.chi2.sf((rss[0] - rss[1]) / 0.01, 2)
        )
        assert found.pvalue == pytest.approx(expected, rel=1e-6)
        assert found.n_extra == 2


NESTED = [
    (sf.Constant(), sf.Line()),
    (sf.Line(), sf.Chebyshev(3)),
    (sf.Polynomial(2), sf.Legendre(5)),
    (sf.Fourier(2, period=1), sf.Fourier(5, period=1)),
    (sf.Constant(), sf.Fourier(1)),
]


@pytest.mark.parametrize("pair", NESTED, ids=str)
def test_linear_models_are_nested_if_their_functions_are(pair, sample):
    small, large = (sf.fit(*sample, model, 0.1) for model in pair)
    assert "Every" in sf.likelihood_ratio(small, large).nesting
    with pytest.raises(sf.InvalidOption, match="is not seen to be contained"):
        sf.likelihood_ratio(large, small)


def test_what_is_not_nested_is_refused(sample):
    for small, large in ((sf.Fourier(1), sf.Polynomial(6)), (sf.Line(), decay)):
        with pytest.raises(sf.InvalidOption, match="second time with fixed"):
            sf.likelihood_ratio(sf.fit(*sample, small, 0.1), sf.fit(*sample, large, 0.1))


@pytest.mark.slow
@pytest.mark.parametrize("yerr", [0.1, None])
def test_p_values_are_uniform_if_the_smaller_model_is_right(yerr):
    rng, x, found = np.random.default_rng(5), np.linspace(0.0, 1.0, 30), []
    for _ in range(400):
        y = decay(x, 2.0, 0.3, 0.5) + rng.normal(scale=0.1, size=30)
        small = sf.fit(x, y, decay, yerr, fixed={"tau": 0.3})
        large = sf.fit(x, y, decay, yerr)
        found.append(sf.likelihood_ratio(small, large).pvalue)
    assert stats.kstest(found, "uniform").pvalue > 0.01


@pytest.mark.slow
def test_toys_make_p_values_uniform_where_chi2_does_not_hold():
    rng, x, found = np.random.default_rng(6), np.linspace(0.0, 1.0, 30), []
    for key in range(40):
        y = 1.0 + rng.normal(scale=0.1, size=30)
        known = {"center": 0.4, "width": 0.1}
        small = sf.fit(x, y, peak, 0.1, fixed={"height": 0.0, **known})
        large = sf.fit(x, y, peak, 0.1, fixed=known, bounds={"height": (0.0, None)})
        found.append(sf.likelihood_ratio(small, large, toys=19, key=key).pvalue)
    # At height 0 half of the samples tie, which makes large p-values common; small ones are right.
    assert np.mean(np.array(found) <= 0.25) == pytest.approx(0.25, abs=3 * np.sqrt(0.19 / 40))


def test_a_height_at_its_limit_or_an_idle_place_is_not_chi2(sample):
    x, y = sample[0], sample[1] + peak(sample[0], 1.0, 0.5, 0.1, 0.0)
    small = sf.fit(x, y, peak, 0.1, fixed={"height": 0.0, "center": 0.5, "width": 0.1})
    free = sf.fit(x, y, peak, 0.1)
    with pytest.raises(sf.NotAvailable, match=r"center, width mean\(s\) nothing"):
        sf.likelihood_ratio(small, free)
    limited = {"fixed": {"center": 0.5, "width": 0.1}, "bounds": {"height": (0.0, None)}}
    with pytest.raises(sf.NotAvailable, match="height is at a limit"):
        sf.likelihood_ratio(small, sf.fit(x, y, peak, 0.1, **limited))
    with pytest.raises(sf.NotAvailable, match="a unit has no weight"):
        sf.likelihood_ratio(*(sf.fit(x, y, sf.Sigmoids(n), 0.1) for n in (1, 2)))
    with pytest.raises(sf.NotAvailable, match="a unit has no weight"):
        sf.likelihood_ratio(*(sf.fit(x, y, sf.Dense(n), 0.1) for n in (1, 2)))


def test_toys_calibrate_what_chi2_does_not(sample):
    x, y = sample
    known = {"center": 0.5, "width": 0.1}
    small = sf.fit(x, y, peak, 0.1, fixed={"height": 0.0, **known})
    large = sf.fit(x, y, peak, 0.1, fixed=known, bounds={"height": (0.0, None)})
    heard = []
    found = sf.likelihood_ratio(small, large, toys=20, progress=lambda *said: heard.append(said))
    assert len(found.toys) == 20
    assert (found.toys >= 0).all()
    assert found.pvalue == (1 + np.sum(found.toys >= found.statistic)) / 21
    assert "p from 20 samples" in found.method
    assert heard[-1][0] == "fit 20 of 20"


def test_ties_and_fixed_values_make_a_model_smaller(sample):
    x, y = sample
    large = sf.fit(x, y, decay, 0.1)
    for known in ({"fixed": {"tau": 0.3}}, {"ties": {"a": "4*c"}}):
        small = sf.fit(x, y, decay, 0.1, **known)
        found = sf.likelihood_ratio(small, large)
        expected = stats.chi2.sf(small.chi2 - large.chi2, 1)
        assert found.pvalue == pytest.approx(expected, rel=1e-9)


def test_it_prints_and_shows_itself(sample):
    fits = [sf.fit(*sample, model, 0.1) for model in (sf.Line(), sf.Polynomial(3))]
    found = sf.likelihood_ratio(*fits)
    assert "strong evidence that Line() is too small" in " ".join(str(found).split())
    assert "fall of −2 ln L" in found._repr_html_()


def test_losses_and_fits_without_a_ratio_are_refused(sample):
    robust = [sf.fit(*sample, model, 0.1, loss=sf.Huber()) for model in (sf.Constant(), sf.Line())]
    with pytest.raises(sf.NotAvailable, match="is no likelihood"):
        sf.likelihood_ratio(*robust)
    fits = [sf.fit(*sample, model, 0.1) for model in (sf.Constant(), sf.Line())]
    with pytest.raises(sf.InvalidOption, match="toys is -1"):
        sf.likelihood_ratio(*fits, toys=-1)


def test_a_peak_that_no_sample_has_is_said_to_be_there(sample):
    x, y = sample[0], 0.5 + peak(sample[0], 2.0, 0.5, 0.1, 0.0)
    known = {"center": 0.5, "width": 0.1}
    small = sf.fit(x, y, peak, 0.1, fixed={"height": 0.0, **known})
    large = sf.fit(x, y, peak, 0.1, fixed=known)
    found = sf.likelihood_ratio(small, large, toys=19)
    assert found.verdict.startswith("peak with height held is too small: none of 19 samples")
    few = sf.likelihood_ratio(small, large, toys=5)
    assert few.verdict == "None of 5 samples looked as bad: too few to tell; draw more."
