// The choice of role and axis works without this; here it comes from the address and goes there.
function worth(box) {
  const defaults = { role: "b", axis: "price" };
  const radios = [...box.querySelectorAll(".choices input")];
  let state = {};

  function read() {
    state = readState(defaults);
    for (const key of Object.keys(defaults)) {
      if (!radios.some((radio) => radio.name === key && radio.value === state[key])) state[key] = defaults[key];
    }
    for (const radio of radios) radio.checked = state[radio.name] === radio.value;
  }
  box.querySelector(".choices").addEventListener("change", (event) => {
    state[event.target.name] = event.target.value;
    writeState(state, defaults);
  });
  addEventListener("popstate", read);
  read();
}

// Beside a dot under the pointer or with the focus stands what its title says.
function tell(svg) {
  const { width } = svg.viewBox.baseVal;
  const tip = document.createElementNS(svg.namespaceURI, "text");
  tip.classList.add("tip");
  tip.setAttribute("aria-hidden", "true");
  svg.append(tip);
  const hide = () => { tip.textContent = ""; };
  const show = (event) => {
    const link = event.target.closest("a");
    if (!link) { hide(); return; }
    const dot = link.querySelector("use");
    const [x, y] = [dot.x.baseVal.value, dot.y.baseVal.value];
    tip.textContent = link.querySelector("title").textContent;
    // On a narrow drawing a long name would leave it on either side.
    const length = tip.getComputedTextLength();
    tip.setAttribute("x", Math.max(4, Math.min(x + 10, width - length - 4)));
    tip.setAttribute("y", y - 12);
  };
  svg.addEventListener("pointerover", show);
  svg.addEventListener("focusin", show);
  svg.addEventListener("pointerleave", hide);
  svg.addEventListener("focusout", hide);
}

parts.push(["[data-worth]", worth], ["[data-worth] .drawing > svg", tell]);
