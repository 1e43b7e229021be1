"""The page's charts as Vega-Lite specifications, whose data the page's own script fills in by name.

They are the grammar of Satyanarayan et al. (2017, IEEE Trans. Vis. Comput. Graph. 23:341), written in Altair, which
checks them. Words in braces, as {hours}, are filled in by the script too, in the reader's language. Colours of text and axes are those of the
page, so that a chart follows it into the dark and onto paper.
"""

from typing import Any

import altair as alt

BLUE, VERMILION, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#8a8a8a"
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8a6d3b", "#7b61c9", "#c0392b", "#5d6d7e")
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3])
FAINT = 0.25
FROM_ZERO = alt.Scale(zero=True, nice=True)
TIGHT = alt.Scale(zero=False, nice=True, padding=12)
CONFIG = {
    "background": "transparent",
    "font": "system-ui, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": "currentColor", "titleColor": "currentColor", "tickColor": GREY, "domainColor": GREY,
        "gridColor": GREY, "gridOpacity": 0.3, "titleFontWeight": "normal", "labelOverlap": True, "labelFontSize": 12, "titleFontSize": 13,
    },
    "legend": {
        "labelColor": "currentColor", "titleColor": "currentColor", "orient": "bottom", "labelLimit": 300, "columns": 2,
        "labelFontSize": 12, "titleFontSize": 12,
    },
    "title": {"color": "currentColor", "anchor": "start", "fontWeight": "normal", "fontSize": 12},
    "text": {"color": "currentColor"},
}  # fmt: skip

def build_charts() -> dict[str, Any]:
    """Return all charts by their names."""
    charts = {
        "time": _scatter("hours:Q", "{hours}", FROM_ZERO),
        "cost": _scatter("cost:Q", "{cost}", FROM_ZERO),
        "agreement": _agreement(),
        "parallel": _parallel(),
        "curves": _curves(),
        "effects": _effects(),
        "confusion": _confusion(),
    }
    return {name: _plain(chart) for name, chart in charts.items()}


def _plain(chart: alt.LayerChart) -> dict[str, Any]:
    """Return the specification without the address of its schema, so that the page holds none."""
    spec = chart.to_dict()
    return {name: value for name, value in spec.items() if name not in ("$schema", "config")}


def _rows() -> alt.Chart:
    return alt.Chart(alt.NamedData(name="rows"))


def _wide(chart: alt.LayerChart, height: int | alt.Step) -> alt.LayerChart:
    return chart.properties(width="container", height=height, autosize=alt.AutoSizeParams(type="fit-x", contains="padding"))


def _scatter(across: str, title: str, scale: alt.Scale, *below: alt.Chart) -> alt.LayerChart:
    """Draw the public score of each row, with its interval and number, coloured by what it can be compared with."""
    legend = alt.selection_point(name="legend", fields=["frame"], bind="legend")
    x = alt.X(across, title=title, scale=scale)
    y = alt.Y("score:Q", title="{public_of}", scale=TIGHT)
    colour = alt.Color("frame:N", title=None, scale=alt.Scale(range=PALETTE))
    kinds = alt.Scale(domain=["{reported}", "{rerun}"], range=["circle", "cross"])
    lit = alt.when(legend).then(alt.value(0.9)).otherwise(alt.value(0.1))
    points = _rows().mark_point(filled=True, size=70, stroke="currentColor").encode(
        x=x, y=y, color=colour, opacity=lit,
        shape=alt.Shape("kind:N", title=None, scale=kinds),
        strokeWidth=alt.condition("datum.chosen", alt.value(2), alt.value(0)),
        tooltip=[
            alt.Tooltip("id:N", title="{column_name}"), alt.Tooltip("frame:N", title="{frame}"),
            alt.Tooltip("public:N", title="{column_public}"),
            alt.Tooltip("validation:Q", title="{column_validation}", format=".4f"),
            alt.Tooltip("time:N", title="{column_time}"), alt.Tooltip("draws:Q", title="{column_draws}"),
        ],
    ).add_params(legend)  # fmt: skip
    intervals = _rows().mark_rule(strokeWidth=1.5).encode(
        x=x, y=alt.Y("low:Q", title="{public_of}"), y2="high:Q", color=colour, opacity=lit,
    )  # fmt: skip
    numbers = _rows().mark_text(align="left", dx=8, fontSize=11).encode(x=x, y=y, text="row:N", opacity=lit)
    return _wide(alt.layer(*below, intervals, points, numbers), 300)


def _agreement() -> alt.LayerChart:
    """Draw the public score against the local one, and the line on which they are equal."""
    diagonal = alt.Chart(alt.NamedData(name="diagonal")).mark_rule(strokeDash=[4, 4], color=GREY).encode(
        x="from:Q", y="from:Q", x2="to:Q", y2="to:Q",
    )  # fmt: skip
    return _scatter("validation:Q", "{validation_of}", TIGHT, diagonal)


def _parallel() -> alt.LayerChart:
    """Draw each row as a line through the values of the params that differ, and its score at the last axis.

    lines: one line of data for a row and an axis; place: 0 to 1 along it; ticks: the values that stand at the axes.
    """
    hover = alt.selection_point(name="hover", fields=["id"], on="pointerover", clear="pointerout", empty=False)
    x = alt.X("position:O", title=None, axis=alt.Axis(grid=True, domain=False, ticks=False, labelAngle=0,
              labelLimit=110, labelExpr="split(datum.value, '|')[1]", orient="top"))  # fmt: skip
    y = alt.Y("place:Q", axis=None, scale=alt.Scale(domain=[-0.06, 1.06], nice=False))
    chosen = alt.condition("datum.chosen", alt.value(3), alt.value(1.2))
    lines = alt.Chart(alt.NamedData(name="lines")).mark_line(interpolate="monotone").encode(
        x=x, y=y, detail="id:N", order="order:Q",
        color=alt.Color("score:Q", title="{public_of}", scale=alt.Scale(range=[VERMILION, "#d9b44a", BLUE])),
        strokeWidth=alt.when(hover).then(alt.value(4)).otherwise(chosen),
        opacity=alt.when(hover).then(alt.value(1)).otherwise(
            alt.condition("datum.faint", alt.value(FAINT), alt.value(0.75))
        ),
        tooltip=[alt.Tooltip("id:N", title="{column_name}"), alt.Tooltip("public:N", title="{column_public}"),
                 alt.Tooltip("settings:N", title="{params}")],
    ).add_params(hover)  # fmt: skip
    ticks = alt.Chart(alt.NamedData(name="ticks")).mark_text(align="left", dx=5, fontSize=11, limit=110).encode(
        x=x, y=y, text="value:N"
    )  # fmt: skip
    return _wide(alt.layer(lines, ticks), 320)


def _curves() -> alt.LayerChart:
    """Draw what chosen rows had on their validation images after each epoch, one over the other."""
    hover = alt.selection_point(name="hover", fields=["id"], on="pointerover", clear="pointerout", empty=False)
    legend = alt.selection_point(name="legend", fields=["id"], bind="legend")
    colour = alt.Color("id:N", title=None, sort=None, scale=alt.Scale(range=PALETTE))
    base = alt.Chart(alt.NamedData(name="curves")).encode(
        x=alt.X("epoch:Q", title="{epoch}", axis=alt.Axis(labelExpr="datum.value % 1 ? '' : datum.label"), scale=alt.Scale(nice=False)),
        y=alt.Y("value:Q", title="{measure_of}", scale=TIGHT),
        color=colour,
        opacity=alt.when(legend).then(alt.value(1)).otherwise(alt.value(0.1)),
    )
    lines = base.mark_line().encode(
        strokeDash=alt.StrokeDash("style:N", legend=None, scale=alt.Scale(domain=[0, 1, 2, 3], range=list(DASHES))),
        strokeWidth=alt.when(hover).then(alt.value(4)).otherwise(alt.value(2)),
    )
    points = base.mark_point(filled=True, size=40).encode(
        tooltip=[alt.Tooltip("id:N", title="{column_name}"), alt.Tooltip("epoch:Q", title="{epoch}"),
                 alt.Tooltip("value:Q", title="{measure}", format=".4f")],
    ).add_params(hover, legend)  # fmt: skip
    return _wide(alt.layer(lines, points), 300)


def _effects() -> alt.LayerChart:
    """Draw each effect as a point with its interval, beside the line of no effect."""
    sides = alt.Scale(domain=["{better}", "{worse}", "{open}"], range=[GREEN, VERMILION, GREY])
    colour = alt.Color("side:N", title=None, scale=sides)
    base = alt.Chart(alt.NamedData(name="effects")).encode(y=alt.Y("order:O", axis=None))
    x = alt.X("value:Q", title="{change_of}", scale=FROM_ZERO)
    zero = alt.Chart(alt.InlineData([{}])).mark_rule(color=GREY, strokeDash=[4, 4]).encode(x=alt.datum(0))
    tooltip = [
        alt.Tooltip("label:N", title="{effect}"), alt.Tooltip("where:N", title="{frame}"),
        alt.Tooltip("change:N", title="{change}"), alt.Tooltip("interval:N", title="{interval}"),
        alt.Tooltip("verdict:N", title="{verdict}"),
    ]  # fmt: skip
    intervals = base.mark_rule(strokeWidth=3).encode(x=alt.X("low:Q"), x2="high:Q", color=colour, tooltip=tooltip)
    points = base.mark_point(filled=True, size=80).encode(x=x, color=colour, tooltip=tooltip)
    names = base.mark_text(align="left", dx=2, dy=-11, fontSize=11, limit=320).encode(x=alt.value(0), text="line:N")
    return _wide(alt.layer(zero, intervals, points, names), alt.Step(36))


def _confusion() -> alt.LayerChart:
    """Draw how many images of each class, down, were answered as each class, across."""
    base = alt.Chart(alt.NamedData(name="cells")).encode(
        x=alt.X("predicted:N", sort=None, title="{predicted}", axis=alt.Axis(labelAngle=-60, labelLimit=90)),
        y=alt.Y("actual:N", sort=None, title="{actual}", axis=alt.Axis(labelLimit=90)),
    )
    cells = base.mark_rect().encode(
        color=alt.Color("share:Q", legend=None, scale=alt.Scale(domain=[0, 1], range=["#0072B200", "#0072B2"])),
        tooltip=[alt.Tooltip("actual:N", title="{actual}"), alt.Tooltip("predicted:N", title="{predicted}"),
                 alt.Tooltip("count:Q", title="{images}"), alt.Tooltip("share:Q", title="{share}", format=".1%")],
    )  # fmt: skip
    counts = base.mark_text(fontSize=11).encode(
        text="count:Q", color=alt.condition("datum.share > 0.5", alt.value("white"), alt.value("currentColor"))
    ).transform_filter("datum.told")  # fmt: skip
    return _wide(alt.layer(cells, counts).properties(title="{name}"), 340)
