// The sums of the warehouse, to the last digit: it adds decimals of 18 places, and so does this.
const UNIT = 10n ** 18n;
const fixed = (term) => BigInt(Math.round(term * 1e18));
const plain = (sum) => Number(`${sum / UNIT}.${String(sum % UNIT).padStart(18, "0")}`);
const exactSum = (terms) => plain(terms.reduce((sum, term) => sum + fixed(term), 0n));

// blend_by_coverage.sql: the mean of what is there, drawn toward 50 where little of the weight is.
function blendByCoverage(weights, values, parameters) {
  const below = parameters.trust_threshold - parameters.trust_transition_width / 2;
  const above = parameters.trust_threshold + parameters.trust_transition_width / 2;
  const present = weights.map((_, index) => index).filter((index) => (values[index] ?? null) !== null);
  const presentWeight = exactSum(present.map((index) => weights[index]));
  if (!presentWeight) return 50;
  const coverage = presentWeight / exactSum(weights);
  const mean = exactSum(present.map((index) => weights[index] * values[index])) / presentWeight;
  const position = Math.min(1, Math.max(0, (coverage - below) / (above - below)));
  const trust = position * position * (3 - 2 * position);
  return Math.min(100, Math.max(0, 50 + (mean - 50) * (trust + (1 - trust) * coverage)));
}

function sharesOf(weights) {
  const whole = exactSum(Object.values(weights));
  return Object.fromEntries(Object.entries(weights).map(([key, weight]) => [key, weight / whole]));
}

// int_role_metric_weights.sql: what of a role hangs on each metric, composites opened.
function metricWeights(sets, roleKey) {
  const terms = {};
  for (const [group, share] of Object.entries(sharesOf(sets.role[roleKey] ?? {}))) {
    for (const [input, part] of Object.entries(sharesOf(sets.group[group] ?? {}))) {
      const opened = sets.composite[input] ? sharesOf(sets.composite[input]) : { [input]: 1 };
      for (const [metric, piece] of Object.entries(opened)) (terms[metric] ??= []).push(share * part * piece);
    }
  }
  return Object.fromEntries(Object.entries(terms).map(([metric, found]) => [metric, exactSum(found)]));
}

// One role by any weights: score, measured share and rank of every model, in the order of the data.
function scoreRole(data, sets, roleKey) {
  const places = new Map(data.inputs.map((key, place) => [key, place]));
  const groups = Object.keys(sets.role[roleKey] ?? {});
  const effective = metricWeights(sets, roleKey);
  const whole = exactSum(Object.values(effective));
  const found = data.models.map((model) => {
    const scores = groups.map((group) => {
      const inputs = Object.entries(sets.group[group] ?? {});
      return inputs.length
        ? blendByCoverage(inputs.map(([, weight]) => weight), inputs.map(([key]) => model.scores[places.get(key)]), data.parameters)
        : null;
    });
    const measured = exactSum(data.leaves.filter((_, place) => model.measured[place] === "1").map((key) => effective[key] ?? 0)) / whole;
    return {
      id: model.id,
      score: blendByCoverage(groups.map((group) => sets.role[roleKey][group]), scores, data.parameters),
      measured,
      isRanked: measured >= data.parameters.min_measured_share,
    };
  });
  const ranked = found.filter((row) => row.isRanked);
  for (const row of found) row.rank = row.isRanked ? 1 + ranked.filter((other) => other.score > row.score).length : null;
  return found;
}

// Weights from 0 to 100 as a visitor sees them; what is larger is scaled down as a whole.
const tidy = (value) => Number(value.toPrecision(10));
function visible(weights) {
  const most = Math.max(1, ...Object.values(weights));
  return Object.fromEntries(Object.entries(weights).map(([key, weight]) => [key, tidy(100 * weight / most)]));
}
const PRESETS = {
  equal: (weights) => Object.fromEntries(Object.keys(weights).map((key) => [key, 0.5])),
  thrifty: (weights, level, isAbout) => level === "role" ? Object.fromEntries(Object.entries(weights).map(([key, weight]) => [key, isAbout(key) ? 2 * weight : weight])) : weights,
  able: (weights, level, isAbout) => {
    if (level !== "role" || Object.keys(weights).every(isAbout)) return weights;
    return Object.fromEntries(Object.entries(weights).map(([key, weight]) => [key, isAbout(key) ? 0 : weight]));
  },
};

// The file that `--coefficients` reads: whole sets, and what was not moved as it was.
function coefficientsToml(data, sets) {
  const key = (name) => (/^[A-Za-z0-9_-]+$/.test(name) ? name : JSON.stringify(name));
  const lines = [];
  for (const level of ["composite", "group", "role"]) {
    for (const parent of Object.keys(sets[level]).sort()) {
      lines.push(`[${level}_weights.${key(parent)}]`);
      for (const input of Object.keys(sets[level][parent]).sort()) lines.push(`${key(input)} = ${sets[level][parent][input]}`);
      lines.push("");
    }
  }
  lines.push("[parameters]");
  for (const [name, text] of Object.entries(data.written)) {
    const value = text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : JSON.stringify(text);
    lines.push(`${key(name)} = ${value}`);
  }
  return `${lines.join("\n")}\n`;
}

function weighing(form) {
  const data = dataOf("weighed");
  const find = (name) => form.querySelector(`[data-${name}]`);
  const [table, verdict, left, holder] = ["live", "verdict", "left", "sets"].map(find);
  const groups = new Map(data.groups.map(([key, label, isCapability]) => [key, { label, isCapability }]));
  const isAbout = (key) => !(groups.get(key)?.isCapability ?? 1);
  const byId = new Map(data.models.map((model) => [model.id, model]));
  const defaults = { role: "b", preset: "" };
  const state = { ...defaults };
  // What a visitor moved: level, then set, then input, 0 to 100.
  let moved = { role: {}, group: {} };
  const openSets = new Set();

  const baseOf = (level, parent) => {
    const weights = data.weights[level][parent];
    return state.preset ? PRESETS[state.preset](weights, level, isAbout) : weights;
  };
  const seen = (level, parent) => ({ ...visible(baseOf(level, parent)), ...moved[level][parent] });
  // Weights of a set as they count: untouched ones to the last digit, others as shares of their sum.
  function counted(level, parent) {
    const untouched = !Object.keys(moved[level][parent] ?? {}).length;
    const weights = untouched ? baseOf(level, parent) : seen(level, parent);
    if (untouched && weights === data.weights[level][parent]) return weights;
    const sum = exactSum(Object.values(weights));
    if (!sum) return null;
    return Object.fromEntries(Object.entries(weights).map(([key, weight]) => [key, weight / sum]));
  }
  const isEmpty = (level, parent) => counted(level, parent) === null;
  function setsNow() {
    const sets = { composite: data.weights.composite };
    for (const level of ["role", "group"]) {
      sets[level] = Object.fromEntries(Object.keys(data.weights[level]).map((parent) => [parent, counted(level, parent) ?? data.weights[level][parent]]));
    }
    return sets;
  }
  const roleNow = () => data.roles.find(([, , name]) => name === state.role);

  function readAddress() {
    Object.assign(state, readState(defaults));
    if (!data.roles.some(([, , name]) => name === state.role)) state.role = defaults.role;
    if (!Object.hasOwn(PRESETS, state.preset)) state.preset = "";
    moved = { role: {}, group: {} };
    const query = new URLSearchParams(location.search);
    for (const level of ["role", "group"]) {
      for (const [parent, weights] of Object.entries(data.weights[level])) {
        for (const part of (query.get(`${level}.${parent}`) ?? "").split(",")) {
          const cut = part.lastIndexOf(":");
          const [key, text] = [part.slice(0, cut), part.slice(cut + 1)];
          const value = Number(text);
          if (cut > 0 && Object.hasOwn(weights, key) && text.trim() && value >= 0 && value <= 100) move(level, parent, key, value);
        }
      }
    }
  }
  function writeAddress() {
    const wanted = { ...state };
    for (const level of ["role", "group"]) {
      for (const [parent, weights] of Object.entries(moved[level])) {
        const text = Object.entries(weights).map(([key, value]) => `${key}:${value}`).join(",");
        if (text) wanted[`${level}.${parent}`] = text;
      }
    }
    writeState(wanted, defaults);
  }
  function move(level, parent, key, value) {
    const set = (moved[level][parent] ??= {});
    if (visible(baseOf(level, parent))[key] === value) delete set[key];
    else set[key] = value;
  }

  // One set of weights: a row an input, with its slider, its number and its share.
  function rowsOf(level, parent) {
    const now = seen(level, parent);
    const name = (key) => (level === "role" ? groups.get(key)?.label : data.labels[key]) ?? key;
    const keys = Object.keys(data.weights[level][parent]);
    const base = visible(data.weights[level][parent]);
    keys.sort((a, b) => base[b] - base[a] || a.localeCompare(b));
    const rows = keys.map((key) => {
      const id = `weight-${level}-${parent}-${key}`.replace(/[^\w-]/g, "_");
      const slider = made("input", { type: "range", min: 0, max: 100, step: 0.5, id, "aria-describedby": `${id}-share` });
      const number = made("input", { type: "number", min: 0, max: 100, step: "any", inputmode: "decimal", "aria-label": say(words.weights_number, { name: name(key) }) });
      const share = made("output", { id: `${id}-share`, for: id });
      const label = made("label", { for: id }, name(key), made("code", { class: "nerd" }, key));
      const row = made("div", { class: "weight", "data-level": level, "data-set": parent, "data-input": key }, label, share, slider, number);
      slider.value = now[key];
      number.value = now[key];
      const take = (value) => {
        move(level, parent, key, value);
        slider.value = value;
        if (Number(number.value) !== value) number.value = value;
        soon();
      };
      slider.addEventListener("input", () => take(Number(slider.value)));
      number.addEventListener("input", () => {
        const value = Number(number.value);
        if (number.value.trim() && value >= 0 && value <= 100) take(value);
      });
      // What cannot be a weight gives way to the one that counts.
      number.addEventListener("change", () => { number.value = seen(level, parent)[key]; });
      return row;
    });
    return [...rows, made("p", { class: "note loss", "data-empty-set": `${level}.${parent}`, hidden: true }, words.weights_empty)];
  }
  function showSets() {
    const [roleKey, label, name] = roleNow();
    holder.className = name;
    const inside = Object.keys(data.weights.role[roleKey]);
    inside.sort((a, b) => data.weights.role[roleKey][b] - data.weights.role[roleKey][a] || a.localeCompare(b));
    holder.replaceChildren(
      made("h2", {}, say(words.weights_role, { role: label })),
      made("div", { class: "set" }, ...rowsOf("role", roleKey)),
      made("h3", {}, words.weights_inputs),
      ...inside.filter((group) => data.weights.group[group]).map((group) => {
        const details = made("details", { open: openSets.has(group) },
          made("summary", {}, groups.get(group)?.label ?? group, made("small", { "data-moved-set": group })),
          made("div", { class: "set" }, ...rowsOf("group", group)));
        details.addEventListener("toggle", () => { openSets[details.open ? "add" : "delete"](group); });
        return details;
      }),
    );
  }
  function showShares() {
    const shares = {};
    holder.querySelectorAll("[data-input]").forEach((row) => {
      const { level, set, input } = row.dataset;
      const all = (shares[`${level}.${set}`] ??= counted(level, set) ?? {});
      row.querySelector("output").textContent = `${tidy(Math.round(1000 * (all[input] ?? 0)) / 10).toFixed(1)}%`;
    });
    holder.querySelectorAll("[data-empty-set]").forEach((note) => {
      const [level, ...parent] = note.dataset.emptySet.split(".");
      note.hidden = !isEmpty(level, parent.join("."));
    });
    holder.querySelectorAll("[data-moved-set]").forEach((note) => {
      note.textContent = Object.keys(moved.group[note.dataset.movedSet] ?? {}).length ? ` ${words.weights_moved}` : "";
    });
  }

  function change(before, after, isRank) {
    const step = isRank ? before - after : after - before;
    const size = isRank ? String(Math.abs(step)) : Math.abs(step).toFixed(1);
    if (Number(size) === 0) return made("span", { class: "delta" });
    const sign = isRank ? "" : step > 0 ? "+" : "−";
    return made("span", { class: `delta ${step > 0 ? "gain" : "loss"}` }, made("span", { class: "sr" }, step > 0 ? words.weights_up : words.weights_down), sign + size);
  }
  function showRanks() {
    const [roleKey, label, name] = roleNow();
    const place = data.roles.findIndex(([key]) => key === roleKey);
    const rows = scoreRole(data, setsNow(), roleKey);
    const ranked = rows.filter((row) => row.isRanked).sort((a, b) => a.rank - b.rank || (a.id < b.id ? -1 : 1));
    table.className = `live ${name}`;
    table.tBodies[0].replaceChildren(...ranked.map((row) => {
      const model = byId.get(row.id);
      const [score, rank] = model.default[place];
      return made("tr", { "data-model": row.id, "data-score": row.score, "data-share": row.measured, "data-rank": row.rank },
        made("td", { class: "num" }, made("b", {}, String(row.rank))),
        made("td", { class: "num" }, rank === null ? absent(words.no_rank) : String(rank), " ", rank === null ? made("span", { class: "delta" }) : change(rank, row.rank, true)),
        made("th", { scope: "row" }, made("a", { href: `m/${row.id}.html` }, model.name)),
        made("td", { class: "score" }, row.score.toFixed(1), made("span", { class: `meter ${name}`, "aria-hidden": "true", "--value": `${row.score.toFixed(1)}%` })),
        made("td", { class: "num" }, score.toFixed(1), " ", change(score, row.score, false)),
        made("td", { class: "num wide" }, `${Math.floor(row.measured * 100 + 1e-9)}%`));
    }));
    const lost = rows.filter((row) => !row.isRanked && byId.get(row.id).default[place][1] !== null);
    left.hidden = !lost.length;
    left.textContent = say(words.weights_lost, { names: lost.map((row) => byId.get(row.id).name).join(", ") });
    showVerdict(ranked, place, label);
  }
  function showVerdict(ranked, place, role) {
    const both = ranked.map((row) => ({ ...row, before: byId.get(row.id).default[place][1] })).filter((row) => row.before !== null);
    const other = both.filter((row) => row.before !== row.rank);
    const [first] = ranked;
    const firsts = data.models.filter((model) => model.default[place][1] === 1);
    const bold = (id) => made("b", {}, made("bdi", {}, byId.get(id).name));
    if (!first) return verdict.replaceChildren(say(words.weights_nobody, { role }));
    const stays = firsts.some((model) => model.id === first.id);
    const parts = [bold(first.id), say(stays ? words.weights_stays : words.weights_instead, { role })];
    if (!stays && firsts.length) parts.push(words.weights_in_place_of, bold(firsts[0].id), ". ");
    else parts.push(". ");
    if (!other.length) parts.push(words.weights_same);
    else {
      const most = other.reduce((a, b) => (Math.abs(b.before - b.rank) > Math.abs(a.before - a.rank) ? b : a));
      parts.push(say(words.weights_changed, { count: other.length, all: both.length }), bold(most.id), say(words.weights_most, { before: most.before, rank: most.rank }));
    }
    return verdict.replaceChildren(...parts);
  }

  function show() {
    form.elements.role.value = state.role;
    form.elements.preset.value = state.preset;
    form.querySelectorAll("[data-preset]").forEach((note) => { note.hidden = note.dataset.preset !== state.preset; });
    showShares();
    showRanks();
  }
  // A slider moves faster than a screen: the last word of a frame counts.
  let waiting = false;
  function soon() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; show(); writeAddress(); });
  }
  function all() { showSets(); show(); }

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", (event) => {
    if (!["role", "preset"].includes(event.target.name)) return;
    if (event.target.name === "preset") moved = { role: {}, group: {} };
    state[event.target.name] = form.elements[event.target.name].value;
    all();
    writeAddress();
  });
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    moved = { role: {}, group: {} };
    state.preset = "";
    all();
    writeAddress();
  });
  find("download").addEventListener("click", () => {
    const address = URL.createObjectURL(new Blob([coefficientsToml(data, setsNow())], { type: "application/toml" }));
    made("a", { href: address, download: "coefficients.toml" }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  });
  addEventListener("popstate", () => { readAddress(); all(); });
  // Every role to the last digit, for whoever wants to check it.
  table.reckon = () => Object.fromEntries(data.roles.map(([key]) => [key, scoreRole(data, setsNow(), key)]));
  form.hidden = false;
  readAddress();
  all();
}
parts.push(["[data-weighing]", weighing]);
