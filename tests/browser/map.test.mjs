// The map: tiles of a configured server once it is enlarged, and none without one.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { deflateSync, crc32 } from 'node:zlib';
import { join } from 'node:path';
import { openPage, screenshots, startBrowser, startProgram } from './support.mjs';

const MAP = '/cas-usages?vue=carte';

// A square of one colour, other for odd and even tiles, so that a picture shows them.
function png(x, y) {
  const chunk = (name, data) => {
    const body = Buffer.concat([Buffer.from(name), data]);
    const size = Buffer.alloc(4);
    size.writeUInt32BE(data.length);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([size, body, sum]);
  };
  const head = Buffer.from([0, 0, 1, 0, 0, 0, 1, 0, 8, 2, 0, 0, 0]);
  const row = Buffer.alloc(1 + 256 * 3, (x + y) % 2 ? 0xd8 : 0xb0);
  row[0] = 0;
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.concat(Array(256).fill(row)))), chunk('IEND', Buffer.alloc(0))]);
}

let tiles;
let asked = [];
let broken = false;
let program;
let bare;
let browser;
let host;
before(async () => {
  tiles = createServer((request, answer) => {
    asked.push({ path: request.url, referer: request.headers.referer });
    const [, , x, y] = request.url.match(/^\/(\d+)\/(\d+)\/(\d+)\.png$/) ?? [];
    if (broken || !x) return answer.writeHead(404).end();
    return answer.writeHead(200, { 'content-type': 'image/png', 'cache-control': 'max-age=60', 'cross-origin-resource-policy': 'cross-origin' }).end(png(+x, +y));
  });
  await new Promise(resolve => tiles.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${tiles.address().port}`;
  program = await startProgram(undefined, {
    SOBRIA__MAP__TILES: `http://${host}/{z}/{x}/{y}.png`, SOBRIA__MAP__TILES_ATTRIBUTION: '© Tuiles d’essai',
  });
  bare = await startProgram();
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await program?.stop();
  await bare?.stop();
  tiles?.close();
});

const larger = page => page.getByRole('button', { name: 'Agrandir la carte' }).click();
const settled = page => page.waitForTimeout(500);
const opened = async (address = program.address, options = {}, more = '') => {
  asked = [];
  const session = await openPage(browser, { address, allowed: [host], ...options });
  await session.page.goto(address + MAP + more, { waitUntil: 'networkidle' });
  return session;
};

test('no other host is asked without configuration, however large the map', async () => {
  const { page, context, foreign, problems } = await opened(bare.address);
  for (let i = 0; i < 4; i += 1) await larger(page);
  await settled(page);
  assert.equal(await page.locator('[data-tiles], .tiles, .credit').count(), 0);
  assert.deepEqual([asked, foreign, problems], [[], [], []]);
  await context.close();
});

test('tiles come with the first enlargement, few, seen, without the address of the page', async () => {
  const { page, context, problems } = await opened();
  assert.deepEqual(asked, [], 'nothing is asked for the whole map');
  assert.match(await page.textContent('.credit'), /© Tuiles d’essai/);
  for (let step = 0; step < 7; step += 1) {
    await larger(page);
    await settled(page);
    const facts = await page.evaluate(() => {
      const svg = document.querySelector('svg.map');
      const frame = svg.getBoundingClientRect();
      const boxes = [...document.querySelectorAll('[data-tile]')].map(tile => tile.getBoundingClientRect());
      return {
        tiles: boxes.length,
        unseen: boxes.filter(b => b.right < frame.left - 4 || b.left > frame.right + 4 || b.bottom < frame.top - 4 || b.top > frame.bottom + 4).length,
        land: svg.querySelector(':scope > image').getAttribute('href'),
        // How far the last corner of each cell lies from where the next cell over the diagonal begins.
        seam: Math.max(...[...document.querySelectorAll('[data-tile]')].flatMap(tile => {
          const cut = Number(tile.dataset.cut);
          const scale = svg.getScreenCTM().a;
          const matrix = cell => cell.transform.baseVal.getItem(0).matrix;
          return [...tile.children].flatMap((cell, rank) => {
            const next = (rank + 1) % cut && tile.children[rank + cut + 1];
            if (!next) return [];
            const [m, n] = [matrix(cell), matrix(next)];
            return [Math.hypot(m.a + m.c + m.e - n.e, m.b + m.d + m.f - n.f) * scale];
          });
        }), 0),
      };
    });
    assert.ok(facts.tiles >= 4 && facts.tiles <= 24, `${facts.tiles} tiles at step ${step}`);
    assert.equal(facts.unseen, 0, `unseen tiles at step ${step}`);
    assert.ok(facts.seam < 1, `seam of ${facts.seam} px at step ${step}`);
    assert.match(facts.land, /#t$/, 'the land gives way to its outlines');
    if (step === 2 || step === 6) await page.screenshot({ path: join(screenshots, `carte-tuiles-${step}.png`) });
  }
  assert.ok(asked.every(request => request.referer === undefined), 'the tile server is not told the page');
  const paths = asked.map(request => request.path);
  assert.equal(new Set(paths).size, paths.length, 'no tile is asked twice');
  await page.getByRole('button', { name: 'Revoir toute la carte' }).click();
  await settled(page);
  assert.equal(await page.locator('.tiles').count(), 0, 'the whole map has no tile');
  assert.deepEqual(problems, []);
  await context.close();
});

test('the widest map, of one column, asks for few tiles too', async () => {
  const { page, context } = await opened(program.address, { width: 890, height: 1600 });
  for (let step = 0; step < 5; step += 1) {
    await larger(page);
    await settled(page);
    const shown = await page.locator('[data-tile]').count();
    assert.ok(shown >= 4 && shown <= 24, `${shown} tiles at step ${step}`);
  }
  await context.close();
});

test('a tile lies where its towns are', async () => {
  const { page, context } = await opened();
  for (let i = 0; i < 2; i += 1) await larger(page);
  await settled(page);
  // The same towns as in the tests of the projection: latitude, longitude, place on the map.
  const towns = [[48.8566, 2.3522, 4849, 2224], [49.119718, 6.176262, 7257, 1933], [43.2977, 5.3694, 6917, 7524], [48.39, -4.486, 488, 2446]];
  const found = await page.evaluate(list => list.map(([latitude, longitude, x, y]) => {
    for (const tile of document.querySelectorAll('[data-tile]')) {
      const [z, column, row] = tile.dataset.tile.split('/').map(Number);
      const cut = Number(tile.dataset.cut);
      const phi = (latitude * Math.PI) / 180;
      const u = (((longitude + 180) / 360) * 2 ** z - column) * cut;
      const v = (((1 - Math.asinh(Math.tan(phi)) / Math.PI) / 2) * 2 ** z - row) * cut;
      if (u < 0 || v < 0 || u >= cut || v >= cut) continue;
      const m = tile.children[Math.floor(u) * cut + Math.floor(v)].transform.baseVal.getItem(0).matrix;
      const [s, t] = [u % 1, v % 1];
      return Math.hypot(m.a * s + m.c * t + m.e - x, m.b * s + m.d * t + m.f - y);
    }
    return null;
  }), towns);
  const seen = found.filter(distance => distance !== null);
  assert.ok(seen.length >= 1, 'a town at least is in view');
  assert.ok(seen.every(distance => distance < 8), `${found}`);
  await context.close();
});

test('an enlarged part of the map has its tiles at once', async () => {
  const { page, context, problems } = await opened(program.address, {}, '&cadre=6500.4500.1250');
  await settled(page);
  assert.ok(asked.length >= 1 && asked.length <= 24, `${asked.length} tiles`);
  assert.deepEqual(problems, []);
  await context.close();
});

// What the screen shows, strokes included; half a pixel for its rounding.
const overlaps = page => page.evaluate(() => {
  const circles = [...document.querySelectorAll('svg.map .pin circle.disc')].map(disc => {
    const box = disc.getBoundingClientRect();
    const matrix = disc.getScreenCTM();
    return { x: box.x + box.width / 2, y: box.y + box.height / 2, r: (disc.r.baseVal.value + 60) * matrix.a };
  });
  const bad = circles.flatMap((a, i) => circles.slice(i + 1).filter(b => Math.hypot(a.x - b.x, a.y - b.y) < a.r + b.r - 0.5));
  return { shown: circles.length, bad: bad.length };
});

for (const width of [320, 768, 1280]) {
  test(`no two circles meet at ${width} px, on the whole map and in its parts, with a keyboard alone and no script`, async () => {
    const { page, context } = await opened(bare.address, { width, javaScript: false });
    for (let step = 0; step < 3; step += 1) {
      const { shown, bad } = await overlaps(page);
      assert.ok(shown > 1, `${shown} circles`);
      assert.equal(bad, 0, `${page.url()}: ${bad} pairs meet`);
      const group = page.locator('svg.map a[href*="cadre="]').first();
      if (!await group.count()) break;
      assert.match(await group.getAttribute('aria-label'), /^\d+ organisations \(/);
      await group.focus();
      const left = page.url();
      await Promise.all([page.waitForURL(url => url.href !== left), page.keyboard.press('Enter')]);
      assert.ok(await page.locator('.places li').count() > 1, 'the list names those of the group');
    }
    await page.goto(bare.address);
    assert.equal((await overlaps(page)).bad, 0, 'small map of the first page');
    await context.close();
  });
}

test('outlines stay when tiles fail, and a missing tile is not asked again', async () => {
  broken = true;
  const { page, context } = await opened();
  await larger(page);
  await settled(page);
  const first = asked.length;
  assert.ok(first > 0);
  assert.equal(await page.locator('[data-tile]').count(), 0);
  assert.doesNotMatch(await page.getAttribute('svg.map > image', 'href'), /#t$/);
  await page.getByRole('button', { name: 'Revoir toute la carte' }).click();
  await larger(page);
  await settled(page);
  assert.equal(asked.length, first);
  broken = false;
  await context.close();
});

test('a reader who comes to the map from the list gets its tiles too', async () => {
  asked = [];
  const { page, context, problems } = await openPage(browser, { address: program.address, allowed: [host] });
  await page.goto(`${program.address}/cas-usages`);
  await page.getByRole('link', { name: 'Carte', exact: true }).click();
  await page.waitForURL(/vue=carte/);
  await page.waitForLoadState('networkidle');
  await larger(page);
  await settled(page);
  assert.ok(asked.length > 0);
  assert.deepEqual(problems, []);
  await context.close();
});

test('nothing is asked without JavaScript', async () => {
  const { context, foreign } = await opened(program.address, { javaScript: false });
  assert.deepEqual([asked, foreign], [[], []]);
  await context.close();
});
