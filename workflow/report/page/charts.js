// The charts: Vega-Lite draws them, as content.charts describes them, from the rows that the table shows.

const MOST_CURVES = 10; // where no row is ticked
const EFFECT_HEIGHT = 38; // pixels
const MOST_AXES = 9; // of parallel coordinates
const OPTIONS = {
  mode: "vega-lite", ast: true, renderer: "svg", actions: false, logLevel: 1, defaultStyle: false, config: content.config,
  tooltip: { disableDefaultStyle: true }, loader: { load: () => Promise.reject(new Error("nothing is loaded")) },
};
const drawn = new Map(); // of each place: its specification, its data, and the view that Vega made
let queue = Promise.resolve();

// Replace each {word} in the texts of a specification.
function filled(spec, words) {
  if (typeof spec === "string") return spec.replace(/\{(\w+)\}/g, (all, name) => words[name] ?? all);
  if (Array.isArray(spec)) return spec.flatMap((part) => (part === "{frames}" ? words.frames : [filled(part, words)]));
  if (spec === null || typeof spec !== "object") return spec;
  return Object.fromEntries(Object.entries(spec).map(([name, part]) => [name, filled(part, words)]));
}

// Draw a chart into a place one after the other, so that a long table does not keep the page from answering.
function draw(place, name, words, data, isThere = true, size = {}) {
  const target = byId(`chart-${place}`);
  target.closest("figure").hidden = !isThere;
  target.setAttribute("aria-label", filled(text(target.dataset.label), words));
  if (!isThere) return;
  const spec = { ...filled(content.charts[name], { ...filled(content.texts[state.lang], words), ...words }), ...size };
  const told = JSON.stringify([spec, data]);
  if (drawn.get(place)?.told === told) return;
  const kept = drawn.get(place);
  drawn.set(place, { ...kept, told, data });
  queue = queue.then(() => idle()).then(() => drawNow(place, target, spec, told)).catch((error) => console.error(error));
}

function idle() {
  return new Promise((resolve) => setTimeout(resolve));
}

async function drawNow(place, target, spec, told) {
  const wanted = drawn.get(place);
  if (wanted.told !== told) return; // a newer one waits behind
  const kind = JSON.stringify(spec);
  if (wanted.kind === kind) {
    for (const [name, values] of Object.entries(wanted.data)) wanted.view.data(name, values);
    await wanted.view.runAsync();
    return;
  }
  wanted.view?.finalize();
  const holder = element("div", "", { "aria-hidden": "true" }); // the place itself is named, as one picture
  target.replaceChildren(holder);
  const datasets = { ...spec.datasets, ...wanted.data };
  const { view } = await vegaEmbed(holder, { ...spec, datasets }, OPTIONS);
  view.addEventListener("click", (_, item) => {
    const id = item?.datum?.id;
    if (rows.has(id)) update({ ticked: toggled(state.ticked, id) });
  });
  Object.assign(drawn.get(place), { kind, view });
}

function fixed(value) {
  return Number.isFinite(value) ? value.toFixed(5) : "";
}

function shownTime(seconds) {
  if (!Number.isFinite(seconds)) return "";
  const minutes = Math.round(seconds / 60);
  return seconds < 60 ? `${Math.round(seconds)} s` : minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function point(row) {
  const interval = Number.isFinite(row.low) ? ` (${fixed(row.low)} … ${fixed(row.high)})` : "";
  return {
    id: row.id, row: row.row, kind: text(row.reported ? "reported" : "rerun"), frame: row.frame, draws: row.draws,
    score: row.score, low: row.low ?? null, high: row.high ?? null, validation: row.validation, cost: row.cost,
    hours: Number.isFinite(row.seconds) ? row.seconds / 3600 : null, time: shownTime(row.seconds),
    public: fixed(row.score) + interval, local: fixed(row.validation), chosen: state.ticked.has(row.id),
  };
}

function has(...names) {
  return (made) => names.every((name) => Number.isFinite(made[name]));
}

function drawScatters(visible, words) {
  const points = visible.map(point);
  const ends = points.filter(has("score", "validation")).flatMap((made) => [made.score, made.validation]);
  const diagonal = [{ from: Math.min(...ends), to: Math.max(...ends) }];
  for (const [name, data, needs] of [
    ["time", {}, ["score", "hours"]], ["cost", {}, ["score", "cost"]], ["agreement", { diagonal }, ["score", "validation"]],
  ]) {
    const those = points.filter(has(...needs));
    draw(name, name, words, { rows: those, ...data }, those.length > 0);
  }
}

// The params that differ between the rows, in the order of the first row that has each.
function differingParams(visible) {
  const values = new Map();
  for (const row of visible) {
    for (const [name, value] of Object.entries(params(row))) {
      if (value === null || ["metrics", "seed"].includes(name)) continue;
      values.set(name, (values.get(name) ?? new Set()).add(JSON.stringify(value)));
    }
  }
  return [...values].filter(([, found]) => found.size > 1).map(([name, found]) => [name, [...found].map((value) => JSON.parse(value))]);
}

// Where each value stands on its axis: numbers by size, evenly where one is many times another; texts evenly.
function axisScale(found) {
  const isNumber = found.every((value) => typeof value === "number");
  const order = isNumber ? [...found].sort((a, b) => a - b) : found.map(shown).sort();
  const isFew = !isNumber || order.length <= 8;
  const [low, high] = [order[0], order.at(-1)];
  const place = (value) => (isFew ? order.indexOf(isNumber ? value : shown(value)) / (order.length - 1 || 1) : (value - low) / (high - low || 1));
  const told = isFew ? (order.length <= 24 ? order : []) : [low, (low + high) / 2, high];
  return { place, ticks: told.map((value) => ({ place: place(value), value: isNumber ? Number(value.toPrecision(4)).toString() : value })) };
}

function drawParallel(visible, words) {
  const scored = visible.filter((row) => Number.isFinite(row.score ?? row.validation));
  const value = (row) => row.score ?? row.validation;
  const differing = differingParams(scored).slice(0, MOST_AXES - 1);
  const axes = differing.map(([name, found]) => [name, axisScale(found), (row) => params(row)[name]]);
  const scores = scored.map(value), [low, high] = [Math.min(...scores), Math.max(...scores)];
  const ends = [low, (low + high) / 2, high].map((score, place) => ({ place: place / 2, value: score.toFixed(3) }));
  axes.push([words.metric, { place: (score) => (score - low) / (high - low || 1), ticks: ends }, value]);
  const lines = scored.flatMap((row) => axes.map(([name, scale, of], order) => ({
    id: row.id, position: `${order}|${name}`, order, score: value(row), told: fixed(value(row)),
    settings: differing.map(([key]) => `${key} ${shown(params(row)[key] ?? "-")}`).join(", "),
    place: of(row) === undefined || of(row) === null ? null : scale.place(of(row)),
    chosen: state.ticked.has(row.id), faint: scored.length > 60,
  }))).filter(({ place }) => place !== null);
  const ticks = axes.flatMap(([name, scale], order) => scale.ticks.map((tick) => ({ position: `${order}|${name}`, ...tick })));
  draw("parallel", "parallel", words, { lines, ticks }, differing.length > 0 && scored.length > 1);
}

function curvePoints(chosen, measure) {
  return chosen.flatMap((row, number) => row.curves[measure].map(([epoch, value]) => ({
    id: row.id, epoch, value, style: Math.floor(number / 10) % 4,
  })));
}

function drawCurves(visible, words) {
  const ticked = content.rows.filter((row) => state.ticked.has(row.id)), from = ticked.length ? ticked : visible;
  const measures = [...new Set(visible.concat(ticked).flatMap((row) => Object.keys(row.curves ?? {})))];
  const measure = measures.includes(state.measure) ? state.measure : measures[0];
  const having = from.filter((row) => row.curves?.[measure]?.length);
  fillSelect(byId("measure"), measures.map((name) => [name, name]), measure);
  byId("measure-choice").hidden = measures.length < 2;
  const chosen = ticked.length ? having : having.slice(-MOST_CURVES);
  draw("curves", "curves", { ...words, measure: directed(measure) }, { curves: curvePoints(chosen, measure) }, chosen.length > 0);
}

function directed(metric, larger = metric !== "loss") {
  return larger ? metric : `${metric} (${text("smaller")})`;
}

function drawEffects(words) {
  const effects = content.effects.map((effect, order) => ({
    ...effect, order, side: text(effect.side), line: `${effect.label} (${text("rows").toLowerCase()} ${effect.rows}, ${effect.where})`,
    change: `${effect.value > 0 ? "+" : ""}${fixed(effect.value)}`,
    interval: Number.isFinite(effect.low) ? `${fixed(effect.low)} … ${fixed(effect.high)}` : "-",
  }));
  draw("effects", "effects", words, { effects }, effects.length > 0, { height: EFFECT_HEIGHT * effects.length });
}

function drawSeries() {
  const names = content.series.map((curve) => `${curve.param}, ${curve.where}`);
  const place = Math.max(0, names.findIndex((name, number) => `${number} ${name}` === state.series)), curve = content.series[place];
  fillSelect(byId("series"), names.map((name, number) => [`${number} ${name}`, name]), `${place} ${names[place]}`);
  byId("series-choice").hidden = names.length < 2;
  const told = ({ score, low, high }) => fixed(score) + (Number.isFinite(low) ? ` (${fixed(low)} … ${fixed(high)})` : "");
  const points = (curve?.points ?? []).map((made) => ({ ...made, told: told(made) }));
  const words = { param: curve?.param, series_of: `${curve?.metric}, ${curve?.where}` };
  draw("series", "series", words, { series: points }, points.length > 0);
}

function renderCharts() {
  const isVisible = visibleRows();
  const metrics = [...new Set(content.rows.map((row) => row.metric).filter(Boolean))];
  const metric = metrics.includes(state.metric) ? state.metric : metrics[0];
  fillSelect(byId("metric"), metrics.map((name) => [name, name]), metric);
  byId("metric-choice").hidden = metrics.length < 2;
  const visible = content.rows.filter((row) => isVisible.has(row.id) && row.metric === metric);
  const larger = visible[0]?.larger ?? true;
  const frames = [...new Set(content.rows.map((row) => row.frame))]; // all, so that a colour stays the same
  const words = { metric: directed(metric, larger), frames };
  drawScatters(visible, words);
  drawParallel(visible, words);
  drawCurves(visible, words);
  drawEffects(words);
  drawSeries();
  byId("charts").hidden = false;
}

byId("metric").addEventListener("change", (event) => update({ metric: event.target.value }));
byId("series").addEventListener("change", (event) => update({ series: event.target.value }));
byId("measure").addEventListener("change", (event) => update({ measure: event.target.value }));
renderers.push(renderCharts);
