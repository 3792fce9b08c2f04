"""The lesson from beginning to end: every attempt and experiment, in order."""

import dataclasses
import time
from collections.abc import Iterator

from surefit.lesson import attempts, peers
from surefit.lesson.attempt import OURS, Attempt
from surefit.lesson.attempts import Conversion
from surefit.lesson.costs import ARCHITECTURES, MOST_CALLS, Cost, costs
from surefit.lesson.peers import Report
from surefit.lesson.permutations import Permutations, permute
from surefit.lesson.sample import (
    TOSS_BAD_START,
    TOSS_GOOD_START,
    TRUE_VALUES,
    Sample,
    ansatz,
    draw_sample,
    draw_toss,
    stream,
    toss,
)
from surefit.lesson.wrong_starts import Success, ansatz_success, toss_success


@dataclasses.dataclass(frozen=True)
class Counts:
    """How much is tried; smaller counts make a quicker lesson.

    Attributes:
        tries: Starts of MIGRAD and trainings of scikit-learn, of which the best is kept.
        starts: Wrong starts of MIGRAD at each distance from the truth, for the tossed object.
        step_starts: The same for the ansatz with steps.
        samples: New tossed objects that ours is tried on without a start.
        step_samples: New samples that ours is tried on with the ansatz.
        networks: Networks of growing size, at most as many as there are architectures.
        most_calls: Most calls of the function that MIGRAD gets in one network.
        refits: Permuted minima that are refitted.
    """

    tries: int = 15
    starts: int = 40
    step_starts: int = 15
    samples: int = 10
    step_samples: int = 4
    networks: int = len(ARCHITECTURES)
    most_calls: int = MOST_CALLS
    refits: int = 2


@dataclasses.dataclass(frozen=True, eq=False)
class Lesson:
    """Everything that happened.

    Attributes:
        seed: The seed of all of it.
        counts: How much was tried.
        sample: The lesson's sample.
        toss: The tossed object.
        attempts: All attempts in order, by key.
        conversion: The fitted network as sigmoids.
        permutations: What happens when sigmoids change places.
        successes: MIGRAD's success against the distance of its start.
        costs: What networks of growing size cost.
        seconds: Wall time of all of it.
    """

    seed: int
    counts: Counts
    sample: Sample
    toss: Sample
    attempts: dict[str, Attempt]
    conversion: Conversion
    permutations: Permutations
    successes: tuple[Success, ...]
    costs: tuple[Cost, ...]
    seconds: float

    @property
    def our_seconds(self) -> float:
        """Wall time of our attempts, one fit each; experiments are not counted."""
        return sum(attempt.seconds for attempt in self.attempts.values() if attempt.by == OURS)

    def document(self) -> dict[str, object]:
        """The JSON document, without the names of the files."""
        return {
            "seed": self.seed,
            "counts": dataclasses.asdict(self.counts),
            "n_points": len(self.sample.x),
            "noise": self.sample.yerr,
            "true_chi2": self.sample.true_chi2,
            "toss_true_chi2": self.toss.true_chi2,
            "attempts": [attempt.document() for attempt in self.attempts.values()],
            "conversion": dataclasses.asdict(self.conversion),
            "permutations": self.permutations.document(),
            "wrong_starts": [success.document() for success in self.successes],
            "costs": [dataclasses.asdict(cost) for cost in self.costs],
            "our_seconds": self.our_seconds,
            "seconds": self.seconds,
        }


def run_lesson(seed: int, counts: Counts, report: Report) -> Lesson:
    """Run the lesson.

    Args:
        seed: Everything but times depends on it alone.
        counts: How much is tried.
        report: Called with what is being done, in a few words.

    Returns:
        Everything that happened.
    """
    began = time.perf_counter()
    sample, tossed = draw_sample(stream(seed, "sample")), draw_toss(stream(seed, "toss"))
    made = {}
    for attempt in _all_attempts(seed, counts, sample, tossed, report):
        made[attempt.key] = attempt
    report("permuting hidden units")
    permutations = permute(made["sigmoids"], sample, stream(seed, "permute"), counts.refits)
    report("wrong starts: tossed object")
    tossing = toss_success(stream(seed, "wrong toss"), counts.starts, counts.samples)
    report("wrong starts: ansatz with steps")
    rng = stream(seed, "wrong ansatz")
    stepping = ansatz_success(rng, counts.step_starts, counts.step_samples)
    networks = costs(stream(seed, "costs"), counts.networks, counts.most_calls, report)
    return Lesson(
        seed=seed,
        counts=counts,
        sample=sample,
        toss=tossed,
        attempts=made,
        conversion=attempts.converted(made["network"], sample),
        permutations=permutations,
        successes=(tossing, stepping),
        costs=networks,
        seconds=time.perf_counter() - began,
    )


def _all_attempts(
    seed: int, counts: Counts, sample: Sample, tossed: Sample, report: Report
) -> Iterator[Attempt]:
    """Make the attempts one by one, in the lesson's order; theirs after ours of the same kind."""
    report("straight line")
    yield attempts.line(sample)
    report("ansatz, without a start")
    yield attempts.theory(sample)
    report("ansatz, MIGRAD")
    for off, key in ((0.0, "truth"), (0.01, "near"), (0.1, "wrong")):
        title = (
            "ansatz, MIGRAD from the truth" if not off else f"ansatz, MIGRAD {100 * off:g} % off"
        )
        start = {name: value * (1 + off) for name, value in TRUE_VALUES.items()}
        yield peers.migrad(sample, ansatz, start, f"ansatz-migrad-{key}", title)
    report("tossed object")
    yield attempts.tossed(tossed)
    yield attempts.tossed_without_air(tossed)
    for key, start in (("good", TOSS_GOOD_START), ("bad", TOSS_BAD_START)):
        title = f"falling in air, MIGRAD, {key} start"
        yield peers.migrad(tossed, toss, start, f"toss-migrad-{key}", title)
    report("fixed bases")
    yield attempts.taylor(sample)
    yield attempts.long_taylor(sample)
    yield peers.numpy_taylor(sample)
    yield attempts.fourier(sample)
    yield peers.trapezoid_fourier(sample)
    yield from attempts.orthogonal(sample)
    report("five sigmoids, without a start")
    yield attempts.sigmoids(sample)
    yield peers.best_of_migrad(sample, stream(seed, "migrad"), counts.tries, report)
    report("hidden layer of five, without a start")
    yield attempts.network(sample)
    for solver in ("adam", "lbfgs"):
        rng = stream(seed, solver)
        yield peers.best_of_regressor(sample, rng, counts.tries, report, solver=solver)
