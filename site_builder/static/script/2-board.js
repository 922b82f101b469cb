function board(table) {
  const form = document.querySelector("[data-board-tools]");
  const headers = [...table.querySelectorAll("thead th")];
  const rows = [...table.querySelectorAll("tr.row")].map((row) => ({ row, more: row.nextElementSibling }));
  const [ranked, divider, unranked] = ["ranked", "divider", "unranked"].map((name) => table.querySelector(`[data-${name}]`));
  const shown = form.querySelector("[data-shown]");
  const empty = document.querySelector("[data-empty]");
  const defaults = { role: "b", q: "", vendor: "", cap: "", open: "", measured: "", sort: "rank", dir: "ascending" };
  const state = { ...defaults };

  function readAddress() {
    Object.assign(state, readState(defaults));
    if (!["i", "p", "b", "r"].includes(state.role)) state.role = defaults.role;
    if (!headers.some((header) => header.dataset.key === state.sort)) state.sort = defaults.sort;
    if (!["ascending", "descending"].includes(state.dir)) state.dir = defaults.dir;
    // What the form cannot show must not filter unseen.
    for (const name of ["vendor", "cap"]) {
      if (![...form.elements[name].options].some((option) => option.value === state[name])) state[name] = "";
    }
    for (const name of ["open", "measured"]) if (state[name] !== "1") state[name] = "";
  }
  const writeAddress = () => writeState(state, defaults);
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
      cell.firstElementChild.replaceChildren(range || absent(words.no_rank));
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
    shown.textContent = say(words.shown, { count, all: rows.length });
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

parts.push(["[data-board]", board]);
