"""How often the intervals of `scoretable.uncertainty` hold what is true, in simulated tables: 95 of 100, they say.

It trains nothing. `--write` puts the table into docs/statistics.md.
"""

import argparse
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from auc_coverage import over_folds
from blend_coverage import fewer, naive, nested, not_flattered, of_classes, of_numbers
from scoretable.competition.metric import Score as Metric
from scoretable.scoring.scores import score as score_by
from scoretable.uncertainty.differences import Noise, both_noises, difference, holm, judge, paired_difference, run_noise
from scoretable.uncertainty.resampling import ROUNDS, image_noise
from scoretable.uncertainty.runs import pool, student, summarise
from scoretable.uncertainty.scales import Scale, scale_of
from scoretable.uncertainty.shares import clopper_pearson, paired_interval, wilson
from scoretable.workspace.errors import InputError

PAGE = Path(__file__).resolve().parents[1] / "docs/statistics.md"
MARKS = "<!-- coverage: python benchmarks/coverage.py --write -->", "<!-- end of coverage -->"
DIFFER = 0.3  # standard deviation of the logarithm of settings' spreads: one is twice another in 1 of 10 pairs
ACCURACY = scale_of("accuracy")

Random = np.random.Generator
Simulation = Callable[[Random, int], float]


@dataclass(frozen=True)
class Case:
    """What is simulated.

    at_least: by its construction it holds 95 of 100 times or more; slow: no test waits for it; wrong: it is in use
    nowhere, and here to show what would come of it.
    """

    name: str
    situation: str
    simulate: Simulation
    at_least: bool = False
    slow: bool = False
    wrong: bool = False


def share_of(inside: Sequence[bool] | np.ndarray) -> float:
    return float(np.mean(inside))


def holds(low: float | None, high: float | None, truth: float) -> bool:
    return low is not None and high is not None and low <= truth <= high


def draw_scores(random: Random, mean: float, spread: float, count: int) -> list[float]:
    """Return draws of a beta distribution, which has no score beyond 0 and 1."""
    strength = mean * (1 - mean) / spread**2 - 1
    return random.beta(mean * strength, (1 - mean) * strength, count).tolist()


def one_share(
    method: Callable[..., tuple[np.ndarray, np.ndarray]], lowest: float, highest: float, images: int
) -> Simulation:
    def simulate(random: Random, tables: int) -> float:
        shares = random.uniform(lowest, highest, tables)
        low, high = method(random.binomial(images, shares), images)
        return share_of((low <= shares) & (shares <= high))

    return simulate


def two_shares(differing: float, images: int) -> Simulation:
    def simulate(random: Random, tables: int) -> float:
        first = random.uniform(0.2, 0.8, tables) * differing
        second = differing - first
        counts = random.multinomial(images, np.column_stack([first, second, np.full(tables, 1 - differing)]))
        low, high = paired_interval(counts[:, 0], counts[:, 1], images)
        return share_of((low <= second - first) & (second - first <= high))

    return simulate


def one_setting(lowest: float, highest: float, spread: float, draws: int) -> Simulation:
    def simulate(random: Random, tables: int) -> float:
        inside = []
        for mean in random.uniform(lowest, highest, tables):
            found = summarise(draw_scores(random, mean, spread * (mean * (1 - mean)) ** 0.5, draws), ACCURACY)
            inside.append(holds(found.low, found.high, mean))
        return share_of(inside)

    return simulate


def draw_table(random: Random, draws: Sequence[int], differ: float = DIFFER) -> tuple[np.ndarray, list[list[float]]]:
    """Return the true means of settings, and their draws; how far those spread differs from setting to setting."""
    means = random.uniform(0.5, 0.97, len(draws))
    spreads = 0.06 * np.exp(random.normal(0, differ, len(draws))) * (means * (1 - means)) ** 0.5
    return means, [draw_scores(random, *of_one) for of_one in zip(means, spreads, draws, strict=True)]


def lent(draws: Sequence[int], differ: float = DIFFER) -> Simulation:
    """The first setting's mean, with the spread of all."""

    def simulate(random: Random, tables: int) -> float:
        inside = []
        for _ in range(tables):
            means, scores = draw_table(random, draws, differ)
            family = pool(scores, ACCURACY)
            spread = family.lend(scores[0], ACCURACY) if family else None
            found = summarise(scores[0], ACCURACY, spread)
            inside.append(holds(found.low, found.high, means[0]))
        return share_of(inside)

    return simulate


def two_settings(draws: Sequence[int], differ: float = DIFFER) -> Simulation:
    """The difference of the first two settings; of two settings alone, by their own draws."""

    def simulate(random: Random, tables: int) -> float:
        inside = []
        for _ in range(tables):
            means, scores = draw_table(random, draws, differ)
            family = pool(scores, ACCURACY) if len(draws) > 2 else None
            found = difference(scores[0], scores[1], ACCURACY, family)
            inside.append(holds(found.low, found.high, means[1] - means[0]))
        return share_of(inside)

    return simulate


def pairs(draws: int) -> Simulation:
    def simulate(random: Random, tables: int) -> float:
        inside = []
        for _ in range(tables):
            shared, own = random.normal(0, 0.02, draws), random.normal(0, 0.01, (2, draws))
            found = paired_difference((0.8 + shared + own[0]).tolist(), (0.85 + shared + own[1]).tolist(), ACCURACY)
            inside.append(holds(found.low, found.high, 0.05))
        return share_of(inside)

    return simulate


def images_and_seeds(draws: int, images: int) -> Simulation:
    """The expected difference of two settings over seeds and images, from answers of all seeds to the same images."""

    def simulate(random: Random, tables: int) -> float:
        easy = random.normal(1.5, 2, 200_000)
        inside = []
        expected = _expected(random, easy)
        for _ in range(tables):
            chosen = random.choice(easy, images)
            other = chosen + random.normal(0.3, 1, images)  # what the second setting finds easy
            right = np.stack([_right(random, logits, draws) for logits in (chosen, other)])  # (2, draws, images)
            scores = right.mean(axis=2).tolist()
            by_seeds = run_noise(scores[0], scores[1], ACCURACY)
            apart = right[1].mean(axis=0) - right[0].mean(axis=0)
            middle = ACCURACY.slope(float(ACCURACY.forward(right.mean())))
            by_images = Noise(float(np.var(apart)) / images / middle**2)
            noise = by_images if by_seeds is None else both_noises(by_images, by_seeds, keeps_images=True)
            found = judge(float(np.mean(scores[0])), float(np.mean(scores[1])), noise, ACCURACY)
            inside.append(holds(found.low, found.high, expected))
        return share_of(inside)

    return simulate


def _right(random: Random, logits: np.ndarray, draws: int) -> np.ndarray:
    seeds = random.normal(0, 0.3, (draws, 1))
    return random.random((draws, len(logits))) < 1 / (1 + np.exp(-(logits + seeds)))


def _expected(random: Random, easy: np.ndarray) -> float:
    other = easy + random.normal(0.3, 1, len(easy))
    first, second = (
        float(np.mean(1 / (1 + np.exp(-(part + random.normal(0, 0.3, len(easy))))))) for part in (easy, other)
    )
    return second - first


def no_effect(settings: int, draws: int) -> Simulation:
    """The share of tables without any false effect, of all pairs of settings that are all alike."""

    def simulate(random: Random, tables: int) -> float:
        right = []
        for _ in range(tables):
            scores = [draw_scores(random, 0.8, 0.02, draws) for _ in range(settings)]
            family = pool(scores, ACCURACY)
            chances = [
                difference(first, second, ACCURACY, family).chance or 1.0
                for place, first in enumerate(scores)
                for second in scores[place + 1 :]
            ]
            right.append(min(holm(chances)) >= 0.05)
        return share_of(right)

    return simulate


Draw = Callable[[Random, int], tuple[np.ndarray, np.ndarray]]
Scorer = Callable[[np.ndarray, np.ndarray], float]


def measured(metric: Metric, draw: Draw, images: int, rounds: int = ROUNDS, by: Scorer | None = None) -> Simulation:
    """The interval of a metric of n images; the truth is that of 200,000. by: computes it instead of `scores.score`."""

    def simulate(random: Random, tables: int) -> float:
        scorer, scale = by or partial(score_by, metric), scale_of(metric)
        truth = scorer(*draw(random, 200_000))
        return share_of([_holds_truth(scorer, draw(random, images), truth, scale, rounds) for _ in range(tables)])

    return simulate


def _holds_truth(scorer: Scorer, drawn: tuple[np.ndarray, np.ndarray], truth: float, scale: Scale, rounds: int) -> bool:
    labels, answers = drawn

    def score(chosen: np.ndarray) -> float:
        return scorer(labels[chosen], answers[chosen])

    noise = image_noise(score, len(labels), scale, rounds)
    if noise is None:
        return False
    reach = student(noise.freedom) * noise.variance**0.5
    place = float(scale.forward(score(np.arange(len(labels)))))
    return bool(scale.back(place - reach) <= truth <= scale.back(place + reach))


# Metrics without the checks of scikit-learn, which take most of the time; a test compares them with `scores.score`.
def root_mean_square(truth: np.ndarray, answers: np.ndarray) -> float:
    return float(np.sqrt(np.mean((truth - answers) ** 2)))


def coefficient(truth: np.ndarray, answers: np.ndarray) -> float:
    return float(1 - np.sum((truth - answers) ** 2) / np.sum((truth - truth.mean()) ** 2))


def area(truth: np.ndarray, answers: np.ndarray) -> float:
    order = np.argsort(answers[:, 1], kind="stable")
    positive = truth[order]
    count = int(positive.sum())
    if count in (0, len(truth)):
        raise InputError("an AUC needs images of both classes")
    return float((np.flatnonzero(positive).sum() - count * (count - 1) / 2) / (count * (len(truth) - count)))


def cross_entropy(truth: np.ndarray, answers: np.ndarray) -> float:
    return float(-np.log(answers[np.arange(len(truth)), truth]).mean())


def two_classes(apart: float) -> Draw:
    def draw(random: Random, images: int) -> tuple[np.ndarray, np.ndarray]:
        labels = (random.random(images) < 0.3).astype(int)
        second = 1 / (1 + np.exp(-(random.normal(0, 1, images) + apart * (labels - 0.5))))
        return labels, np.column_stack([1 - second, second])

    return draw


def grades(random: Random, images: int) -> tuple[np.ndarray, np.ndarray]:
    severe = random.normal(2, 1, images)
    answers = severe + random.normal(0, 0.6, images)
    return np.clip(np.round(severe), 0, 4).astype(int), np.clip(answers, 0, 4)[:, None]


def numbers(random: Random, images: int) -> tuple[np.ndarray, np.ndarray]:
    truth = random.normal(0, 1, (images, 1))
    return truth, truth + random.normal(0, 0.3, (images, 1))


MANY_ROWS, NNLS = of_numbers(rows=20, images=100), "least squares, 20 rows, 100 images, accuracy"
FEW_ROWS, GREEDY = of_classes(rows=5, images=100, metric="accuracy"), "greedy, 5 rows, 100 images, accuracy"
BY_LOSS, LOSS = of_classes(rows=8, images=150, metric="log_loss"), "least squares, 8 rows, 150 images, log loss"

CASES = (
    Case("Wilson, one share", "shares 0.3 to 0.9, 96 images", one_share(wilson, 0.3, 0.9, 96)),
    Case("Wilson, one share", "shares 0.9 to 1, 96 images", one_share(wilson, 0.9, 1, 96)),
    Case("Wilson, one share", "shares 0.97 to 1, 2,601 images", one_share(wilson, 0.97, 1, 2601)),
    Case("Clopper and Pearson", "shares 0.9 to 1, 96 images", one_share(clopper_pearson, 0.9, 1, 96), at_least=True),
    Case("Bonett and Price, two rows", "20% answered differently, 96 images", two_shares(0.2, 96)),
    Case("Bonett and Price, two rows", "5% answered differently, 2,601 images", two_shares(0.05, 2601)),
    Case("Bonett and Price, two rows", "3% answered differently, 96 images", two_shares(0.03, 96), at_least=True),
    Case("draws of one setting", "2 draws, scores 0.5 to 0.9", one_setting(0.5, 0.9, 0.06, 2)),
    Case("draws of one setting", "3 draws, scores 0.5 to 0.9", one_setting(0.5, 0.9, 0.06, 3)),
    Case("draws of one setting", "2 draws, scores 0.95 to 0.995", one_setting(0.95, 0.995, 0.06, 2)),
    Case("draws of one setting", "3 draws, scores 0.95 to 0.995", one_setting(0.95, 0.995, 0.06, 3)),
    Case("lent spread", "1 draw, beside settings of 2, 2, 3 and 3", lent((1, 2, 2, 3, 3))),
    Case("lent spread", "2 draws, beside settings of 2, 2, 3 and 3", lent((2, 2, 2, 3, 3))),
    Case("lent spread", "1 draw, beside one setting of 2", lent((1, 2), differ=0)),
    Case("two settings", "2 draws each", two_settings((2, 2))),
    Case("two settings", "3 draws each", two_settings((3, 3))),
    Case("two settings", "1 draw each, beside settings of 2, 2, 3 and 3", two_settings((1, 1, 2, 2, 3, 3))),
    Case("two settings", "3 draws each, beside three more of 3", two_settings((3, 3, 3, 3, 3))),
    Case("pairs of equal seeds", "3 pairs", pairs(3)),
    Case("images and seeds", "2 draws each, 150 images", images_and_seeds(2, 150)),
    Case("images and seeds", "3 draws each, 600 images", images_and_seeds(3, 600)),
    Case("Holm, no effect at all", "4 settings of 3 draws", no_effect(4, 3), at_least=True),
    Case("rmse", "40 images", measured("rmse", numbers, 40, rounds=40, by=root_mean_square)),
    Case("quadratic weighted kappa", "100 images", measured("quadratic_weighted_kappa", grades, 100), slow=True),
    Case("log loss", "150 images", measured("log_loss", two_classes(2), 150, by=cross_entropy), slow=True),
    Case("AUC about 0.92", "150 images", measured("auc", two_classes(2), 150, by=area), slow=True),
    Case("AUC about 0.98", "200 images", measured("auc", two_classes(3), 200, by=area), slow=True),
    Case("R2", "150 images", measured("r2", numbers, 150, by=coefficient), slow=True),
    Case("a blend, nested", NNLS, nested(MANY_ROWS, "nnls"), slow=True),
    Case("a blend, naive", NNLS, naive(MANY_ROWS, "nnls"), slow=True, wrong=True),
    Case("a blend, nested", f"{GREEDY}, a fifth of the tables", fewer(5, nested(FEW_ROWS, "greedy")), slow=True),
    Case("a blend, naive", GREEDY, naive(FEW_ROWS, "greedy"), slow=True, wrong=True),
    Case("a blend, nested", LOSS, nested(BY_LOSS, "nnls"), slow=True),
    Case("a blend, naive", LOSS, naive(BY_LOSS, "nnls"), slow=True, wrong=True),
    Case("a blend less its best row", NNLS, not_flattered(MANY_ROWS, "nnls"), at_least=True, slow=True),
    Case("AUC over 5 folds", "nothing to learn, 40 and 120 images", over_folds(40, 120, 0)),
    Case("AUC over 5 folds", "about 0.64, 150 and 450 images", over_folds(150, 450, 0.5), at_least=True),
    Case("AUC over 5 folds", "about 0.96, 150 and 450 images", over_folds(150, 450, 2.5)),
    Case("AUC over 5 folds", "about 0.998, 40 and 120 images", over_folds(40, 120, 4), at_least=True),
)


def table_lines(tables: int, cases: Sequence[Case] = CASES) -> Iterator[str]:
    yield "| Interval | Simulated | Holds, of 100 |"
    yield "|---|---|---|"
    for place, case in enumerate(cases):
        coverage = 100 * case.simulate(np.random.default_rng(place), tables)
        limit = " (95 or more by its construction)" if case.at_least else " (in use nowhere)" if case.wrong else ""
        yield f"| {case.name} | {case.situation} | {coverage:.1f}{limit} |"


def write_page(lines: Sequence[str], tables: int) -> None:
    """Put the table into the page, between its marks."""
    text, (start, end) = PAGE.read_text(encoding="utf-8"), MARKS
    made = "\n".join([start, "", f"Of {tables:,} simulated tables each:", "", *lines, "", end])
    PAGE.write_text(re.sub(f"{re.escape(start)}.*?{re.escape(end)}", lambda _: made, text, flags=re.DOTALL), "utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, default=1_000, help="how many tables are simulated for each line")
    parser.add_argument("--write", action="store_true", help="put the table into docs/statistics.md")
    options = parser.parse_args(arguments)
    lines = []
    for line in table_lines(options.tables):
        print(line, flush=True)
        lines.append(line)
    if options.write:
        write_page(lines, options.tables)


if __name__ == "__main__":
    main()
