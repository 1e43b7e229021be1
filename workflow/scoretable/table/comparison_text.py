"""The comparison of two rows in words and figures."""

from collections.abc import Iterator, Sequence

from tabulate import tabulate

from scoretable.experiments.score_file import count_behind
from scoretable.rows.param_text import show_value
from scoretable.table.comparison import IMAGES, SEEDS, Comparison, ScoreComparison
from scoretable.table.effect_lines import QUIET, show_chance, show_interval
from scoretable.uncertainty.differences import MOST_SEEDS, POWER
from scoretable.uncertainty.shares import wilson
from scoretable.workspace.errors import how_many

Line = dict[str, str]
Part = str | list[Line]


def comparison_parts(compared: Comparison) -> Iterator[Part]:
    """Yield what there is to say of two rows, sentences and tables in turn."""
    first, second = compared.first, compared.second
    yield f"{second} against {first}, by {compared.metric}"
    if compared.params:
        yield [{"param": name, first: show_value(one), second: show_value(two)} for name, one, two in compared.params]
    else:
        yield "Their params are equal but for the seed."
    for score in compared.scores:
        yield [_score_line(score, compared, place) for place in (0, 1)]
        yield list(_judged_lines(score))
        yield " ".join(_sentences(score, compared))


def write_comparison(compared: Comparison) -> str:
    """Return the comparison as plain text."""
    return "\n\n".join(
        part if isinstance(part, str) else tabulate(part, headers="keys", tablefmt="simple", disable_numparse=True)
        for part in comparison_parts(compared)
        if part
    )


def _score_line(score: ScoreComparison, compared: Comparison, place: int) -> Line:
    correct, images = score.counts[place]
    behind = {f"{score.which}_correct": correct, f"{score.which}_images": images}
    counted = count_behind(behind, score.which)
    draws = score.draws[place]
    line = {
        score.which: (compared.first, compared.second)[place],
        "score": f"{score.scores[place]:.5f}" + (f" ({counted})" if counted else ""),
        "other images": "-",
        "draws": str(len(draws)),
        "their mean": f"{sum(draws) / len(draws):.5f}",
    }
    if correct is not None and images:
        low, high = wilson(correct, images)
        line["other images"] = f"{float(low):.4f} to {float(high):.4f}"
    return line


def _judged_lines(score: ScoreComparison) -> Iterator[Line]:
    for judged in score.judged:
        yield {
            "noise of": judged.noise,
            "difference": f"{judged.change.value:+.5f}",
            "95% interval": show_interval(judged.change),
            "verdict": judged.change.verdict,
            "noise alone": show_chance(judged.change.chance),
            "known from": judged.how,
        }


def _sentences(score: ScoreComparison, compared: Comparison) -> Iterator[str]:
    pairing = score.pairing
    if pairing is not None:
        yield (
            f"Of {how_many(pairing.images, 'image')} that both answer, {pairing.only_first} are answered right by "
            f"{compared.first} alone and {pairing.only_second} by {compared.second} alone; a fair coin is as uneven in "
            f"{_cases(pairing.chance)} (McNemar)."
        )
    yield _conclude(score, [judged.noise for judged in score.judged], compared)


def _conclude(score: ScoreComparison, known: Sequence[str], compared: Comparison) -> str:
    """Return the verdict, and what would settle it."""
    if not known:
        return "Nothing is known of noise here, so this tells nothing: make a second seed of each, with `-S seed=1`."
    last = max((judged.change for judged in score.judged), key=lambda change: change.chance or 0.0)
    if known == [IMAGES]:
        is_noise = "within" if last.verdict in QUIET else "more than"
        return (
            f"The difference is {is_noise} the noise of images. What another seed gives is unknown: make a second "
            "seed of each, with `-S seed=1`."
        )
    kinds = "other seeds" if known == [SEEDS] else "other images and other seeds"
    if last.verdict not in QUIET:
        return f"{compared.second} is {last.verdict}: {kinds} alone give as much in {_cases(last.chance)}."
    return f"Within noise: {kinds} alone give as much in {_cases(last.chance)}. {_settle(score.more)}"


def _settle(more: int | None) -> str:
    if more is None:
        return (
            f"Not even {MOST_SEEDS} more seeds each are likely to show a difference of this size: the two are alike "
            "for all that matters, or there are too few images."
        )
    return (
        f"{how_many(more, 'more seed')} each would show it {POWER:.0%} of the time, if the difference is as large as "
        "it looks."
    )


def _cases(chance: float | None) -> str:
    return f"{show_chance(chance).replace(' in ', ' of ')} cases"
