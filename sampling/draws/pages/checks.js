/* What must agree: every check with its answer and the places of difference. A damaged file is a failed check. */

/* Names as they are saved on phones: "receipt (1).json" is receipt.json */
function slotOf(name) {
  const plain = name.normalize("NFC").replace(/\s*[(（]\d+[)）](?=\.[a-z]+$)/, "");
  return /^(commit\.json|receipt\.json|villages\.csv|sample\.csv|frame(-.+)?\.csv)$/.test(plain) ? plain : "";
}

const RULE = { rate: "string" };
const SELECTION = { method: new Set(METHODS), order: ["string"] };
const DESIGN = {
  conflict: "string", rounding: "string", reserves: "number", villages: RULE, villages_by: SELECTION,
  households: RULE, households_by: SELECTION, kinds: {}, categories: {}, lists: {},
};
const COMMIT = {
  spec: new Set([SPEC]), campaign: "string", committed_at: "string", frame_sha256: "string", villages_sha256: "string", design: DESIGN, tables: {}, lists: {},
  strata: [{ id: "string", N: "number" }], counts: {},
};
const UNIT = { id: "string", stratum: "string", rank: "number", ticket: "string" };
const RECEIPT = {
  spec: new Set([SPEC]), commit_sha256: "string", campaign: "string", seed: "string", seed_source: { event: "string", time: "string", witnesses: ["string"] },
  sample_sha256: "string", strata: [{ id: "string", N: "number", n: "number" }], sample: [UNIT], reserves: [UNIT],
  villages: [{ id: "string", list: "string", M: "number", m: "number" }],
};
const AS_COMMITTED = ["campaign", "control_totals", "design", "frame_rows", "frame_sha256", "previous_receipt", "rehearsal"];
const REASONS = ["not_paid", "listed_twice"];

/* `files` are bytes by name. The answer: {checks, files, commit, receipt, draw}; yields now and then with the work done */
function* verify(files) {
  const told = { checks: [], files: hashesOf(files), tables: new Map(), commit: null, receipt: null, draw: null };
  told.commit = readJson(told, files, "commit.json", COMMIT);
  told.receipt = readJson(told, files, "receipt.json", RECEIPT);
  for (const name of files.keys()) if (name.endsWith(".csv")) yield* readTable(told, files, name);
  if (told.commit) yield* checkTables(told);
  if (told.commit && told.receipt) yield* checkDraw(told, files);
  return told;
}

const hashesOf = (files) => new Map([...files].map(([name, bytes]) => [name, { bytes: bytes.length, sha256: sha256(bytes) }]));

function tell(told, key, places, fields = {}) {
  told.checks.push({ key, ok: places === null ? null : places.length === 0, places: (places || []).slice(0, 5), more: Math.max(0, (places || []).length - 5), fields });
}

/* A check that may meet a damaged file: what it throws is its answer */
function attempt(told, key, work, fields) {
  try {
    tell(told, key, work(), fields);
  } catch (error) {
    tell(told, key, [{ where: error.message }], fields);
  }
}

function readJson(told, files, name, form) {
  if (!files.has(name)) {
    tell(told, "check.there", null, { file: name });
    return null;
  }
  let value = null;
  attempt(told, "check.readable", () => {
    value = JSON.parse(decodeText(files.get(name)));
    return misshapen(value, form, name);
  }, { file: name });
  return told.checks[told.checks.length - 1].ok ? value : null;
}

function* readTable(told, files, name) {
  try {
    told.tables.set(name, parseCsv(decodeText(files.get(name))));
  } catch (error) {
    tell(told, "check.readable", [{ where: name + ": " + error.message }], { file: name });
  }
  yield 0;
}

/* ---- The tables are those that were committed ---- */

function* checkTables(told) {
  const { commit, tables } = told;
  const frames = ["villages.csv", ...["", ...Object.keys(commit.design.lists)].map(fileOf)];
  for (const name of frames) {
    const table = tables.get(name);
    if (!table) {
      if (!told.files.has(name)) tell(told, "check.table", null, { file: name });
      continue;
    }
    let made = null;
    try {
      made = yield* fingerprint(table);
    } catch (error) {
      tell(told, "check.table", [{ where: name + ": " + error.message }], { file: name });
      tables.delete(name);
      continue;
    }
    attempt(told, "check.table", () => tableDifferences(commit, name, table, made), { file: name });
    attempt(told, "check.twins", () => twins(name, table), { file: name });
    yield table.rows.length;
  }
  if (tables.has("frame.csv")) {
    attempt(told, "check.counts", () => countDifferences(commit, tables.get("frame.csv")));
  }
  if (tables.has("villages.csv")) for (const name of frames.slice(1)) {
    if (tables.has(name)) attempt(told, "check.townships", () => townDifferences(name, tables.get(name), tables.get("villages.csv")), { file: name });
  }
  for (const name of tables.keys()) if (!frames.includes(name) && name !== "sample.csv") tell(told, "check.stranger", [{ where: name }]);
}

function tableDifferences(commit, name, table, made) {
  const stated = own(commit.tables, name) || {};
  const list = name === "frame.csv" || name === "villages.csv" ? null : own(commit.lists, name.slice(6, -4)) || {};
  const print = name === "villages.csv" ? commit.villages_sha256 : list ? list.frame_sha256 : commit.frame_sha256;
  const rows = name === "villages.csv" ? table.rows.length : list ? list.rows : commit.frame_rows;
  const towns = isObject(stated.towns) ? stated.towns : {};
  return [
    ...differences(table.columns.join(","), stated.columns, name + " / columns"),
    ...differences(table.rows.length, rows, name + " / rows"),
    ...[...made.towns].flatMap(([town, hash]) => differences(hash, own(towns, town), name + " / towns / " + town)),
    ...Object.keys(towns).filter((town) => !made.towns.has(town)).map((town) => ({ where: name + " / towns / " + town, found: "—" })),
    ...differences(made.fingerprint, print, name + (list ? " / lists / frame_sha256" : name === "villages.csv" ? " / villages_sha256" : " / frame_sha256")),
  ];
}

function twins(name, table) {
  const ids = ["village", ...(name === "villages.csv" ? [] : ["household"])].map((column) => needed(table, column));
  const seen = new Set();
  return table.rows.flatMap((row, at) => {
    const id = nfc(ids.map((place) => row[place]).join(SEP));
    const twice = seen.has(id);
    seen.add(id);
    return twice ? [{ where: name + " / " + (at + 2), found: ids.map((place) => row[place]).join(" / ") }] : [];
  });
}

function countDifferences(commit, table) {
  const households = table.rows.filter((row) => row[needed(table, "household")] !== "");
  const all = new Set(cellsOf(table, "village"));
  const lived = new Set(households.map((row) => row[needed(table, "village")]));
  const townships = new Set(cellsOf(table, "township")).size;
  const found = { townships, villages: all.size, villages_without_household: all.size - lived.size, households: households.length };
  return differences(found, commit.counts, "commit.json / counts");
}

/* Town and certainty of a village are the same in all files; a list may name villages that the frame does not have */
function townDifferences(name, table, villages) {
  const [town, village, certainty] = ["township", "village", "certainty"].map((column) => needed(villages, column));
  const known = new Map(villages.rows.map((row) => [row[village], row]));
  const places = ["township", "village", "certainty"].map((column) => needed(table, column));
  const met = new Map(table.rows.map((row) => [row[places[1]], row]));
  const found = [...met].flatMap(([id, row]) => {
    const there = known.get(id);
    if (!there) return name === "frame.csv" ? [{ where: name + " / " + id, found: "—" }] : [];
    const pairs = [[row[places[0]], there[town], "township"]];
    if (name === "frame.csv") pairs.push([row[places[2]], there[certainty], "certainty"]);
    return pairs.flatMap(([one, other, column]) => differences(one, other, name + " / " + id + " / " + column));
  });
  const lost = name === "frame.csv" ? [...known.keys()].filter((id) => !met.has(id)) : [];
  return [...found, ...lost.map((id) => ({ where: name + " / " + id, found: "—" }))];
}
