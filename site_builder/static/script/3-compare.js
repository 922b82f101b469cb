// The shape says which model, the filling how its figure came: filled, ring, hatched.
function shapeOf(index, mark = "m", label = "") {
  const svg = document.getElementById("shapes").content.children[index].cloneNode(true);
  svg.setAttribute("class", `shape shape-${index} is-${mark}`);
  if (label) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
  } else svg.setAttribute("aria-hidden", "true");
  return svg;
}

function comparePage(form) {
  const data = dataOf("compared");
  const inputs = [...form.querySelectorAll("input")];
  const find = (name) => document.querySelector(`[data-${name}]`);
  const [shown, unchosen, said, only] = ["compared", "unchosen", "said", "only"].map(find);
  const byId = new Map(data.models.map((model) => [model.id, model]));
  const byName = new Map(data.models.map((model) => [model.name.toLowerCase(), model]));
  const most = inputs.length;
  let chosen = [];

  function readAddress() {
    const query = new URLSearchParams(location.search);
    const asked = [...new Set(query.getAll("m").flatMap((ids) => ids.split(",")).filter(Boolean))];
    chosen = asked.filter((id) => byId.has(id)).slice(0, most).map((id) => byId.get(id));
    only.checked = query.get("only") === "1";
    const unknown = asked.filter((id) => !byId.has(id)).slice(0, most);
    said.textContent = unknown.length ? say(words.compare_unknown, { names: unknown.join(", ") }) : "";
  }
  function writeAddress() {
    const parts = chosen.map((model) => `m=${encodeURIComponent(model.id).replaceAll("%2F", "/")}`);
    if (only.checked) parts.push("only=1");
    history.replaceState(null, "", (parts.length ? `?${parts.join("&")}` : location.pathname) + location.hash);
  }
  const writeForm = () => inputs.forEach((input, index) => { input.value = chosen[index]?.name ?? ""; });
  // A whole name, an id, or a part that only one name has.
  function meant(text) {
    const asked = text.trim().toLowerCase();
    if (!asked) return null;
    const whole = byName.get(asked) ?? byId.get(asked);
    if (whole) return whole;
    const close = data.models.filter((model) => model.name.toLowerCase().includes(asked));
    return close.length === 1 ? close[0] : undefined;
  }
  function readForm() {
    const found = inputs.map((input) => meant(input.value));
    const unknown = inputs.filter((_, index) => found[index] === undefined).map((input) => input.value.trim());
    chosen = [...new Set(found.filter(Boolean))];
    said.textContent = unknown.length ? say(words.compare_unknown, { names: unknown.join(", ") }) : "";
    if (!unknown.length) writeForm();
    show();
    writeAddress();
  }

  const link = (model) => made("a", { href: `m/${model.id}.html` }, model.name);
  const named = (model, index) => made("span", { class: "named" }, shapeOf(index), link(model));
  const number = (...content) => made("td", { class: "num" }, ...content);
  const digits = (rows, one, other) => Number(rows[one].slice(2 * (other - one - 1), 2 * (other - one)));

  function sentence(a, b) {
    const bold = (model) => made("b", {}, made("bdi", {}, model.name));
    const told = (parts, first, second, gaps) =>
      made("li", {}, say(parts[0], gaps), bold(first), say(parts[1], gaps), bold(second), say(parts[2], gaps));
    const unable = [a, b].filter((model) => !model.able);
    if (unable.length) return told(words.compare_no_ability, a, b, { who: unable.map((model) => model.name).join(", ") });
    if (a.place < 0 || b.place < 0) return told(words.compare_not_here, a, b, { count: data.compared });
    // Places are in the order of ability: the first is the abler one.
    const [first, second] = a.place < b.place ? [a, b] : [b, a];
    const win = digits(data.winning, first.place, second.place);
    const able = digits(data.abler, first.place, second.place);
    const item = told(win === 50 && able === 50 ? words.compare_even : words.compare_win, first, second, { win: `${win}%`, able: `${able}%` });
    item.dataset.win = win;
    item.dataset.able = able;
    item.dataset.first = first.id;
    item.dataset.second = second.id;
    return item;
  }

  function showRoles(table) {
    [...table.tBodies].forEach((body) => body.remove());
    data.roles.forEach(([label, name], role) => {
      const body = made("tbody", { class: name }, made("tr", { class: "of-role" }, made("th", { colspan: 6, scope: "rowgroup" }, label)));
      chosen.forEach((model, index) => {
        const [score, low, high, rank, ranks, share] = model.roles[role];
        const plot = made("span", { class: "plot", "aria-hidden": "true", "--at": score });
        // A score without any figure behind it stands at 50, and a mark there would say too much.
        if (low !== null) plot.append(made("i", { "--low": low, "--high": high }), shapeOf(index));
        body.append(made("tr", {},
          made("th", { scope: "row" }, named(model, index)),
          made("td", { class: "plotted" }, plot),
          number(score.toFixed(1)),
          number(low === null ? absent(words.compare_no_range) : `${low.toFixed(0)}–${high.toFixed(0)}`),
          number(rank === null ? absent(words.no_rank) : ranks),
          number(share)));
      });
      table.append(body);
    });
  }

  function showFacts(body) {
    body.replaceChildren(...chosen.map((model, index) => made("tr", {},
      made("th", { scope: "row" }, named(model, index)),
      ...model.facts.map((fact) => number(fact ?? absent(words.compare_none))),
      made("td", {}, model.effort),
      made("td", {}, model.open === null ? absent(words.compare_no_word) : model.open ? words.compare_open : words.compare_closed))));
  }

  function rowsShown() {
    return data.metrics.map((metric, at) => {
      const scores = chosen.map((model) => model.scores[at]);
      const known = scores.filter((score) => score !== null);
      const measured = chosen.every((model) => model.marks[at] === "m");
      const spread = known.length > 1 ? Math.max(...known) - Math.min(...known) : -1;
      return { metric, at, scores, known, measured, spread };
    }).filter((row) => row.known.length && (row.measured || !only.checked));
  }

  function published(model, index, at) {
    const mark = model.marks[at];
    const name = say(words.compare_of, { mark: words.compare_marks[mark], name: model.name });
    if (mark === "-") return made("span", {}, made("span"), absent(name));
    const from = mark === "e"
      ? say(words.compare_donor, { name: data.models[model.donors[at]]?.name ?? words.compare_other })
      : (data.efforts[model.at[at]] ?? "default") !== "default" ? say(words.compare_effort, { effort: data.efforts[model.at[at]] }) : "";
    return made("span", {}, shapeOf(index, mark, name), made("span", {}, model.figures[at] || absent(words.compare_none)), from ? made("small", {}, from) : null);
  }

  function track(row) {
    const line = made("span", { class: "track", "aria-hidden": "true" });
    if (row.spread > 0) line.append(made("i", { "--low": Math.min(...row.known), "--high": Math.max(...row.known) }));
    row.scores.forEach((score, index) => {
      if (score === null) return;
      const shape = shapeOf(index, chosen[index].marks[row.at]);
      shape.style.setProperty("--at", score);
      // Marks on one spot would hide each other: they move apart up and down.
      const near = [...row.scores.keys()].filter((place) => row.scores[place] !== null && Math.abs(row.scores[place] - score) < 2.5);
      if (near.length > 1) shape.style.setProperty("--top", `${22 + 56 * near.indexOf(index) / (near.length - 1)}%`);
      line.append(shape);
    });
    return line;
  }

  function showDuel() {
    const rows = rowsShown().sort((a, b) => b.spread - a.spread || a.metric[1].localeCompare(b.metric[1]));
    const duel = find("duel");
    duel.style.setProperty("--models", chosen.length);
    const groups = data.headings.map((label, heading) => [label, rows.filter((row) => row.metric[4] === heading)])
      .filter(([, inside]) => inside.length);
    duel.replaceChildren(...groups.flatMap(([label, inside]) => [
      made("h3", {}, label),
      made("ul", {}, ...inside.map((row) => {
        const [key, name, unit, isHigher] = row.metric;
        return made("li", { "data-metric": key },
          made("span", { class: "metric" }, name, made("small", {}, isHigher ? unit : `${unit}, ${words.compare_lower}`), made("code", { class: "nerd" }, key)),
          track(row),
          made("span", { class: "published" }, ...chosen.map((model, index) => published(model, index, row.at))));
      })),
    ]));
    if (!groups.length) duel.append(made("p", { class: "note" }, words.compare_no_metric));
    const all = rows.filter((row) => row.known.length === chosen.length);
    const ahead = chosen.map((model, index) => all.filter((row) => row.scores.every((score, place) => place === index || score < row.scores[index])).length);
    const parts = [all.length ? say(words.compare_summary, { shared: all.length }) : words.compare_no_shared];
    if (all.length) chosen.forEach((model, index) => parts.push(made("b", {}, made("bdi", {}, model.name)), say(words.compare_ahead, { count: ahead[index] }) + (index === chosen.length - 1 ? "." : ", ")));
    find("summary").replaceChildren(...parts);
    find("behind").tBodies[0].replaceChildren(...groups.flatMap(([, inside]) => inside).flatMap((row) => chosen.map((model, index) => made("tr", {},
      index ? null : made("th", { scope: "rowgroup", rowspan: chosen.length }, row.metric[1]),
      made("th", { scope: "row" }, named(model, index)),
      number(row.scores[index] === null ? absent(words.compare_none) : row.scores[index].toFixed(1)),
      number(model.figures[row.at] || absent(words.compare_none)),
      made("td", {}, words.compare_marks[model.marks[row.at]])))));
  }

  function show() {
    const enough = chosen.length > 1;
    shown.hidden = !enough;
    unchosen.hidden = enough;
    if (chosen.length === 1 && !said.textContent) said.textContent = words.compare_one;
    if (!enough) return;
    const pairs = chosen.flatMap((a, index) => chosen.slice(index + 1).map((b) => [a, b]));
    find("sentences").replaceChildren(...pairs.map(([a, b]) => sentence(a, b)));
    showRoles(find("roles"));
    showFacts(find("facts").tBodies[0]);
    find("key").replaceChildren(...chosen.map((model, index) => made("li", {}, shapeOf(index), model.name)));
    showDuel();
  }

  form.querySelectorAll("[data-shape]").forEach((place) => place.append(shapeOf(Number(place.dataset.shape))));
  find("evidence-key").replaceChildren(..."mre".split("").map((mark) => made("li", {}, shapeOf(0, mark), words.compare_marks[mark])));
  const names = data.models.map((model) => model.name).sort((a, b) => a.localeCompare(b));
  form.querySelector("datalist").append(...names.map((name) => made("option", { value: name })));
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", readForm);
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    chosen = [];
    said.textContent = "";
    writeForm();
    show();
    writeAddress();
    inputs[0].focus();
  });
  inputs.forEach((input) => input.addEventListener("keydown", (event) => { if (event.key === "Enter") readForm(); }));
  only.addEventListener("change", () => { show(); writeAddress(); });
  addEventListener("popstate", () => { readAddress(); writeForm(); show(); });
  readAddress();
  writeForm();
  show();
}
parts.push(["[data-compare]", comparePage]);
