"""What a campaign came to, in sentences that claim no more than its images show."""

from scoretable.blending.blend import Blend
from scoretable.table.effect_lines import QUIET, show_interval
from scoretable.table.figure import Figure


def conclude(name: str, blend: Blend, earlier: tuple[str, Blend] | None = None, doubted: bool = False) -> str:
    """Return whether a blend is better than its best part, and how far its figures can be trusted.

    earlier: the blend of the first round, by its name, where there were two. doubted: whether the pseudo-labels come
    from models that were trained on the images that validate.
    """
    sentences = [_verdict(name, blend)]
    if earlier and doubted and earlier[1].worth:
        sentences.append(
            "Its pseudo-labels come from models that were trained on the images that validate it, so its figures and "
            f"this difference may be too good, and no gain over the first round is shown: {earlier[0]}, with "
            f"{_show(earlier[1].worth.blend)} on other images, is free of that."
        )
    return " ".join(sentences)


def _verdict(name: str, blend: Blend) -> str:
    if blend.worth is None:
        return f"Whether {name} is better than its best part is not known: {blend.reason}"
    change, (best, _) = blend.worth.change, blend.worth.best
    told = f"{change.value:+.5f}, 95% interval {show_interval(change)}"
    if change.chance is None:
        return f"Whether {name} is better than its best part, {best}, these images do not tell ({told})."
    if change.verdict in QUIET:
        return f"{name} is not shown to be better than its best part, {best}: the difference is within noise ({told})."
    word = "better" if change.verdict in ("larger", "smaller (better)") else "worse"
    return f"{name} is {word} than its best part, {best}, by more than the noise of images ({told})."


def _show(figure: Figure) -> str:
    return f"{figure.score:.4f}{f' ({figure.interval})' if figure.interval else ''}"
