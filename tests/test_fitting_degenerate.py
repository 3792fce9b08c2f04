"""Data with next to nothing in them are fitted, or refused in words; nothing crashes."""

import numpy as np
import pytest

import surefit as sf

X = np.linspace(0.0, 1.0, 50)
DATA = {
    "zeros": np.zeros(50),
    "constant": np.full(50, 3.0),
    "next to nothing": np.full(50, 1e-40),
    "one spike": np.where(np.arange(50) == 20, 1.0, 0.0),
}
MODELS = {
    "line": sf.Line(),
    "series": sf.Chebyshev(5),
    "sigmoids": sf.Sigmoids(2),
    "layer": sf.Dense(3),
    "two layers": sf.Dense(2, 2),
    "rectifiers": sf.Dense(3, activation="relu"),
    "pieces": sf.Piecewise(2),
    "decay": lambda x, a, b: a * np.exp(-b * x),
    "peak": lambda x, a, m, s, b: a * np.exp(-0.5 * ((x - m) / s) ** 2) + b,
    "edge": lambda x, height, t: height * (x > t),
}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("yerr", [0.1, None])
def test_a_fit_of_nothing_says_what_it_found(data, model, yerr):
    fit = sf.fit(X, DATA[data], MODELS[model], yerr, budget=sf.Budget(starts=0.2))
    flat = DATA[data] if data != "one spike" else np.zeros(50)
    if model != "edge" or data != "constant":  # all the others can be flat
        assert fit.rss <= np.sum((DATA[data] - flat) ** 2) * (1 + 1e-9) + 1e-20
    assert str(fit)
    assert fit._repr_html_()
    lower, upper = fit.band(X)
    known = np.isfinite(upper)
    assert np.all(upper[known] >= lower[known])
