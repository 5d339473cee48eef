// No accessibility violation on any page, light and dark, on a phone and on a desk screen.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PAGES, openPage, runAxe, startBrowser, startProgram, structure } from './support.mjs';

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

async function pages() {
  const { page, context } = await openPage(browser, { address: program.address });
  await page.goto(`${program.address}/cas-usages`);
  const record = await page.getAttribute('article[data-use-case] a', 'href');
  await page.goto(`${program.address}/cas-usages?q=assistant+documentaire+communes`);
  const footprint = await page.getAttribute('article[data-use-case]:has(.card-foot) a', 'href');
  await page.goto(`${program.address}/organisations`);
  const organisation = await page.getAttribute('main a[href^="/organisations/"]', 'href');
  await context.close();
  return { ...PAGES, fiche: record, empreinte: footprint, largeTable: '/donnees/tables/llm_models', organisation,
    cadre: '/integrer/cas-usages?q=eau', cadreTableau: '/integrer/cas-usages?vue=tableau&apparence=sombre',
    cadreCarte: '/integrer/cas-usages?vue=carte&apparence=clair' };
}

for (const [width, dark] of [[320, false], [320, true], [1280, false], [1280, true]]) {
  test(`axe finds nothing at ${width} px, ${dark ? 'dark' : 'light'}`, async () => {
    const found = [];
    const { page, context } = await openPage(browser, { address: program.address, width, dark });
    for (const [name, path] of Object.entries(await pages())) {
      await page.goto(program.address + path);
      const violations = await runAxe(page, context);
      found.push(...violations.map(v => ({ page: name, ...v })));
    }
    await context.close();
    assert.deepEqual(found, []);
  });
}

// What only somebody who signed in sees, and the forms that lead there.
const BEHIND = [
  '/mon-espace', '/mon-espace/compte', '/mon-espace/compte/second-facteur', '/mon-espace/estimations',
  '/mon-espace/publications', '/mon-espace/publications/nouvelle?type=resource',
  '/mon-espace/publications/nouvelle?type=meeting', '/moderation/publications', '/mon-espace/favoris', '/mon-espace/dossiers',
  '/mon-espace/recherches', '/estimer/attacher?depuis=calcul&heures=2&coeurs=4&memoire=8&lieu=FRA', '/contribuer', '/moderation',
  '/moderation?etat=refusees', '/moderation/signalements', '/administration', '/administration/comptes',
  '/administration/organisations', '/administration/courriels', '/administration/journal', '/administration/imports', '/administration/reglages',
  '/administration/taches', '/courriels',
];

for (const [width, dark] of [[320, true], [1280, false]]) {
  test(`axe finds nothing behind the sign-in at ${width} px, ${dark ? 'dark' : 'light'}`, async () => {
    const found = [];
    const { page, context } = await openPage(browser, { address: program.address, width, dark });
    const look = async path => {
      await page.goto(program.address + path);
      found.push(...(await runAxe(page, context)).map(v => ({ page: path, ...v })), ...(await structure(page)).map(words => ({ page: path, words })));
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(wide <= 0, `${path} is ${wide} px too wide`);
    };
    for (const path of ['/connexion', '/inscription', '/contribuer', '/comparer']) await look(path);
    await page.goto(`${program.address}/cas-usages?q=eau`);
    const record = await page.getAttribute('article[data-use-case] a', 'href');
    await look(`${record}/signaler`);
    await page.goto(`${program.address}/connexion`);
    await page.check('input[name=role][value=administration]');
    await page.click('#demonstration button');
    await page.waitForURL('**/mon-espace');
    for (const path of [...BEHIND, record]) await look(path);
    await context.close();
    assert.deepEqual(found, []);
  });
}
