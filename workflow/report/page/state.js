"use strict";
// What the reader has set, kept in the address, so that a copied link shows the same.

const content = JSON.parse(document.getElementById("data").textContent);
const rows = new Map(content.rows.map((row) => [row.id, row]));
const byId = (id) => document.getElementById(id);

const state = {
  lang: "en", filter: "", sort: "", order: "ascending", metric: "", measure: "", series: "", first: "", second: "",
  hidden: new Set(), ticked: new Set(), shown: new Set(), unshown: new Set(), // the last two: columns
};
const SINGLE = ["lang", "filter", "sort", "order", "metric", "measure", "series", "first", "second"];
const SEVERAL = ["hidden", "ticked", "shown", "unshown"];
const initial = structuredClone(state);
const renderers = []; // each part of the page adds what draws it anew

function text(name) {
  return content.texts[state.lang][name];
}

function params(row) {
  return row.reported ? row.params : { ...content.shared, ...row.params };
}

function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  for (const name of SINGLE) state[name] = given.get(name) ?? initial[name];
  for (const name of SEVERAL) state[name] = new Set(given.getAll(name));
  if (!Object.hasOwn(content.texts, state.lang)) state.lang = initial.lang;
}

function writeAddress() {
  const told = new URLSearchParams();
  for (const name of SINGLE) if (state[name] !== initial[name]) told.set(name, state[name]);
  for (const name of SEVERAL) for (const value of state[name]) told.append(name, value);
  history.replaceState(null, "", `#${told}`);
}

function update(changes) {
  Object.assign(state, changes);
  writeAddress();
  render();
}

function render() {
  renderers.forEach((draw) => draw());
}

function toggled(set, value, is = !set.has(value)) {
  const changed = new Set(set);
  if (is) changed.add(value);
  else changed.delete(value);
  return changed;
}

function element(kind, content = "", attributes = {}) {
  const made = document.createElement(kind);
  made.textContent = content;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function fillSelect(select, options, value) {
  select.replaceChildren(...options.map(([name, shown]) => new Option(shown, name, false, name === value)));
}

function rowTitle(row) {
  return row.reported ? `${row.row} (${text("reported")})` : row.id;
}

function shown(value) {
  return typeof value === "object" && value !== null ? JSON.stringify(value).replaceAll('"', "") : String(value);
}
