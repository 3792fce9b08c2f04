"""What every test starts from: no display, checked shapes, fixed seeds, repeatable examples."""

import os
import random
import sys

os.environ["MPLBACKEND"] = "Agg"  # before anything imports matplotlib, here and in subprocesses
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from jaxtyping import install_import_hook

# Annotated types and shapes are checked at every call inside these rooms. The others hold public
# names, which must reject what they cannot use themselves, with better messages.
CHECKED = ("losses", "problem", "search", "uncertainty")
install_import_hook(
    [f"surefit.{room}" for room in CHECKED],
    # An int may stand for a float; `Self` can be checked only where whole classes are decorated.
    "beartype.beartype(conf=beartype.BeartypeConf(is_pep484_tower=True,"
    " hint_overrides=beartype.FrozenDict({__import__('typing').Self: object})))",
)

settings.register_profile(
    "surefit",
    deadline=None,  # the first example of a shape pays for a compilation
    derandomize=True,
    max_examples=25,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("thorough", parent=settings.get_profile("surefit"), max_examples=500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "surefit"))


@pytest.fixture(autouse=True)
def fixed_seeds():
    """Seed the global generators, which nothing of ours should use; others' code may."""
    random.seed(0)
    np.random.seed(0)


@pytest.fixture
def rng():
    """Give a generator that starts the same in every test."""
    return np.random.default_rng(12345)


@pytest.fixture(autouse=True)
def closed_figures():
    """Close the figures that a test left open."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
