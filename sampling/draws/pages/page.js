/* What both pages share: words in two languages, elements, work in slices, files to save. Text is set as text, never as markup. */

let lang = /^en/i.test(navigator.language || "") ? "en" : "zh";

function text(key, fields = {}) {
  const said = (value) => (typeof value === "number" ? value.toLocaleString("en-US") : String(value));
  return WORDS[lang][key].replace(/\{(\w+)\}/g, (_, name) => said(fields[name]));
}

const byId = (id) => document.getElementById(id);

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/* Every text of the page in the language chosen; `render` draws what the page has worked out */
function inLanguage(render) {
  const show = () => {
    document.documentElement.lang = lang === "zh" ? "zh-Hans" : "en";
    document.title = byId("title").textContent = text(byId("title").dataset.text);
    for (const node of document.querySelectorAll("[data-text]")) node.textContent = text(node.dataset.text);
    for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", text(node.dataset.label));
    render();
  };
  byId("lang").addEventListener("click", () => {
    lang = lang === "zh" ? "en" : "zh";
    show();
  });
  show();
}

/* Run a generator in slices, so that the page shows how far it is and can be left; null if `stopped` says so */
async function inSlices(work, progress, stopped) {
  let done = 0;
  for (;;) {
    const until = Date.now() + 40;
    do {
      const step = work.next();
      if (step.done) return step.value;
      done += step.value || 0;
    } while (Date.now() < until);
    progress(done);
    await new Promise((go) => setTimeout(go, 0));
    if (stopped()) return null;
  }
}

function save(name, value) {
  const url = URL.createObjectURL(new Blob([JSON.stringify(value, null, 2) + "\n"], { type: "application/json" }));
  const link = element("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}

/* The time here and now, with its zone */
function timeNow() {
  const now = new Date();
  const two = (number) => String(Math.floor(Math.abs(number))).padStart(2, "0");
  const ahead = -now.getTimezoneOffset();
  const date = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join("-");
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join(":");
  return date + "T" + time + (ahead < 0 ? "-" : "+") + two(ahead / 60) + ":" + two(ahead % 60);
}
