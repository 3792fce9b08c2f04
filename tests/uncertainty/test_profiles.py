"""Profile intervals and contours, against MINUIT's, exact formulas and exhaustive search."""

import dataclasses
import itertools

import iminuit
import numpy as np
import pytest
import scipy.special
import scipy.stats

import surefit as sf

X = np.linspace(0.1, 10, 40)


def decay(x, height, lifetime, level):
    return height * np.exp(-x / lifetime) + level


def rising(x, rate, height):
    return height * (1 - np.exp(-rate * x))


def michaelis(x, most, half):
    return most * x / (half + x)


def gauss(x, height, mean, width, level):
    return height * np.exp(-0.5 * ((x - mean) / width) ** 2) + level


def lorentz(x, height, mean, width):
    return height / (1 + ((x - mean) / width) ** 2)


def power(x, scale, exponent, level):
    return scale * x**exponent + level


def wave(x, size, frequency, phase):
    return size * np.sin(frequency * x + phase)


def damped(x, size, frequency, lifetime):
    return size * np.exp(-x / lifetime) * np.cos(frequency * x)


def logistic(x, top, middle, width):
    return top / (1 + np.exp(-(x - middle) / width))


def two_decays(x, a, s, b, t):
    return a * np.exp(-x / s) + b * np.exp(-x / t)


def rational(x, a, b, c):
    return (a + b * x) / (1 + c * x)


def product(x, a, b):
    return a * b * x + a


PROBLEMS = [
    (decay, (5, 3, 1), 0.4),
    (rising, (0.3, 4), 0.5),
    (michaelis, (5, 2), 0.4),
    (gauss, (4, 5, 1.2, 1), 0.7),
    (lorentz, (4, 5, 1.0), 0.6),
    (power, (0.5, 1.5, 2), 1.0),
    (wave, (2, 1.3, 0.5), 0.8),
    (damped, (3, 2.0, 4.0), 0.5),
    (logistic, (5, 4, 0.8), 0.5),
    (two_decays, (5, 0.7, 3, 5), 0.15),
    (rational, (1, 3, 0.5), 0.3),
    (product, (1.0, 0.3), 1.0),
]
IDS = [problem[0].__name__ for problem in PROBLEMS]


def problem_of(function, truth, sigma):
    y = function(X, *truth) + np.random.default_rng(7).normal(0, sigma, X.size)
    return y, sf.fit(X, y, function, sigma, start=dict(zip(names_of(function), truth, strict=True)))


def names_of(function):
    return function.__code__.co_varnames[1 : function.__code__.co_argcount]


def minuit(function, y, sigma, values):
    engine = iminuit.Minuit(
        lambda v: float(np.sum(((y - function(X, *v)) / sigma) ** 2)),
        np.array(list(values.values())),
        name=tuple(values),
    )
    engine.errordef, engine.strategy, engine.tol = 1.0, 2, 1e-6
    engine.migrad()
    engine.hesse()
    return engine


@pytest.mark.parametrize(("function", "truth", "sigma"), PROBLEMS, ids=IDS)
@pytest.mark.parametrize("level", [0.6827, 0.9545])
def test_intervals_of_smooth_problems_are_minos_to_a_thousandth_of_an_error(
    function, truth, sigma, level
):
    y, fit = problem_of(function, truth, sigma)
    engine = minuit(function, y, sigma, fit.values)
    cut = scipy.special.ndtri((1 + level) / 2) ** 2
    engine.minos(cl=level)
    together = fit.intervals(level)
    assert tuple(together) == fit.names
    for name in fit.names:
        interval = fit.interval(name, level)
        np.testing.assert_allclose(together[name], interval, rtol=1e-4)
        assert interval.reason == ""
        assert interval.better is None
        error, center = engine.errors[name], engine.values[name]
        for end, difference, is_valid in (
            (interval.lower, engine.merrors[name].lower, engine.merrors[name].lower_valid),
            (interval.upper, engine.merrors[name].upper, engine.merrors[name].upper_valid),
        ):
            # MINUIT's own accuracy is a hundredth of the rise, so that it has to be asked again.
            rise = _refitted_at(engine, [name], [end]) - engine.fval
            assert rise == pytest.approx(cut, abs=1e-3)
            if is_valid:
                assert abs(end - center - difference) < 1e-3 * error * np.sqrt(cut) * 3


def _refitted_at(engine, names, values):
    other = iminuit.Minuit(engine.fcn, np.array(engine.values), name=engine.parameters)
    other.errordef, other.strategy, other.tol = 1.0, 2, 1e-8
    for name, value in zip(names, values, strict=True):
        other.values[name], other.fixed[name] = value, True
    if len(engine.parameters) > len(names):
        return other.migrad().fval
    return engine.fcn(np.array(other.values))


def _to_line(points, corners):
    """Distances of points from a closed line, shape (n,)."""
    sides = np.roll(corners, -1, axis=0) - corners
    away = points[:, None] - corners
    length = np.maximum(np.sum(sides**2, axis=1), 1e-300)
    share = np.clip(np.sum(away * sides, axis=2) / length, 0, 1)
    return np.linalg.norm(away - share[..., None] * sides, axis=2).min(axis=1)


SOME = [0, 3, 6, 9]
CONTOURS = [
    pytest.param(*problem, id=IDS[i], marks=[] if i in SOME else pytest.mark.slow)
    for i, problem in enumerate(PROBLEMS)
]


@pytest.mark.parametrize(("function", "truth", "sigma"), CONTOURS)
def test_contours_are_minuits_to_a_thousandth_of_an_error(function, truth, sigma):
    y, fit = problem_of(function, truth, sigma)
    engine = minuit(function, y, sigma, fit.values)
    first, second = fit.names[:2]
    line = fit.contour(first, second, n_points=24)
    assert len(line.x) == 24
    cut = scipy.stats.chi2.ppf(0.6827, 2)
    for point in list(zip(line.x, line.y, strict=True))[::4]:
        rise = _refitted_at(engine, (first, second), point) - engine.fval
        assert rise == pytest.approx(cut, abs=1e-3)
    theirs = engine.mncontour(first, second, cl=0.6827, size=24)[:-1]
    fine = fit.contour(first, second, n_points=400)
    errors = np.array([engine.errors[first], engine.errors[second]])
    distances = _to_line(theirs / errors, np.stack([fine.x, fine.y], axis=1) / errors)
    rises = [_refitted_at(engine, (first, second), point) - engine.fval for point in theirs]
    # MINUIT's points miss the level themselves, by up to 0.1; the slope there, for each error of a
    # parameter, is at least 2 √cut / √(1 + |ρ|) > 2.
    np.testing.assert_array_less(distances, 1e-3 + np.abs(np.array(rises) - cut) / 2)
    single = fit.contour(first, second, joint=False, n_points=24)
    assert np.ptp(single.x) < np.ptp(line.x)
    interval = fit.interval(first)
    assert np.ptp(single.x) == pytest.approx(interval.upper - interval.lower, rel=0.05)


def test_intervals_of_a_line_are_exact_with_known_and_with_estimated_errors():
    y = 1 + 2 * X + np.random.default_rng(1).normal(0, 0.5, 40)
    for yerr, quantile in ((0.5, 1.0), (None, scipy.stats.t.ppf((1 + 0.6827) / 2, 38))):
        fit = sf.fit(X, y, sf.Line(), yerr)
        for name in fit.names:
            half = fit.errors[name] * (scipy.special.ndtri((1 + 0.6827) / 2) if yerr else quantile)
            interval = fit.interval(name)
            value = fit.values[name]
            np.testing.assert_allclose(interval, (value - half, value + half), rtol=1e-7)


def test_an_estimated_error_widens_a_joint_contour_as_f_says():
    y = 1 + 2 * X + np.random.default_rng(1).normal(0, 0.5, 40)
    fit = sf.fit(X, y, sf.Line())
    line = fit.contour("intercept", "slope", n_points=16)
    difference = np.stack([line.x - line.center[0], line.y - line.center[1]])
    size = np.einsum("in,ij,jn->n", difference, np.linalg.inv(fit.covariance), difference)
    np.testing.assert_allclose(size, 2 * scipy.stats.f.ppf(0.6827, 2, 38), rtol=1e-4)


def test_counts_have_the_asymmetric_intervals_of_poisson():
    fit = sf.fit([0.0], [4.0], sf.Constant(), loss=sf.Poisson(), bounds={"value": (0, None)})
    lower, upper = fit.interval("value")
    for end in (lower, upper):  # 2 (μ − n + n ln(n/μ)) = 1
        cut = scipy.special.ndtri((1 + 0.6827) / 2) ** 2
        assert 2 * (end - 4 + 4 * np.log(4 / end)) == pytest.approx(cut, rel=1e-4)
    assert 4 - lower < upper - 4


def test_at_a_limit_the_interval_is_one_sided_and_says_so():
    y = decay(X, 5, 3, 1) + np.random.default_rng(1).normal(0, 0.4, 40)
    free = sf.fit(X, y, decay, 0.4)
    bound = free.values["level"] + 0.5 * free.errors["level"]
    fit = sf.fit(X, y, decay, 0.4, bounds={"level": (bound, None)})
    interval = fit.interval("level")
    assert interval.lower == bound
    assert "allowed region of level ends below" in interval.reason
    value = sf.fit(X, y, decay, 0.4, fixed={"level": interval.upper}).chi2
    assert value - fit.chi2 == pytest.approx(1, abs=1e-3)
    for name in ("height", "lifetime"):
        for end in fit.interval(name):
            known = {"fixed": {name: end}, "bounds": {"level": (bound, None)}}
            assert sf.fit(X, y, decay, 0.4, **known).chi2 - fit.chi2 == pytest.approx(1, abs=1e-3)


def test_limits_on_others_are_kept_on_the_way():
    y = decay(X, 5, 3, 1) + np.random.default_rng(1).normal(0, 0.4, 40)
    free = sf.fit(X, y, decay, 0.4)
    limits = {"level": (free.values["level"] - 0.2 * free.errors["level"], None)}
    fit = sf.fit(X, y, decay, 0.4, bounds=limits)
    interval = fit.interval("lifetime")
    for end in interval:
        held = sf.fit(X, y, decay, 0.4, fixed={"lifetime": end}, bounds=limits)
        assert held.chi2 - fit.chi2 == pytest.approx(1, abs=1e-3)
    assert interval.upper < free.interval("lifetime").upper - 0.1 * free.errors["lifetime"]


def test_tied_ordered_and_measured_parameters_have_the_profiles_of_the_problem_written_out():
    y = decay(X, 5, 3, 1) + np.random.default_rng(1).normal(0, 0.4, 40)
    fit = sf.fit(X, y, decay, 0.4, ties={"level": "0.04*height**2"})
    tied, height = fit.interval("level"), fit.interval("height")
    np.testing.assert_allclose(tied, [0.04 * end**2 for end in height], rtol=1e-6)
    measured = {"level": (1.2, 0.1)}
    fit = sf.fit(X, y, decay, 0.4, constraints=measured)
    for end in fit.interval("lifetime"):
        held = sf.fit(X, y, decay, 0.4, fixed={"lifetime": end}, constraints=measured)
        assert held.chi2 - fit.chi2 == pytest.approx(1, abs=1e-3)
    ordered = sf.fit(X, y, two_decays, 0.4, order=("s", "t"), start={"s": 1, "t": 5})
    for name in ("s", "t"):
        for end in ordered.interval(name):
            if np.isfinite(end):
                held = sf.fit(
                    *(X, y, two_decays, 0.4), order=("s", "t"), fixed={name: end}, start={"a": 4}
                )
                assert held.chi2 - ordered.chi2 == pytest.approx(1, abs=2e-3)


def test_a_better_minimum_met_on_the_way_replaces_the_fit_and_is_reported():
    y = decay(X, 5, 3, 1) + np.random.default_rng(1).normal(0, 0.4, 40)
    fit = sf.fit(X, y, decay, 0.4)
    working = fit.working + np.array([0.5, 0.0, 0.0]) * fit.errors["height"]
    elsewhere = dataclasses.replace(fit, working=working, deviance=fit.deviance + 1)
    interval, right = elsewhere.interval("lifetime"), fit.interval("lifetime")
    np.testing.assert_allclose(interval, right, rtol=1e-4)
    assert "was met on the way, so the fit that was asked is not at the minimum" in interval.reason
    assert "These are the ends of the fit there, which is in `better`" in str(interval)
    better = interval.better
    assert better.chi2 == pytest.approx(fit.chi2)
    assert better.values == pytest.approx(dict(fit.values), rel=1e-5)
    assert better.errors == pytest.approx(dict(fit.errors), rel=1e-4)
    # No search has confirmed it.
    assert better.status is sf.Status.unconfirmed
    assert not better.valid
    assert "a fit whose search had missed it" in " ".join(str(better).split())
    line = elsewhere.contour("lifetime", "level", n_points=8)
    np.testing.assert_allclose(line.x, fit.contour("lifetime", "level", n_points=8).x, rtol=1e-3)
    assert line.better.chi2 == pytest.approx(fit.chi2)
    assert "This is the contour of the fit there" in str(line)
    assert "interval('lifetime').better" in str(elsewhere.profile("lifetime"))


def test_a_deeper_valley_beside_the_fits_replaces_it():
    def wave(x, frequency, size):
        return size * np.sin(frequency * x)

    y = wave(X, 2.0, 1.0) + np.random.default_rng(3).normal(0, 0.2, 40)
    best = sf.fit(X, y, wave, 0.2)
    one = sf.fit(X, y, wave, 0.2, bounds={"frequency": (2.2, 2.8)})
    beside = dataclasses.replace(
        *(one,), constraints=best.constraints, status=best.status, evidence=best.evidence
    )
    assert beside.chi2 > best.chi2 + 10
    interval = beside.interval("frequency", 1 - 1e-12)
    assert interval.better is not None
    assert interval.better.chi2 == pytest.approx(best.chi2, rel=1e-6)
    assert abs(interval.better.values["frequency"]) == pytest.approx(2.0, abs=0.05)


def test_a_side_that_never_rises_is_nan_with_the_reason():
    y = rising(X, 8.0, 3.0) + np.random.default_rng(3).normal(0, 0.5, 40)
    fit = sf.fit(X, y, rising, 0.5)
    interval = fit.interval("rate", 0.9973)
    assert np.isfinite(interval.lower)
    assert np.isnan(interval.upper)
    assert "does not rise so much above, however far rate goes" in interval.reason


def switched(x, off, on, start):
    return np.where(x < start, off, on)


def window(x, a, b, inside, outside):
    return np.where(abs(x - a) < b, inside, outside)


@pytest.mark.parametrize("seed", range(5))
def test_the_interval_of_an_edge_is_that_of_exhaustive_search(seed):
    x = np.sort(np.random.default_rng(seed).uniform(0, 10, 50))
    y = switched(x, 1, 2.2, 6.1) + np.random.default_rng(seed).normal(0, 1, 50)
    fit = sf.fit(x, y, switched, 1.0)
    chi2 = np.array(
        [
            np.sum((y[:k] - y[:k].mean()) ** 2) + np.sum((y[k:] - y[k:].mean()) ** 2)
            for k in range(1, 50)
        ]
    )
    assert fit.chi2 == pytest.approx(chi2.min())
    inside = np.flatnonzero(chi2 <= chi2.min() + scipy.special.ndtri((1 + 0.6827) / 2) ** 2)
    interval = fit.interval("start")
    assert "staircase" in interval.reason
    far = np.flatnonzero(chi2 > chi2.min() + 5)
    best = int(np.argmin(chi2))
    # The walk outward ends where eight cells on end are far above.
    near = [k for k in inside if not _beyond(k, best, far)]
    np.testing.assert_allclose(interval, (x[min(near)], x[max(near) + 1]), rtol=1e-12)


def _beyond(k, best, far):
    between = range(min(k, best), max(k, best))
    return any(all(i in far for i in range(j, j + 16)) for j in between)


def test_the_interval_of_a_window_is_that_of_exhaustive_search():
    x = np.linspace(0, 10, 41)
    y = window(x, 5, 2, 3, 1) + np.random.default_rng(3).normal(0, 1, 41)
    fit = sf.fit(x, y, window, 1.0)
    cells = []
    for i, j in itertools.combinations(range(1, 41), 2):  # inside are the points i … j − 1
        within = np.zeros(41, dtype=bool)
        within[i:j] = True
        value = sum(np.sum((y[m] - y[m].mean()) ** 2) for m in (within, ~within))
        low, high = (x[i - 1] + x[j - 1]) / 2, (x[i] + x[j]) / 2
        cells.append((value, low, high))
    values, lows, highs = map(np.array, zip(*cells, strict=True))
    assert fit.chi2 <= values.min() + 1e-9
    inside = values <= fit.chi2 + scipy.special.ndtri((1 + 0.6827) / 2) ** 2
    interval = fit.interval("a")
    np.testing.assert_allclose(interval, (lows[inside].min(), highs[inside].max()), atol=1e-6)


def test_profiles_and_contours_print_and_draw_themselves():
    y = decay(X, 5, 3, 1) + np.random.default_rng(1).normal(0, 0.4, 40)
    fit = sf.fit(X, y, decay, 0.4)
    profile, contour = fit.profile("lifetime"), fit.contour("lifetime", "level", n_points=12)
    assert profile.rises.min() == 0
    assert profile.rises[[0, -1]] == pytest.approx([9, 9], abs=1e-3)
    assert str(profile).startswith("Profile of lifetime: 41 points from ")
    assert str(contour).startswith("Contour of lifetime and level, 0.6827 for both together: 12")
    for drawn in (profile, contour):
        figure = drawn.plot(title="title")
        assert figure.axes[0].get_xlabel() == "lifetime"
    edge = sf.fit(X, switched(X, 1, 3, 6.0) + 0.1 * np.sin(9 * X), switched, 0.3)
    staircase = edge.profile("start")
    assert "staircase" in str(staircase)
    assert staircase.plot().axes


def test_what_cannot_be_asked_is_explained(tmp_path):
    y = decay(X, 5, 3, 1) + np.random.default_rng(1).normal(0, 0.4, 40)
    fit = sf.fit(X, y, decay, 0.4, fixed={"level": 1.0})
    with pytest.raises(sf.UnknownParameter, match="level was fixed"):
        fit.interval("level")
    with pytest.raises(sf.UnknownParameter, match=r"'lifetme' is not.*Did you mean 'lifetime'"):
        fit.profile("lifetme")
    with pytest.raises(sf.InvalidOption, match="level is 68; give a coverage between 0 and 1"):
        fit.interval("lifetime", 68)
    with pytest.raises(sf.InvalidOption, match="contour got 'lifetime' twice"):
        fit.contour("lifetime", "lifetime")
    fit.save(tmp_path / "fit.json")
    with pytest.raises(sf.NotAvailable, match="decay"):
        sf.load(tmp_path / "fit.json").interval("lifetime")
    line = sf.fit(X, y, sf.Line(), 0.4)
    line.save(tmp_path / "line.json")
    assert sf.load(tmp_path / "line.json").interval("slope") == line.interval("slope")
    relu = sf.fit(X, y, sf.Dense(1, activation="relu"), 0.4)
    assert "scale of each unit is free" in relu.interval(relu.names[0]).reason
    exact = sf.fit([0, 1], [1, 2], sf.Line())
    assert "cannot be estimated" in exact.interval("slope").reason


def test_a_step_has_its_limits_and_may_be_a_part_or_a_whole_number():
    x = np.linspace(0, 10, 60)
    y = 1 + 0.5 * x + 2 * (x > 4) + np.random.default_rng(5).normal(0, 0.3, 60)

    def jump(x, height, place):
        return height * (x > place)

    model = sf.Line() + sf.Function(jump).named("edge")
    free = sf.fit(x, y, model, 0.3)
    below = x[x < 4].max()
    name = next(name for name in free.values if name.endswith("place"))
    assert free.interval(name).lower == pytest.approx(below, rel=1e-12)
    limited = sf.fit(x, y, model, 0.3, bounds={name: (below + 0.1, 8)})
    assert limited.interval(name).lower == below + 0.1
    assert "allowed region" in limited.interval(name).reason

    def stairs(x, rise, shift):
        return rise * np.floor(x - shift)

    y = stairs(x, 1, 0.33) + np.random.default_rng(6).normal(0, 0.2, 60)
    fit = sf.fit(x, y, stairs, 0.2)
    low, high = fit.interval("shift")
    assert low < fit.values["shift"] < high
    fractions = np.sort(np.concatenate([x % 1, x % 1 - 1, x % 1 + 1]))
    for end in (low, high):
        assert np.abs(fractions - end % 1).min() < 1e-9


@pytest.mark.slow
def test_intervals_cover_as_stated_and_those_of_edges_at_least():
    n, inside = 150, np.zeros(3)
    for seed in range(n):
        y = decay(X, 5, 3, 1) + np.random.default_rng(1000 + seed).normal(0, 0.4, 40)
        intervals = sf.fit(X, y, decay, 0.4).intervals()
        inside += [
            low <= true <= high
            for (low, high), true in zip(intervals.values(), (5, 3, 1), strict=True)
        ]
    assert np.all(np.abs(inside / n - 0.6827) < 3 * np.sqrt(0.6827 * 0.3173 / n))
    inside = 0
    for seed in range(n):
        y = switched(X, 1, 3, 6.03) + np.random.default_rng(2000 + seed).normal(0, 1, 40)
        low, high = sf.fit(X, y, switched, 1.0).interval("start")
        inside += low <= 6.03 <= high
    assert inside / n > 0.6827 - 2 * np.sqrt(0.6827 * 0.3173 / n)
