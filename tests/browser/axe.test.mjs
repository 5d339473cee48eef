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
  await page.goto(`${program.address}/estimer/mesure/ecarts`);
  const compared = (await page.getAttribute('.ranges a', 'href')).split('#')[0];
  await page.goto(`${program.address}/organisations`);
  const organisation = await page.getAttribute('main a[href^="/organisations/"]', 'href');
  await context.close();
  return {
    ...PAGES, fiche: record, empreinte: footprint, empreintes: `${compared}/empreintes`, comparee: compared,
    largeTable: '/donnees/tables/llm_models', organisation,
    cadre: '/integrer/cas-usages?q=eau', cadreTableau: '/integrer/cas-usages?vue=tableau&apparence=sombre',
    cadreCarte: '/integrer/cas-usages?vue=carte&apparence=clair',
    tableauDeBord: `${organisation}/tableau-de-bord`, ficheDeTransparence: `${record}/transparence`,
  };
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
  '/administration/taches', '/courriels', '/administration/vocabulaires', '/administration/vocabulaires/theme', '/administration/controle', '/moderation/liens', '/moderation/reparations', '/maitriser/achat/dossiers',
];

// Pages of a draft, of an entry, of an import that waits: each needs something that is made first. `look` takes an
// address, or nothing for the page that is open.
async function made(page, address, look) {
  await page.goto(`${address}/solutions`);
  const solution = await page.getAttribute('main a[href^="/solutions/"]', 'href');
  await look(solution.replace('/solutions/', '/contribuer?solution='));
  await page.fill('[id="organisation.name"]', 'Commune des Essais');
  await page.fill('#title', 'Un essai pour la lecture');
  await page.click('#commencer button');
  const draft = new URL(page.url()).pathname.replace(/\/essentiel$/, '');
  for (const step of ['essentiel', 'projet', 'algorithme', 'donnees', 'effets', 'ressources', 'fichiers', 'relecture', 'apercu']) {
    await look(`${draft}/${step}`);
  }
  await page.goto(`${address}/administration/imports`);
  await page.setInputFiles('input[type=file]', {
    name: 'essais.csv', mimeType: 'text/csv',
    buffer: Buffer.from('coll_nom,coll_type,nom_projet,usage_description,projet_date,projet_status,mise_en_oeuvre,theme,audience_service,url_infos\n'
      + 'Commune des Essais,commune,Compter les vélos,Des caméras comptent.,03/04/2024,experimentation,prestataire,mobilites,agent,accès interne uniquement\n'),
  });
  await page.click('form:has(input[type=file]) button');
  await page.waitForURL('**/administration/imports/*');
  await look();
  await page.click('form[action$="/enregistrer"] button');
  await page.goto(`${address}/moderation`);
  const imported = await page.getAttribute('table.queue a:has-text("Compter les vélos")', 'href');
  await page.goto(address + imported);
  await page.click('form[action$="/prendre"] button');
  await look(imported);
  await page.goto(`${address}/administration/comptes`);
  await look(await page.getAttribute('main a[href^="/administration/comptes/"]', 'href'));
  await page.goto(`${address}/moderation/reparations`);
  await look(await page.getAttribute('main td a, main th a', 'href'));
  await page.goto(`${address}/moderation`);
  const proposed = await page.getAttribute('main a[href^="/administration/logos/"]', 'href');
  await look(proposed);
  await look(proposed.replace('/administration/', '/mon-espace/'));
  await page.goto(`${address}/organisations`);
  const organisation = await page.getAttribute('main a[href^="/organisations/"]', 'href');
  await look(organisation.replace('/organisations/', '/administration/logos/'));
  await page.goto(`${address}/ressources`);
  const resource = await page.getAttribute('main a[href^="/ressources/"]', 'href');
  await look(`${resource}/historique`);
  await look(`${resource}/liens`);
  await look(resource);
  const edit = await page.getAttribute('a[href^="/mon-espace/publications/"]', 'href');
  await page.click('form[action="/moderation/publications"] button');
  await look();
  await look(edit);
  await look(`${edit}/fichiers`);
}

// Pages of a purchase that was awarded, and of a roadmap.
const PURCHASE = ['', '/preparer', '/preparer?etape=bareme', '/fournisseurs', '/notes', '/accord', '/comparaison', '/echeancier'];
const ROADMAP = ['', '/strategie', '/valeurs', '/mesure?id=m7', '/comite', '/formations', '/referents'];

for (const [width, dark] of [[320, true], [1280, false]]) {
  test(`axe finds nothing behind the sign-in at ${width} px, ${dark ? 'dark' : 'light'}`, async () => {
    const found = [];
    const { page, context } = await openPage(browser, { address: program.address, width, dark });
    const look = async asked => {
      if (asked) await page.goto(program.address + asked);
      // After a click, the page may be there before its sheet of styles.
      await page.waitForFunction(() => document.readyState === 'complete' && document.styleSheets.length > 0);
      const path = new URL(page.url()).pathname;
      found.push(...(await runAxe(page, context)).map(v => ({ page: path, ...v })), ...(await structure(page)).map(words => ({ page: path, words })));
      // The colours of the other scheme, at this width too.
      await page.emulateMedia({ colorScheme: dark ? 'light' : 'dark' });
      found.push(...(await runAxe(page, context, ['color-contrast'])).map(v => ({ page: path, other: true, ...v })));
      await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' });
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
    await page.goto(`${program.address}${record}`);
    const carrier = await page.getAttribute('.record-org a', 'href');
    for (const path of [...BEHIND, record, `${carrier}/tableau-de-bord`]) await look(path);
    // Once: both schemes are looked at on each page, and the narrow screen is the harder one.
    if (width === 320) await made(page, program.address, look);
    await page.goto(`${program.address}/mon-espace/estimations`);
    await look(await page.getAttribute('a[href^="/mon-espace/estimations/"]', 'href'));
    // The purchase and the roadmap of the organisation of the demonstration.
    await context.clearCookies();
    await page.goto(`${program.address}/connexion`);
    await page.check('input[name=role][value=contributeur]');
    await page.click('#demonstration button');
    await page.waitForURL('**/mon-espace');
    await look('/maitriser/achat/dossiers');
    const purchase = await page.getAttribute('main a[href*="/achat/dossiers/"]', 'href');
    for (const part of PURCHASE) await look(purchase + part);
    await page.goto(program.address + purchase);
    const buyer = await page.getAttribute('main a[href^="/organisations/"]', 'href');
    for (const part of ROADMAP) await look(`${buyer}/feuille-de-route${part}`);
    await page.goto(`${program.address}${buyer}/feuille-de-route/comite`);
    const pdf = await page.pdf({ format: 'A4' });
    assert.equal(pdf.toString('latin1').match(/\/Type\s*\/Page[^s]/g).length, 1, 'a committee reads one page');
    await context.close();
    assert.deepEqual(found, []);
  });
}
