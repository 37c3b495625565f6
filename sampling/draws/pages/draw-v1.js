/* draw-v1 in JavaScript: tickets, sizes and methods, from docs/draw-v1.md alone. No file, no page, no clock. */

const SEP = "\u001f";
const SPEC = "draw-v1";
const FULL = 1n << 256n; // there are as many tickets
const UTF8 = new TextEncoder();

/* ---- SHA-256 (FIPS 180-4). The browser's own is asynchronous, and not there for a page opened as a file ---- */

const K256 = new Int32Array([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);
const START256 = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];
const W256 = new Int32Array(64);

function sha256(bytes) {
  const state = new Int32Array(START256);
  const whole = bytes.length & ~63;
  const rest = new Uint8Array(bytes.length - whole < 56 ? 64 : 128);
  rest.set(bytes.subarray(whole));
  rest[bytes.length - whole] = 0x80;
  const view = new DataView(rest.buffer);
  view.setUint32(rest.length - 8, Math.floor(bytes.length / 0x20000000));
  view.setUint32(rest.length - 4, (bytes.length << 3) >>> 0);
  for (let at = 0; at < whole; at += 64) compress(state, bytes, at);
  for (let at = 0; at < rest.length; at += 64) compress(state, rest, at);
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

function compress(state, bytes, at) {
  const w = W256;
  for (let t = 0; t < 16; t++, at += 4) {
    w[t] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  }
  for (let t = 16; t < 64; t++) {
    const x = w[t - 15];
    const y = w[t - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[t] = (w[t - 16] + s0 + w[t - 7] + s1) | 0;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let t = 0; t < 64; t++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const one = (h + s1 + ((e & f) ^ (~e & g)) + K256[t] + w[t]) | 0;
    const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
  }
  const next = [a, b, c, d, e, f, g, h];
  for (let i = 0; i < 8; i++) state[i] += next[i];
}

const sha256Text = (text) => sha256(UTF8.encode(text));

/* ---- Tickets ---- */

const nfc = (text) => text.normalize("NFC");

function ticket(seed, campaign, stage, ...ids) {
  const parts = [SPEC, seed, campaign, stage, ...ids];
  const bad = parts.find((part) => typeof part !== "string" || part === "" || part.includes(SEP));
  if (bad !== undefined) throw new RangeError("an id must be text, not empty: " + JSON.stringify(bad));
  return sha256Text(nfc(parts.join(SEP)));
}

const isSeed = (text) => typeof text === "string" && /^[0-9]{20,}$/.test(text);
const wholeOf = (digest) => BigInt("0x" + digest);
const uOf = (digest) => (parseInt(digest.slice(0, 13), 16) + 0.5) / 2 ** 52;

/* ---- Order of UTF-8 bytes, which is that of code points; JavaScript's own order puts planes 1 and up too early ---- */

const placeOf = (unit) => (unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800);

function byBytes(a, b) {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return placeOf(x) - placeOf(y);
  }
  return a.length - b.length;
}

function sortedByBytes(texts) {
  return texts.some((text) => /[\ud800-\uffff]/.test(text)) ? texts.sort(byBytes) : texts.sort();
}

/* ---- Exact numbers: a fraction is [numerator, denominator], two BigInts, the second above 0 ---- */

function fraction(text) {
  const found = /^(\d+)(?:\.(\d+))?(?:\/(\d+)|(%))?$/.exec(String(text).trim());
  if (!found) throw new RangeError("not a fraction: " + text);
  const [, digits, behind = "", below = "1", percent] = found;
  const bottom = BigInt(below) * 10n ** BigInt(behind.length) * (percent ? 100n : 1n);
  if (bottom === 0n) throw new RangeError("not a fraction: " + text);
  return [BigInt(digits + behind), bottom];
}

const times = (a, b) => [a[0] * b[0], a[1] * b[1]];
const inverse = (a) => [a[1], a[0]];
const ratio = (top, bottom) => [BigInt(top), BigInt(bottom)];
const bitsOf = (whole) => whole.toString(2).length;

/* The double nearest to a fraction, ties to even: two bits more than a double has, and one for all the rest */
function toDouble([top, bottom]) {
  if (top === 0n) return 0;
  if (top < 0n) return -toDouble([-top, bottom]);
  const shift = Math.min(55 + bitsOf(bottom) - bitsOf(top), 1076); // below 2^-1022 a double has fewer bits
  const [a, b] = shift > 0 ? [top << BigInt(shift), bottom] : [top, bottom << BigInt(-shift)];
  const quotient = a / b;
  const sticky = quotient * b === a ? quotient : quotient | 1n;
  const half = Math.trunc(shift / 2);
  return Number(sticky) * 2 ** -half * 2 ** (half - shift);
}

function fromDouble(value) {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const power = Number((bits >> 52n) & 0x7ffn);
  const digits = (bits & 0xfffffffffffffn) | (power ? 1n << 52n : 0n);
  const shift = (power || 1) - 1075;
  const signed = bits >> 63n ? -digits : digits;
  return shift < 0 ? [signed, 1n << BigInt(-shift)] : [signed << BigInt(shift), 1n];
}

/* A hexadecimal floating-point number, as C and Python write it */
function hexFloat(text) {
  const found = /^(-?)0x([0-9a-f]+)(?:\.([0-9a-f]*))?p([+-]?\d+)$/i.exec(text);
  if (!found || found[4].length > 6) throw new RangeError("not a hexadecimal number: " + text);
  const [, minus, before, behind = "", power] = found;
  const shift = Number(power) - 4 * behind.length;
  const digits = BigInt("0x" + before + behind);
  const value = toDouble(shift < 0 ? [digits, 1n << BigInt(-shift)] : [digits << BigInt(shift), 1n]);
  return minus ? -value : value;
}

/* A plain decimal, or null: Number("") would be 0 and Number("0x10") 16 */
const decimal = (cell) => (/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(cell) ? Number(cell) : null);

/* ---- Sizes ---- */

function rounded([top, bottom], rounding, digest) {
  if (rounding === "up") return (top + bottom - 1n) / bottom;
  if (rounding === "half_up") return (2n * top + bottom) / (2n * bottom);
  if (rounding === "random") return top / bottom + (wholeOf(digest) * bottom < (top % bottom) * FULL ? 1n : 0n);
  throw new RangeError("unknown rounding: " + rounding);
}

/* How many of N the rule takes; `digest` is the ticket that a random rounding needs */
function sizeOf(rule, N, { conflict = "bounds", rounding = "up", digest = "" } = {}) {
  const wanted = Number(rounded(times(fraction(rule.rate), ratio(N, 1)), rounding, digest));
  if (conflict === "rate") return wanted;
  const most = rule.at_most === null || rule.at_most === undefined ? wanted : Math.min(rule.at_most, wanted);
  return Math.min(N, Math.max(rule.at_least || 0, most));
}

/* ---- Methods: an order of the units, the drawn ones first, and how many are drawn ---- */

const odds = (u, lambda) => (u * (1 - lambda)) / ((1 - u) * lambda);
const share = (u, lambda) => u / lambda;
const SCORES = { bernoulli: share, poisson: share, pareto: odds, sequential_poisson: share };
const UNEQUAL = Object.keys(SCORES);
const RANDOM_SIZE = ["bernoulli", "poisson"];
const METHODS = ["srs", "systematic", ...UNEQUAL];

const byTicket = (a, b) => (a.ticket < b.ticket ? -1 : a.ticket > b.ticket ? 1 : byBytes(a.id, b.id));
const byScore = (a, b) => a.score - b.score || byTicket(a, b);

/* `units` are {id, ticket} and, for the unequal methods, lambda; systematic takes them in their order */
function ranked(units, method, n, start) {
  if (method === "srs") return { order: units.slice().sort(byTicket), n };
  if (method === "systematic") return everyFew(units, n, start);
  if (!UNEQUAL.includes(method)) throw new RangeError("unknown method: " + method);
  const order = scored(units, method).sort(byScore);
  if (!RANDOM_SIZE.includes(method)) return { order, n };
  return { order, n: order.filter((unit) => uOf(unit.ticket) < unit.lambda).length };
}

function scored(units, method) {
  const chosen = units.filter((unit) => unit.lambda > 0);
  const score = ({ ticket, lambda }) => (lambda === 1 ? 0 : SCORES[method](uOf(ticket), lambda));
  return chosen.map((unit) => ({ ...unit, score: score(unit) }));
}

function everyFew(units, n, start) {
  const N = BigInt(units.length);
  const first = n ? wholeOf(start) : 0n;
  const places = Array.from({ length: n }, (_, k) => Number(((first + BigInt(k) * FULL) * N) / (BigInt(n) * FULL)));
  const taken = new Set(places);
  const others = units.filter((_, place) => !taken.has(place)).sort(byTicket);
  return { order: [...places.map((place) => units[place]), ...others], n };
}

/* The order that `systematic` counts in: by fields, numbers where the whole file has only numbers in them */
function inOrder(units, fields, numeric) {
  const compare = (a, b, at) => {
    const [x, y] = [a.keys[at], b.keys[at]];
    if (!numeric[at]) return byBytes(x, y);
    if (x === "" || y === "") return (x === "" ? 0 : 1) - (y === "" ? 0 : 1);
    return Number(x) - Number(y);
  };
  return units.slice().sort((a, b) => {
    for (let at = 0; at < fields.length; at++) {
      const found = compare(a, b, at);
      if (found) return found;
    }
    return byBytes(a.id, b.id);
  });
}

const isNumeric = (cells) => cells.every((cell) => cell === "" || /^-?[0-9]+(\.[0-9]+)?$/.test(cell));

/* The households of a village on one list: `m` of them, or as many as `rule` and `rounding` say; gives {order, n} */
function drawHouseholds(seed, campaign, { village, list, substratum, method, m, rule, rounding, units }) {
  const behind = list ? "/" + list : "";
  const path = substratum ? [village, substratum] : [village];
  const ticketed = units.map((unit) => ({ ...unit, ticket: ticket(seed, campaign, "2" + behind, village, unit.id) }));
  const start = method === "systematic" ? ticket(seed, campaign, "start-2", ...path) : "";
  return ranked(ticketed, method, RANDOM_SIZE.includes(method) ? null : wanted(), start);

  function wanted() {
    if (m !== undefined) return m;
    const digest = rounding === "random" ? ticket(seed, campaign, "round-2" + behind, ...path) : "";
    return sizeOf(rule, units.length, { rounding, digest });
  }
}
