/* Files as they come: CSV (RFC 4180), JSON as Python would write it again, and the fingerprint of a table. */

const decodeText = (bytes) => new TextDecoder("utf-8", { fatal: true }).decode(bytes);

/* {columns, rows, index}: every cell text; a damaged table throws a RangeError that names the row */
function parseCsv(text) {
  const lines = text.includes('"') ? quotedLines(text) : plainLines(text);
  const columns = lines.shift() || [];
  if (columns.join("") === "") throw new RangeError("empty file");
  if (new Set(columns).size !== columns.length) throw new RangeError("two columns have one name");
  const ragged = lines.findIndex((cells) => cells.length !== columns.length);
  if (ragged >= 0) throw new RangeError("row " + (ragged + 2) + ": " + lines[ragged].length + " cells");
  return { columns, rows: lines, index: new Map(columns.map((name, at) => [name, at])) };
}

function plainLines(text) {
  return text.split(/\r\n|\n|\r/).filter((line) => line !== "").map((line) => line.split(","));
}

function quotedLines(text) {
  const lines = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/y;
  let line = [];
  while (cell.lastIndex < text.length || line.length) {
    const at = cell.lastIndex;
    const found = cell.exec(text);
    if (!found) throw new RangeError("row " + (lines.length + 1) + ": a quotation mark out of place near " + text.slice(at, at + 20));
    line.push(found[1] === undefined ? found[2] : found[1].replace(/""/g, '"'));
    if (found[3] === ",") continue;
    if (line.length > 1 || line[0] !== "") lines.push(line);
    line = [];
  }
  return lines;
}

function cellsOf(table, name) {
  const at = table.index.get(name);
  if (at === undefined) throw new RangeError("no column " + name);
  return table.rows.map((row) => row[at]);
}

/* The table's fingerprint and its towns' hashes. A generator: it yields now and then, so that a page can breathe */
function* fingerprint(table) {
  const town = table.index.get("township");
  if (town === undefined) throw new RangeError("no column township");
  const towns = new Map();
  for (const row of table.rows) {
    const name = nfc(row[town]);
    if (!towns.has(name)) towns.set(name, []);
    towns.get(name).push(nfc(row.join(SEP)));
  }
  const hashes = new Map();
  for (const [name, rows] of towns) {
    hashes.set(name, sha256Text(sortedByBytes(rows).join("\n")));
    yield rows.length;
  }
  const lines = [...hashes].map(([name, hash]) => name + SEP + hash);
  return { fingerprint: sha256Text(sortedByBytes(lines).join("\n")), towns: hashes };
}

/* A JSON text as Python's json.dumps(value, sort_keys=True) writes it, numbers as they stand; `changes` by top-level name */
function pythonJson(text, changes) {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g);
  let at = 0;
  const object = (depth) => {
    const members = new Map();
    while (tokens[at] !== "}") {
      const name = JSON.parse(tokens[at]);
      at += 2;
      const written = value(depth + 1);
      members.set(name, depth === 0 && own(changes, name) !== undefined ? asciiJson(changes[name]) : written);
      if (tokens[at] === ",") at += 1;
    }
    at += 1;
    const names = [...members.keys()].sort(byBytes);
    return "{" + names.map((name) => asciiJson(name) + ": " + members.get(name)).join(", ") + "}";
  };
  const array = (depth) => {
    const items = [];
    while (tokens[at] !== "]") {
      items.push(value(depth + 1));
      if (tokens[at] === ",") at += 1;
    }
    at += 1;
    return "[" + items.join(", ") + "]";
  };
  const value = (depth) => {
    const token = tokens[at++];
    if (token === "{") return object(depth);
    if (token === "[") return array(depth);
    return token[0] === '"' ? asciiJson(JSON.parse(token)) : token;
  };
  return value(0);
}

function asciiJson(text) {
  const code = (sign) => "\\u" + sign.charCodeAt(0).toString(16).padStart(4, "0");
  return JSON.stringify(text).replace(/[^ -~]/g, code);
}

/* Whether two values of JSON are alike; where they are not, the first places */
function differences(found, wanted, place = "") {
  if (isObject(found) && isObject(wanted)) {
    const names = [...new Set([...Object.keys(found), ...Object.keys(wanted)])];
    return names.flatMap((name) => differences(own(found, name), own(wanted, name), place + " / " + name));
  }
  if (Array.isArray(found) && Array.isArray(wanted) && found.length === wanted.length) {
    return found.flatMap((item, at) => differences(item, wanted[at], place + " / " + (at + 1)));
  }
  const alike = JSON.stringify(found) === JSON.stringify(wanted);
  return alike ? [] : [{ where: place.replace(/^ \/ /, ""), found: shown(found), wanted: shown(wanted) }];
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const own = (object, name) => (isObject(object) && Object.prototype.hasOwnProperty.call(object, name) ? object[name] : undefined);
const shown = (value) => (value === undefined ? "—" : typeof value === "string" ? value : JSON.stringify(value));

/* Where a value has not the form: a name is a type, a set one of its members, a list of a form a list of such */
function misshapen(value, form, place) {
  const bad = () => [{ where: place, found: shown(value) }];
  if (typeof form === "string") return typeof value === form && !(form === "number" && !(value >= 0)) ? [] : bad();
  if (form instanceof Set) return form.has(value) ? [] : bad();
  if (Array.isArray(form)) {
    return Array.isArray(value) ? value.flatMap((item, at) => misshapen(item, form[0], place + " / " + (at + 1))) : bad();
  }
  return isObject(value) ? Object.keys(form).flatMap((name) => misshapen(own(value, name), form[name], place + " / " + name)) : bad();
}
