"""The page's charts as Vega-Lite specifications, whose data the page's own script fills in by name.

They are in the grammar of Satyanarayan et al. (2017, IEEE Trans. Vis. Comput. Graph. 23:341), written in Altair, which
checks them. The script also fills in words in braces, as {hours}, in the reader's language. Colours of text and axes
are those of the page, so that a chart follows it into the dark and onto paper.
"""

from functools import cache
from typing import Any

import altair as alt

BLUE, VERMILION, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#8a8a8a"
PALETTE = (BLUE, VERMILION, GREEN, "#CC79A7", "#E69F00", "#56B4E9", "#8a6d3b", "#7b61c9", "#c0392b", "#5d6d7e")
SCORES = (VERMILION, "#d9b44a", BLUE)  # from the smallest to the largest
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3])
FROM_ZERO = alt.Scale(zero=True, nice=True)
TIGHT = alt.Scale(zero=False, nice=True, padding=12)
CONFIG = {
    "background": "transparent",
    "font": "system-ui, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": "currentColor", "titleColor": "currentColor", "tickColor": GREY, "domainColor": GREY,
        "gridColor": GREY, "gridOpacity": 0.3, "titleFontWeight": "normal", "labelOverlap": True,
        "labelFontSize": 12, "titleFontSize": 13,
    },
    "legend": {
        "labelColor": "currentColor", "titleColor": "currentColor", "orient": "bottom", "labelLimit": 300, "columns": 2,
        "labelFontSize": 12, "titleFontSize": 12, "layout": {"bottom": {"direction": "vertical", "anchor": "start"}},
    },
    "title": {"color": "currentColor", "anchor": "start", "fontWeight": "normal", "fontSize": 13},
    "text": {"color": "currentColor"},
}  # fmt: skip


@cache
def build_charts() -> dict[str, Any]:
    """Return all charts by their names, without the address of their schema, so that the page holds none."""
    charts = {
        "time": _scatter("hours:Q", "{hours}", FROM_ZERO),
        "cost": _scatter("cost:Q", "{cost}", FROM_ZERO),
        "agreement": _agreement(),
        "parallel": _parallel(),
        "curves": _curves(),
        "effects": _effects(),
        "series": _series(),
        "confusion": _confusion(),
    }
    unwanted = ("$schema", "config")
    return {
        name: {key: value for key, value in chart.to_dict().items() if key not in unwanted}
        for name, chart in charts.items()
    }


def _data(name: str) -> alt.Chart:
    return alt.Chart(alt.NamedData(name=name))


def _layers(*charts: alt.Chart, height: int) -> alt.LayerChart:
    """Put charts over each other, as wide as their place on the page."""
    fit = alt.AutoSizeParams(type="fit-x", contains="padding")
    return alt.LayerChart(layer=list(charts), width="container", height=height, autosize=fit)


def _scatter(across: str, title: str, scale: alt.Scale, *below: alt.Chart) -> alt.LayerChart:
    """Draw the public score of each row, with its interval and number, coloured by what it can be compared with."""
    legend = alt.selection_point(name="legend", fields=["frame"], bind="legend")
    rows = _data("rows").encode(
        x=alt.X(across, title=title, scale=scale),
        y=alt.Y("score:Q", title="{public_of}", scale=TIGHT),
        opacity=alt.when(legend).then(alt.value(0.9)).otherwise(alt.value(0.1)),
    )
    colour = alt.Color("frame:N", title=None, scale=alt.Scale(domain=["{frames}"], range=PALETTE))
    kinds = alt.Scale(domain=["{reported}", "{rerun}"], range=["circle", "cross"])
    points = rows.mark_point(filled=True, size=70, stroke="currentColor").encode(
        color=colour,
        shape=alt.Shape("kind:N", title=None, scale=kinds),
        strokeWidth=alt.when("datum.chosen").then(alt.value(2)).otherwise(alt.value(0)),
        tooltip=[
            alt.Tooltip("id:N", title="{column_name}"), alt.Tooltip("frame:N", title="{frame}"),
            alt.Tooltip("public:N", title="{column_public}"), alt.Tooltip("local:N", title="{column_validation}"),
            alt.Tooltip("time:N", title="{column_time}"), alt.Tooltip("draws:Q", title="{column_draws}"),
        ],
    ).add_params(legend)  # fmt: skip
    intervals = rows.mark_rule(strokeWidth=1.5).encode(y=alt.Y("low:Q", title="{public_of}"), y2="high:Q", color=colour)
    numbers = rows.mark_text(align="left", dx=8, fontSize=12).encode(text="row:N")
    return _layers(*below, intervals, points, numbers, height=300)


def _agreement() -> alt.LayerChart:
    """Draw the public score against the local one, and the line on which they are equal."""
    line = _data("diagonal").mark_rule(strokeDash=[4, 4], color=GREY)
    diagonal = line.encode(x="from:Q", y="from:Q", x2="to:Q", y2="to:Q")
    return _scatter("validation:Q", "{validation_of}", TIGHT, diagonal)


def _parallel() -> alt.LayerChart:
    """Draw each row as a line through the values of the params that differ, to its score at the last axis.

    lines: a row at an axis; place: 0 to 1 along it; ticks: the values that stand at an axis.
    """
    hover = alt.selection_point(name="hover", fields=["id"], on="pointerover", clear="pointerout", empty=False)
    axis = alt.Axis(grid=True, domain=False, ticks=False, labelAngle=0, labelLimit=110, orient="top",
                    labelExpr="split(datum.value, '|')[1]")  # fmt: skip
    x = alt.X("position:O", title=None, axis=axis)
    y = alt.Y("place:Q", axis=None, scale=alt.Scale(domain=[-0.06, 1.06], nice=False))
    width = alt.when(hover).then(alt.value(4)).when("datum.chosen").then(alt.value(3)).otherwise(alt.value(1.2))
    opacity = alt.when(hover).then(alt.value(1)).when("datum.faint").then(alt.value(0.25)).otherwise(alt.value(0.75))
    lines = _data("lines").mark_line(interpolate="monotone").encode(
        x=x, y=y, detail="id:N", order="order:Q", strokeWidth=width, opacity=opacity,
        color=alt.Color("score:Q", title="{score_of}", scale=alt.Scale(range=SCORES)),
        tooltip=[alt.Tooltip("id:N", title="{column_name}"), alt.Tooltip("told:N", title="{score_of}"),
                 alt.Tooltip("settings:N", title="{params}")],
    ).add_params(hover)  # fmt: skip
    ticks = _data("ticks").mark_text(align="left", dx=5, fontSize=12, limit=110).encode(x=x, y=y, text="value:N")
    return _layers(lines, ticks, height=320)


def _curves() -> alt.LayerChart:
    """Draw what rows had on their validation images after each epoch, one over the other."""
    hover = alt.selection_point(name="hover", fields=["id"], on="pointerover", clear="pointerout", empty=False)
    legend = alt.selection_point(name="legend", fields=["id"], bind="legend")
    axis = alt.Axis(labelExpr="datum.value % 1 ? '' : datum.label")
    curves = _data("curves").encode(
        x=alt.X("epoch:Q", title="{epoch}", axis=axis, scale=alt.Scale(nice=False)),
        y=alt.Y("value:Q", title="{measure_of}", scale=TIGHT),
        color=alt.Color("id:N", title=None, sort=None, scale=alt.Scale(range=PALETTE)),
        opacity=alt.when(legend).then(alt.value(1)).otherwise(alt.value(0.1)),
    )
    dashes = alt.Scale(domain=list(range(len(DASHES))), range=list(DASHES))
    lines = curves.mark_line().encode(
        strokeDash=alt.StrokeDash("style:N", legend=None, scale=dashes),
        strokeWidth=alt.when(hover).then(alt.value(4)).otherwise(alt.value(2)),
    )
    points = curves.mark_point(filled=True, size=40).encode(
        tooltip=[alt.Tooltip("id:N", title="{column_name}"), alt.Tooltip("epoch:Q", title="{epoch}"),
                 alt.Tooltip("value:Q", title="{measure_of}", format=".4f")],
    ).add_params(hover, legend)  # fmt: skip
    return _layers(lines, points, height=300)


def _effects() -> alt.LayerChart:
    """Draw each effect as a point with its interval, beside the line of no effect; the script sets the height."""
    sides = alt.Scale(domain=["{better}", "{worse}", "{open}"], range=[GREEN, VERMILION, GREY])
    effects = _data("effects").encode(
        y=alt.Y("order:O", axis=None),
        color=alt.Color("side:N", title=None, scale=sides),
        tooltip=[
            alt.Tooltip("label:N", title="{effect}"), alt.Tooltip("rows:N", title="{rows}"),
            alt.Tooltip("where:N", title="{frame}"), alt.Tooltip("change:N", title="{change}"),
            alt.Tooltip("interval:N", title="{interval}"),
            alt.Tooltip("verdict:N", title="{verdict}"),
        ],
    )  # fmt: skip
    zero = alt.Chart(alt.InlineData([{}])).mark_rule(color=GREY, strokeDash=[4, 4]).encode(x=alt.datum(0))
    intervals = effects.mark_rule(strokeWidth=3).encode(x="low:Q", x2="high:Q")
    points = effects.mark_point(filled=True, size=80).encode(x=alt.X("value:Q", title="{change_of}", scale=FROM_ZERO))
    names = _data("effects").mark_text(align="left", dx=2, dy=-12, fontSize=12, limit=340)
    words = names.encode(y=alt.Y("order:O", axis=None), x=alt.value(0), text="line:N")
    return _layers(zero, intervals, points, words, height=300)


def _series() -> alt.LayerChart:
    """Draw the score of an ordered param's values, all else equal, with its interval."""
    points = _data("series").encode(
        x=alt.X("value:Q", title="{param}", scale=TIGHT),
        y=alt.Y("score:Q", title="{series_of}", scale=TIGHT),
        tooltip=[alt.Tooltip("rows:N", title="{rows}"), alt.Tooltip("value:Q", title="{param}"),
                 alt.Tooltip("told:N", title="{series_of}"), alt.Tooltip("draws:Q", title="{column_draws}")],
    )  # fmt: skip
    intervals = points.mark_rule(strokeWidth=2, color=BLUE).encode(y=alt.Y("low:Q", title="{series_of}"), y2="high:Q")
    lines = points.mark_line(color=BLUE, strokeDash=[4, 4], strokeWidth=1)
    return _layers(lines, intervals, points.mark_point(filled=True, size=80, color=BLUE), height=300)


def _confusion() -> alt.LayerChart:
    """Draw how many images of each class, down, were answered as each class, across."""
    matrix = _data("cells").encode(
        x=alt.X("predicted:N", sort=None, title="{predicted}", axis=alt.Axis(labelAngle=-90, labelLimit=110)),
        y=alt.Y("actual:N", sort=None, title="{actual}", axis=alt.Axis(labelLimit=110)),
    )
    blues = alt.Scale(domain=[0, 1], range=[f"{BLUE}00", BLUE])
    cells = matrix.mark_rect().encode(
        color=alt.Color("share:Q", legend=None, scale=blues),
        tooltip=[alt.Tooltip("actual:N", title="{actual}"), alt.Tooltip("predicted:N", title="{predicted}"),
                 alt.Tooltip("count:Q", title="{images}"), alt.Tooltip("share:Q", title="{share}", format=".1%")],
    )  # fmt: skip
    on_dark = alt.when("datum.share > 0.5").then(alt.value("white")).otherwise(alt.value("currentColor"))
    counts = matrix.mark_text(fontSize=11).encode(text="shown:N", color=on_dark)
    return _layers(cells, counts, height=360).properties(title="{name}")
