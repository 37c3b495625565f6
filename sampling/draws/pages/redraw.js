/* The whole draw made anew: from the commit, the seed, the later acts and the tables, group by group. */

/* Units that a rule counts together: the villages of a stratum, or the households of a village on one list */
function newGroup(parts) {
  return { list: "", substratum: "", village: "", opened: [], gone: new Set(), pi: new Map(), ...parts };
}

function* redraw(commit, receipt, tables) {
  const acts = receipt.acts || [];
  const strata = yield* stageOne(commit, receipt.seed, tables.get("villages.csv"));
  for (const act of acts) actOnVillages(act, strata, commit.campaign);
  const villages = strata.flatMap((group) => rowsOf(group).filter(isDrawn).map((row) => ({ ...row, group })));
  const lists = ["", ...Object.keys(commit.design.lists)].filter((list) => tables.has(fileOf(list)));
  const groups = [];
  for (const list of lists) {
    groups.push(...(yield* stageTwo(commit, receipt.seed, acts, villages, list, tables.get(fileOf(list)))));
  }
  for (const act of acts) if (act.act === "reserve" && act.household) openReserve(act, groupsOf(act, groups), act.household);
  const reserves = commit.design.reserves;
  return { strata, groups, lists, reserves, rows: [...strata, ...groups].flatMap((group) => written(group, reserves)) };
}

const fileOf = (list) => (list ? "frame-" + list + ".csv" : "frame.csv");

/* ---- Stage 1 ---- */

function* stageOne(commit, seed, table) {
  const { design, campaign } = commit;
  const { method, order } = design.villages_by;
  const members = new Map();
  for (const unit of villagesOf(table, order, method)) {
    const id = unit.town + (unit.certain ? "/certainty" : "");
    if (!members.has(id)) members.set(id, []);
    members.get(id).push(unit);
  }
  const numeric = order.map((name) => isNumeric(cellsOf(table, name)));
  const strata = [];
  for (const [id, units] of members) {
    const { town, certain } = units[0];
    for (const unit of units) unit.ticket = ticket(seed, campaign, "1", unit.id);
    const by = certain ? "srs" : method; // all taken, whatever the method
    const n = villagesWanted(commit, id, units, seed);
    const start = by === "systematic" ? ticket(seed, campaign, "start-1", id) : "";
    const listed = by === "systematic" ? inOrder(units, order, numeric) : units;
    const drawn = ranked(listed, by, n, start);
    strata.push(newGroup({ stage: "1", stratum: id, town, certain, method: by, N: units.length, ...drawn }));
    yield units.length;
  }
  return strata;
}

function villagesOf(table, order, method) {
  const place = (name) => table.index.get(name);
  const [town, village, certainty] = ["township", "village", "certainty"].map((name) => needed(table, name));
  const keys = order.map((name) => needed(table, name));
  return table.rows.map((row) => ({
    id: row[village], village: row[village], town: row[town], certain: row[certainty] === "1", row,
    keys: keys.map((at) => row[at]),
    ...(UNEQUAL.includes(method) ? chancesOf(row, needed(table, "lambda"), needed(table, "pi")) : {}),
    kind: (name) => row[place(name)],
  }));
}

const chancesOf = (row, lambda, pi) => ({ lambda: hexFloat(row[lambda]), pi: fromDouble(numberOf(row[pi])) });

function needed(table, name) {
  if (!table.index.has(name)) throw new RangeError("no column " + name);
  return table.index.get(name);
}

function numberOf(cell) {
  const value = decimal(String(cell));
  if (value === null) throw new RangeError("not a number: " + cell);
  return value;
}

/* n of a stratum: by the rule, or the commit's own where the design says so */
function villagesWanted({ design, strata, campaign }, id, units, seed) {
  const { method } = design.villages_by;
  if (units[0].certain) return units.length;
  if (RANDOM_SIZE.includes(method)) return null;
  if (design.allocation || ["pareto", "sequential_poisson"].includes(method)) {
    const stated = strata.find((stratum) => stratum.id === id);
    const n = stated ? stated.n : undefined;
    if (!Number.isInteger(n) || n < 0 || n > units.length) throw new RangeError("strata / " + id + " / n: " + shown(n));
    return n;
  }
  const digest = design.rounding === "random" ? ticket(seed, campaign, "round-1", id) : "";
  const { conflict, rounding } = design;
  return Math.min(sizeOf(ruleOf(design, units), units.length, { conflict, rounding, digest }), units.length);
}

function ruleOf(design, units) {
  const rules = new Set(units.map((unit) => kindRule(design, unit)));
  if (rules.size > 1) throw new RangeError(units[0].town + ": two rules in one stratum");
  return [...rules][0];
}

function kindRule(design, unit) {
  for (const [name, rules] of Object.entries(design.kinds)) {
    const rule = own(rules, unit.kind(name));
    if (rule) return rule;
  }
  return design.villages;
}

/* ---- Stage 2 ---- */

function* stageTwo(commit, seed, acts, villages, list, table) {
  const { design } = commit;
  const by = list ? { method: "srs", order: [] } : design.households_by;
  const numeric = by.order.map((name) => isNumeric(cellsOf(table, name)));
  const seeds = design.sealed ? new Map(acts.filter(({ act }) => act === "village").map((act) => [act.village, act.seed])) : null;
  const members = householdsOf(table, new Set(villages.map(({ village }) => village)), by);
  const groups = [];
  for (const row of villages) {
    const digits = seeds ? seeds.get(row.village) : seed;
    if (digits === undefined) continue; // sealed, and not drawn yet
    for (const [substratum, units] of substrata(design, list, members.get(row.village) || [], table)) {
      groups.push(householdGroup(commit, digits, row, { list, substratum, units, by, numeric }));
      yield units.length;
    }
  }
  return groups;
}

function householdsOf(table, villages, { method, order }) {
  const [village, household] = ["village", "household"].map((name) => needed(table, name));
  const keys = order.map((name) => needed(table, name));
  const found = new Map();
  for (const row of table.rows) {
    if (row[household] === "" || !villages.has(row[village])) continue;
    const chances = UNEQUAL.includes(method) ? chancesOf(row, needed(table, "lambda"), needed(table, "pi")) : {};
    const unit = { id: row[household], household: row[household], row, keys: keys.map((at) => row[at]), ...chances };
    if (!found.has(row[village])) found.set(row[village], []);
    found.get(row[village]).push(unit);
  }
  return found;
}

function substrata(design, list, units, table) {
  const found = new Map();
  for (const unit of units) {
    const name = list ? "" : substratumOf(design, unit.row, table);
    if (!found.has(name)) found.set(name, []);
    found.get(name).push(unit);
  }
  return found;
}

function substratumOf(design, row, table) {
  for (const [name, rules] of Object.entries(design.categories)) {
    const value = row[needed(table, name)];
    if (own(rules, value)) return value;
  }
  return "";
}

function categoryRule(design, substratum) {
  const found = Object.values(design.categories).map((rules) => own(rules, substratum)).find(Boolean);
  return substratum && found ? found : design.households;
}

function householdGroup({ design, campaign }, seed, row, { list, substratum, units, by, numeric }) {
  const rule = list ? design.lists[list] : categoryRule(design, substratum);
  const listed = by.method === "systematic" ? inOrder(units, by.order, numeric) : units;
  const { stratum, village, group } = row;
  const parts = { village, list, substratum, method: by.method, rule, rounding: design.rounding, units: listed };
  const drawn = drawHouseholds(seed, campaign, parts);
  const place = { stage: "2", list, substratum, stratum, town: row.township, village, parent: { group, row } };
  return newGroup({ ...place, method: by.method, N: units.length, ...drawn });
}

/* ---- Later acts ---- */

function actOnVillages(act, strata, campaign) {
  if (act.act === "extension") {
    for (const [id, more] of Object.entries(act.more)) extend(act, strata.find((group) => group.stratum === id), more, campaign);
  } else if (act.act === "reserve") {
    if (!act.household) openReserve(act, strata.filter((group) => group.order.some((unit) => unit.village === act.village)), act.village);
  } else if (act.act !== "village") {
    throw new RangeError("unknown act: " + shown(act.act));
  }
}

function extend(act, group, more, campaign) {
  if (!group || group.certain) throw new RangeError("extension: no such stratum");
  const looked = group.n + group.opened.length;
  if (!Number.isInteger(more) || more < 1 || looked + more > group.order.length) throw new RangeError("extension of " + group.stratum + ": " + shown(more));
  if (act.looked) {
    const others = group.order.slice(looked).map((unit) => ({ ...unit, ticket: ticket(act.seed, campaign, "1", unit.id) }));
    group.order = [...group.order.slice(0, looked), ...ranked(others, group.method, more).order];
  }
  group.n += more;
  for (const unit of group.order) {
    const chance = own(act.pi, unit.village);
    if (chance !== undefined) group.pi.set(unit.id, fromDouble(numberOf(chance)));
  }
}

const groupsOf = (act, groups) => groups.filter(
  (group) => group.list === act.list && group.village === act.village && group.order.some((unit) => unit.household === act.household),
);

/* Strictly in order: the unit that is opened is the next of its group, and replaces one that is looked at */
function openReserve(act, [group], id) {
  const looked = group ? group.n + group.opened.length : 0;
  const names = group ? group.order.map((unit) => (group.stage === "1" ? unit.village : unit.household)) : [];
  if (names[looked] !== id) throw new RangeError("reserve " + id + ": not the next of its group");
  const replaced = names.indexOf(act.replaces);
  if (replaced < 0 || replaced >= looked || group.gone.has(group.order[replaced].id)) throw new RangeError("reserve " + id + ": replaces " + shown(act.replaces));
  group.opened.push(group.order[looked].id);
  group.gone.add(group.order[replaced].id);
}

/* ---- What stands in sample.csv ---- */

const isDrawn = (row) => row.role === "main" || row.role === "certainty";

/* The units of a group with rank and role: those looked at, then the reserves */
function rowsOf(group, reserves = 0) {
  const looked = group.n + group.opened.length;
  return group.order.slice(0, looked + reserves).map((unit, at) => {
    const stands = group.certain ? "certainty" : "main";
    const role = at >= looked ? "reserve" : group.gone.has(unit.id) ? "replaced" : stands;
    const { stage, list, substratum, stratum } = group;
    const village = stage === "1" ? unit.village : group.village;
    const place = { stage, list, township: group.town, stratum, village, household: unit.household || "", substratum };
    return { ...place, role, rank: at + 1, ticket: unit.ticket, unit };
  });
}

/* The probability of a unit at its stage, as a fraction */
function chanceOf(group, unit) {
  const { N, n, opened } = group;
  const looked = n + opened.length;
  if (opened.length) return n > 1 ? ratio(n * (looked - 1), N * (n - 1)) : ratio(looked, N);
  if (UNEQUAL.includes(group.method)) return group.pi.get(unit.id) || unit.pi;
  return ratio(n, N);
}

function written(group, reserves) {
  const { parent } = group;
  const sizes = parent ? { N: parent.group.N, n: parent.group.n, M: group.N, m: group.n } : { N: group.N, n: group.n, M: "", m: "" };
  return rowsOf(group, reserves).map((row) => {
    if (!isDrawn(row)) return { ...row, ...sizes, pi_stage: "", pi: "", weight: "" };
    const stage = chanceOf(group, row.unit);
    const whole = parent ? times(chanceOf(parent.group, parent.row.unit), stage) : stage;
    return { ...row, ...sizes, pi_stage: toDouble(stage), pi: toDouble(whole), weight: toDouble(inverse(whole)) };
  });
}
