"""Parameters as correlated numbers of the package uncertainties."""

import sys

import numpy as np
import pytest

import surefit as sf

X = np.linspace(0, 2, 25)


def decay(x, a, t, c):
    return a * np.exp(-x / t) + c


@pytest.fixture
def fit():
    rng = np.random.default_rng(5)
    return sf.fit(X, decay(X, 2.0, 0.7, 0.3) + rng.normal(0, 0.02, 25), decay, 0.02)


def test_correlated_numbers_propagate_as_derived_does(fit):
    pytest.importorskip("uncertainties")
    numbers = fit.correlated()
    area = fit.derived(lambda p: p.a * p.t)
    assert (numbers["a"] * numbers["t"]).n == pytest.approx(area.value, rel=1e-12)
    assert (numbers["a"] * numbers["t"]).s == pytest.approx(area.error, rel=1e-9)


def test_fixed_and_unknown_parameters_are_not_invented():
    pytest.importorskip("uncertainties")
    y = decay(X, 2.0, 0.7, 0.3) + np.random.default_rng(5).normal(0, 0.02, 25)
    numbers = sf.fit(X, y, decay, 0.02, fixed={"c": 0.3}).correlated()
    assert numbers["c"] == 0.3
    assert isinstance(numbers["c"], float)
    merged = sf.fit(X, y, lambda x, a, b: a + b + 0 * x, 0.02).correlated()
    assert np.isnan(merged["a"].s)


def test_tied_parameters_move_with_what_they_are_tied_to():
    pytest.importorskip("uncertainties")
    y = decay(X, 2.0, 0.7, 0.3) + np.random.default_rng(5).normal(0, 0.02, 25)
    fit = sf.fit(X, y, decay, 0.02, ties={"c": "a / 8"})
    numbers = fit.correlated()
    assert numbers["c"].s == pytest.approx(fit.errors["c"])
    assert (numbers["c"] - numbers["a"] / 8).s == pytest.approx(0, abs=1e-9)


def test_without_the_package_the_message_says_how_to_install_it(fit, monkeypatch):
    monkeypatch.setitem(sys.modules, "uncertainties", None)
    with pytest.raises(sf.MissingDependency, match=r"surefit\[uncertainties\]"):
        fit.correlated()
