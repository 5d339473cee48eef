// Filters apply at once, the map zooms, a citation is copied; all works without.
const root = document.documentElement;
root.dataset.script = "";
const $ = (selector, from = document) => from.querySelector(selector);
const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];

// The only place where a text becomes a page: what this site answered.
const rules = { createHTML: (text) => text };
const policy = globalThis.trustedTypes?.createPolicy("sobria", rules) ?? rules;

let latest = 0;

/** Replaces the live parts by those of another address of the same page. */
async function go(url, { push = true, scroll = false } = {}) {
  const turn = ++latest;
  $("#resultats")?.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(url, { headers: { accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(policy.createHTML(await answer.text()), "text/html");
    if (turn !== latest) return;
    const parts = $$("[data-live]").map((part) => [part, page.getElementById(part.id)]);
    // Tiles need a page allowed to ask.
    if (!parts.length || parts.some(([, next]) => !next) || ($("[data-tiles]", page) && !$("[data-tiles]"))) throw new Error("other page");
    const held = remember();
    for (const [part, next] of parts) part.replaceWith(document.adoptNode(next));
    document.title = page.title;
    history[push ? "pushState" : "replaceState"](null, "", url);
    restore(held);
    $$("[data-map]").forEach(map);
    if (scroll) $(".title-row")?.scrollIntoView();
    // A status region: its new text is announced.
    $(".total")?.replaceChildren(...($(".total", page)?.childNodes ?? []));
  } catch {
    location.assign(url);
  }
}

/** What had the focus and what was unfolded. */
function remember() {
  const active = document.activeElement;
  const field = active?.closest("[data-live]") && (active.id ? `#${active.id}` : active.name
    ? `[name="${active.name}"][value="${CSS.escape(active.value)}"]` : "#resultats");
  return { field, open: $$("form details").map((fold) => fold.open) };
}

function restore({ field, open }) {
  $$("form details").forEach((fold, rank) => { fold.open ||= open[rank] ?? false; });
  const target = field && $(field);
  if (target?.id === "resultats") target.tabIndex = -1;
  target?.focus({ preventScroll: true });
}

/** What the form asks, without blanks. */
function address(form) {
  const asked = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value) asked.append(name, value);
  const query = String(asked);
  return form.getAttribute("action") + (query ? `?${query}` : "");
}

const filters = () => $("#filtres");

if (filters()) {
  document.addEventListener("change", (event) => {
    const form = filters();
    if (event.target.form === form && event.target.type !== "search") go(address(form));
  });
  document.addEventListener("submit", (event) => {
    if (event.target !== filters()) return;
    event.preventDefault();
    go(address(event.target));
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("#resultats a");
    if (!link?.host || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    if (link.pathname !== location.pathname || link.host !== location.host || link.hash) return;
    event.preventDefault();
    go(link.href, { scroll: Boolean(link.closest(".pages")) });
  });
  addEventListener("popstate", () => { if (!location.hash) go(location.href, { push: false }); });
  // What was chosen before this script came.
  if ($$("#filtres :is(input, option), #tri option").some((field) => (field.checked ?? field.selected)
    !== (field.defaultChecked ?? field.defaultSelected))) go(address(filters()), { push: false });
}

/** Zoom and pan of a map, without ever trapping the wheel or the keyboard. */
function map(box) {
  const svg = $("svg.map", box);
  if (!svg || box.dataset.ready) return;
  box.dataset.ready = "1";
  const { x, y, width: w, height: h } = svg.viewBox.baseVal;
  const home = { x, y, w, h };
  let view = { ...home };
  const show = () => {
    view.h = (view.w * home.h) / home.w;
    view.x = Math.min(home.x + home.w - view.w, Math.max(home.x, view.x));
    view.y = Math.min(home.y + home.h - view.h, Math.max(home.y, view.y));
    svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.w} ${view.h}`);
    svg.style.setProperty("--k", (view.w / home.w) ** 0.8);
  };
  const zoom = (factor, px = view.x + view.w / 2, py = view.y + view.h / 2) => {
    const w = Math.min(home.w, Math.max(home.w / (box.dataset.tiles ? 24 : 12), view.w / factor));
    const k = w / view.w;
    view = { x: px - (px - view.x) * k, y: py - (py - view.y) * k, w, h: 0 };
    show();
  };
  const move = (dx, dy) => { view.x += dx * view.w; view.y += dy * view.h; show(); };
  const at = (event) => {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    return [point.x, point.y];
  };
  const bar = document.createElement("div");
  bar.className = "zoom";
  for (const [text, label, act] of [["+", "Agrandir la carte", () => zoom(1.6)], ["−", "Réduire la carte", () => zoom(1 / 1.6)],
    ["⟲", "Revoir toute la carte", () => { view = { ...home }; show(); }]]) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.textContent = text;
    button.setAttribute("aria-label", label);
    button.addEventListener("click", act);
    bar.append(button);
  }
  box.append(bar);
  svg.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoom(event.deltaY < 0 ? 1.25 : 0.8, ...at(event));
  }, { passive: false });
  box.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-0.15, 0], ArrowRight: [0.15, 0], ArrowUp: [0, -0.15], ArrowDown: [0, 0.15] }[event.key];
    if (event.key === "+" || event.key === "=") zoom(1.6);
    else if (event.key === "-") zoom(1 / 1.6);
    else if (step && view.w < home.w) move(...step);
    else return;
    event.preventDefault();
  });
  svg.addEventListener("focusin", (event) => {
    const spot = $("g", event.target)?.transform?.baseVal.getItem(0)?.matrix;
    if (!spot || view.w >= home.w || !event.target.matches(":focus-visible")) return;
    view.x = spot.e - view.w / 2;
    view.y = spot.f - view.h / 2;
    show();
  });
  let drag = null;
  svg.addEventListener("pointerdown", (event) => {
    if (event.button || view.w >= home.w) return;
    drag = { x: event.clientX, y: event.clientY, from: { ...view }, moved: false };
  });
  svg.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const scale = drag.from.w / svg.clientWidth;
    const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
    if (!drag.moved && Math.hypot(dx, dy) < 5) return;
    if (!drag.moved) svg.setPointerCapture(event.pointerId);
    drag.moved = true;
    view = { ...drag.from, x: drag.from.x - dx * scale, y: drag.from.y - dy * scale };
    show();
  });
  for (const end of ["pointerup", "pointercancel"]) svg.addEventListener(end, () => setTimeout(() => { drag = null; }));
  svg.addEventListener("click", (event) => { if (drag?.moved) event.preventDefault(); }, true);
  svg.addEventListener("dragstart", (event) => event.preventDefault());
}

function copy(button) {
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const words = button.textContent;
    try {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      button.textContent = "Citation copiée";
    } catch {
      button.textContent = "Copie impossible";
    }
    setTimeout(() => { button.textContent = words; }, 4000);
  });
}

$$("[data-map]").forEach(map);
$$("[data-copy]").forEach(copy);
