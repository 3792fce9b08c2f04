"""What a fit costs against its number of parameters, up to the lesson's 195-parameter network."""

import dataclasses
import itertools
import time
from typing import Any, cast

import iminuit
import numpy as np

from surefit.fitting import fit
from surefit.lesson.peers import Report
from surefit.lesson.sample import Array
from surefit.minimizers.base import Budget
from surefit.networks.dense import Dense

# Inputs, units of the hidden layers, outputs; the last one is the lesson's.
ARCHITECTURES = ((2, 2, 2), (3, 4, 3), (4, 5, 4, 3), (6, 6, 6, 4), (8, 7, 9, 6))
N_POINTS = 250
NOISE = 0.1
# Most calls that MIGRAD gets: by itself it gives up on 195 parameters after some 200,000.
MOST_CALLS = 60_000

# Ours is kept short too: a fifth of the search that a fit does by itself.
OUR_BUDGET = Budget(starts=0.2)


@dataclasses.dataclass(frozen=True)
class Cost:
    """One network, fitted by MIGRAD and by us; a ReLU after every layer, the output included.

    Attributes:
        layers: Inputs, units of the hidden layers, outputs.
        n_parameters: Weights and biases.
        n_terms: Terms in χ²: points times outputs.
        true_chi2: χ² of the network that made the data.
        migrad_chi2: χ² where MIGRAD ended, from one random start.
        migrad_calls: How often it called the function.
        migrad_seconds: Its wall time.
        migrad_valid: Whether it says that it found a minimum.
        is_capped: Whether it was stopped at our limit of calls.
        our_chi2: χ² of ours, from no start.
        our_seconds: Our wall time, compilation included.
        our_valid: Whether our result says that it can be trusted.
    """

    layers: tuple[int, ...]
    n_parameters: int
    n_terms: int
    true_chi2: float
    migrad_chi2: float
    migrad_calls: int
    migrad_seconds: float
    migrad_valid: bool
    is_capped: bool
    our_chi2: float
    our_seconds: float
    our_valid: bool


def costs(
    rng: np.random.Generator, n_networks: int, most_calls: int, report: Report
) -> tuple[Cost, ...]:
    """Fit networks of growing size to data that a network of that size made.

    Args:
        rng: Source of randomness.
        n_networks: How many of `ARCHITECTURES`, from the smallest.
        most_calls: Most calls of the function that MIGRAD gets.
        report: Called before each fit.
    """
    return tuple(_cost(rng, layers, most_calls, report) for layers in ARCHITECTURES[:n_networks])


def forward(parameters: Array, x: Array, layers: tuple[int, ...]) -> Array:
    """A network in plain NumPy: for each layer a matrix, a bias and a ReLU.

    Args:
        parameters: Weights and biases of the layers, one after another, shape (p,).
        x: Inputs, shape (n, layers[0]).
        layers: Inputs, units of the hidden layers, outputs.

    Returns:
        Outputs, shape (n, layers[-1]).
    """
    begin = 0
    for n_in, n_out in itertools.pairwise(layers):
        weight = parameters[begin : begin + n_in * n_out].reshape(n_out, n_in)
        bias = parameters[begin + n_in * n_out : begin + (n_in + 1) * n_out]
        begin += (n_in + 1) * n_out
        x = np.maximum(x @ weight.T + bias, 0.0)
    return x


def random_network(rng: np.random.Generator, layers: tuple[int, ...]) -> Array:
    """Weights of a variance that keeps signals alive (He et al. 2015), biases around 0.5.

    Args:
        rng: Source of randomness.
        layers: Inputs, units of the hidden layers, outputs.

    Returns:
        Parameters for `forward`, shape (p,).
    """
    parts = []
    for n_in, n_out in itertools.pairwise(layers):
        parts += [
            rng.normal(0.0, np.sqrt(2 / n_in), n_in * n_out),
            rng.normal(0.5, 0.25, n_out),
        ]
    return np.concatenate(parts)


def _cost(
    rng: np.random.Generator, layers: tuple[int, ...], most_calls: int, report: Report
) -> Cost:
    x = rng.normal(size=(N_POINTS, layers[0]))
    truth, start = random_network(rng, layers), random_network(rng, layers)
    true_y = forward(truth, x, layers)
    y = true_y + rng.normal(0.0, NOISE, true_y.shape)

    def chi2(parameters: Array) -> float:
        return float(np.sum(((y - forward(parameters, x, layers)) / NOISE) ** 2))

    report(f"MIGRAD on {len(truth)} parameters")
    began = time.perf_counter()
    minimizer = iminuit.Minuit(cast(Any, chi2), start)
    minimizer.errordef = iminuit.Minuit.LEAST_SQUARES
    is_capped = _migrad(minimizer, most_calls)
    migrad_seconds = time.perf_counter() - began
    report(f"surefit on {len(truth)} parameters")
    model = Dense(*layers[1:-1], activation="relu", output_activation="relu")
    ours = fit(x, y, model, NOISE, budget=OUR_BUDGET)
    return Cost(
        layers=layers,
        n_parameters=len(truth),
        n_terms=y.size,
        true_chi2=chi2(truth),
        migrad_chi2=float(minimizer.fval or np.inf),
        migrad_calls=int(minimizer.nfcn),
        migrad_seconds=migrad_seconds,
        migrad_valid=bool(minimizer.valid),
        is_capped=is_capped,
        our_chi2=ours.chi2,
        our_seconds=ours.seconds,
        our_valid=ours.valid,
    )


def _migrad(minimizer: iminuit.Minuit, most_calls: int) -> bool:
    """Run MIGRAD as iminuit does, up to five times while it fails, but with a limit on all calls.

    Returns:
        Whether our limit stopped it.
    """
    q = minimizer.npar
    own_limit = 200 + 100 * q + 5 * q**2  # MINUIT's, for one run
    for _ in range(5):
        left = most_calls - minimizer.nfcn
        minimizer.migrad(ncall=min(own_limit, left), iterate=1)
        if minimizer.valid:
            return False
        if minimizer.nfcn >= most_calls:
            return True
        if minimizer.fmin is not None and minimizer.fmin.has_reached_call_limit:
            return False
    return False
