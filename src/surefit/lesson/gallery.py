"""All figures of the lesson, by the names of their files."""

from surefit.lesson.block_figures import (
    basis_figure,
    block_figure,
    network_figure,
    sigmoids,
    stack_figure,
)
from surefit.lesson.curve_figures import fit_figure, outside_figure, sample_figure, zoom_figure
from surefit.lesson.experiment_figures import (
    cost_figure,
    ends_figure,
    ladder_figure,
    path_figure,
    start_figure,
)
from surefit.lesson.run import Lesson
from surefit.lesson.sample import TOSS_TRUE_VALUES, toss
from surefit.report.style import Drawing


def gallery(lesson: Lesson) -> dict[str, Drawing]:
    """Draw every figure.

    Args:
        lesson: What happened.

    Returns:
        Figures by name, in the order in which the report shows them.
    """
    return _fixed(lesson) | _adaptive(lesson) | _experiments(lesson)


def _fixed(lesson: Lesson) -> dict[str, Drawing]:
    sample, made = lesson.sample, lesson.attempts
    theories = [made[f"ansatz-migrad-{key}"] for key in ("truth", "near", "wrong")]
    tossed = [made[key] for key in ("toss", "toss-parabola", "toss-migrad-good", "toss-migrad-bad")]
    return {
        "sample": sample_figure(sample),
        "line": fit_figure(sample, [made["line"]]),
        "ansatz": fit_figure(sample, [made["ansatz"]]),
        "ansatz-migrad": fit_figure(sample, theories),
        "toss": fit_figure(
            lesson.toss,
            tossed,
            true_function=lambda t: toss(t, **TOSS_TRUE_VALUES),
            x_label="time (s)",
            y_label="height (m)",
        ),
        "taylor-15": fit_figure(sample, [made["taylor-15"]]),
        "taylor-100": fit_figure(sample, [made["taylor-100"], made["taylor-100-numpy"]]),
        "taylor-outside": outside_figure(
            sample, [made["taylor-15"], made["taylor-100"], made["taylor-100-numpy"]]
        ),
        "fourier": fit_figure(sample, [made["fourier"], made["fourier-trapezoid"]]),
        "bases": basis_figure(),
        "orthogonal": zoom_figure(
            sample,
            [made[key] for key in ("chebyshev", "legendre", "jacobi", "laguerre", "hermite")],
        ),
    }


def _adaptive(lesson: Lesson) -> dict[str, Drawing]:
    sample, made, form = lesson.sample, lesson.attempts, lesson.conversion
    pairs = zip(form.coefficients, form.centers, form.widths, strict=True)
    terms = [lambda x, term=term: sigmoids([term], x) for term in pairs]
    several = [attempt for attempt in made.values() if attempt.ends]
    return {
        "blocks": block_figure(),
        "plateau-and-peak": stack_figure(),
        "sigmoids": fit_figure(sample, [made["sigmoids"]]),
        "sigmoids-migrad": fit_figure(sample, [made["sigmoids-migrad"]]),
        "ends": ends_figure(several, [made["sigmoids"], made["network"]]),
        "network": fit_figure(sample, [made["network"]], components=terms),
        "network-diagram": network_figure(form),
        "network-scikit-learn": fit_figure(sample, [made["network-lbfgs"], made["network-adam"]]),
        "outside": outside_figure(sample, [made["sigmoids"], made["taylor-15"], made["fourier"]]),
        "wiggles": zoom_figure(
            sample, [made[key] for key in ("taylor-15", "fourier", "sigmoids", "network")]
        ),
    }


def _experiments(lesson: Lesson) -> dict[str, Drawing]:
    ours = [attempt for attempt in lesson.attempts.values() if not attempt.key.startswith("toss")]
    return {
        "permutations": path_figure(lesson.permutations),
        "wrong-starts": start_figure(lesson.successes),
        "costs": cost_figure(lesson.costs),
        "ladder": ladder_figure(ours, lesson.sample),
    }
