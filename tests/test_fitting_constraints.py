"""fit() with what the user knows: ties, order, measured parameters and limits."""

import iminuit
import numpy as np
import pytest
import scipy.optimize

import surefit as sf

X = np.linspace(0, 10, 80)


def two_peaks(x, h1, m1, s1, h2, m2, s2, level):
    first = h1 * np.exp(-0.5 * ((x - m1) / s1) ** 2)
    return first + h2 * np.exp(-0.5 * ((x - m2) / s2) ** 2) + level


PEAKS = two_peaks(X, 5, 3, 0.6, 4, 6, 1.2, 1) + np.random.default_rng(1).normal(0, 0.2, 80)
WIDTHS = {"s1": (0.1, 5), "s2": (0.1, 5)}


def decay(x, height, lifetime, level):
    return height * np.exp(-x / lifetime) + level


DECAY = decay(X, 5, 2, 1) + np.random.default_rng(2).normal(0, 0.1, 80)


def tied_by_hand(x, h1, m1, s1, m2, level):
    return two_peaks(x, h1, m1, s1, 0.8 * h1, m2, np.sqrt(s1) + 0.4, level)


@pytest.mark.parametrize(
    "ties",
    [
        {"s2": "sqrt(s1) + 0.4", "h2": "0.8*h1"},
        {"s2": lambda s1: np.sqrt(s1) + 0.4, "h2": lambda h1: 0.8 * h1},
        {"s2": lambda s1: s1**0.5 + 0.4 if s1 > 0 else float("nan"), "h2": "h1 - 0.2*h1"},
    ],
    ids=["formulas", "functions", "a function that branches"],
)
def test_tied_parameters_are_those_of_the_formula_written_out_and_errors_are_propagated(ties):
    fit = sf.fit(X, PEAKS, two_peaks, 0.2, ties=ties)
    expected = sf.fit(X, PEAKS, tied_by_hand, 0.2)
    assert fit.valid
    assert fit.names == expected.names
    np.testing.assert_allclose(
        [fit.values[n] for n in fit.names], list(expected.values.values()), rtol=1e-6
    )
    np.testing.assert_allclose(fit.covariance, expected.covariance, rtol=1e-5, atol=1e-12)
    assert (fit.ndof, fit.chi2) == (expected.ndof, pytest.approx(expected.chi2, rel=1e-9))
    assert fit.values["h2"] == pytest.approx(0.8 * fit.values["h1"])
    assert fit.errors["h2"] == pytest.approx(0.8 * fit.errors["h1"])
    slope = 0.5 / np.sqrt(fit.values["s1"])
    assert fit.errors["s2"] == pytest.approx(slope * fit.errors["s1"], rel=1e-6)
    assert fit.remarks["s2"].startswith("tied: ")
    for band, by_hand in zip(fit.band(X), expected.band(X), strict=True):
        np.testing.assert_allclose(band, by_hand, rtol=1e-6)


def test_ties_go_through_each_other_and_keep_linear_parameters_solvable():
    ties = {"h2": "2*h1 + level", "h1": "0.5*level"}
    fit = sf.fit(X, PEAKS, two_peaks, 0.2, ties=ties, bounds=WIDTHS)
    level = fit.values["level"]
    assert (fit.values["h1"], fit.values["h2"]) == pytest.approx((0.5 * level, 2 * level))
    assert "1 of 5 parameters solved" in fit.method


def test_a_product_of_tied_linear_parameters_is_no_longer_solved_and_still_right():
    fit = sf.fit(X, PEAKS, two_peaks, 0.2, ties={"h2": "h1*level"}, bounds=WIDTHS)
    assert "solved" not in fit.method.replace("0 of", "solved")

    def by_hand(x, h1, m1, s1, m2, s2, level):
        return two_peaks(x, h1, m1, s1, h1 * level, m2, s2, level)

    start = [fit.values[name] for name in fit.names]
    values, _ = scipy.optimize.curve_fit(by_hand, X, PEAKS, start, 0.2)
    np.testing.assert_allclose([fit.values[name] for name in fit.names], values, rtol=1e-4)


def test_a_tie_may_name_entries_of_arrays_and_parts_of_sums():
    model = sf.Line().named("left") + sf.Constant().named("right")
    fit = sf.fit(X, 3 + 2 * X, model, 0.1, ties={"right.value": "0.5*left.intercept"})
    assert fit.values["left.intercept"] == pytest.approx(2)
    assert fit.values["right.value"] == pytest.approx(1)
    fit = sf.fit(X, 1 + X**2, sf.Polynomial(2), 0.1, ties={"coefficient[2]": "coefficient[0]"})
    assert fit.values["coefficient[2]"] == pytest.approx(1)
    assert "solved by QR" in fit.method


@pytest.mark.parametrize("order", [("m1", "m2"), [("m2", "m1")]])
def test_order_says_which_peak_is_which(order):
    fit = sf.fit(X, PEAKS, two_peaks, 0.2, order=order, bounds=WIDTHS)
    free = sf.fit(X, PEAKS, two_peaks, 0.2, bounds=WIDTHS)
    smaller = order[0] if isinstance(order[0], str) else order[0][0]
    larger = "m2" if smaller == "m1" else "m1"
    assert fit.values[smaller] < 4 < fit.values[larger]
    assert fit.chi2 == pytest.approx(free.chi2, rel=1e-9)
    assert fit.valid
    assert fit.ndof == free.ndof
    assert sorted(fit.errors.values()) == pytest.approx(sorted(free.errors.values()), rel=1e-4)


def three_levels(x, a, b, c):
    return a * (x < 3) + b * ((x >= 3) & (x < 6)) + c * (x >= 6)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("limits", [{}, {"a": (0, None)}, {"c": (None, 0.2)}, {"b": (-0.1, 0.3)}])
def test_an_active_order_is_exact_as_isotonic_regression_by_slsqp_finds_it(seed, limits):
    y = np.random.default_rng(seed).normal(0.1, 1.0, 80)
    fit = sf.fit(X, y, three_levels, 1.0, order=("a", "b", "c"), bounds=limits)
    bounds = [limits.get(name, (None, None)) for name in "abc"]
    best = scipy.optimize.minimize(
        lambda v: np.sum((y - three_levels(X, *v)) ** 2),
        [0.1, 0.1, 0.1],
        bounds=bounds,
        method="SLSQP",
        constraints=[{"type": "ineq", "fun": np.diff}],
        options={"ftol": 1e-15, "maxiter": 500},
    )
    assert fit.chi2 <= best.fun + 1e-6  # which SLSQP gains outside of the order
    values = list(fit.values.values())
    np.testing.assert_allclose(values, best.x, atol=1e-6)
    assert np.all(np.diff(values) >= 0)
    assert fit.status.is_minimum
    for first, second in (("a", "b"), ("b", "c")):
        if fit.values[first] == fit.values[second]:
            assert fit.status is sf.Status.at_bound
            assert "at its limit" in fit.remarks[first]
            assert np.isnan(fit.errors[second])


@pytest.mark.parametrize("is_correlated", [False, True])
def test_constraints_on_a_line_are_generalized_least_squares(is_correlated):
    y = 1 + 2 * X + np.random.default_rng(3).normal(0, 0.5, 80)
    means = np.array([1.5, 1.9])
    covariance = np.array([[0.04, -0.003], [-0.003, 0.0009]]) if is_correlated else None
    given = (["intercept", "slope"], means, covariance)
    independent = {"intercept": (1.5, 0.2), "slope": (1.9, 0.03)}
    fit = sf.fit(X, y, sf.Line(), 0.5, constraints=given if is_correlated else independent)
    covariance = np.diag([0.04, 0.0009]) if covariance is None else covariance
    rows = np.vstack([np.stack([X**0, X], axis=1), np.eye(2)])
    full = np.zeros((82, 82))
    full[:80, :80], full[80:, 80:] = 0.25 * np.eye(80), covariance
    weight = np.linalg.inv(full)
    expected = np.linalg.inv(rows.T @ weight @ rows)
    values = expected @ rows.T @ weight @ np.concatenate([y, means])
    np.testing.assert_allclose(list(fit.values.values()), values, rtol=1e-10)
    np.testing.assert_allclose(fit.covariance, expected, rtol=1e-9)
    residuals = np.concatenate([y, means]) - rows @ values
    assert fit.chi2 == pytest.approx(residuals @ weight @ residuals, rel=1e-10)
    part = (values - means) @ np.linalg.inv(covariance) @ (values - means)
    assert fit.constraint_chi2 == pytest.approx(part, rel=1e-8)
    assert fit.ndof == 80
    assert fit.valid
    assert "count as data" in str(fit)


@pytest.mark.parametrize("loss", [sf.LeastSquares(), sf.Poisson()])
def test_constraints_of_a_curve_agree_with_minuit_and_an_explicit_penalty(loss):
    is_counts = str(loss) == "Poisson()"
    counts = np.random.default_rng(4).poisson(decay(X, 30, 2, 4)).astype(float)
    y, yerr = (counts, None) if is_counts else (DECAY, 0.1)
    measured = {"lifetime": (2.3, 0.04), "level": (5.0, 0.3) if is_counts else (1.1, 0.02)}
    fit = sf.fit(X, y, decay, yerr, loss=loss, constraints=measured)

    def total(height, lifetime, level):
        mu = decay(X, height, lifetime, level)
        if is_counts:
            logs = np.where(y > 0, y * np.log(np.where(y > 0, y, 1) / mu), 0)
            value = 2 * np.sum(mu - y + logs)
        else:
            value = np.sum(((y - mu) / 0.1) ** 2)
        for parameter, name in ((lifetime, "lifetime"), (level, "level")):
            value += ((parameter - measured[name][0]) / measured[name][1]) ** 2
        return value

    engine = iminuit.Minuit(total, **dict(fit.values))
    engine.errordef, engine.strategy, engine.tol = 1.0, 2, 1e-5
    engine.migrad()
    engine.hesse()
    assert fit.chi2 == pytest.approx(engine.fval, rel=1e-7)
    errors = np.array(list(fit.errors.values()))
    np.testing.assert_array_less(
        np.abs(list(fit.values.values()) - np.array(engine.values)), 1e-3 * errors
    )
    if is_counts:  # least squares states Gauss and Newton's errors, MINUIT those of the Hessian
        np.testing.assert_allclose(errors, engine.errors, rtol=2e-3)
    np.testing.assert_allclose(errors, engine.errors, rtol=0.05)


def test_a_constraint_on_a_tied_parameter_is_one_on_what_it_is_made_of():
    tied = sf.fit(*(X, PEAKS, two_peaks, 0.2), ties={"s2": "2*s1"}, constraints={"s2": (1.3, 0.01)})
    direct = sf.fit(
        *(X, PEAKS, two_peaks, 0.2), ties={"s2": "2*s1"}, constraints={"s1": (0.65, 0.005)}
    )
    assert abs(tied.values["s1"]) == pytest.approx(abs(direct.values["s1"]), rel=1e-6)
    assert tied.chi2 == pytest.approx(direct.chi2, rel=1e-9)


@pytest.mark.parametrize("seed", range(12))
def test_active_limits_of_a_linear_model_are_those_of_lsq_linear(seed):
    rng = np.random.default_rng(seed)
    degree = int(rng.integers(2, 6))
    y = np.polynomial.chebyshev.chebval(X / 5 - 1, rng.normal(size=degree + 1)) + rng.normal(
        size=80
    )
    lower = rng.normal(size=degree + 1) - 0.3
    upper = lower + rng.uniform(0.05, 1.0, degree + 1)
    is_limited = rng.uniform(size=degree + 1) < 0.7
    is_limited[0] = True
    bounds = {f"coefficient[{k}]": (lower[k], upper[k]) for k in range(degree + 1) if is_limited[k]}
    fit = sf.fit(X, y, sf.Chebyshev(degree, domain=(0, 10)), 1.0, bounds=bounds)
    matrix = np.polynomial.chebyshev.chebvander(X / 5 - 1, degree)
    limits = np.where(is_limited, lower, -np.inf), np.where(is_limited, upper, np.inf)
    best = scipy.optimize.lsq_linear(matrix, y, limits, method="bvls", tol=1e-14)
    assert fit.chi2 == pytest.approx(2 * best.cost, rel=1e-10)
    np.testing.assert_allclose(list(fit.values.values()), best.x, atol=1e-7)
    assert fit.status.is_minimum
    assert fit.valid
    at_limit = {name for name, remark in fit.remarks.items() if remark == "at its limit"}
    assert at_limit == {f"coefficient[{k}]" for k in np.flatnonzero(best.active_mask)}


@pytest.mark.parametrize("seed", range(12))
def test_active_limits_beside_solved_parameters_are_those_of_least_squares(seed):
    rng = np.random.default_rng(100 + seed)
    truth = [5, 3, 0.6, 4, 6, 1.2, 1]
    lower = np.array([4, 2, 0.2, 3, 5, 0.2, -np.inf])
    upper = np.array([np.inf, 2.9, 0.8, 3.5, 7, 1.1, np.inf])
    y = two_peaks(X, *truth) + rng.normal(0, 0.2, 80)
    names = ("h1", "m1", "s1", "h2", "m2", "s2")
    bounds = {name: (lower[k], upper[k]) for k, name in enumerate(names)}
    fit = sf.fit(X, y, two_peaks, 0.2, bounds=bounds)
    best = scipy.optimize.least_squares(
        lambda v: (y - two_peaks(X, *v)) / 0.2,
        np.clip(truth, lower + 1e-3, upper - 1e-3),
        bounds=(lower, upper),
        **dict.fromkeys(("xtol", "ftol", "gtol"), 1e-14),
    )
    assert fit.chi2 <= 2 * best.cost * (1 + 1e-9)
    assert fit.chi2 == pytest.approx(2 * best.cost, rel=1e-6)
    values = np.array(list(fit.values.values()))
    assert np.all((values >= lower) & (values <= upper))
    assert fit.values["m1"] == 2.9
    assert fit.values["h2"] == 3.5
    assert fit.remarks["m1"] == fit.remarks["h2"] == "at its limit"
    assert fit.status is sf.Status.at_bound


@pytest.mark.parametrize(
    ("known", "match"),
    [
        ({"ties": {"s2": "2*sigma"}}, r"ties of s2: '2\*sigma' names 'sigma'.*not a parameter"),
        ({"ties": {"nothing": "s1"}}, "ties names 'nothing'"),
        ({"ties": {"s2": "2*s1", "s1": "m1/s2"}}, "circle: s2 depends on s1 depends on s2"),
        ({"ties": {"s2": "2*s2"}}, "circle: s2 depends on s2"),
        ({"ties": {"s2": "1.5"}}, "no parameter; to hold a value use fixed="),
        ({"ties": {"s2": 1.5}}, "ties of s2 is 1.5; give a formula of other parameters"),
        ({"ties": {"s2": "2 s1"}}, "ties of s2: In the formula, an operator such as"),
        ({"ties": {"s2": lambda *values: 1}}, "without named arguments"),
        ({"ties": {"s2": lambda width: width}}, "names 'width', which is not a parameter"),
        ({"ties": ["s2"]}, "ties is a list; pass a dict"),
        ({"ties": {"s2": "s1"}, "fixed": {"s2": 1}}, r"s2 is tied \(s1\) and named in fixed="),
        ({"ties": {"s2": "s1"}, "bounds": {"s2": (0, 1)}}, "named in bounds= as well; give limits"),
        ({"ties": {"m2": "m1"}, "order": ("m1", "m2")}, "named in order= as well"),
        ({"order": "m1"}, "order is 'm1'; pass a tuple"),
        ({"order": ("m1",)}, "at least two names"),
        ({"order": ("m1", "m3")}, "order names 'm3', which is not a parameter"),
        ({"order": [("m1", "m2"), ("m2", "s1")]}, "order names m2 twice"),
        ({"order": ("m1", "m2"), "start": {"m1": 5, "m2": 3}}, "against order; exchange them"),
        (
            {"order": ("m1", "m2"), "bounds": {"m1": (5, 9), "m2": (0, 4)}},
            "order asks for m1 <= m2, but limits or fixed values leave no room for m1",
        ),
        ({"order": ("m1", "s1", "m2"), "fixed": {"m1": 5, "m2": 4}}, "leave no room for m1"),
        ({"order": ("m1", "s1", "m2"), "fixed": {"m1": 5, "m2": 5}}, "one value 5; fix it there"),
        ({"constraints": {"s3": (1, 0.1)}}, "constraints names 's3'"),
        ({"constraints": {"s2": 1.0}}, r"give a pair \(mean, sigma\)"),
        ({"constraints": {"s2": (1, 0)}}, "the sigma 0; give a positive one"),
        ({"constraints": {"s2": (1, np.inf)}}, "give finite numbers"),
        ({"constraints": {"s2": (1, 0.1)}, "fixed": {"s2": 1}}, "which is fixed"),
        ({"constraints": (["s1", "s2"], [1, 1], np.ones((2, 2)))}, "positive definite"),
        ({"constraints": (["s1", "s2"], [1, 1], np.eye(3))}, "2 parameters, but means of shape"),
        ({"constraints": (["s1", "s1"], [1, 1], np.eye(2))}, "names a parameter twice"),
        ({"constraints": "s1"}, "constraints is a str; pass a dict"),
        ({"constraints": [3]}, "constraints has 3; pass a dict"),
        ({"fixed": dict.fromkeys(("h1", "m1", "s1", "h2", "m2", "s2", "level"), 1)}, "leave one"),
    ],
)
def test_contradictions_and_mistakes_are_explained(known, match):
    with pytest.raises((sf.SurefitError, ValueError, TypeError), match=match):
        sf.fit(X, PEAKS, two_peaks, 0.2, **known)


def test_constraints_without_errors_on_y_are_refused_with_the_reason():
    with pytest.raises(sf.InvalidOption, match="constraints needs yerr"):
        sf.fit(X, PEAKS, two_peaks, constraints={"m1": (3, 0.1)})


def test_a_saved_fit_comes_back_with_what_was_said_of_its_parameters(tmp_path):
    known = {
        "ties": {"coefficient[3]": "0.1*coefficient[1]"},
        "order": ("coefficient[0]", "coefficient[1]"),
        "constraints": {"coefficient[2]": (0.0, 0.5)},
        "bounds": {"coefficient[0]": (-5, None)},
        "fixed": {"coefficient[4]": 0.0},
    }
    y = 1 + 2 * X + np.random.default_rng(3).normal(0, 0.5, 80)
    fit = sf.fit(X, y, sf.Chebyshev(4), 0.5, **known)
    fit.save(tmp_path / "fit.json")
    loaded = sf.load(tmp_path / "fit.json")
    assert str(loaded) == str(fit)
    assert loaded.ndof == fit.ndof == 80 + 1 - 3
    np.testing.assert_array_equal(list(loaded.errors.values()), list(fit.errors.values()))
    again = loaded.constraints
    assert again.coordinates.names == fit.constraints.coordinates.names
    np.testing.assert_array_equal(again.lower, fit.constraints.lower)


@pytest.mark.parametrize("minimizer", [sf.LBFGS(), sf.Minuit(), sf.LevenbergMarquardt()])
def test_every_minimizer_works_with_ties_order_and_constraints(minimizer):
    fit = sf.fit(
        *(X, PEAKS, two_peaks, 0.2),
        minimizer=minimizer,
        budget=sf.Budget(starts=0.25),
        start={"h1": 5, "m1": 3, "s1": 0.6, "m2": 6, "level": 1, "h2": 4},
        ties={"s2": "sqrt(s1) + 0.4"},
        order=("m1", "m2"),
        constraints={"level": (1.0, 0.01)},
        bounds={"s1": (0.1, 3)},
    )
    assert fit.status is sf.Status.converged
    assert fit.chi2 == pytest.approx(_reference(), rel=1e-6)


def _reference():
    def residuals(v):
        h1, m1, s1, h2, m2, level = v
        curve = two_peaks(X, h1, m1, s1, h2, m2, np.sqrt(s1) + 0.4, level)
        return np.append((PEAKS - curve) / 0.2, (level - 1) / 0.01)

    return 2 * scipy.optimize.least_squares(residuals, [5, 3, 0.6, 4, 6, 1], xtol=1e-14).cost
