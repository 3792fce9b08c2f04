"""The structure of every family of hard problems, with the roles that a reader sees in its code."""

import pytest

import surefit as sf
from benchmarks.families.run import FAMILIES, HELD_OUT
from surefit.models.structures.record import Role

LETTERS = {
    "l": Role.linear,
    "s": Role.smooth,
    "k": Role.kink,
    "b": Role.broken,
    "p": Role.step,
}
# One letter for each parameter; those of a variable number of peaks are "polynomial | peak".
ROLES = {
    "the lesson's ansatz with two steps": "ppslll",
    "line with a kink": "klll",
    "step edge on a line": "plll",
    "three steps": "pppllll",
    "step in a product": "blsl",
    "sine": "lssl",
    "two sines": "lsslss",
    "damped oscillation": "lsssl",
    "logistic": "lss",
    "Gompertz": "lss",
    "Michaelis-Menten": "ls",
    "Hill": "llss",
    "power law with offset": "lsl",
    "Planck in SI units": "ss",
    "Breit-Wigner over background": "lssll",
    "tossed object with drag": "lsss",
    "rational function": "lllss",
    "convolution": "lssb",
    "rotated Gaussian": "lsssssl",
    "two exponentials": "lsls",
    "three exponentials": "lslsls",
    "four exponentials": "lslslsls",
    "1-6 Gaussian peaks": "lll|lss",
    "1-6 Lorentzian peaks": "ll|lss",
    "6 overlapping peaks, 20 parameters": "ll|lss",
    "Morse potential": "lssl",
    "Arrhenius with offset": "lsl",
    "Fano resonance": "lsssl",
    "stretched exponential": "lssl",
    "diffraction at a slit": "lssl",
    "chirp": "lsss",
    "decay chain": "lssl",
    "two logistic steps": "llsslss",
    "two skewed peaks": "lsslsssl",
    "window with a decay in it": "bpllls",
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("family", [*FAMILIES, *HELD_OUT], ids=lambda family: family.name)
def test_structure_is_right_on_every_family(family, seed):
    sample = family.sample(seed)
    p = len(sample.truth)
    structure = sf.structure(sample.model, sample.x, n_parameters=p if sample.is_packed else None)
    fixed, _, repeated = ROLES[family.name].partition("|")
    letters = fixed + repeated * ((p - len(fixed)) // max(len(repeated), 1))
    assert [role.name for role in structure.roles] == [LETTERS[one].name for one in letters]
