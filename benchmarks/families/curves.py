"""Periodic functions, growth curves, and formulas of physics."""

import numpy as np

from benchmarks.families.family import Family, Sample, log_uniform, some_axis, with_noise

PLANCK, LIGHT, BOLTZMANN = 6.62607015e-34, 299792458.0, 1.380649e-23


def sine(x, amplitude, frequency, phase, level):
    return amplitude * np.sin(2 * np.pi * frequency * x + phase) + level


def two_sines(x, a, f, u, b, g, v):
    return a * np.sin(2 * np.pi * f * x + u) + b * np.sin(2 * np.pi * g * x + v)


def damped(x, amplitude, decay, omega, phase, level):
    return amplitude * np.exp(-x / decay) * np.cos(omega * x + phase) + level


def logistic(x, top, rate, middle):
    return top / (1 + np.exp(-rate * (x - middle)))


def gompertz(x, top, shift, rate):
    return top * np.exp(-shift * np.exp(-rate * x))


def michaelis_menten(x, fastest, half):
    return fastest * x / (half + x)


def hill(x, bottom, top, half, power):
    return bottom + (top - bottom) * x**power / (half**power + x**power)


def power_law(x, factor, exponent, offset):
    return factor * x**exponent + offset


def planck(frequency, h, temperature):
    x = h * frequency / (BOLTZMANN * temperature)
    return 2 * h * frequency**3 / LIGHT**2 / np.expm1(x)


def breit_wigner(energy, strength, mass, width, base, slope):
    return strength * width**2 / 4 / ((energy - mass) ** 2 + width**2 / 4) + base + slope * energy


def toss(t, y0, t0, mu, tf):
    return y0 - np.log(np.cosh((t - t0) / tf)) / mu


def rational(x, a0, a1, a2, b1, b2):
    return (a0 + a1 * x + a2 * x**2) / (1 + b1 * x + b2 * x**2)


def smeared_decay(t, height, lifetime, width, start):
    step = t[1] - t[0]
    lags = (np.arange(len(t)) - len(t) // 2) * step
    pulse = np.exp(-0.5 * (lags / width) ** 2)
    response = np.where(t > start, np.exp(-(t - start) / lifetime), 0.0)
    return height * np.convolve(response, pulse / np.sum(pulse), mode="same")


def rotated_gaussian(x, height, a, b, width_a, width_b, angle, base):
    u = np.cos(angle) * (x[:, 0] - a) + np.sin(angle) * (x[:, 1] - b)
    v = -np.sin(angle) * (x[:, 0] - a) + np.cos(angle) * (x[:, 1] - b)
    return base + height * np.exp(-0.5 * ((u / width_a) ** 2 + (v / width_b) ** 2))


def _scale(rng) -> float:
    return float(log_uniform(rng, 1e-3, 1e5))


def _noise(rng) -> float:
    return float(log_uniform(rng, 3e-3, 5e-2))


def _sine(rng: np.random.Generator, n_sines: int) -> Sample:
    n = 200
    x, low, high = some_axis(rng, n)
    frequencies = log_uniform(rng, 0.7, n / 2, n_sines) / (high - low)
    scale = _scale(rng)
    waves = [(scale * rng.uniform(0.5, 2), f, rng.uniform(-3, 3)) for f in frequencies]
    if n_sines == 1:
        return with_noise(rng, x, sine, [*waves[0], scale * rng.normal()], _noise(rng) * 3)
    return with_noise(rng, x, two_sines, np.ravel(waves), _noise(rng) * 3)


def _damped(rng: np.random.Generator) -> Sample:
    x, _, end = some_axis(rng, 300, is_positive=True)
    scale, cycles = _scale(rng), log_uniform(rng, 1.5, 40)
    truth = [scale, end * log_uniform(rng, 0.1, 1), 2 * np.pi * cycles / end]
    return with_noise(rng, x, damped, [*truth, rng.uniform(-3, 3), scale * rng.normal()], 0.03)


def _logistic(rng: np.random.Generator) -> Sample:
    x, low, high = some_axis(rng, 60)
    extent = high - low
    middle = low + extent * rng.uniform(0.2, 0.8)
    rate = log_uniform(rng, 4, 40) / extent * rng.choice([-1, 1])
    return with_noise(rng, x, logistic, [_scale(rng), rate, middle], _noise(rng))


def _gompertz(rng: np.random.Generator) -> Sample:
    x, _, end = some_axis(rng, 50, is_positive=True)
    truth = [_scale(rng), log_uniform(rng, 2, 50), log_uniform(rng, 3, 20) / end]
    return with_noise(rng, x, gompertz, truth, _noise(rng))


def _michaelis_menten(rng: np.random.Generator) -> Sample:
    x, _, end = some_axis(rng, 25, is_positive=True)
    return with_noise(
        rng, x, michaelis_menten, [_scale(rng), end * log_uniform(rng, 0.02, 2)], _noise(rng)
    )


def _hill(rng: np.random.Generator) -> Sample:
    x = np.sort(log_uniform(rng, 1e-3, 1.0, 40)) * log_uniform(rng, 1e-6, 1e3)
    half = log_uniform(rng, x[8], x[-8])
    bottom = _scale(rng)
    top = bottom * log_uniform(rng, 0.1, 20)
    return with_noise(rng, x, hill, [bottom, top, half, log_uniform(rng, 0.7, 5)], _noise(rng))


def _power_law(rng: np.random.Generator) -> Sample:
    x = np.sort(log_uniform(rng, 1.0, 100.0, 60)) * log_uniform(rng, 1e-3, 1e3)
    exponent = rng.uniform(-3, 4)
    factor = _scale(rng) / np.ptp(x**exponent)
    return with_noise(rng, x, power_law, [factor, exponent, _scale(rng)], _noise(rng))


def _planck(rng: np.random.Generator) -> Sample:
    temperature = log_uniform(rng, 300, 3e4)
    peak = 2.8 * BOLTZMANN * temperature / PLANCK
    frequency = np.linspace(0.1, rng.uniform(2, 4), 100) * peak
    return with_noise(rng, frequency, planck, [PLANCK, temperature], _noise(rng))


def _breit_wigner(rng: np.random.Generator) -> Sample:
    x, low, high = some_axis(rng, 200)
    extent, scale = high - low, _scale(rng)
    mass = low + extent * rng.uniform(0.15, 0.85)
    base, slope = scale * rng.normal(), scale * rng.normal() / extent
    truth = [scale, mass, extent * log_uniform(rng, 0.02, 0.3), base, slope]
    return with_noise(rng, x, breit_wigner, truth, _noise(rng))


def _toss(rng: np.random.Generator) -> Sample:
    t = np.linspace(0, rng.uniform(4, 12), 50)
    truth = [rng.uniform(20, 100), t[-1] * rng.uniform(0.1, 0.6), log_uniform(rng, 0.01, 0.3),
             t[-1] * log_uniform(rng, 0.1, 0.6)]  # fmt: skip
    return with_noise(rng, t, toss, truth, _noise(rng))


def _rational(rng: np.random.Generator) -> Sample:
    x, _, end = some_axis(rng, 150, is_positive=True)
    powers, scale = end ** np.arange(3), _scale(rng)
    damping = rng.uniform(0.3, 1.5)
    b1, b2 = -2 * damping * 0.5 * rng.uniform(0.5, 3), log_uniform(rng, 1, 20)
    b1 = np.sign(b1) * min(abs(b1), 1.8 * np.sqrt(b2))  # no pole at any x
    truth = [*(scale * rng.normal(size=3) / powers), b1 / powers[1], b2 / powers[2]]
    return with_noise(rng, x, rational, truth, _noise(rng))


def _convolution(rng: np.random.Generator) -> Sample:
    t = np.linspace(0, log_uniform(rng, 1e-2, 1e3), 201)
    end = t[-1]
    truth = [_scale(rng), end * log_uniform(rng, 0.03, 0.3), end * log_uniform(rng, 0.01, 0.06),
             end * rng.uniform(0.2, 0.5)]  # fmt: skip
    return with_noise(rng, t, smeared_decay, truth, _noise(rng))


def _rotated_gaussian(rng: np.random.Generator) -> Sample:
    x = rng.uniform(0, 1, (600, 2)) * log_uniform(rng, 1e-2, 1e3)
    extent, scale = x.max(), _scale(rng)
    widths = extent * np.array([log_uniform(rng, 0.03, 0.1), log_uniform(rng, 0.12, 0.3)])
    truth = [scale, *(extent * rng.uniform(0.2, 0.8, 2)), *widths, rng.uniform(-1.5, 1.5),
             scale * rng.normal()]  # fmt: skip
    return with_noise(rng, x, rotated_gaussian, truth, _noise(rng))


FAMILIES = (
    Family("sine", lambda rng: _sine(rng, 1)),
    Family("two sines", lambda rng: _sine(rng, 2)),
    Family("damped oscillation", _damped),
    Family("logistic", _logistic),
    Family("Gompertz", _gompertz),
    Family("Michaelis-Menten", _michaelis_menten),
    Family("Hill", _hill),
    Family("power law with offset", _power_law),
    Family("Planck in SI units", _planck),
    Family("Breit-Wigner over background", _breit_wigner),
    Family("tossed object with drag", _toss),
    Family("rational function", _rational),
    Family("convolution", _convolution),
    Family("rotated Gaussian", _rotated_gaussian),
)
