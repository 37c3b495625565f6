/* Whether receipt and sample are those that commit, seed and acts give. */

/* ---- The receipt and the sample are those that the commit and the seed give ---- */

function* checkDraw(told, files) {
  const { commit, receipt, tables } = told;
  attempt(told, "check.commit_hash", () => differences(told.files.get("commit.json").sha256, receipt.commit_sha256, "receipt.json / commit_sha256"));
  attempt(told, "check.undamaged", () => damage(decodeText(files.get("receipt.json")), receipt));
  attempt(told, "check.repeats", () => AS_COMMITTED.flatMap((name) => differences(receipt[name], commit[name], "receipt.json / " + name)));
  attempt(told, "check.seed", () => [receipt, ...seeded(receipt)].filter((one) => !isSeed(one.seed)).map((one) => ({ where: "seed", found: shown(one.seed) })));
  attempt(told, "check.time", () => lateTimes(commit, receipt));
  if (!tables.has("villages.csv")) {
    if (!told.files.has("villages.csv")) tell(told, "check.villages", null);
  } else {
    try {
      told.draw = yield* redraw(commit, receipt, tables);
    } catch (error) {
      tell(told, "check.redrawn", [{ where: error.message }]);
    }
  }
  if (told.draw) checkResult(told);
  checkSample(told);
}

const seeded = (receipt) => (receipt.acts || []).filter((act) => act.act === "village" || (act.act === "extension" && act.looked));

function damage(text, receipt) {
  if (receipt.check_sum === undefined) return [];
  return differences(sha256Text(pythonJson(text, { check_sum: "" })), receipt.check_sum, "receipt.json / check_sum");
}

/* Microseconds since 1970 of a time with its zone */
function momentOf(text) {
  const found = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(Z|[+-]\d\d:?\d\d(?::\d\d)?)$/.exec(text);
  if (!found) throw new RangeError("not a time with its zone: " + shown(text));
  const [year, month, day, hour, minute, second = "0"] = found.slice(1, 7);
  const zone = found[8] === "Z" ? [0, 0, 0] : found[8].slice(1).replace(/:/g, "").match(/\d\d/g).map(Number);
  const ahead = (found[8][0] === "-" ? -1 : 1) * (zone[0] * 3600 + zone[1] * 60 + (zone[2] || 0));
  const seconds = Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - ahead;
  return seconds * 1e6 + Number((found[7] || "").padEnd(6, "0"));
}

/* The commit is not later than the seed, the seed not later than those of later acts */
function lateTimes(commit, receipt) {
  const late = (earlier, later, where) => (momentOf(earlier) > momentOf(later) ? [{ where, found: earlier, wanted: later, late: true }] : []);
  const { time } = receipt.seed_source;
  const first = commit.corrects ? [] : late(commit.committed_at, time, "commit.json / committed_at");
  return [...first, ...seeded(receipt).flatMap((act) => late(time, act.seed_source.time, "receipt.json / acts / " + act.act))];
}

function checkResult(told) {
  const { commit, receipt, draw } = told;
  attempt(told, "check.sizes", () => sizeDifferences(commit, receipt, draw));
  attempt(told, "check.cuts", () => draw.strata.flatMap((group) => cutDifferences(receipt.strata.find((one) => one.id === group.stratum), group, "receipt.json / strata / " + group.stratum)));
  for (const [key, role] of [["check.villages", "sample"], ["check.reserves", "reserves"]]) {
    attempt(told, key, () => unitDifferences(receipt[role], draw, role));
  }
  attempt(told, "check.acts", () => actDifferences(commit, receipt, draw));
  const lists = ["", ...Object.keys(commit.design.lists)];
  for (const list of lists) {
    const fields = { file: fileOf(list) };
    if (draw.lists.includes(list)) attempt(told, "check.households", () => groupDifferences(receipt, draw, list), fields);
    else if (!told.files.has(fields.file)) tell(told, "check.households", null, fields);
  }
}

function sizeDifferences(commit, receipt, draw) {
  const more = new Map();
  for (const act of receipt.acts || []) for (const [id, d] of Object.entries(act.more || {})) more.set(id, (more.get(id) || 0) + d);
  const drawn = new Map(draw.strata.map((group) => [group.stratum, group]));
  const { allocation } = commit.design;
  const plain = draw.strata.filter((group) => !group.certain);
  const total = allocation ? plain.reduce((sum, group) => sum + group.n - (more.get(group.stratum) || 0), 0) : 0;
  return [
    ...(allocation ? differences(total, allocation.total, "commit.json / design / allocation / total") : []),
    ...commit.strata.flatMap(({ id, N, n }) => sizesOf(drawn.get(id), { N, n }, more.get(id) || 0, "commit.json / strata / " + id)),
    ...receipt.strata.flatMap(({ id, N, n }) => sizesOf(drawn.get(id), { N, n }, 0, "receipt.json / strata / " + id)),
    ...ruleDifferences(commit, receipt),
    ...[...drawn.keys()].flatMap((id) => ["commit", "receipt"].flatMap((file) => missing({ commit, receipt }[file].strata, id, file + ".json / strata / "))),
  ];
}

const missing = (strata, id, place) => (strata.some((stratum) => stratum.id === id) ? [] : [{ where: place + id, found: "—" }]);

function sizesOf(group, { N, n }, later, place) {
  if (!group) return [{ where: place, wanted: "—" }];
  const decided = n === null || n === undefined; // by the draw itself
  return [...differences(N, group.N, place + " / N"), ...(decided ? [] : differences(n, group.n - later, place + " / n"))];
}

function ruleDifferences(commit, receipt) {
  const stated = new Map(commit.strata.map((stratum) => [stratum.id, stratum.rule]));
  return receipt.strata.flatMap(({ id, rule }) => differences(rule, stated.get(id), "receipt.json / strata / " + id + " / rule"));
}

/* The last unit that was looked at in a group: nobody drawn has a higher ticket, or score */
function cutOf(group) {
  const looked = group.n + group.opened.length;
  return looked ? group.order[looked - 1] : null;
}

function cutDifferences(stated, group, place) {
  if (!stated) return [{ where: place, found: "—" }];
  const cut = cutOf(group);
  const score = UNEQUAL.includes(group.method) && cut ? cut.score : null;
  const found = typeof stated.cut_score === "string" ? hexFloat(stated.cut_score) : null;
  return [
    ...differences(stated.cut_ticket || "", cut ? cut.ticket : "", place + " / cut_ticket"),
    ...(score === found || stated.cut_score === undefined ? [] : [{ where: place + " / cut_score", found: shown(stated.cut_score), wanted: shown(score) }]),
  ];
}

function unitDifferences(units, draw, name) {
  const place = "receipt.json / " + name + " / ";
  const wanted = draw.strata.flatMap((group) => written(group, draw.reserves)).filter((row) => (name === "reserves" ? row.role === "reserve" : isDrawn(row)));
  const rows = new Map(wanted.map((row) => [row.village, row]));
  const seen = new Set(units.map(({ id }) => id));
  const found = units.flatMap((unit, at) => {
    const row = rows.get(unit.id);
    if (!row) return [{ where: place + (at + 1) + " / " + unit.id, wanted: "—" }];
    const { stratum, rank, ticket: digest } = row;
    const pi = row.pi === "" ? undefined : row.pi;
    const here = { stratum: unit.stratum, rank: unit.rank, ticket: unit.ticket, pi: unit.pi === null ? undefined : unit.pi };
    return differences(here, { stratum, rank, ticket: digest, pi }, place + (at + 1) + " / " + unit.id);
  });
  const lost = wanted.filter((row) => !seen.has(row.village));
  return [...found, ...lost.map((row) => ({ where: place + row.village, found: "—" })), ...doubled(units, place)];
}

function doubled(units, place) {
  const seen = new Set();
  return units.filter(({ id }) => seen.size === seen.add(id).size).map(({ id }) => ({ where: place + id, found: "× 2" }));
}

/* Every act is one that the design allows; a seed of its own is one that nothing else was drawn with */
function actDifferences(commit, receipt, draw) {
  const drawn = new Set(draw.strata.flatMap((group) => rowsOf(group).map((row) => row.village)));
  const used = new Set([receipt.seed]);
  return (receipt.acts || []).flatMap((act, at) => {
    const wrong = wrongAct(act, commit.design, drawn) || (seeded({ acts: [act] }).length && used.has(act.seed) ? act.seed : "");
    used.add(act.seed);
    return wrong ? [{ where: "receipt.json / acts / " + (at + 1), found: shown(wrong) }] : [];
  });
}

/* What an act should not have said; nothing where it keeps the rules. Each village is drawn on arrival once */
function wrongAct(act, { sealed, villages_by: by }, drawn) {
  if (act.act === "village") return sealed && drawn.delete(act.village) ? "" : act.village;
  if (act.act === "extension") return ["srs", "pareto", "sequential_poisson"].includes(by.method) ? "" : by.method;
  return REASONS.includes(act.reason) && act.by ? "" : act.reason + " " + shown(act.by);
}

const groupKey = (id, list, substratum) => [id, list, substratum || ""].join(SEP);

function groupDifferences(receipt, draw, list) {
  const wanted = new Map(draw.groups.filter((group) => group.list === list).map((group) => [groupKey(group.village, list, group.substratum), group]));
  const seen = new Set();
  const found = receipt.villages.flatMap((entry, at) => {
    if (entry.list !== list) return [];
    const place = "receipt.json / villages / " + (at + 1) + " / " + entry.id;
    const key = groupKey(entry.id, list, entry.substratum);
    const group = wanted.get(key);
    if (!group || seen.has(key)) return [{ where: place, wanted: "—" }];
    seen.add(key);
    const sizes = differences({ M: entry.M, m: entry.m }, { M: group.N, m: group.n }, place);
    return [...sizes, ...cutDifferences(entry, group, place)];
  });
  const lost = [...wanted].filter(([key, group]) => !seen.has(key) && group.n > 0);
  return [...found, ...lost.map(([, group]) => ({ where: "receipt.json / villages / " + group.village + " " + group.substratum, found: "—" }))];
}

/* ---- sample.csv, cell by cell: numbers as numbers, all else as text ---- */

const TEXTS = ["township", "stratum", "role", "ticket"];
const NUMBERS = ["rank", "N", "n", "M", "m", "pi_stage", "pi", "weight"];
const unitKey = (row) => [row.stage, row.list, row.village, row.household].join(SEP);

function checkSample(told) {
  const { receipt, draw, tables, files, commit } = told;
  if (!files.has("sample.csv")) return tell(told, "check.sample", null);
  attempt(told, "check.sample_hash", () => differences(files.get("sample.csv").sha256, receipt.sample_sha256, "receipt.json / sample_sha256"));
  if (draw && tables.has("sample.csv")) attempt(told, "check.sample", () => rowDifferences(tables.get("sample.csv"), draw, commit.design));
}

function rowDifferences(table, draw, design) {
  const wanted = new Map(draw.rows.map((row) => [unitKey(row), row]));
  const texts = Object.keys(design.categories).length ? [...TEXTS, "substratum"] : TEXTS;
  const places = new Map(["stage", "list", "village", "household", ...texts, ...NUMBERS].map((name) => [name, needed(table, name)]));
  const seen = new Set();
  const found = table.rows.flatMap((cells, at) => {
    const cell = (name) => cells[places.get(name)];
    const key = unitKey({ stage: cell("stage"), list: cell("list"), village: cell("village"), household: cell("household") });
    const where = "sample.csv / " + (at + 2) + " / " + [cell("village"), cell("household")].filter(Boolean).join(" / ");
    if (cell("stage") !== "1" && !draw.lists.includes(cell("list"))) return [];
    const row = wanted.get(key);
    if (!row || seen.has(key)) return [{ where: where + " / " + (cell("household") ? "household" : "village"), wanted: "—" }];
    seen.add(key);
    return [...texts, ...NUMBERS].filter((name) => !sameCell(cell(name), row[name])).map((name) => ({ where: where + " / " + name, found: cell(name), wanted: shown(row[name]) }));
  });
  const lost = [...wanted].filter(([key]) => !seen.has(key)).map(([, row]) => row);
  return [...found, ...lost.map((row) => ({ where: "sample.csv / " + [row.village, row.household].filter(Boolean).join(" / "), found: "—", wanted: row.role }))];
}

const sameCell = (cell, value) => (typeof value === "number" ? decimal(cell) === value : cell === value);
