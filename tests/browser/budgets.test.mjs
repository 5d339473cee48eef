// The weight of pages: requests, bytes, elements, EcoIndex. None of it depends on the speed of the machine.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PAGES, openPage, startBrowser, startProgram } from './support.mjs';

// Quantiles of the EcoIndex method (GreenIT.fr, Collectif conception numérique responsable).
const DOM = [0, 47, 75, 159, 233, 298, 358, 417, 476, 537, 603, 674, 753, 843, 949, 1076, 1237, 1459, 1801, 2479, 594601];
const REQUESTS = [0, 2, 15, 25, 34, 42, 49, 56, 63, 70, 78, 86, 95, 105, 117, 130, 147, 170, 205, 281, 3920];
const KILOBYTES = [0, 1.37, 144.7, 319.53, 479.46, 631.97, 783.38, 937.91, 1098.62, 1265.47, 1448.32, 1648.27, 1876.08,
  2142.06, 2465.37, 2866.31, 3401.59, 4155.73, 5400.08, 8037.54, 223212.26];

function position(table, value) {
  for (let i = 1; i < table.length; i += 1) {
    if (value < table[i]) return i - 1 + (value - table[i - 1]) / (table[i] - table[i - 1]);
  }
  return table.length - 1;
}

export function ecoindex(dom, requests, kilobytes) {
  return 100 - (5 * (3 * position(DOM, dom) + 2 * position(REQUESTS, requests) + position(KILOBYTES, kilobytes))) / 6;
}

let program;
let browser;
before(async () => {
  program = await startProgram();
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await program?.stop();
});

async function weigh(path) {
  const { page, context } = await openPage(browser, { address: program.address });
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  const requests = new Map();
  session.on('Network.requestWillBeSent', e => {
    if (/^http/.test(e.request.url)) requests.set(e.requestId, { type: e.type, bytes: 0 });
  });
  session.on('Network.loadingFinished', e => {
    const request = requests.get(e.requestId);
    if (request) request.bytes = e.encodedDataLength;
  });
  await page.goto(program.address + path, { waitUntil: 'networkidle' });
  const dom = await page.evaluate(() => [...document.getElementsByTagName('*')].filter(e => !e.ownerSVGElement).length);
  await context.close();
  const list = [...requests.values()];
  const sum = keep => list.filter(keep).reduce((total, request) => total + request.bytes, 0) / 1000;
  return { requests: list.length, kilobytes: sum(() => true), script: sum(r => r.type === 'Script'), dom };
}

test('the formula gives the values that the method publishes', () => {
  for (const [dom, requests, kilobytes, expected] of [
    [0, 0, 0, 100], [100, 5, 100, 90.8], [250, 8, 120, 85.39], [350, 8, 60, 81.72],
    [400, 10, 200, 78.6], [600, 40, 1024, 60.92], [693, 78, 2420, 43.68],
  ]) {
    assert.ok(Math.abs(ecoindex(dom, requests, kilobytes) - expected) < 0.01, `${dom} ${requests} ${kilobytes}`);
  }
});

test('every kind of page is in class A of EcoIndex', async () => {
  const { page, context } = await openPage(browser, { address: program.address });
  await page.goto(`${program.address}/cas-usages`);
  const record = await page.getAttribute('article[data-use-case] a', 'href');
  await page.goto(`${program.address}/estimer/mesure/ecarts`);
  const compared = (await page.getAttribute('.ranges a', 'href')).split('#')[0];
  await page.goto(`${program.address}/cas-usages?q=assistant+documentaire+communes`);
  const footprint = await page.getAttribute('article[data-use-case]:has(.card-foot) a', 'href');
  await context.close();
  // Fifty rows of up to twelve columns are cells and nothing else: they have a budget of their own below.
  const { composants, tableDeReference, ...pages } = { ...PAGES, fiche: record, empreinte: footprint, comparee: compared };
  const heavy = [];
  const waiting = Object.entries(pages);
  // Most of the time is spent waiting for the network to be still: six pages wait together.
  await Promise.all(Array.from({ length: 6 }, async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [name, path] = next;
      const weight = await weigh(path);
      const score = ecoindex(weight.dom, weight.requests, weight.kilobytes);
      process.stdout.write(`# ${name}: ${weight.requests} requests, ${weight.kilobytes.toFixed(1)} kB, ${weight.dom} elements, EcoIndex ${score.toFixed(1)}\n`);
      if (score <= 80) heavy.push({ name, score, ...weight });
    }
  }));
  assert.deepEqual(heavy, []);
});

test('the list keeps to its budget', async () => {
  const weight = await weigh('/cas-usages');
  assert.ok(weight.requests <= 5, `${weight.requests} requests`);
  assert.ok(weight.kilobytes <= 45, `${weight.kilobytes} kB`);
  assert.ok(weight.script <= 10, `${weight.script} kB of script`);
  assert.ok(weight.dom <= 395, `${weight.dom} elements`);
});

test('the widest reference table keeps to its budget', async () => {
  const weight = await weigh('/donnees/tables/llm_models');
  assert.ok(weight.requests <= 4, `${weight.requests} requests`);
  assert.ok(weight.kilobytes <= 45, `${weight.kilobytes} kB`);
  assert.ok(weight.dom <= 800, `${weight.dom} elements`);
});

test('the map keeps to its budget', async () => {
  const weight = await weigh('/cas-usages?vue=carte');
  assert.ok(weight.kilobytes <= 90, `${weight.kilobytes} kB`);
});
