"""Fit a decay curve from a CSV file and save everything: `python examples/decay_curve.py`.

Writes decay_curve.png and decay_curve.json into the current folder.
"""

from pathlib import Path

import numpy as np

import surefit as sf

DATA = Path(__file__).with_name("decay_curve.csv")


def decay(time, amplitude, lifetime, background):
    """An exponential decay over a constant background."""
    return amplitude * np.exp(-time / lifetime) + background


time, rate, error = np.loadtxt(DATA, delimiter=",", skiprows=1, unpack=True)
fit = sf.fit(time, rate, decay, yerr=error, bounds={"lifetime": (0, None)})
print(fit)
if not fit.valid:
    raise SystemExit(fit.status.advice)

print(f"lifetime = {fit.values['lifetime']:.3f} ± {fit.errors['lifetime']:.3f} µs")
figure = fit.plot(x_label="time [µs]", y_label="rate [kHz]", log_y=True)
figure.savefig("decay_curve.png", dpi=150)
fit.save("decay_curve.json")
