addEventListener("DOMContentLoaded", () => {
  words = dataOf("words");
  for (const [selector, run] of parts) document.querySelectorAll(selector).forEach((element) => run(element));
});
