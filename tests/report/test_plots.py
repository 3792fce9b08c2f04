import dataclasses
import itertools
import time

import matplotlib
import numpy as np
import pytest
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure

import surefit as sf
from surefit.exceptions import FileProblem, InvalidOption, InvalidType
from surefit.report.axes import drawable
from surefit.report.curves import find_steps, upright
from surefit.report.plots import fit_figure, overlay_figure, parity_curve
from surefit.report.points import MANY, averages, point_style
from surefit.report.pulls import pull_limit
from surefit.report.style import rendered, save_figure
from tests.report.records import line_curve


def drawn(figure):
    """Draw for real, so that broken labels and layouts show."""
    return rendered(figure, "png", pixels_per_inch=40)


def points_of(axes):
    """Markers that lie in the panel, as x and y."""
    lines = [line for line in axes.lines if line.get_marker() == "o" and len(line.get_xdata())]
    return np.concatenate([line.get_xydata() for line in lines])


@pytest.mark.parametrize("n_points", [1, 2, 8, 100, 1000, 5000, MANY + 1])
def test_any_number_of_points_is_drawn(n_points):
    figure = fit_figure(line_curve(n_points))
    drawn(figure)
    assert [axes.get_ylabel() for axes in figure.axes] == ["y", "pull"]
    has_density = any(isinstance(item, QuadMesh) for item in figure.axes[0].collections)
    assert has_density == (n_points > MANY)


def test_the_figure_shows_the_numbers_it_was_given():
    curve = line_curve(8)
    main, pulls = fit_figure(curve, x_label="time in s", title="A fit").axes
    assert np.array_equal(points_of(main), np.column_stack([curve.x, curve.y]))
    assert np.allclose(points_of(pulls)[:, 1], (curve.y - curve.predicted) / curve.yerr)
    line = next(line for line in main.lines if line.get_label() == "Line()")
    assert np.array_equal(line.get_xydata(), np.column_stack([curve.curve_x, curve.curve_y]))
    labels = [text.get_text() for text in main.get_legend().get_texts()]
    assert labels == ["data (8 points)", "Line()", "68.3 % confidence band"]
    assert pulls.get_xlabel() == "time in s"
    assert main.get_title() == "A fit"
    low, high = main.get_ylim()
    assert low < np.min(curve.y - curve.yerr) < np.max(curve.y + curve.yerr) < high


def test_error_bars_have_the_length_of_one_standard_deviation():
    curve = line_curve(8)
    (bars,) = [
        item
        for item in fit_figure(curve).axes[0].collections
        if type(item).__name__ == "LineCollection"
    ]
    for segment, y, yerr in zip(bars.get_segments(), curve.y, curve.yerr, strict=True):
        assert np.allclose(segment[:, 1], [y - yerr, y + yerr])


def test_pulls_and_band_can_be_left_out():
    figure = fit_figure(line_curve(8, has_band=False), show_pulls=False)
    assert len(figure.axes) == 1
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert labels == ["data (8 points)", "Line()"]


def test_given_axes_are_drawn_into():
    figure = Figure()
    one, two = figure.subplots(2, 1, sharex=True)
    assert fit_figure(line_curve(8), axes=(one, two)) is figure
    assert two.get_ylabel() == "pull"
    alone = Figure().subplots()
    fit_figure(line_curve(8), axes=alone)
    assert len(alone.figure.axes) == 1


def test_a_logarithmic_x_needs_positive_x():
    with pytest.raises(InvalidOption, match=r"log_x needs positive x, but \d+ of 8 points have"):
        fit_figure(line_curve(8, low=-1.0), log_x=True)
    figure = fit_figure(line_curve(8, low=0.01), log_x=True)
    drawn(figure)
    assert {axes.get_xscale() for axes in figure.axes} == {"log"}


def test_a_logarithmic_y_counts_what_it_cannot_show():
    curve = line_curve(8)
    curve = dataclasses.replace(curve, y=np.where(curve.x > np.median(curve.x), curve.y, -1.0))
    figure = fit_figure(curve, log_y=True)
    drawn(figure)
    assert figure.axes[0].get_title(loc="right").startswith("not shown: 4 of 8 points")
    assert len(points_of(figure.axes[0])) == 4
    assert len(points_of(figure.axes[1])) == 8
    with pytest.raises(InvalidOption, match="log_y needs positive y, but no point has y > 0"):
        fit_figure(dataclasses.replace(curve, y=-np.ones(8)), log_y=True)


def test_a_million_points_take_seconds_and_little_space():
    curve = line_curve(1_000_000)
    begin = time.perf_counter()
    pdf = rendered(fit_figure(curve), "pdf")
    assert time.perf_counter() - begin < 20
    assert len(pdf) < 1_000_000


def test_the_legend_of_many_points_stands_in_the_emptiest_corner():
    rising = line_curve(4000)
    falling = dataclasses.replace(rising, y=3 - rising.y, predicted=3 - rising.predicted)
    upper_left, upper_right = 2, 1  # matplotlib's codes
    assert fit_figure(rising).axes[0].get_legend()._loc == upper_left
    assert fit_figure(falling).axes[0].get_legend()._loc == upper_right


def test_steps_are_upright_and_steep_slopes_are_not_steps():
    x = np.linspace(0, 1, 101)
    step = np.where(x < 0.305, 0.0, 1.0) + 0.1 * x
    assert find_steps(x, step).tolist() == [30]
    new_x, new_y = upright(x, step, steps=find_steps(x, step))
    jump = np.flatnonzero(np.diff(new_x) == 0)
    assert len(jump) == 1
    assert new_x[jump[0]] == pytest.approx(0.305)
    assert new_y[jump[0] + 1] - new_y[jump[0]] == pytest.approx(1.001)
    irregular = np.sort(np.concatenate([x, np.random.default_rng(0).uniform(0, 1, 300)]))
    for smooth in (np.tanh(50 * (irregular - 0.5)), np.sin(30 * irregular), irregular * 0):
        assert find_steps(irregular, smooth).size == 0
    assert find_steps(x[:2], step[:2]).size == 0


def test_a_band_that_runs_away_does_not_squeeze_the_data():
    curve = line_curve(8)
    wild = dataclasses.replace(curve, upper=curve.curve_y + 1e6, lower=curve.curve_y - 1e6)
    assert fit_figure(wild).axes[0].get_ylim() == fit_figure(curve).axes[0].get_ylim()


def test_outliers_are_marked_at_the_edge_instead_of_flattening_the_pulls():
    curve = line_curve(200)
    y = curve.y.copy()
    y[10] += 1e4 * curve.yerr[10]
    pulls = fit_figure(dataclasses.replace(curve, y=y)).axes[1]
    assert pulls.get_ylim()[1] < 12
    arrows = [line for line in pulls.lines if line.get_marker() == "^"]
    assert sum(len(line.get_xdata()) for line in arrows) == 1
    assert pull_limit(np.zeros(0)) == 3.6


def test_points_that_all_agree_are_drawn():
    same = np.ones(3)
    curve = dataclasses.replace(
        line_curve(3), x=same, y=same, predicted=same, curve_x=same, curve_y=same
    )
    curve = dataclasses.replace(curve, lower=same, upper=same)
    for options in ({}, {"log_x": True, "log_y": True}):
        drawn(fit_figure(curve, **options))


def test_points_and_curves_that_are_not_finite_leave_gaps():
    curve = line_curve(8)
    gap = np.where(curve.curve_x < 0.5, np.nan, curve.curve_y)
    predicted = np.where(curve.x < 0.5, np.nan, curve.predicted)
    drawn(fit_figure(dataclasses.replace(curve, curve_y=gap, predicted=predicted)))
    drawn(fit_figure(dataclasses.replace(curve, yerr=np.full(8, np.nan))))


def test_an_overlay_has_one_strip_of_pulls_for_each_model_and_tells_curves_apart():
    curves = [line_curve(50, label=f"Model({i})") for i in range(10)]
    figure = overlay_figure(curves)
    drawn(figure)
    assert len(figure.axes) == 11
    assert len(overlay_figure(curves, show_pulls=False).axes) == 1
    main = figure.axes[0]
    looks = {
        (line.get_color(), str(line._dash_pattern))
        for line in main.lines
        if line.get_label().startswith("Model")
    }
    assert len(looks) == 10
    with pytest.raises(InvalidOption, match="There is no curve to draw"):
        overlay_figure([])
    with pytest.raises(InvalidType, match="Cannot draw list; pass a Curve"):
        fit_figure([1.0, 2.0])


def test_several_inputs_are_shown_as_measured_against_predicted():
    curve = line_curve(30)
    figure = fit_figure(parity_curve("Plane()", curve.y, curve.yerr, curve.predicted))
    assert np.array_equal(points_of(figure.axes[0])[:, 0], curve.predicted)


@pytest.mark.parametrize("text", ["$x$ in m", "cost $", "$\\broken{$", "a_b", "$$", "100 %", ""])
def test_any_label_can_be_drawn(text):
    curve = line_curve(8, label=text)
    drawn(overlay_figure([curve], x_label=text, y_label=text, title=text))
    assert drawable(text).replace("\\$", "$") == text


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_the_same_figure_gives_the_same_bytes(tmp_path, kind):
    for name in ("a", "b"):
        save_figure(fit_figure(line_curve(20)), tmp_path / f"{name}.{kind}")
    content = (tmp_path / f"a.{kind}").read_bytes()
    assert content == (tmp_path / f"b.{kind}").read_bytes()
    assert b"202" not in content.replace(b" ", b"")[:200] or kind == "png"


def test_fonts_are_embedded_whole(tmp_path):
    pdf = rendered(fit_figure(line_curve(20)), "pdf")
    assert b"/CIDFontType2" in pdf
    assert b"/Type3" not in pdf


def test_an_unknown_ending_is_refused(tmp_path):
    for name in ("fit.docx", "fit", "fit.jpg"):
        with pytest.raises(FileProblem, match=r"end the name in \.png, \.pdf or \.svg"):
            save_figure(Figure(), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_the_users_settings_and_pyplot_are_left_alone():
    before = dict(matplotlib.rcParams)
    with matplotlib.rc_context({"axes.grid": True, "xtick.direction": "out"}):
        user = rendered(fit_figure(line_curve(8)), "svg")
    assert dict(matplotlib.rcParams) == before
    assert user == rendered(fit_figure(line_curve(8)), "svg")
    pyplot = pytest.importorskip("matplotlib.pyplot")
    assert pyplot.get_fignums() == []


def test_a_notebook_shows_the_figure_by_itself():
    assert fit_figure(line_curve(8))._repr_png_()[:4] == b"\x89PNG"


def test_more_points_get_smaller_and_paler():
    styles = [point_style(n) for n in (10, 100, 1000, 10_000)]
    for one, next_one in itertools.pairwise(styles):
        assert next_one.size < one.size
        assert next_one.bar_alpha < one.bar_alpha


def test_averages_are_weighted_means_with_their_errors(rng):
    x, y, yerr = rng.uniform(0, 1, 500), rng.normal(size=500), rng.uniform(0.5, 2, 500)
    edges = np.linspace(0, 1, 6)
    middle, mean, error = averages(x, y, yerr, edges)
    inside = (x >= edges[1]) & (x < edges[2])
    weight = 1 / yerr[inside] ** 2
    assert mean[1] == pytest.approx(np.average(y[inside], weights=weight))
    assert middle[1] == pytest.approx(np.average(x[inside], weights=weight))
    assert error[1] == pytest.approx(weight.sum() ** -0.5)
    assert len(averages(x, y, None, np.array([0.0, 1.0, 2.0, 3.0]))[0]) == 1


def test_a_curve_beyond_the_data_is_dotted_and_its_band_hatched(rng):
    x = np.linspace(0, 1, 30)
    fit = sf.fit(x, x + rng.normal(0, 0.1, 30), sf.Line(), 0.1)
    figure = fit.plot(level=0.9545, prediction=True, x_range=(-0.5, 1.5))
    labels = figure.axes[0].get_legend_handles_labels()[1]
    assert set(labels) == {
        *("data (30 points)", "Line()", "95.5 % confidence band"),
        *("95.5 % prediction band", "beyond the data"),
    }
    hatched = [band for band in figure.axes[0].collections if band.get_hatch()]
    assert len(hatched) == 1
    drawn_x = hatched[0].get_paths()[0].vertices[:, 0]
    assert drawn_x.max() <= 0 + 0.002
    curve = fit.curve(x_range=(-0.5, 1.5))
    np.testing.assert_array_equal(curve.is_beyond, (curve.curve_x < 0) | (curve.curve_x > 1))
    plain = fit.plot()
    assert not any(band.get_hatch() for band in plain.axes[0].collections)
    assert fit.curve(level=None, prediction=True).outer_lower is None
    whole = fit.curve(simultaneous=True)
    assert whole.band_label == "68.3 % confidence band of the whole curve"
    assert (whole.upper > fit.curve().upper).all()


def test_a_range_that_is_none_is_refused(rng):
    x = np.linspace(0, 1, 10)
    fit = sf.fit(x, x + rng.normal(0, 0.1, 10), sf.Line(), 0.1)
    with pytest.raises(InvalidOption, match=r"x_range is \(1, 0\); give the two ends"):
        fit.plot(x_range=(1, 0))
    mixed = sf.fit(x, np.cumsum(x), lambda x, a: a * np.cumsum(x), 0.1)
    with pytest.raises(InvalidOption, match="mixes its x values"):
        mixed.plot(x_range=(0, 1))
