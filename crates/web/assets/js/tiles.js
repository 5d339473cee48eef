// Lays the tiles of the configured server under the outlines of an enlarged map.
const SVG = "http://www.w3.org/2000/svg";
const RAD = Math.PI / 180;
/** Tiles asked for one view, at most. */
const MOST = 24;

/** A corner of the tile grid in the units of the map: from Web Mercator to Lambert 93. */
function place(x, y, z) {
  const n = 2 ** z;
  const phi = Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / n)));
  const sine = 0.08181919106 * Math.sin(phi);
  const flat = Math.log(Math.tan(Math.PI / 4 + phi / 2) * ((1 - sine) / (1 + sine)) ** 0.04090959553);
  const r = 11754255.426 * Math.exp(-0.725607765 * flat);
  const gamma = 0.725607765 * ((x / n) * 360 - 183) * RAD;
  return [(610000 + r * Math.sin(gamma)) / 116, (r * Math.cos(gamma) - 5535612.05) / 116];
}

/** The tiles of level `goal` that a part of the map shows, from a tile above them down. */
function seen(x, y, z, goal, view) {
  const corners = [place(x, y, z), place(x + 1, y, z), place(x, y + 1, z), place(x + 1, y + 1, z)];
  const outside = [0, 1].some((axis) => {
    const values = corners.map((corner) => corner[axis]);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    // Parallels are arcs, so that an edge leaves its chord by the square of its length.
    const bend = (high - low) ** 2 / 600000;
    return high + bend <= view[axis] || low - bend >= view[axis + 2];
  });
  if (outside) return [];
  if (z === goal) return [{ x, y, z }];
  return [0, 1, 2, 3].flatMap((part) => seen(2 * x + (part & 1), 2 * y + (part >> 1), z + 1, goal, view));
}

const node = (name, attributes) => {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
};

/** Into how many cells a side is cut, so that none misses its fourth corner by a pixel. */
function pieces({ x, y, z }, scale) {
  const [a, b, c, d] = [place(x, y, z), place(x + 1, y, z), place(x, y + 1, z), place(x + 1, y + 1, z)];
  const missed = Math.hypot(a[0] + d[0] - b[0] - c[0], a[1] + d[1] - b[1] - c[1]) * scale;
  // Half the side, a quarter of the miss.
  return Math.ceil(Math.sqrt(missed / 0.8)) || 1;
}

/** One tile, in cells placed each by three of its corners: both projections keep angles, so that is nearly all there is. */
function draw({ x, y, z }, url, scale, done) {
  const cut = pieces({ x, y, z }, scale);
  const tile = node("g", { "data-tile": `${z}/${x}/${y}`, "data-cut": cut });
  for (let i = 0; i < cut; i += 1) {
    for (let j = 0; j < cut; j += 1) {
      const [a, b, c] = [[i, j], [i + 1, j], [i, j + 1]].map(([u, v]) => place(x + u / cut, y + v / cut, z));
      const cell = node("g", { transform: `matrix(${[b[0] - a[0], b[1] - a[1], c[0] - a[0], c[1] - a[1], ...a].join(" ")})` });
      // A hair over the next cell and the next tile, so that nothing shows between them.
      const part = node("svg", { width: 1.015, height: 1.015, viewBox: `${i} ${j} 1.015 1.015` });
      const image = node("image", { width: cut * 1.004, height: cut * 1.004, preserveAspectRatio: "none" });
      image.addEventListener("load", done);
      image.addEventListener("error", () => { failed.add(url); tile.remove(); });
      image.setAttribute("href", url);
      part.append(image);
      cell.append(part);
      tile.append(cell);
    }
  }
  return tile;
}

const failed = new Set();

function lay(svg) {
  const box = svg.closest("[data-tiles]");
  const { x, y, width, height } = svg.viewBox.baseVal;
  const land = svg.querySelector(":scope > image");
  const outlines = land.getAttribute("href").split("#")[0];
  // The frames below the mainland have a projection of their own.
  const view = [Math.max(0, x), Math.max(0, y), Math.min(10000, x + width), Math.min(9400, y + height)];
  if (width >= 9999 || view[1] >= view[3]) {
    svg.querySelector(".tiles")?.remove();
    land.setAttribute("href", outlines);
    return;
  }
  const scale = svg.getScreenCTM().a;
  // A tile is 237 800 units wide over the middle of the country at level 0, and best seen at 256 pixels.
  let z = Math.min(18, Math.max(5, Math.round(Math.log2((237800 * scale) / 256))));
  const list = () => [7, 8].flatMap((column) => seen(column, 5, 4, z, view));
  let tiles = list();
  while (tiles.length > MOST && z > 5) { z -= 1; tiles = list(); }
  const layer = svg.querySelector(".tiles") ?? node("svg", { class: "tiles", width: 10000, height: 9400, viewBox: "0 0 10000 9400" });
  const held = new Map([...layer.children].map((tile) => [tile.dataset.tile, tile]));
  // The land gives way to its outlines once a first tile is there.
  const done = () => { if (layer.isConnected) land.setAttribute("href", `${outlines}#t`); };
  layer.replaceChildren(...tiles.flatMap((tile) => {
    const url = box.dataset.tiles.replace("{z}", tile.z).replace("{x}", tile.x).replace("{y}", tile.y);
    if (failed.has(url)) return [];
    const drawn = held.get(`${tile.z}/${tile.x}/${tile.y}`);
    return drawn?.dataset.cut >= pieces(tile, scale) ? drawn : draw(tile, url, scale, done);
  }));
  if (!layer.isConnected) land.before(layer);
}

// A part of the map that the address asks for is enlarged already; then every zoom, move and new map counts.
const every = () => document.querySelectorAll("[data-tiles] svg.map").forEach(lay);
let waiting = 0;
const watcher = new MutationObserver((changes) => {
  if (!changes.some(({ target, type }) => type === "attributes" ? target.matches("svg.map") : target.querySelector?.("svg.map"))) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => { every(); watcher.takeRecords(); }, 150);
});
watcher.observe(document.querySelector("main") ?? document.body, { subtree: true, childList: true, attributeFilter: ["viewBox"] });
every();
watcher.takeRecords();
