// One model, followed through all drawings; the address names it.
function followed(box) {
  const form = document.querySelector("[data-history-tools]");
  const said = form.querySelector("[data-said]");
  const choice = form.elements.m;
  const defaults = { m: "" };

  function mark(svg, model, name) {
    svg.querySelectorAll(".followed").forEach((text) => text.remove());
    svg.classList.toggle("following", model !== "");
    let line = null;
    for (const other of svg.querySelectorAll("[data-m]")) {
      const isIt = other.dataset.m === model;
      other.classList.toggle("picked", isIt);
      if (isIt && other.localName === "path") line = other;
    }
    if (!line) return false;
    // The last line drawn lies over the others.
    line.parentNode.append(line);
    if (svg.querySelector("text.picked")) return true;
    const end = line.getPointAtLength(line.getTotalLength());
    const text = document.createElementNS(svg.namespaceURI, "text");
    text.classList.add("followed");
    text.setAttribute("x", end.x);
    text.setAttribute("y", end.y - 8);
    text.setAttribute("text-anchor", end.x > svg.viewBox.baseVal.width / 3 ? "end" : "start");
    text.textContent = name;
    svg.append(text);
    return true;
  }
  function show() {
    const model = choice.value;
    const name = model && choice.selectedOptions[0].textContent;
    const lines = [...box.querySelectorAll("svg")].filter((svg) => mark(svg, model, name));
    for (const row of document.querySelectorAll("tr[data-m]")) row.classList.toggle("picked", row.dataset.m === model);
    said.textContent = model && !lines.length ? say(words.no_line, { name }) : "";
  }
  function read() {
    choice.value = readState(defaults).m;
    // A model of another board must not stay half chosen.
    if (choice.selectedIndex < 0) choice.value = "";
    show();
  }
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => { show(); writeState({ m: choice.value }, defaults); });
  addEventListener("popstate", read);
  read();
}

parts.push(["[data-history]", followed]);
