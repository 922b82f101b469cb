// Everything here adds to pages that work without it. The state of a page lives in its address.
// A part of the script says which elements it brings to life; the last part runs them all.
const parts = [];
const root = document.documentElement;
let words = {};

// What a visitor chose once holds on every page; a store that is closed only forgets it.
function recall(key) {
  try { return localStorage.getItem(key); } catch { return null; }
}
function remember(key, value) {
  try { localStorage.setItem(key, value); } catch { /* see above */ }
}

root.classList.add("scripted");
if (["light", "dark"].includes(recall("theme"))) root.dataset.theme = recall("theme");
root.classList.toggle("nerds", recall("nerds") === "1");

function switchTheme(button) {
  const isDark = () => root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  const name = () => { button.textContent = isDark() ? words.light : words.dark; };
  button.hidden = false;
  name();
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    remember("theme", root.dataset.theme);
    name();
  });
}

// Keys, formulas and hashes: they are on the page already, and this shows them.
function switchNerds(button) {
  const name = () => button.setAttribute("aria-pressed", String(root.classList.contains("nerds")));
  button.textContent = words.nerds;
  button.title = words.nerds_title;
  button.hidden = false;
  name();
  button.addEventListener("click", () => {
    remember("nerds", root.classList.toggle("nerds") ? "1" : "");
    name();
  });
}

// A cell sorts by its data-value, else by its text; empty values stand last either way.
const valueOf = (cell) => cell.dataset.value ?? cell.textContent.trim().toLowerCase();
const inOrder = new Intl.Collator().compare;
function compare(a, b, direction) {
  if (a === "" || b === "") return (a === "") - (b === "");
  const [x, y] = [Number(a), Number(b)];
  const order = Number.isNaN(x) || Number.isNaN(y) ? inOrder(a, b) : x - y;
  return direction === "descending" ? -order : order;
}

// An element with its attributes and children; texts stay texts, whatever they say.
function made(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("--")) element.style.setProperty(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

const absent = (reason) => made("span", { class: "absent", role: "img", "aria-label": reason, title: reason }, "—");

function buttonsInHeaders(table, choose) {
  table.querySelectorAll("thead th").forEach((header, index) => {
    if (!header.textContent.trim()) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    header.append(button);
    button.addEventListener("click", () => {
      const first = header.dataset.first ?? (header.classList.contains("num") ? "descending" : "ascending");
      const other = first === "ascending" ? "descending" : "ascending";
      choose(header, index, header.getAttribute("aria-sort") === first ? other : first);
    });
  });
}

function markSorted(table, header, direction) {
  table.querySelectorAll("thead th").forEach((other) => other.removeAttribute("aria-sort"));
  header.setAttribute("aria-sort", direction);
}

function sortable(table) {
  buttonsInHeaders(table, (header, index, direction) => {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    rows.sort((a, b) => compare(valueOf(a.cells[index]), valueOf(b.cells[index]), direction));
    body.append(...rows);
    markSorted(table, header, direction);
  });
}

// Where the pages stand in one line, the one in view is moved into sight.
function showCurrent(link) {
  const line = link.parentElement;
  line.scrollLeft = link.offsetLeft - (line.clientWidth - link.offsetWidth) / 2;
}

parts.push([".top nav [aria-current]", showCurrent]);
parts.push(["[data-theme-switch]", switchTheme], ["[data-nerds-switch]", switchNerds], ["table[data-sortable]", sortable]);

// The address keeps what differs from the defaults, so that a link brings the same view back.
function readState(defaults) {
  const query = new URLSearchParams(location.search);
  return Object.fromEntries(Object.entries(defaults).map(([key, value]) => [key, query.get(key) ?? value]));
}
function writeState(state, defaults) {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(state)) if (value !== defaults[key]) query.set(key, value);
  const text = query.toString();
  history.replaceState(null, "", (text ? `?${text}` : location.pathname) + location.hash);
}

// A sentence of the catalogue with its gaps filled.
const say = (text, gaps) => text.replace(/\{(\w+)\}/g, (_, name) => gaps[name]);

// Values that a page brings along for its script.
const dataOf = (id) => JSON.parse(document.getElementById(id).textContent);

function copyButton(button) {
  button.hidden = false;
  const label = button.textContent;
  button.addEventListener("click", async () => {
    const text = button.dataset.copy || location.href;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = words.copied;
    } catch {
      // Without the right to copy, the text is shown to be copied by hand.
      prompt(words.copy_by_hand, text);
    }
    setTimeout(() => { button.textContent = label; }, 1500);
  });
}
parts.push(["[data-copy]", copyButton]);
