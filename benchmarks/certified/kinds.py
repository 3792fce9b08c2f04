"""The formulas of NIST's nonlinear regression suite, with parameters, x and noise of our own.

No data of the suite are used: only the formulas, and the traps they are known for. Parameters are
drawn around what makes such a curve look as published ones do.
"""

import numpy as np

from benchmarks.certified.formulas import (
    bennett5,
    chwirut,
    cubic_over_cubic,
    danwood,
    eckerle4,
    enso,
    gauss,
    kirby2,
    lanczos,
    mgh09,
    mgh10,
    mgh17,
    misra1a,
    misra1b,
    misra1c,
    misra1d,
    nelson,
    rat42,
    rat43,
    roszman,
)
from benchmarks.certified.kind import Draft, Kind
from benchmarks.families.family import log_uniform

PI = "               pi = 3.141592653589793238462643383279E0\n"


def _loading(rng: np.random.Generator, function, turn: float) -> Draft:
    """A curve that bends over by `turn`, known to a part in a thousand or so."""
    top = log_uniform(rng, 100, 1000)
    x = np.sort(log_uniform(rng, 0.1, 1.0, 14)) * log_uniform(rng, 100, 1000)
    truth = np.array([top, turn * rng.uniform(0.6, 1.5) / x[-1]])
    return Draft(x, truth, np.ptp(function(x, *truth)) * log_uniform(rng, 5e-4, 5e-3), 4)


def _chwirut(rng: np.random.Generator) -> Draft:
    x = np.repeat(np.sort(rng.uniform(0.5, 6, 20)), rng.integers(3, 11))
    truth = np.array([rng.uniform(0.1, 0.4), rng.uniform(3e-3, 8e-3), rng.uniform(8e-3, 2e-2)])
    return Draft(x, truth, rng.uniform(1, 4), 4)


def _lanczos(rng: np.random.Generator, digits: int) -> Draft:
    x = 0.05 * np.arange(24) * rng.uniform(0.8, 1.2)
    rates = np.array([1.0, rng.uniform(2.6, 3.5), rng.uniform(4.8, 7)]) * rng.uniform(0.8, 1.2)
    heights = np.array([0.1, 0.9, 1.5]) * rng.uniform(0.7, 1.4, 3)
    return Draft(x, np.stack([heights, rates], axis=1).ravel(), 0.0, digits, 0.8)


def _gauss(rng: np.random.Generator) -> Draft:
    x = np.arange(1.0, 251.0)
    first = rng.uniform(60, 115)
    widths = rng.uniform(16, 28, 2)
    second = first + widths.sum() * rng.uniform(0.7, 2.2)  # from blended to apart
    truth = np.array([rng.uniform(80, 120), rng.uniform(8e-3, 1.5e-2),
                      rng.uniform(60, 120), first, widths[0],
                      rng.uniform(40, 90), second, widths[1]])  # fmt: skip
    return Draft(x, truth, 2.5, 7, 0.15)


def _danwood(rng: np.random.Generator) -> Draft:
    x = np.sort(rng.uniform(1, 1.8, 6))
    truth = np.array([rng.uniform(0.4, 1.5), rng.uniform(2.5, 5)])
    return Draft(x, truth, 0.02 * truth[0], 4)


def _nelson(rng: np.random.Generator) -> Draft:
    time = np.repeat([1.0, 2, 4, 8, 16, 32, 48, 64], 16)
    temperature = np.tile(np.repeat([180.0, 225, 250, 275], 4), 8)
    rate = rng.uniform(0.04, 0.07)
    lost = rng.uniform(0.8, 2.5)  # of the logarithm, at the end of the hottest
    truth = np.array([rng.uniform(2.3, 2.8), lost / 64 * np.exp(-rate * 275), -rate])
    return Draft(np.column_stack([time, temperature]), truth, rng.uniform(0.1, 0.25), 3, 0.6)


def _mgh09(rng: np.random.Generator) -> Draft:
    x = np.array([4.0, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625])
    truth = np.array([0.19, 0.19, 0.12, 0.14]) * rng.uniform(0.75, 1.3, 4)
    return Draft(x, truth, rng.uniform(1e-3, 5e-3), 4, 2.0)


def _mgh10(rng: np.random.Generator) -> Draft:
    x = np.arange(50.0, 126.0, 5.0)
    b3 = rng.uniform(250, 450)
    b2 = rng.uniform(4000, 9000)
    b1 = log_uniform(rng, 1e4, 6e4) * np.exp(-b2 / (50 + b3))
    curve = mgh10(x, b1, b2, b3)
    return Draft(x, np.array([b1, b2, b3]), curve * log_uniform(rng, 2e-4, 2e-3), 5, 3.0)


def _mgh17(rng: np.random.Generator) -> Draft:
    x = 10.0 * np.arange(33)
    truth = np.array([rng.uniform(0.3, 0.5), rng.uniform(1.5, 2.5), -rng.uniform(1, 2),
                      rng.uniform(0.01, 0.016), rng.uniform(0.02, 0.03)])  # fmt: skip
    return Draft(x, truth, rng.uniform(5e-4, 2e-3), 4, 1.0)


def _roszman(rng: np.random.Generator) -> Draft:
    is_crossed = rng.uniform() < 0.5  # the arctangent jumps where x passes b4
    x = np.sort(rng.uniform(-5000, 700 if is_crossed else -300, 25))
    b4 = rng.uniform(-300, 100) if is_crossed else x[-1] + rng.uniform(100, 300)
    truth = np.array([rng.uniform(0.1, 0.3), -rng.uniform(3e-6, 9e-6), rng.uniform(800, 1500), b4])
    return Draft(x, truth, rng.uniform(2e-3, 6e-3), 6, 0.4)


def _enso(rng: np.random.Generator) -> Draft:
    x = np.arange(1.0, 169.0)
    periods = np.array([rng.uniform(36, 56), rng.uniform(22, 31)])
    waves = rng.normal(0, 1.2, (2, 2))
    truth = np.concatenate([[rng.uniform(9, 12)], rng.normal(0, 2, 2), [periods[0]], waves[0],
                            [periods[1]], waves[1]])  # fmt: skip
    return Draft(x, truth, rng.uniform(1.5, 2.3), 3, 0.15, rng.uniform(0, 0.4))


def _rat42(rng: np.random.Generator) -> Draft:
    x = np.sort(rng.uniform(5, 80, 9))
    truth = np.array([rng.uniform(60, 90), rng.uniform(2.2, 3.2), rng.uniform(0.05, 0.09)])
    return Draft(x, truth, rng.uniform(0.5, 1.5), 4)


def _rat43(rng: np.random.Generator) -> Draft:
    x = np.arange(1.0, 16.0)
    truth = np.array([rng.uniform(500, 900), rng.uniform(4, 7), rng.uniform(0.6, 1.0),
                      rng.uniform(0.8, 2)])  # fmt: skip
    return Draft(x, truth, rng.uniform(10, 30), 5, 1.0)


def _eckerle4(rng: np.random.Generator) -> Draft:
    x = np.sort(np.concatenate([np.arange(400, 436, 5), np.arange(436.5, 469, 1.5),
                                np.arange(470, 501, 5)]))  # fmt: skip
    truth = np.array([rng.uniform(1, 2), rng.uniform(2, 6), rng.uniform(440, 465)])
    return Draft(x, truth, rng.uniform(3e-3, 1e-2), 4, 0.8)


def _bennett5(rng: np.random.Generator) -> Draft:
    x = np.sort(rng.uniform(7, 53, 154))
    truth = np.array([-rng.uniform(1500, 4000), rng.uniform(35, 60), rng.uniform(0.8, 1.1)])
    scale = np.abs(bennett5(x[:1], *truth))[0]
    return Draft(x, truth, scale * log_uniform(rng, 1e-4, 1e-3), 8, 0.3)


def _boxbod(rng: np.random.Generator) -> Draft:
    x = np.array([1.0, 2, 3, 5, 7, 10])
    truth = np.array([rng.uniform(150, 300), rng.uniform(0.3, 0.9)])
    return Draft(x, truth, rng.uniform(8, 18), 3, 2.5)


def _kirby2(rng: np.random.Generator) -> Draft:
    x = np.sort(rng.uniform(9, 373, 151))
    truth = np.array([1.7, -0.14, 2.6e-3, -1.7e-3, 2.2e-5]) * rng.uniform(0.85, 1.2, 5)
    return Draft(x, truth, rng.uniform(0.08, 0.3), 5, 0.3)


def _thurber(rng: np.random.Generator) -> Draft:
    x = np.sort(rng.uniform(-3.1, 2.2, 37))
    truth = np.array([1290, 1490, 580, 75, 0.97, 0.4, 0.05]) * rng.uniform(0.95, 1.05, 7)
    return Draft(x, truth, rng.uniform(8, 20), 7, 0.2)


def _hahn1(rng: np.random.Generator) -> Draft:
    x = np.sort(log_uniform(rng, 14, 850, 236))
    truth = np.array([1.08, -0.123, 4.1e-3, -1.43e-6, -5.8e-3, 2.4e-4, -1.23e-7])
    truth = truth * rng.uniform(0.97, 1.03, 7)
    return Draft(x, truth, rng.uniform(0.05, 0.15), 5, 0.2)


CUBIC = (
    "               y = (b1 + b2*x + b3*x**2 + b4*x**3) /\n"
    "                   (1 + b5*x + b6*x**2 + b7*x**3)  +  e"
)
EXPONENTIALS = "               y = b1*exp(-b2*x) + b3*exp(-b4*x) + b5*exp(-b6*x)  +  e"
WAVES = (
    PI + "               y = b1 + b2*cos( 2*pi*x/12 ) + b3*sin( 2*pi*x/12 ) \n"
    "                      + b5*cos( 2*pi*x/b4 ) + b6*sin( 2*pi*x/b4 )\n"
    "                      + b8*cos( 2*pi*x/b7 ) + b9*sin( 2*pi*x/b7 )  + e"
)
PEAKS = (
    "               y = b1*exp( -b2*x ) + b3*exp( -(x-b4)**2 / b5**2 )\n"
    "                                   + b6*exp( -(x-b7)**2 / b8**2 ) + e"
)
POLE = PI + "               y =  b1 - b2*x - arctan[b3/(x-b4)]/pi  +  e"


def _simple(formula: str) -> str:
    return f"               y = {formula}  +  e"


KINDS = (
    Kind("Misra1a", _simple("b1*(1-exp[-b2*x])"), misra1a, lambda r: _loading(r, misra1a, 0.4)),
    Kind(
        "Misra1b",
        _simple("b1 * (1-(1+b2*x/2)**(-2))"),
        misra1b,
        lambda r: _loading(r, misra1b, 0.3),
    ),
    Kind(
        "Misra1c",
        _simple("b1 * (1-(1+2*b2*x)**(-.5))"),
        misra1c,
        lambda r: _loading(r, misra1c, 0.16),
    ),
    Kind(
        "Misra1d",
        _simple("b1*b2*x*((1+b2*x)**(-1))"),
        misra1d,
        lambda r: _loading(r, misra1d, 0.23),
    ),
    Kind("Chwirut", _simple("exp[-b1*x]/(b2+b3*x)"), chwirut, _chwirut),
    Kind("Lanczos1", EXPONENTIALS, lanczos, lambda r: _lanczos(r, 14)),
    Kind("Lanczos2", EXPONENTIALS, lanczos, lambda r: _lanczos(r, 6)),
    Kind("Lanczos3", EXPONENTIALS, lanczos, lambda r: _lanczos(r, 5)),
    Kind("Gauss", PEAKS, gauss, _gauss),
    Kind("DanWood", _simple("b1*x**b2"), danwood, _danwood),
    Kind(
        "Nelson",
        "               log[y] = b1 - b2*x1 * exp[-b3*x2]  +  e",
        nelson,
        _nelson,
        ("x1", "x2"),
        True,
    ),
    Kind("MGH09", _simple("b1*(x**2+x*b2) / (x**2+x*b3+b4)"), mgh09, _mgh09),
    Kind("MGH10", _simple("b1 * exp[b2/(x+b3)]"), mgh10, _mgh10),
    Kind("MGH17", _simple("b1 + b2*exp[-x*b4] + b3*exp[-x*b5]"), mgh17, _mgh17),
    Kind("Roszman1", POLE, roszman, _roszman),
    Kind("ENSO", WAVES, enso, _enso),
    Kind("Rat42", _simple("b1 / (1+exp[b2-b3*x])"), rat42, _rat42),
    Kind("Rat43", _simple("b1 / ((1+exp[b2-b3*x])**(1/b4))"), rat43, _rat43),
    Kind("Eckerle4", _simple("(b1/b2) * exp[-0.5*((x-b3)/b2)**2]"), eckerle4, _eckerle4),
    Kind("Bennett5", _simple("b1 * (b2+x)**(-1/b3)"), bennett5, _bennett5),
    Kind("BoxBOD", _simple("b1*(1-exp[-b2*x])"), misra1a, _boxbod),
    Kind("Kirby2", _simple("(b1 + b2*x + b3*x**2) /\n(1 + b4*x + b5*x**2)"), kirby2, _kirby2),
    Kind("Thurber", CUBIC, cubic_over_cubic, _thurber),
    Kind("Hahn1", CUBIC, cubic_over_cubic, _hahn1),
)
