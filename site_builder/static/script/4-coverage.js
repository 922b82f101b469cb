// The marks are highlighted without this; here the address keeps the choice, and a search narrows it.
function covering(box) {
  const defaults = { mark: "", q: "" };
  const marks = [...box.querySelectorAll("[name=mark]")];
  const search = box.querySelector("[name=q]");
  const rows = [...box.querySelectorAll("tbody tr")];
  const names = rows.map((row) => row.cells[0].textContent.toLowerCase());
  let state = {};

  function show() {
    const wanted = state.q.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    rows.forEach((row, index) => {
      row.hidden = !wanted.every((word) => names[index].includes(word));
      if (!row.hidden) count += 1;
    });
    box.querySelector("[data-shown]").textContent = say(words.shown, { count, all: rows.length });
    box.querySelector("[data-empty]").hidden = count > 0;
  }
  function read() {
    state = readState(defaults);
    if (!marks.some((radio) => radio.value === state.mark)) state.mark = defaults.mark;
    for (const radio of marks) radio.checked = radio.value === state.mark;
    search.value = state.q;
    show();
  }
  search.parentElement.hidden = false;
  box.addEventListener("input", (event) => {
    if (!(event.target.name in defaults)) return;
    state[event.target.name] = event.target.value;
    show();
    writeState(state, defaults);
  });
  addEventListener("popstate", read);
  read();
}

parts.push(["[data-covering]", covering]);
