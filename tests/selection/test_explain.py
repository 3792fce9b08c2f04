"""The ladder: the smallest adequate model, and what is said of it."""

import dataclasses
import math

import numpy as np
import pytest

import surefit as sf
from surefit.lesson.sample import draw_sample


def damped(x, height, rate, frequency):
    return height * np.exp(-rate * x) * np.cos(frequency * x)


def sample(curve, n=80, noise=0.1, seed=3):
    rng = np.random.default_rng(seed)
    x = np.sort(rng.uniform(size=n))
    return x, curve(x) + rng.normal(scale=noise, size=n)


@pytest.mark.parametrize(
    ("curve", "expected"),
    [
        (lambda x: 1.0 + 0 * x, "Constant()"),
        (lambda x: 1.0 + 2 * x, "Line()"),
        (lambda x: 1.0 + 2 * x - 4 * x**2, "Polynomial(2)"),
        (lambda x: np.sin(2 * np.pi * x), "Fourier(1, period=1.0)"),
        (lambda x: 2 / (1 + np.exp((x - 0.4) / 0.03)), "Sigmoids(1)"),
    ],
)
@pytest.mark.parametrize("yerr", [0.1, None])
def test_the_rung_behind_the_data_is_found(curve, expected, yerr):
    x, y = sample(curve)
    found = sf.explain(x, y, yerr, period=1.0)
    row = next(row for row in found.rows if row.is_best)
    assert row.label == expected
    assert found.is_explained
    assert found.best in found.fits
    assert row.adequacy >= 0.05
    assert all(other.adequacy < 0.05 for other in found.rows if other.spent < row.spent)
    assert f"{expected} is the smallest model that explains the data" in found.verdict
    assert ("No errors were given" in found.verdict) == (yerr is None)


def test_the_best_fit_is_the_one_that_fit_makes():
    x, y = sample(lambda x: 1.0 + 2 * x)
    found, again = sf.explain(x, y, 0.1).best, sf.fit(x, y, sf.Line(), 0.1)
    assert dict(found.values) == dict(again.values)
    assert found.valid


def test_an_ansatz_given_by_the_user_is_a_rung():
    x, y = sample(lambda x: damped(x, 1, 2, 15), n=150, noise=0.05)
    found = sf.explain(x, y, 0.05, models=[damped])
    assert str(found.best.model) == "damped"
    assert found.best.values["frequency"] == pytest.approx(15, abs=0.3)


def test_chi2_of_every_rung_is_that_of_its_fit():
    x, y = sample(lambda x: np.sin(9 * x), n=60)
    for row in sf.explain(x, y, 0.1).rows:
        if row.family in ("polynomial", "Fourier"):
            name, _, number = row.label.rstrip(")").partition("(")
            model = getattr(sf, name)(*([int(number)] if number else []))
            assert row.chi2 == pytest.approx(sf.fit(x, y, model, 0.1).chi2, rel=1e-9)


@pytest.mark.slow
def test_more_sigmoids_are_supported_by_more_of_the_lessons_data():
    few = draw_sample(np.random.default_rng(4), 50)
    more = draw_sample(np.random.default_rng(4), 300)
    sizes = []
    for drawn in (few, more):
        rows = sf.explain(drawn.x, drawn.y, drawn.yerr).rows
        adequate = [row for row in rows if row.family == "sigmoids" and row.is_adequate]
        sizes.append(adequate[0].n_parameters // 3)
    assert sizes[0] < sizes[1]


def test_a_correlated_error_explains_a_slow_wander(rng):
    x = np.linspace(0, 1, 40)
    covariance = 0.01 * np.eye(40) + 0.3 * np.exp(-np.abs(x[:, None] - x) / 0.3)
    y = 1 + np.linalg.cholesky(covariance) @ rng.normal(size=40)
    assert str(sf.explain(x, y, covariance).best.model) == "Constant()"


def test_several_inputs_climb_from_a_plane_to_ridges(rng):
    x = rng.uniform(-1, 1, size=(150, 2))
    flat = 1 + x @ [1.0, -2.0] + rng.normal(scale=0.1, size=150)
    assert str(sf.explain(x, flat, 0.1).best.model) == "Plane()"
    edge = np.tanh(4 * (x[:, 0] + x[:, 1])) + rng.normal(scale=0.1, size=150)
    found = sf.explain(x, edge, 0.1)
    assert next(row for row in found.rows if row.is_best).family in ("sigmoids", "hidden layer")


def test_where_nothing_explains_the_data_the_verdict_says_so(rng):
    x = np.linspace(0, 1, 20)
    y = rng.normal(size=20)
    found = sf.explain(x, y, 0.01)
    assert not found.is_explained
    assert "No model on the ladder" in found.verdict
    assert "errors may be too small" in found.verdict
    assert not any(row.is_best for row in found.rows)


def test_text_html_and_figures_show_the_choice():
    x, y = sample(lambda x: 1.0 + 2 * x)
    found = sf.explain(x, y, 0.1)
    assert "* Line()" in str(found)
    assert all(len(line) <= 80 for line in str(found).splitlines())
    assert "<b>Line()</b>" in found._repr_html_()
    upper, lower = found.plot().axes
    assert upper.get_ylabel() == "χ²/ndof"
    assert lower.get_xlabel() == "effective degrees of freedom spent"
    assert len(found.plot_fits().axes) == 1 + len(found.fits)
    assert all(math.isnan(row.chi2) for row in sf.explain(x, y).rows)


def test_the_same_key_gives_the_same_rows_and_progress_is_told():
    x, y = sample(lambda x: np.sin(9 * x), n=40)
    told = []
    first = sf.explain(x, y, 0.1, key=5, progress=lambda what, value: told.append(what))
    again = sf.explain(x, y, 0.1, key=5)
    assert [row.adequacy for row in first.rows] == [row.adequacy for row in again.rows]
    assert told[0] == "Constant()"


def test_a_model_that_cannot_be_fitted_is_named(rng):
    x, y = sample(lambda x: 1.0 + 0 * x)
    found = sf.explain(x, y, 0.1, models=[sf.Polynomial(200)])
    assert found.failures[0][0] == "Polynomial(200)"
    assert "could not be fitted" in str(found)


def test_wrong_use_is_refused(rng):
    x = np.linspace(0, 1, 20)
    with pytest.raises(sf.NotAvailable, match="explain takes one output but y has 2 columns"):
        sf.explain(x, rng.normal(size=(20, 2)))
    with pytest.raises(sf.TooFewPoints, match="There are 5 points; explain needs 8"):
        sf.explain(x[:5], x[:5])
    with pytest.raises(sf.InvalidOption, match="period"):
        sf.explain(x, x, period=-1.0)
    with pytest.raises(sf.InvalidOption, match="models takes a list"):
        sf.explain(x, x, models="line")


@pytest.mark.slow
@pytest.mark.parametrize("is_given", [True, False])
def test_a_larger_model_is_preferred_in_5_percent_of_toys_at_most(is_given):
    from benchmarks.ladder.preference import TRUTHS, one

    runs = [
        one(truth, n, noise, seed, is_given=is_given)[0]
        for truth in TRUTHS
        for n in (40, 200)
        for noise in (0.05, 0.3)
        for seed in range(40)
    ]
    assert np.mean(runs) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / len(runs))


def test_an_answer_whose_minimum_is_not_confirmed_says_so():
    x, y = sample(lambda x: 1.0 + 2 * x)
    found = sf.explain(x, y, 0.1)
    assert found.notes == ()
    doubtful = dataclasses.replace(found.best, status=sf.Status.unconfirmed)
    said = str(dataclasses.replace(found, best=doubtful))
    assert "is enough as it stands, but its minimum is not confirmed" in " ".join(said.split())
