// Two rows side by side: what differs in their figures, params, sources, classes and answers.

const MOST_IMAGES = 300; // that the table of answers lists
const MOST_CONFUSED = 15;
const MOST_TOLD = 15; // classes of a matrix whose counts can be read

function fillTable(id, names, body) {
  const made = byId(id), head = element("thead"), rest = element("tbody");
  head.append(element("tr"));
  head.firstChild.append(...names.map((name) => (name ? element("th", name, { scope: "col" }) : element("td"))));
  rest.append(...body.map(([first, ...others]) => {
    const line = element("tr");
    line.append(element("th", first, { scope: "row" }), ...others.map((cell) => (cell instanceof Node ? cell : element("td", cell))));
    return line;
  }));
  if (!body.length) {
    const line = element("tr");
    line.append(element("td", text("none"), { colspan: names.length }));
    rest.append(line);
  }
  made.className = "pair";
  made.replaceChildren(head, rest);
}

function union(...objects) {
  return [...new Set(objects.flatMap((object) => Object.keys(object)))];
}

function differing(one, two) {
  return union(one, two).filter((key) => JSON.stringify(one[key]) !== JSON.stringify(two[key]))
    .map((key) => [key, ...[one, two].map((row) => (key in row ? shown(row[key]) : "-"))]);
}

function change(one, two) {
  if (!Number.isFinite(one) || !Number.isFinite(two)) return "-";
  const difference = Number((two - one).toPrecision(4));
  return `${difference > 0 ? "+" : ""}${difference}`;
}

function codeOf(row) {
  const versions = content.codes[row.code] ?? [];
  return Object.fromEntries(content.paths.map((path, place) => [path, versions[place] ?? 0]));
}

function compareCode(one, two) {
  const [known, other] = [one, two].map((row) => typeof row.code === "number");
  if (!known || !other) return [[text("unknown_code"), ...[known, other].map((is) => (is ? text("known") : "-"))]];
  const told = (version, also) => (version === 0 ? "-" : version === also ? "" : `${text("version")} ${version}`);
  const [a, b] = [codeOf(one), codeOf(two)];
  return content.paths.filter((path) => a[path] !== b[path]).map((path) => [path, told(a[path]), told(b[path])]);
}

function proofOf(row) {
  const cell = element("td"), proof = lines.find(({ id }) => id === row.id).line.querySelector(".proof");
  cell.append(...[...(proof?.childNodes ?? [])].map((node) => node.cloneNode(true)));
  return cell;
}

function insightOf(row) {
  return lines.find(({ id }) => id === row.id).line.querySelector(".insight")?.textContent || "-";
}

function recallOf(row) {
  if (!row.recall) return {};
  return Object.fromEntries(content.names[row.recall.classes].map((name, place) => [name, row.recall.values[place]]));
}

function cellsOf(row) {
  if (!row.confusion) return [];
  const { cells } = row.confusion, [actual, predicted] = [content.names[row.confusion.rows], content.names[row.confusion.columns]];
  const totals = new Map(), found = [];
  for (let place = 0; place < cells.length; place += 3) totals.set(cells[place], (totals.get(cells[place]) ?? 0) + cells[place + 2]);
  for (let place = 0; place < cells.length; place += 3) {
    const [down, across, count] = cells.slice(place, place + 3);
    found.push({ actual: actual[down], predicted: predicted[across], count, share: count / totals.get(down), shown: actual.length <= MOST_TOLD ? count : "" });
  }
  return found;
}

// All cells of a matrix that has few classes, so that its squares and their order show.
function squares(row) {
  const found = cellsOf(row);
  if (!row.confusion) return [];
  const [actual, predicted] = [content.names[row.confusion.rows], content.names[row.confusion.columns]];
  const seen = new Map(found.map((cell) => [JSON.stringify([cell.actual, cell.predicted]), cell]));
  const empty = { count: 0, share: 0, shown: "" };
  if (actual.length > 50) return [...predicted.map((name, place) => ({ ...empty, actual: actual[place] ?? actual[0], predicted: name })), ...found];
  return actual.flatMap((down) => predicted.map((across) => seen.get(JSON.stringify([down, across])) ?? { ...empty, actual: down, predicted: across }));
}

function compareConfused(one, two) {
  const counts = new Map();
  [one, two].forEach((row, side) => cellsOf(row).filter((cell) => cell.actual !== cell.predicted).forEach((cell) => {
    const key = `${cell.actual} → ${cell.predicted}`;
    counts.set(key, (counts.get(key) ?? [0, 0]).map((count, place) => count + (place === side ? cell.count : 0)));
  }));
  const found = [...counts].filter(([, [a, b]]) => a !== b);
  found.sort(([, [a, b]], [, [c, d]]) => Math.abs(d - c) - Math.abs(b - a));
  return found.slice(0, MOST_CONFUSED).map(([key, [a, b]]) => [key, a, b, change(a, b)]);
}

// The answers of a row by image: [what is true, what it says], none where the page does not have them.
function answersOf(row) {
  if (!row.answers) return null;
  const [ids, truth] = content.images[row.answers.images], said = [...truth], { wrong } = row.answers;
  for (let number = 0, place = 0; number < wrong.length; number += 2) {
    place += wrong[number];
    said[place] = wrong[number + 1];
  }
  return new Map(ids.map((id, place) => [id, [truth[place], said[place]].map((label) => content.labels[label])]));
}

function compareAnswers(one, two, titles) {
  const [a, b] = [answersOf(one), answersOf(two)];
  const common = a && b ? [...a].filter(([id]) => b.has(id)).map(([id, [truth, said]]) => [id, truth, said, b.get(id)[1]]) : [];
  const found = common.filter(([, , x, y]) => x !== y);
  const count = (is) => common.filter(is).length;
  const told = {
    images: common.length, both: count(([, truth, x, y]) => x === truth && y === truth), first: count(([, truth, x, y]) => x === truth && y !== truth),
    second: count(([, truth, x, y]) => x !== truth && y === truth), neither: count(([, truth, x, y]) => x !== truth && y !== truth),
    listed: Math.min(MOST_IMAGES, found.length), differ: found.length,
  };
  byId("agreed").textContent = common.length
    ? text("agreed").replace(/\{(\w+)\}/g, (_, name) => told[name])
    : text(a && b ? "no_common_images" : "no_answers");
  fillTable("disagree", [text("image"), text("actual"), ...titles], found.slice(0, MOST_IMAGES));
}

function drawPair(one, two, titles) {
  const measures = union(one.curves ?? {}, two.curves ?? {});
  const measure = measures.includes(state.measure) ? state.measure : measures[0];
  const having = [one, two].filter((row) => row.curves?.[measure]?.length);
  draw("pair", "curves", { measure: directed(measure) }, { curves: curvePoints(having, measure) }, having.length > 0);
  const matrices = [one, two].map(squares), isThere = matrices.some((cells) => cells.length);
  ["first", "second"].forEach((side, place) => {
    draw(`confusion-${side}`, "confusion", { name: titles[place] }, { cells: matrices[place] }, isThere);
  });
}

function comparedRows() {
  const ticked = content.rows.filter((row) => state.ticked.has(row.id)).map((row) => row.id);
  const made = content.rows.filter((row) => !row.reported).map((row) => row.id), all = content.rows.map((row) => row.id);
  const offered = [...(ticked.length === 2 ? ticked : []), ...made, ...all];
  const first = rows.has(state.first) ? state.first : offered.find((id) => id !== state.second);
  return [first, rows.has(state.second) ? state.second : offered.find((id) => id !== first)];
}

function renderCompare() {
  const ids = comparedRows();
  byId("compare").hidden = ids.includes(undefined);
  if (ids.includes(undefined)) return;
  const options = content.rows.map((row) => [row.id, rowTitle(row)]);
  ["first", "second"].forEach((side, place) => fillSelect(byId(side), options, ids[place]));
  const [one, two] = ids.map((id) => rows.get(id)), titles = [one, two].map(rowTitle), heads = ["", ...titles];
  fillTable("figures", [...heads, text("change")], union(one.figures, two.figures)
    .map((key) => [key, one.figures[key] ?? "-", two.figures[key] ?? "-", change(one.figures[key], two.figures[key])]));
  fillTable("params", heads, differing(params(one), params(two)));
  fillTable("made", heads, differing(one.made, two.made));
  fillTable("code", heads, compareCode(one, two));
  fillTable("proofs", heads, [[text("column_proof"), proofOf(one), proofOf(two)], [text("column_insight"), insightOf(one), insightOf(two)]]);
  const [a, b] = [recallOf(one), recallOf(two)];
  fillTable("recall", [...heads, text("change")], union(a, b).map((key) => [key, a[key] ?? "-", b[key] ?? "-", change(a[key], b[key])]));
  fillTable("confused", [...heads, text("change")], compareConfused(one, two));
  compareAnswers(one, two, titles);
  drawPair(one, two, titles);
}

for (const side of ["first", "second"]) byId(side).addEventListener("change", (event) => {
  const [first, second] = comparedRows();
  update({ first, second, [side]: event.target.value });
});
byId("swap").addEventListener("click", () => {
  const [first, second] = comparedRows();
  update({ first: second, second: first });
});
renderers.push(renderCompare);
