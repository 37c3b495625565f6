/* draw.html: households of one village, drawn on arrival with digits thrown there; ids only, never a name.

A village pack is a JSON file:

  {"spec": "draw-v1", "pack": "village", "campaign": "demo-2026", "village": "441481102201", "village_name": "…",
   "stratum": "…", "reserves": 2, "rehearsal": false,
   "groups": [{"list": "", "substratum": "", "method": "srs", "N": 4, "m": 2, "households": ["001", …]}, …]}

`village_name`, `stratum` and `rehearsal` may be absent. A group is the households that a rule counts together: those of the roll (`list` empty) or of
another list, of one substratum. It has `m`, the number to draw, or `rule` ({"rate": "1/2", "at_least": 2, "at_most": null}) and `rounding`; with the
methods bernoulli and poisson neither. `households` are the ids; for `systematic` already in their order. The four unequal methods need `lambda`,
one hexadecimal number for each household. `N` may be absent; where it is there it is the number of households. A group without households is left out.

The record that is saved is {"spec", "act": "village", "campaign", "village", "seed", "seed_source": {"event", "time", "witnesses"},
"groups": [{"list", "substratum", "drawn", "reserves"}]}, ids in the order of their ranks; with "rehearsal": true where the pack says so. For a list typed
in here the act is "list", and every group holds its "rule", "rounding" and "households" too, so that the draw can be made anew from the record. */

const GROUP = { list: "string", substratum: "string", method: new Set(METHODS), households: ["string"] };
const PACK = { spec: new Set([SPEC]), pack: new Set(["village", "list"]), campaign: "string", village: "string", reserves: "number", groups: [GROUP] };
const WANTED = 20;
const state = { pack: null, problems: [], drawn: null };

/* ---- The pack ---- */

function problemsOf(pack) {
  const shape = misshapen(pack, PACK, "pack").map(({ where, found }) => ["drawing.bad_form", { where, found }]);
  if (shape.length) return shape;
  const empty = ["campaign", "village"].filter((name) => !goodId(pack[name])).map((name) => ["drawing.bad_form", { where: name, found: shown(pack[name]) }]);
  const reserves = Number.isInteger(pack.reserves) ? [] : [["drawing.bad_form", { where: "reserves", found: shown(pack.reserves) }]];
  const groups = pack.groups.length ? [] : [["drawing.no_household", {}]];
  return [...empty, ...reserves, ...groups, ...pack.groups.flatMap(groupProblems)];
}

const goodId = (id) => id !== "" && !id.includes(SEP) && id === id.trim();

function groupProblems(group, at) {
  const where = "groups / " + (at + 1);
  const { households, method } = group;
  const N = households.length;
  const bad = (name) => ["drawing.bad_form", { where: where + " / " + name, found: shown(group[name]) }];
  const found = N ? [] : [["drawing.no_household", {}]];
  const seen = new Set();
  for (const id of households.map(nfc)) {
    if (!goodId(id)) found.push(["drawing.bad_id", { id: shown(id) }]);
    if (seen.has(id)) found.push(["drawing.twice", { id }]);
    seen.add(id);
  }
  if (group.N !== undefined && group.N !== N) found.push(bad("N"));
  if (UNEQUAL.includes(method) && !goodLambdas(group)) found.push(bad("lambda"));
  if (RANDOM_SIZE.includes(method)) return found;
  if (group.m === undefined) return [...found, ...(goodRule(group) ? [] : [bad("rule")])];
  return Number.isInteger(group.m) && group.m >= 0 && group.m <= N ? found : [...found, bad("m")];
}

function goodLambdas({ lambda, households }) {
  try {
    return lambda.length === households.length && lambda.map(hexFloat).every((value) => value >= 0 && value <= 1);
  } catch (error) {
    return false;
  }
}

function goodRule({ rule, rounding, households }) {
  const whole = (value) => Number.isInteger(value) && value >= 0;
  try {
    const bounds = whole(rule.at_least) && (rule.at_most === null || (whole(rule.at_most) && rule.at_most >= rule.at_least));
    return bounds && whole(sizeOf(rule, households.length, { rounding, digest: "0" })) && fraction(rule.rate)[0] <= fraction(rule.rate)[1];
  } catch (error) {
    return false;
  }
}

function usePack(pack) {
  state.problems = problemsOf(pack);
  state.pack = state.problems.length ? null : pack;
  state.drawn = null;
  render();
}

async function readPack(file) {
  let pack = null;
  try {
    pack = JSON.parse(decodeText(new Uint8Array(await file.arrayBuffer())));
  } catch (error) {
    pack = { unreadable: error.message };
  }
  usePack(pack);
}

/* A list typed or pasted: one id a line; of a table with commas or tabs the first column */
function plainPack() {
  const value = (id) => byId(id).value.trim();
  const number = (id) => (/^[0-9]+$/.test(value(id)) ? Number(value(id)) : value(id) === "" ? null : value(id));
  const households = byId("plain-ids").value.split(/\r\n|\n|\r/).map((line) => line.split(/[,\t]/)[0].trim()).filter(Boolean);
  const rule = { rate: value("plain-rate"), at_least: number("plain-least") || 0, at_most: number("plain-most") };
  const group = { list: "", substratum: "", method: "srs", rule, rounding: "up", households };
  return { spec: SPEC, pack: "list", campaign: value("plain-campaign"), village: value("plain-village"), reserves: number("plain-reserves") || 0, groups: [group] };
}

/* ---- The draw ---- */

function drawPack(pack, seed) {
  return pack.groups.map((group) => {
    const units = group.households.map((id, at) => ({ id, ...(UNEQUAL.includes(group.method) ? { lambda: hexFloat(group.lambda[at]) } : {}) }));
    const { order, n } = drawHouseholds(seed, pack.campaign, { ...group, village: pack.village, units });
    const ids = order.map((unit) => unit.id);
    return { list: group.list, substratum: group.substratum, drawn: ids.slice(0, n), reserves: ids.slice(n, n + pack.reserves) };
  });
}

function drawNow() {
  const seed = byId("digits").value;
  const event = byId("event").value.trim();
  if (!isSeed(seed) || !event) {
    byId("refused").textContent = text(isSeed(seed) ? "drawing.no_event" : "drawing.too_few", { given: seed.length, wanted: WANTED });
    return;
  }
  const witnesses = byId("witnesses").value.split(/[、,，;；]/).map((name) => name.trim()).filter(Boolean);
  state.drawn = { seed, seed_source: { event, time: timeNow(), witnesses }, groups: drawPack(state.pack, seed) };
  byId("refused").textContent = "";
  render();
  byId("groups").scrollIntoView();
}

function recordOf({ pack, drawn }) {
  const plain = pack.pack === "list";
  const { seed, seed_source: source, groups } = drawn;
  const rehearsal = pack.rehearsal ? { rehearsal: true } : {};
  const given = (at) => (plain ? { rule: pack.groups[at].rule, rounding: pack.groups[at].rounding, households: pack.groups[at].households } : {});
  const parts = groups.map((group, at) => ({ ...group, ...given(at) }));
  return { spec: SPEC, act: plain ? "list" : "village", campaign: pack.campaign, village: pack.village, seed, seed_source: source, groups: parts, ...rehearsal };
}

/* ---- What is shown ---- */

function render() {
  const { pack, problems, drawn } = state;
  byId("problems").replaceChildren(...problems.slice(0, 10).map(([key, fields]) => element("li", {}, text(key, fields))));
  byId("before").hidden = Boolean(drawn);
  byId("throwing").hidden = !pack || Boolean(drawn);
  byId("result").hidden = !drawn;
  byId("rehearsal").hidden = !(pack && pack.rehearsal);
  byId("what").replaceChildren(...(pack ? whatIsDrawn(pack) : []));
  countDigits();
  if (!drawn) return;
  const { event, time, witnesses } = drawn.seed_source;
  const facts = [["page.seed", drawn.seed], ["page.event", event], ["page.time", time], ["page.witnesses", witnesses.join(lang === "zh" ? "、" : ", ") || text("drawing.no_witness")]];
  byId("facts").replaceChildren(...facts.flatMap(([key, value]) => [element("dt", {}, text(key)), element("dd", {}, value)]));
  byId("groups").replaceChildren(...drawn.groups.flatMap((group, at) => groupLines(group, pack.groups[at].households.length)));
}

function whatIsDrawn(pack) {
  const name = [pack.village_name, pack.village].filter(Boolean).join("　");
  const lines = pack.groups.map((group) => element("li", {}, text("drawing.group", { group: nameOf(group), households: group.households.length })));
  return [element("h2", {}, name), element("p", { class: "note" }, [pack.campaign, pack.stratum].filter(Boolean).join("　")), element("ul", {}, ...lines)];
}

const nameOf = ({ list, substratum }) => [list || text("page.roll"), substratum].filter(Boolean).join(" · ");

function groupLines(group, households) {
  const { drawn, reserves } = group;
  const items = (ids, from) => ids.map((id, at) => element("li", {}, element("small", {}, String(from + at)), id));
  const title = text("drawing.drawn", { group: nameOf(group), households, drawn: drawn.length });
  const next = reserves.length ? [element("h3", {}, text("drawing.reserves")), element("ol", { class: "drawn reserves" }, ...items(reserves, drawn.length + 1))] : [];
  return [element("h2", {}, title), element("ol", { class: "drawn" }, ...items(drawn, 1)), ...next];
}

function countDigits() {
  const given = byId("digits").value.length;
  byId("count").textContent = text(given < WANTED ? "drawing.count" : "drawing.enough", { given, wanted: WANTED, missing: WANTED - given });
  byId("draw").disabled = !isSeed(byId("digits").value);
}

function changeDigits(change) {
  byId("digits").value = change(byId("digits").value);
  countDigits();
}

/* A new draw needs new digits: those of the last one are gone */
function startAgain() {
  Object.assign(state, { pack: null, problems: [], drawn: null });
  for (const id of ["digits", "event", "witnesses", "pack"]) byId(id).value = "";
  render();
}

function start() {
  for (let digit = 0; digit < 10; digit++) {
    const key = element("button", { type: "button" }, String(digit));
    key.addEventListener("click", () => changeDigits((digits) => digits + digit));
    byId("pad").append(key);
  }
  const on = (id, name, work) => byId(id).addEventListener(name, work);
  on("digits", "input", () => changeDigits((digits) => digits.replace(/[^0-9]/g, "")));
  on("back", "click", () => changeDigits((digits) => digits.slice(0, -1)));
  on("pack", "change", (event) => event.target.files[0] && readPack(event.target.files[0]));
  on("plain-file", "change", async (event) => {
    const bytes = new Uint8Array(await event.target.files[0].arrayBuffer());
    byId("plain-ids").value = new TextDecoder("utf-8").decode(bytes);
  });
  on("plain-take", "click", () => usePack(plainPack()));
  on("draw", "click", drawNow);
  on("save", "click", () => save("village-" + state.pack.village.replace(/[^\p{L}\p{N}-]/gu, "_") + ".json", recordOf(state)));
  on("print", "click", () => window.print());
  on("again", "click", startAgain);
  const drop = (event) => {
    event.preventDefault();
    byId("drop").classList.toggle("over", event.type === "dragover");
    if (event.type === "drop" && event.dataTransfer.files[0] && !state.drawn) readPack(event.dataTransfer.files[0]);
  };
  for (const name of ["dragover", "dragleave", "drop"]) document.addEventListener(name, drop);
  inLanguage(render);
}

window.drawV1 = { ticket, drawPack, problemsOf, recordOf, usePack, state };
start();
