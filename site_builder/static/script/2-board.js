// The board: what fits the filters, by the chosen column. Rows wait outside of the page until they
// are shown, so two thousand models sort as fast as fifty.
function board(table) {
  const SHOWN = 100;
  const form = document.querySelector("[data-board-tools]");
  const roles = [...form.elements.role].map((input) => input.value);
  const headers = [...table.querySelectorAll("thead th")];
  const [ranked, divider, unranked] = ["ranked", "divider", "unranked"].map((name) => table.querySelector(`[data-${name}]`));
  const shown = form.querySelector("[data-shown]");
  const empty = document.querySelector("[data-empty]");
  const rest = document.querySelector("[data-rest]");
  const basket = document.querySelector("[data-basket]");
  const defaults = { role: "b", q: "", vendor: "", cap: "", open: "", measured: "", effort: "", sort: "rank", dir: "ascending" };
  const state = { ...defaults };
  let limit = SHOWN;

  // Each model as the page brings it along: what it is filtered by, by role its places, and what
  // an opened row shows.
  const data = dataOf("board-rows");
  const models = [...table.querySelectorAll("tr.row")].map((row, index) => {
    const [id, name, vendor, open, effort, price, speed, context, places, ...inside] = data.rows[index];
    const byRole = Object.fromEntries(roles.map((role, place) => {
      const [rank, range, tied, measured, share, score] = places[place];
      return [role, { rank, range, tied, measured, share, score }];
    }));
    return { row, more: row.nextElementSibling, id, name, vendor, open, effort, price, speed, context, byRole, inside };
  });

  function readAddress() {
    Object.assign(state, readState(defaults));
    if (!roles.includes(state.role)) state.role = defaults.role;
    if (!headers.some((header) => header.dataset.key === state.sort)) state.sort = defaults.sort;
    if (!["ascending", "descending"].includes(state.dir)) state.dir = defaults.dir;
    // What the form cannot show must not filter unseen.
    for (const name of ["vendor", "cap", "effort"]) {
      if (![...form.elements[name]?.options ?? []].some((option) => option.value === state[name])) state[name] = "";
    }
    for (const name of ["open", "measured"]) if (state[name] !== "1") state[name] = "";
  }
  const writeAddress = () => writeState(state, defaults);
  function writeForm() {
    form.elements.role.value = state.role;
    for (const name of ["q", "vendor", "cap", "effort"]) if (form.elements[name]) form.elements[name].value = state[name];
    for (const name of ["open", "measured"]) form.elements[name].checked = state[name] === "1";
  }
  function readForm() {
    state.role = form.elements.role.value;
    for (const name of ["q", "vendor", "cap", "effort"]) if (form.elements[name]) state[name] = form.elements[name].value;
    for (const name of ["open", "measured"]) state[name] = form.elements[name].checked ? "1" : "";
  }

  function fitting() {
    const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
    return models.filter((model) => words.every((word) => model.name.includes(word))
      && (!state.vendor || model.vendor === state.vendor)
      && (!state.effort || model.effort === state.effort)
      && (!state.open || model.open)
      && (!state.cap || (model.price !== null && model.price <= Number(state.cap)))
      && (!state.measured || model.byRole[state.role].measured >= 0.6));
  }

  // What a column is sorted by; a role's own rank and share change with the chosen role.
  function valueIn(model, key) {
    const place = model.byRole[state.role];
    if (roles.includes(key)) return model.byRole[key].score;
    return { rank: place.rank, name: model.name, measured: place.measured, price: model.price, speed: model.speed, context: model.context }[key];
  }
  function order(a, b) {
    return compare(valueIn(a, state.sort) ?? "", valueIn(b, state.sort) ?? "", state.dir)
      || compare(a.byRole[state.role].score ?? "", b.byRole[state.role].score ?? "", "descending")
      || compare(a.id, b.id, "ascending");
  }

  function dress({ row, more, byRole }) {
    const place = byRole[state.role];
    row.querySelector("[data-rank]").firstElementChild.replaceChildren(place.range || absent(words.no_rank));
    row.classList.toggle("tied", place.tied === 1);
    row.querySelector("[data-measured]").textContent = place.share;
    for (const score of row.querySelectorAll("td.score")) score.classList.toggle("chosen", score.classList.contains(state.role));
    more.hidden = row.querySelector(".opener").getAttribute("aria-expanded") !== "true";
  }

  function show() {
    for (const header of headers) header.classList.toggle("chosen", header.dataset.key === state.role);
    const found = fitting().sort(order);
    const homes = { ranked: [], unranked: [] };
    for (const model of found) homes[model.byRole[state.role].rank === null ? "unranked" : "ranked"].push(model);
    const seen = [...homes.ranked, ...homes.unranked].slice(0, limit);
    seen.forEach(dress);
    const lines = (some) => some.flatMap(({ row, more }) => [row, more]);
    ranked.replaceChildren(...lines(homes.ranked.slice(0, limit)));
    unranked.replaceChildren(...lines(homes.unranked.slice(0, Math.max(0, limit - homes.ranked.length))));
    divider.hidden = unranked.rows.length === 0;
    markSorted(table, headers.find((header) => header.dataset.key === state.sort), state.dir);
    shown.textContent = say(words.shown, { count: found.length, all: models.length });
    empty.hidden = found.length > 0;
    rest.hidden = seen.length === found.length;
    rest.textContent = say(words.show_rest, { count: found.length - seen.length });
  }

  const chosen = new Set();
  const linkOf = (model) => model.row.querySelector(".name a");
  function showBasket() {
    const link = basket.querySelector("a");
    basket.hidden = chosen.size === 0;
    basket.firstElementChild.textContent = [...chosen].map((model) => linkOf(model).textContent).join(", ");
    link.hidden = chosen.size < 2;
    link.href = `compare.html?${[...chosen].map(({ id }) => `m=${encodeURIComponent(id)}`).join("&")}`;
    for (const picker of document.querySelectorAll("[data-pick]")) {
      const isChosen = chosen.has(models[Number(picker.dataset.pick)]);
      picker.setAttribute("aria-pressed", String(isChosen));
      picker.disabled = chosen.size >= 4 && !isChosen;
    }
  }

  const meterOf = (value) => made("span", { class: "meter", "--value": `${value}%`, "aria-hidden": "true" });
  function markOf(letter) {
    const name = data.marks[letter];
    return made("span", { class: `mark mark-${name}`, role: "img", "aria-label": name });
  }
  // Groups with their metrics, what it may be, what is missing: made when it is looked at first.
  function fill(model) {
    const [groups, marks, scores, may, sources] = model.inside;
    const opened = model.more.querySelector(".opened");
    const href = linkOf(model).getAttribute("href");
    const picker = made("button", { type: "button", "data-pick": models.indexOf(model), "aria-pressed": "false" }, words.pick);
    picker.addEventListener("click", () => {
      if (!chosen.delete(model)) chosen.add(model);
      showBasket();
    });
    const missing = data.metrics.filter((_, index) => marks[index] === "-");
    opened.prepend(
      made("p", { class: "goes" }, picker, made("a", { href: `${href}#points` }, words.to_points), made("a", { href: `${href}#scored` }, words.to_figures)),
      made("dl", { class: "groups" }, ...data.groups.map(([label, metrics], place) => {
        const [score, seen, isShrunk] = groups[place];
        return made("div", {},
          made("dt", {}, label),
          made("dd", {}, String(score), meterOf(score), made("small", {}, say(isShrunk ? words.seen_shrunk : words.seen, { seen })),
            made("ul", {}, ...metrics.filter((index) => marks[index] !== "-").map((index) =>
              made("li", {}, markOf(marks[index]), made("span", {}, data.metrics[index]), made("b", {}, scores[index] ?? ""))))));
      })),
      made("p", {}, made("b", {}, words.may_be), ` ${may.join("; ")}`),
      made("p", {}, made("b", {}, words.figures_by), ` ${sources.join(", ") || words.nobody}`),
      made("p", {}, made("b", {}, say(words.missing, { count: missing.length, all: data.metrics.length })), ` ${missing.join(", ")}`),
    );
    model.inside = null;
    showBasket();
  }

  for (const model of models) {
    const opener = model.row.querySelector(".opener");
    opener.hidden = false;
    opener.addEventListener("click", () => {
      const open = opener.getAttribute("aria-expanded") !== "true";
      if (open && model.inside) fill(model);
      opener.setAttribute("aria-expanded", String(open));
      model.more.hidden = !open;
    });
  }
  basket.querySelector("button").addEventListener("click", () => { chosen.clear(); showBasket(); });
  buttonsInHeaders(table, (header, index, direction) => {
    state.sort = header.dataset.key;
    state.dir = direction;
    show();
    writeAddress();
  });
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => { limit = SHOWN; readForm(); show(); writeAddress(); });
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    Object.assign(state, defaults, { role: state.role });
    writeForm();
    show();
    writeAddress();
  });
  rest.addEventListener("click", () => { limit = models.length; show(); });
  // A link to a row leads to it, be it filtered away or waiting outside of the page.
  function follow() {
    const meant = models.find(({ row }) => `#${row.id}` === location.hash);
    if (!meant) return;
    if (!meant.row.isConnected) {
      Object.assign(state, defaults, { role: state.role });
      limit = models.length;
      writeForm();
      show();
    }
    meant.row.scrollIntoView({ block: "center" });
  }
  addEventListener("popstate", () => { readAddress(); writeForm(); show(); });
  addEventListener("hashchange", follow);
  readAddress();
  writeForm();
  show();
  follow();
}

parts.push(["[data-board]", board]);
