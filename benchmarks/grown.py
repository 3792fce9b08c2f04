"""The lesson's five sigmoids and its network, without starts, against its own best of fifteen."""

import numpy as np

import surefit
from benchmarks.best_known import MODELS, N_SAMPLES, load, sample
from benchmarks.record import OURS, Row, rows_of
from benchmarks.timing import alternate
from surefit.lesson.peers import best_of_migrad, best_of_regressor

GROUP = "Five adaptive sigmoids on the lesson's sample"
WITHIN = 1.01


def measure(quick: bool) -> list[Row]:
    known = load()
    rows = []
    for name, model in MODELS.items():
        rows += _model(name, model, known.get(name, {}), 2 if quick else N_SAMPLES)
    return rows


def _model(name: str, model, known: dict[str, float], n: int) -> list[Row]:
    samples = [sample(number) for number in range(n)]

    def ours(repeat):
        data = samples[repeat]
        return surefit.fit(data.x, data.y, model, yerr=data.yerr).chi2

    def migrad(repeat):
        rng = np.random.default_rng(repeat)
        return best_of_migrad(samples[repeat], rng, 15, lambda _: None).chi2

    def regressor(solver):
        def best(repeat):
            rng = np.random.default_rng(repeat)
            return best_of_regressor(samples[repeat], rng, 15, lambda _: None, solver=solver).chi2

        return best

    ours(0)  # compilation is measured in its own group
    tasks = {OURS: ours, "iminuit, best of 15": migrad}
    if name.startswith("Dense"):  # iminuit fits the sigmoids there is a loop for in the lesson
        tasks = {OURS: ours, "iminuit, best of 15 (sigmoids)": migrad}
        tasks["scikit-learn (adam), best of 15"] = regressor("adam")
        tasks["scikit-learn (lbfgs), best of 15"] = regressor("lbfgs")
    timings = alternate(tasks, n, warm_up=False)
    # A tool that finds something lower than what is on file has found the best known.
    lowest = [
        min(known.get(str(i), np.inf), *(t.results[i] for t in timings.values())) for i in range(n)
    ]
    outcomes = {tool: _outcome(t.results, lowest) for tool, t in timings.items()}
    return rows_of(GROUP, f"{name}, {n} samples", timings, outcomes)


def _outcome(chi2, lowest) -> str:
    ratios = np.array(chi2) / np.array(lowest)
    within = int(np.sum(ratios <= WITHIN))
    spread = f"{ratios.min():.3f} to {ratios.max():.3f}"
    return f"within 1 % of the best known {within}/{len(ratios)}; χ²/best {spread}"
