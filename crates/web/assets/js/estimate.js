// The result follows the fields: the server computes and writes it, this only puts it in place.
const $ = (selector, from = document) => from.querySelector(selector);
const rules = { createHTML: (text) => text };
const policy = globalThis.trustedTypes?.createPolicy("sobria", rules) ?? rules;
const form = $("#calcul");
let latest = 0;
let pause = 0;

/** The address that the fields ask, without blanks. */
function address(from = form) {
  const asked = new URLSearchParams();
  for (const [name, value] of new FormData(from)) if (value) asked.append(name, value);
  return `${from.getAttribute("action")}?${asked}`;
}

async function estimate({ focus = false } = {}) {
  const turn = ++latest;
  const url = address();
  $("#resultat").setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(url, { headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(policy.createHTML(await answer.text()), "text/html");
    const next = $("#resultat", page);
    if (turn !== latest) return;
    if (!next) throw new Error("other page");
    $("#resultat").replaceChildren(...document.adoptNode(next).childNodes);
    $("#resultat").removeAttribute("aria-busy");
    // One short sentence is announced, not the whole result.
    $("#annonce").textContent = ($("#chiffre") ?? $("#resultat h2")).textContent;
    history.replaceState(null, "", url);
    if (focus) $("#resultat").scrollIntoView();
  } catch {
    if (turn === latest) location.assign(url);
  }
}

form?.addEventListener("input", () => {
  clearTimeout(pause);
  pause = setTimeout(estimate, 350);
});
form?.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(pause);
  estimate({ focus: matchMedia("(max-width: 64rem)").matches });
});

// What was typed before this script came.
if (form) {
  const written = form.cloneNode(true);
  written.reset();
  if (address(written) !== address(form)) estimate();
}
