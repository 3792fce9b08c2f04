"""Which parameters plausible values give no effect, told by as few of them as it takes."""

import numpy as np
import pytest

import surefit as sf
from surefit.problem.projected import Projected
from surefit.search import magnitudes, multi_start


def decay(x, height, lifetime, level):
    return height * np.exp(-x / lifetime) + level


def radiance(frequency, h, temperature):
    energy = h * frequency
    return 1e20 * energy * frequency**2 / np.expm1(energy / (1.380649e-23 * temperature))


CASES = {
    "decay": (decay, np.linspace(0, 10, 50), (3.0, 2.0, 1.0), False),
    "radiance": (radiance, np.linspace(1e13, 2e15, 50), (6.62607015e-34, 5000.0), True),
}


@pytest.mark.parametrize("name", CASES)
def test_a_few_probes_tell_what_all_tell(name, monkeypatch):
    function, x, truth, is_any = CASES[name]
    y = function(x, *truth) * (1 + 0.01 * np.random.default_rng(0).standard_normal(len(x)))
    masks = []

    def noted(run, starts):
        before = run.rng.bit_generator.state
        for together in (magnitudes.PROBES, magnitudes.TOGETHER):
            run.rng.bit_generator.state = before
            monkeypatch.setattr(magnitudes, "TOGETHER", together)
            masks.append(magnitudes.without_effect(run, starts))
        return masks[-1]

    monkeypatch.setattr(multi_start, "without_effect", noted)
    sf.fit(x, y, function, yerr=0.01 * np.abs(y))
    np.testing.assert_array_equal(masks[0], masks[1])
    assert masks[0].any() == is_any


def test_where_everything_has_an_effect_most_probes_are_spared(monkeypatch):
    counted = []
    reduce = Projected.reduce
    monkeypatch.setattr(
        Projected,
        "reduce",
        lambda self, points: counted.append(len(points)) or reduce(self, points),
    )

    def noted(run, starts):
        counted.clear()
        mask = magnitudes.without_effect(run, starts)
        assert sum(counted) <= magnitudes.PROBES // 2
        return mask

    monkeypatch.setattr(multi_start, "without_effect", noted)
    x = np.linspace(0, 10, 50)
    assert sf.fit(x, decay(x, 3.0, 2.0, 1.0) + 0.01 * np.sin(99 * x), decay, yerr=0.01).chi2 < 100
    assert counted


def planck(frequency, h, temperature):
    energy = h * frequency / (1.380649e-23 * temperature)
    return 2 * h * frequency**3 / 299792458.0**2 / np.expm1(energy)


@pytest.mark.parametrize("seed", range(8))
def test_one_of_two_parameters_may_seem_to_matter_where_it_does_not(seed):
    # Planck's constant has some effect at plausible values, yet none that leads to its magnitude.
    rng = np.random.default_rng([17, seed])
    truth = 6.62607015e-34, np.exp(rng.uniform(np.log(300), np.log(3e4)))
    peak = 2.8 * 1.380649e-23 * truth[1] / truth[0]
    x = np.linspace(0.1, rng.uniform(2, 4), 100) * peak
    clean = planck(x, *truth)
    noise = 0.01 * clean.max()
    y = clean + noise * rng.standard_normal(len(x))
    fit = sf.fit(x, y, planck, yerr=noise)
    assert fit.chi2 <= np.sum(((y - clean) / noise) ** 2)
    assert abs(fit.values["h"] - truth[0]) < 5 * fit.errors["h"]
