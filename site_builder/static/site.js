"use strict";
// Everything here adds to pages that work without it. The state of the board lives in the address.
(() => {
  const root = document.documentElement;
  let kept = null;
  try { kept = localStorage.getItem("theme"); } catch { /* a closed store only forgets the switch */ }
  if (kept === "light" || kept === "dark") root.dataset.theme = kept;

  const isDark = () => root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;

  root.classList.add("scripted");

  function switchTheme(button) {
    const name = () => { button.textContent = isDark() ? "Light" : "Dark"; };
    button.hidden = false;
    name();
    button.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      try { localStorage.setItem("theme", root.dataset.theme); } catch { /* see above */ }
      name();
    });
  }

  // A cell sorts by its data-value, else by its text; empty values stand last either way.
  const valueOf = (cell) => cell.dataset.value ?? cell.textContent.trim().toLowerCase();
  function compare(a, b, direction) {
    if (a === "" || b === "") return (a === "") - (b === "");
    const [x, y] = [Number(a), Number(b)];
    const order = Number.isNaN(x) || Number.isNaN(y) ? a.localeCompare(b) : x - y;
    return direction === "descending" ? -order : order;
  }

  function absent(reason) {
    const dash = document.createElement("span");
    dash.className = "absent";
    dash.setAttribute("role", "img");
    dash.setAttribute("aria-label", reason);
    dash.title = reason;
    dash.textContent = "—";
    return dash;
  }

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

  function board(table, form) {
    const headers = [...table.querySelectorAll("thead th")];
    const rows = [...table.querySelectorAll("tr.row")].map((row) => ({ row, more: row.nextElementSibling }));
    const [ranked, divider, unranked] = ["ranked", "divider", "unranked"].map((name) => table.querySelector(`[data-${name}]`));
    const shown = form.querySelector("[data-shown]");
    const empty = document.querySelector("[data-empty]");
    const defaults = { role: "b", q: "", vendor: "", cap: "", open: "", measured: "", sort: "rank", dir: "ascending" };
    const state = { ...defaults };

    function readAddress() {
      const query = new URLSearchParams(location.search);
      for (const key of Object.keys(defaults)) state[key] = query.get(key) ?? defaults[key];
      if (!["i", "p", "b", "r"].includes(state.role)) state.role = defaults.role;
      if (!headers.some((header) => header.dataset.key === state.sort)) state.sort = defaults.sort;
      if (!["ascending", "descending"].includes(state.dir)) state.dir = defaults.dir;
      // What the form cannot show must not filter unseen.
      for (const name of ["vendor", "cap"]) {
        if (![...form.elements[name].options].some((option) => option.value === state[name])) state[name] = "";
      }
      for (const name of ["open", "measured"]) if (state[name] !== "1") state[name] = "";
    }
    function writeAddress() {
      const query = new URLSearchParams();
      for (const [key, value] of Object.entries(state)) if (value !== defaults[key]) query.set(key, value);
      const text = query.toString();
      history.replaceState(null, "", (text ? `?${text}` : location.pathname) + location.hash);
    }
    function writeForm() {
      form.elements.role.value = state.role;
      for (const name of ["q", "vendor", "cap"]) form.elements[name].value = state[name];
      for (const name of ["open", "measured"]) form.elements[name].checked = state[name] === "1";
    }
    function readForm() {
      state.role = form.elements.role.value;
      for (const name of ["q", "vendor", "cap"]) state[name] = form.elements[name].value;
      for (const name of ["open", "measured"]) state[name] = form.elements[name].checked ? "1" : "";
    }

    const fits = (row) => {
      const { name, vendor, open, price } = row.dataset;
      const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
      return words.every((word) => name.includes(word))
        && (!state.vendor || vendor === state.vendor)
        && (!state.open || open === "1")
        && (!state.cap || (price !== "" && Number(price) <= Number(state.cap)))
        && (!state.measured || Number(row.dataset[`${state.role}Measured`]) >= 0.6);
    };

    function show() {
      const column = headers.findIndex((header) => header.dataset.key === state.sort);
      headers.forEach((header) => header.classList.toggle("chosen", header.dataset.key === state.role));
      let count = 0;
      for (const { row, more } of rows) {
        const rank = row.dataset[`${state.role}Rank`];
        const cell = row.querySelector("[data-rank]");
        cell.dataset.value = rank;
        const range = row.dataset[`${state.role}Range`];
        cell.firstElementChild.replaceChildren(range || absent("not enough evidence for a rank"));
        row.classList.toggle("tied", row.dataset[`${state.role}Tied`] === "1");
        const share = row.querySelector("[data-measured]");
        share.dataset.value = row.dataset[`${state.role}Measured`];
        share.textContent = row.dataset[`${state.role}Share`];
        row.querySelectorAll("td.score").forEach((score) => score.classList.toggle("chosen", score.classList.contains(state.role)));
        row.hidden = !fits(row);
        more.hidden = row.hidden || row.querySelector(".opener").getAttribute("aria-expanded") !== "true";
        if (!row.hidden) count += 1;
      }
      const order = [...rows].sort((a, b) => compare(valueOf(a.row.cells[column]), valueOf(b.row.cells[column]), state.dir)
        || compare(valueOf(a.row.querySelector(`td.score.${state.role}`)), valueOf(b.row.querySelector(`td.score.${state.role}`)), "descending")
        || compare(a.row.id, b.row.id, "ascending"));
      let lacking = 0;
      for (const { row, more } of order) {
        const home = row.dataset[`${state.role}Rank`] ? ranked : unranked;
        if (home === unranked && !row.hidden) lacking += 1;
        home.append(row, more);
      }
      divider.hidden = lacking === 0;
      markSorted(table, headers[column], state.dir);
      shown.textContent = `${count} of ${rows.length} models`;
      empty.hidden = count > 0;
    }

    for (const { row, more } of rows) {
      const opener = row.querySelector(".opener");
      opener.hidden = false;
      opener.addEventListener("click", () => {
        const open = opener.getAttribute("aria-expanded") !== "true";
        opener.setAttribute("aria-expanded", String(open));
        more.hidden = !open;
      });
    }
    buttonsInHeaders(table, (header, index, direction) => {
      state.sort = header.dataset.key;
      state.dir = direction;
      show();
      writeAddress();
    });
    form.hidden = false;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", () => { readForm(); show(); writeAddress(); });
    form.addEventListener("reset", (event) => {
      event.preventDefault();
      Object.assign(state, defaults, { role: state.role });
      writeForm();
      show();
      writeAddress();
    });
    addEventListener("popstate", () => { readAddress(); writeForm(); show(); });
    readAddress();
    writeForm();
    show();
  }

  addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-theme-switch]").forEach(switchTheme);
    document.querySelectorAll("table[data-sortable]").forEach(sortable);
    const table = document.querySelector("[data-board]");
    if (table) board(table, document.querySelector("[data-board-tools]"));
  });
})();
