"""The Bayes factor of linear models is that of their exact evidences."""

import numpy as np
import pytest
from scipy import integrate, stats

import surefit as sf


@pytest.fixture
def sample(rng):
    x = np.linspace(-1.0, 1.0, 25)
    return x, 0.3 + 0.5 * x + rng.normal(scale=0.2, size=25)


def exact(x, y, degree, means, sigmas):
    """ln evidence of a polynomial with normal priors on its coefficients, in closed form."""
    columns = np.vander(x, degree + 1, increasing=True)
    covariance = 0.2**2 * np.eye(len(x)) + columns @ np.diag(np.square(sigmas)) @ columns.T
    return stats.multivariate_normal.logpdf(y, columns @ means, covariance)


NAMES = ("coefficient[0]", "coefficient[1]", "coefficient[2]")


def test_normal_priors_give_the_exact_evidences_of_linear_models(sample):
    x, y = sample
    means, sigmas = [0.1, 0.0, -0.2], [1.0, 2.0, 0.5]
    prior = {
        name: sf.NormalPrior(*pair)
        for name, pair in zip(NAMES, zip(means, sigmas, strict=True), strict=True)
    }
    small, large = (sf.fit(x, y, sf.Polynomial(degree), 0.2) for degree in (1, 2))
    found = sf.bayes_factor(small, large, prior)
    expected = exact(x, y, 1, means[:2], sigmas[:2]) - exact(x, y, 2, means, sigmas)
    assert found.log_factor == pytest.approx(expected, abs=1e-8)
    assert found.factor == pytest.approx(np.exp(expected))
    assert found.probability == pytest.approx(1 / (1 + np.exp(-expected)))
    back = sf.bayes_factor(large, small, prior)
    assert back.log_factor == pytest.approx(-found.log_factor)
    assert "NormalPrior(0.1, 1)" in str(found)


def test_uniform_priors_integrate_the_likelihood(sample):
    x, y = sample
    fits = [sf.fit(x, y, model, 0.2) for model in (sf.Line(), sf.Constant())]
    prior = {
        "intercept": sf.UniformPrior(-2, 3),
        "slope": sf.NormalPrior(0.0, 1.0),
        "value": sf.UniformPrior(-2, 3),
    }

    def likelihood(slope, intercept):
        chi2 = np.sum((y - intercept - slope * x) ** 2) / 0.04
        return np.exp(-0.5 * (chi2 - fits[0].chi2)) / 5

    line = integrate.dblquad(
        lambda b, a: likelihood(b, a) * stats.norm.pdf(b), 0.0, 0.7, lambda _: -0.2, lambda _: 1.2
    )[0]
    flat = integrate.quad(lambda a: likelihood(0.0, a), 0.0, 0.7)[0]
    found = sf.bayes_factor(*fits, prior)
    assert found.log_factor == pytest.approx(np.log(line / flat), abs=1e-3)


@pytest.mark.parametrize("yerr", [0.2, None])
def test_unit_information_is_nearly_the_difference_of_bic(sample, yerr):
    fits = [sf.fit(*sample, model, yerr) for model in (sf.Line(), sf.Constant())]
    found = sf.bayes_factor(*fits)
    rows = sf.compare(*sample, [sf.Line(), sf.Constant()], yerr).rows
    bic = {row.label: row.bic for row in rows}
    assert 2 * found.log_factor == pytest.approx(bic["Constant()"] - bic["Line()"], abs=0.05)
    # The prior that this stands for, around the fit, has the exact evidence of a linear model.
    if yerr is not None:
        x, y = sample
        columns = np.vander(x, 2, increasing=True)
        spread = 25 * np.linalg.inv(columns.T @ columns / 0.04)
        center = np.linalg.lstsq(columns, y, rcond=None)[0]
        covariance = 0.04 * np.eye(25) + columns @ spread @ columns.T
        line = stats.multivariate_normal.logpdf(y, columns @ center, covariance)
        flat = stats.multivariate_normal.logpdf(
            y, np.full(25, y.mean()), 0.04 * np.eye(25) + 0.04 * np.ones((25, 25))
        )
        assert found.log_factor == pytest.approx(line - flat, abs=1e-8)


@pytest.mark.parametrize(
    ("log_factor", "said"),
    [
        (0.5, "hardly tell A and B apart"),
        (-2.0, "positively prefer B"),
        (4.0, "strongly"),
        (9.0, "very s"),
    ],
)
def test_the_verdict_follows_the_scale_of_kass_and_raftery(log_factor, said):
    record = sf.BayesFactor(("A", "B"), (0.0, 0.0), log_factor, "")
    assert said in record.verdict
    assert "ln B" in record._repr_html_()


def test_laplaces_method_is_refused_where_it_does_not_hold(sample):
    x, y = sample

    def twice(x, a, b, c):
        return a + b + c * x

    line = sf.fit(x, y, sf.Line(), 0.2)
    with pytest.raises(sf.NotAvailable, match="to be trusted"):
        sf.bayes_factor(line, sf.fit(x, y, twice, 0.2))
    limited = sf.fit(x, y, sf.Line(), 0.2, bounds={"slope": (None, 0.1)})
    with pytest.raises(sf.NotAvailable, match="slope \\(at its limit"):
        sf.bayes_factor(limited, line)

    def edge(x, a, b, c):
        return np.where(x < a, b, c)

    with pytest.raises(sf.NotAvailable, match="a \\(step"):
        sf.bayes_factor(line, sf.fit(x, y, edge, 0.2))
    robust = sf.fit(x, y, sf.Line(), 0.2, loss=sf.Huber())
    with pytest.raises(sf.NotAvailable, match="is no likelihood"):
        sf.bayes_factor(robust, robust)
    measured = sf.fit(x, y, sf.Line(), 0.2, constraints={"slope": (0.5, 0.1)})
    with pytest.raises(sf.NotAvailable, match="which are priors already"):
        sf.bayes_factor(measured, measured)
    narrow = {"intercept": sf.UniformPrior(0.3, 1), "slope": sf.NormalPrior(0, 1)}
    with pytest.raises(sf.NotAvailable, match="ends within 3 standard deviations"):
        sf.bayes_factor(line, line, narrow)
    unknown = sf.fit(x, y, sf.Line())
    with pytest.raises(sf.NotAvailable, match="give yerr"):
        sf.bayes_factor(unknown, unknown, narrow)


def test_wrong_use_is_refused(sample):
    x, y = sample
    line = sf.fit(x, y, sf.Line(), 0.2)
    with pytest.raises(sf.InvalidOption, match="differ in y; fit both"):
        sf.bayes_factor(line, sf.fit(x, y + 1, sf.Line(), 0.2))
    with pytest.raises(sf.InvalidOption, match="differ in yerr and loss"):
        sf.bayes_factor(line, sf.fit(x, y, sf.Line(), 0.1, loss=sf.Huber()))
    with pytest.raises(sf.InvalidType, match="Got a ndarray; pass two fits"):
        sf.bayes_factor(line, y)
    with pytest.raises(sf.InvalidOption, match="nothing on slope"):
        sf.bayes_factor(line, line, {"intercept": sf.NormalPrior(0, 1)})
    with pytest.raises(sf.InvalidOption, match="a sigma above 0"):
        sf.NormalPrior(0, -1)
    with pytest.raises(sf.InvalidOption, match="the lower one first"):
        sf.UniformPrior(1, 0)
