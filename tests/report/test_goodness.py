"""What the report on goodness of fit says, in words and in the picture."""

import numpy as np
import pytest

import surefit as sf

RNG = np.random.default_rng(1)
X = RNG.uniform(0, 1, 1000)
NOISE = RNG.normal(0, 0.1, 1000)


def judged(y, yerr=0.1, x=X):
    return sf.fit(x, y, sf.Line(), yerr).goodness


def test_a_good_fit_is_called_good():
    goodness = judged(1 + 2 * X + NOISE)
    assert goodness.is_good
    assert "Nothing in the residuals speaks against" in str(goodness)
    assert max(map(len, str(goodness).splitlines())) <= 80


@pytest.mark.parametrize("yerr", [0.1, None])
def test_waves_are_found_where_they_are(yerr):
    bump = 0.1 * np.sin(2 * np.pi * (X - 0.2) / 0.2) * ((X > 0.2) & (X < 0.6))
    text = " ".join(judged(1 + 2 * X + NOISE + bump, yerr).findings)
    assert "too stiff between x = 0.2" in text
    shifted = judged(1 + 2 * X + NOISE + bump, yerr).along[0].shifted
    assert min(part.low for part in shifted) > 0.15
    assert max(part.high for part in shifted) < 0.65


def test_outliers_are_named_and_make_no_waves():
    y = 1 + 2 * X + NOISE
    y[[37, 40]] += 1.0
    goodness = judged(y)
    assert len(goodness.findings) == 1
    assert "2 points stand off the curve" in goodness.findings[0]
    assert f"37 (x = {X[37]:.3f}" in goodness.findings[0]


@pytest.mark.parametrize(("factor", "word"), [(0.5, "overestimated"), (2.0, "underestimated")])
def test_errors_of_the_wrong_size_are_told_from_a_wrong_model(factor, word):
    goodness = judged(1 + 2 * X + NOISE * factor)
    assert len(goodness.findings) == 1
    assert word in goodness.findings[0]


def test_errors_that_are_wrong_in_one_place_are_found_there():
    findings = judged(1 + 2 * X + NOISE * np.where(X > 0.7, 2.0, 1.0), None).findings
    assert "not right everywhere" in findings[0]
    assert "1.4 between 0.7" in findings[0]


def test_correlated_neighbors_are_told():
    x = np.linspace(0, 1, 400)
    fresh = np.random.default_rng(2).normal(0, 0.1, 401)
    text = " ".join(judged(1 + x + np.diff(fresh), 0.1414, x).findings)
    assert "alternate" in text


def test_long_tails_are_told():
    y = 1 + 2 * X + 0.1 * np.random.default_rng(3).standard_t(4, 1000) / np.sqrt(2)
    text = " ".join(judged(y).findings)
    assert "long tails" in text or "stand" in text


def test_a_point_that_decides_the_fit_is_named():
    x = np.append(np.linspace(0, 1, 14), 3.0)
    y = 1 + 2 * x + np.append(NOISE[:14], 0.6)
    goodness = judged(y, 0.1, x)
    assert "Point 14 at x = 3.00 decides the fit" in goodness.remarks[0]


def test_several_inputs_and_outputs_are_told_apart():
    x = np.stack([X, RNG.uniform(0, 1, 1000)], axis=1)
    y = np.stack([X + NOISE, X**2 + RNG.normal(0, 0.1, 1000)], axis=1)
    goodness = sf.fit(x, y, sf.Plane(), 0.1).goodness
    assert len(goodness.along) == 2
    assert "output 1 wave" in goodness.findings[0]
    assert "x[:, 0]" in goodness.findings[0]
    assert goodness.along[1].shift.pvalue > 0.01


def test_without_errors_it_says_what_cannot_be_said():
    goodness = judged(1 + 2 * X + NOISE, None)
    assert "nothing can be said of their size" in str(goodness)
    assert np.isnan(goodness.width.pvalue)
    assert "width of the pulls" not in str(goodness)


def test_the_notebook_view_holds_the_same_and_is_escaped():
    def nasty(x, a):
        return a + 0 * x

    nasty.__name__ = "<script>"
    html = sf.fit(X, 1 + NOISE, nasty, 0.1).goodness._repr_html_()
    assert "Kolmogorov" in html
    assert "<script>" not in html


@pytest.mark.parametrize("n", [8, 300, 30_000])
def test_the_picture_can_be_drawn_for_few_and_many_points(n, tmp_path):
    rng = np.random.default_rng(n)
    x = rng.uniform(0, 1, n)
    y = 1 + x + rng.normal(0, 0.1, n) + 0.2 * (x > 0.8)
    figure = judged(y, 0.1, x).plot(x_label="time / s")
    figure.savefig(tmp_path / "goodness.png")
    assert [axes.get_ylabel() for axes in figure.axes] == [
        "pull",
        "points",
        "correlation of pulls",
        "pull without the point",
    ]
