/* verify.html: files in, answers out. */

const state = { files: new Map(), ignored: [], told: null, run: 0, done: 0, asked: null };

async function take(list) {
  const read = await Promise.all([...list].map(async (file) => [file.name, await bytesOf(file)]));
  for (const [name, bytes] of read) {
    const slot = bytes && (slotOf(name) || slotByContent(bytes));
    if (slot) state.files.set(slot, bytes);
    else state.ignored.push(name);
  }
  await work();
}

async function bytesOf(file) {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    return null; // a folder, or a file that went away
  }
}

function slotByContent(bytes) {
  try {
    const value = JSON.parse(decodeText(bytes));
    return own(value, "committed_at") ? "commit.json" : own(value, "commit_sha256") ? "receipt.json" : "";
  } catch (error) {
    return "";
  }
}

async function work() {
  const run = ++state.run;
  state.told = state.asked = null;
  render();
  const progress = (done) => { byId("working").textContent = text("verify.working", { done }); };
  progress(0);
  const told = await inSlices(verify(state.files), progress, () => run !== state.run);
  if (run !== state.run) return;
  byId("working").textContent = "";
  state.told = told;
  render();
}

function render() {
  byId("loaded").replaceChildren(...loadedLines());
  const { told } = state;
  byId("result").hidden = !told;
  if (!told) return;
  const { commit, receipt } = told;
  byId("rehearsal").hidden = !((commit && commit.rehearsal) || (receipt && receipt.rehearsal));
  renderVerdict(told.checks);
  byId("published").replaceChildren(...publishedHash(told));
  byId("facts").replaceChildren(...factsOf(told).flatMap(([key, value]) => [element("dt", {}, text(key)), element("dd", {}, value)]));
  byId("checks").replaceChildren(...told.checks.map(checkLine));
  const acts = (receipt && receipt.acts) || [];
  byId("acts-section").hidden = !acts.length;
  byId("acts").replaceChildren(...acts.map((act) => element("li", {}, actInWords(act))));
  renderUnit(told);
}

function loadedLines() {
  const size = (bytes) => text("verify.bytes", { bytes: bytes.length });
  const lines = [...state.files].map(([name, bytes]) => element("li", {}, "✓ " + name + "　" + size(bytes)));
  return [...lines, ...state.ignored.map((name) => element("li", {}, text("verify.ignored", { file: name })))];
}

function renderVerdict(checks) {
  const wrong = checks.filter(({ ok }) => ok === false).length;
  const open = checks.filter(({ ok }) => ok === null).length;
  const agreed = checks.length - wrong - open;
  const key = wrong ? "verify.differs" : !state.told.draw ? "verify.not_yet" : open ? "verify.agrees_so_far" : "verify.agrees";
  byId("verdict").className = "verdict " + (wrong ? "no" : state.told.draw ? "yes" : "");
  byId("verdict").textContent = text(key, { wrong, open, agreed });
}

function publishedHash({ files, commit }) {
  const file = files.get("commit.json");
  if (!file) return [];
  const line = (key, fields) => element("p", {}, text(key, fields));
  const event = commit && commit.seed_event ? [line("verify.seed_event", { event: commit.seed_event })] : [];
  return [element("h2", {}, text("verify.commit_hash")), element("p", { class: "hash" }, inEights(file.sha256)), line("verify.must_be_published"), ...event];
}

/* In groups, for reading aloud */
const inEights = (hash) => hash.match(/.{8}/g).join(" ");

function factsOf({ files, commit, receipt }) {
  const facts = [];
  const add = (key, value) => value !== undefined && value !== null && value !== "" && facts.push([key, String(value)]);
  if (commit) {
    add("verify.campaign", commit.campaign);
    add("verify.committed_at", commit.committed_at);
    add("verify.counts", text("verify.counts_said", { townships: "—", villages: "—", households: "—", ...commit.counts }));
    add("verify.corrects", commit.corrects && commit.corrects.reason);
  }
  if (receipt) {
    const { event, time, witnesses } = receipt.seed_source;
    add("verify.receipt_hash", files.get("receipt.json").sha256);
    add("page.seed", receipt.seed);
    add("page.event", event);
    add("page.time", time);
    add("page.witnesses", witnesses.join(lang === "zh" ? "、" : ", "));
    add("verify.result", text("verify.result_said", { villages: receipt.sample.length, reserves: receipt.reserves.length }));
    add("verify.voided", (receipt.voided || []).length || "");
    add("verify.came", (receipt.came || []).join(" "));
    add("verify.left", (receipt.left || []).join(" "));
    add("verify.software", receipt.software);
  }
  return facts;
}

function checkLine(check) {
  const answer = check.ok === null ? "open" : check.ok ? "yes" : "no";
  const mark = { yes: "verify.yes", no: "verify.no", open: "verify.open" }[answer];
  const places = check.places.map((place) => element("li", {}, placeInWords(place)));
  if (check.more) places.push(element("li", {}, text("verify.more", { more: check.more })));
  const said = element("div", {}, checkInWords(check), places.length ? element("ul", { class: "places" }, ...places) : null);
  return element("li", { class: answer }, element("b", {}, text(mark)), said);
}

function checkInWords({ key, ok, fields }) {
  const sentence = text(key, fields);
  return ok === null ? sentence + text("verify.file_missing") : sentence;
}

function placeInWords({ where, found, wanted, late }) {
  if (late) return text("verify.place_late", { where, found, wanted });
  if (found === undefined && wanted === undefined) return where;
  if (found === undefined) return text("verify.place_extra", { where });
  return wanted === undefined ? text("verify.place_found", { where, found }) : text("verify.place", { where, found, wanted });
}

function actInWords(act) {
  const { event = "", time = "" } = act.seed_source || {};
  if (act.act === "village") return text("act.village", { village: act.village, seed: act.seed, event, time });
  if (act.act === "extension") {
    const more = Object.entries(act.more || {}).map(([stratum, d]) => stratum + " +" + d).join(lang === "zh" ? "、" : ", ");
    return act.looked ? text("act.extension_looked", { more, seed: act.seed, event, time }) : text("act.extension", { more });
  }
  if (act.act !== "reserve") return JSON.stringify(act);
  const reason = { not_paid: "act.not_paid", listed_twice: "act.listed_twice" }[act.reason];
  const fields = { village: act.village, household: act.household, list: act.list || text("page.roll"), replaces: act.replaces, by: act.by, time: act.time, reason: reason ? text(reason) : act.reason };
  return text(act.household ? "act.reserve_household" : "act.reserve_village", fields);
}

/* ---- One village or household ---- */

function renderUnit(told) {
  const { commit, receipt, draw } = told;
  byId("unit-section").hidden = !(commit && receipt);
  if (!commit || !receipt) return;
  options("unit-list", ["", ...Object.keys(commit.design.lists)], (list) => list || text("page.roll"));
  options("unit-stratum", ["", ...receipt.strata.map(({ id }) => id)], (id) => id || text("verify.stratum_choose"));
  const values = Object.values(commit.design.categories).flatMap((rules) => Object.keys(rules));
  options("unit-substratum", ["", ...values], (value) => value || text("page.others"));
  byId("unit-list-box").hidden = !Object.keys(commit.design.lists).length;
  byId("unit-stratum-box").hidden = Boolean(draw);
  byId("unit-substratum-box").hidden = Boolean(draw) || !values.length;
  byId("unit-section").classList.toggle("screen", !state.asked);
  byId("unit-answer").replaceChildren(...(state.asked ? unitAnswer(told, state.asked) : []));
}

function options(id, values, say) {
  const chosen = byId(id).value;
  byId(id).replaceChildren(...values.map((value) => element("option", { value }, say(value))));
  byId(id).value = values.includes(chosen) ? chosen : "";
}

function unitAnswer(told, asked) {
  const line = (key, fields) => element("p", {}, text(key, fields));
  if (!asked.village) return [line("verify.unit_no_village")];
  let answer = null;
  try {
    answer = oneUnit(told, asked);
  } catch (error) {
    return [element("p", { class: "error" }, error.message)];
  }
  const lines = [];
  if (answer.unknown) lines.push(line({ stratum: "verify.unit_stratum", sealed: "verify.unit_sealed", village: "verify.unit_village", method: "verify.unit_method", absent: "verify.unit_absent" }[answer.unknown]));
  else {
    const kind = answer.drawn ? "verify.unit_drawn" : answer.role === "reserve" ? "verify.unit_reserve" : answer.role === "replaced" ? "verify.unit_replaced" : "verify.unit_not_drawn";
    lines.push(element("div", { class: "verdict " + (answer.drawn ? "yes" : "") }, text(kind)));
  }
  const add = (key, value) => value !== undefined && value !== null && lines.push(element("p", {}, text(key)), element("p", { class: "small" }, String(value)));
  add("verify.unit_ticket", answer.ticket);
  add("verify.unit_cut", answer.cut);
  add("verify.unit_score", answer.score);
  add("verify.unit_cut_score", answer.cutScore);
  return lines;
}

/* ---- The record of this check ---- */

function recordOf(told) {
  const before = lang;
  const said = told.checks.map((check) => {
    const words = {};
    for (const one of ["zh", "en"]) {
      lang = one;
      words[one] = checkInWords(check);
    }
    return { ok: check.ok, ...words, places: check.places, more: check.more };
  });
  lang = before;
  const { commit, receipt } = told;
  const files = Object.fromEntries(told.files);
  const rehearsal = Boolean((commit && commit.rehearsal) || (receipt && receipt.rehearsal));
  const seed = receipt ? { seed: receipt.seed, seed_source: receipt.seed_source } : {};
  return { spec: SPEC, record: "verify", made_at: timeNow(), campaign: commit ? commit.campaign : "", rehearsal, ...seed, files, checks: said };
}

function start() {
  byId("files").addEventListener("change", (event) => {
    take(event.target.files).then(() => { event.target.value = ""; });
  });
  const drop = (event) => {
    event.preventDefault();
    byId("drop").classList.toggle("over", event.type === "dragover");
    if (event.type === "drop") take(event.dataTransfer.files);
  };
  for (const name of ["dragover", "dragleave", "drop"]) document.addEventListener(name, drop);
  byId("unit-ask").addEventListener("click", () => {
    const [village, household, list, stratum, substratum] = ["village", "household", "list", "stratum", "substratum"].map((name) => byId("unit-" + name).value);
    state.asked = { village, household, list: household ? list : "", stratum, substratum };
    renderUnit(state.told);
  });
  byId("save").addEventListener("click", () => save("verify-record.json", recordOf(state.told)));
  byId("print").addEventListener("click", () => window.print());
  inLanguage(render);
}

window.drawV1 = { sha256, sha256Text, ticket, uOf, toDouble, fromDouble, fraction, hexFloat, sizeOf, ranked, byBytes, parseCsv, fingerprint, verify, redraw, oneUnit, pythonJson, momentOf, take, state };
start();
