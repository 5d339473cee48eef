// An agent describes a project, a moderator asks for one change, the agent answers, everybody reads it: by keyboard,
// with and without JavaScript, without one accessibility violation on the way.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { after, before, test } from 'node:test';
import { openPage, runAxe, screenshots, startBrowser, startProgram } from './support.mjs';

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

// Moves the focus with Tab alone until an element that answers to the selector has it.
async function reach(page, selector) {
  for (let step = 0; step < 200; step += 1) {
    if (await page.evaluate(wanted => document.activeElement?.matches(wanted), selector)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`the keyboard never reaches ${selector} on ${page.url()}`);
}

async function type(page, selector, text) {
  await reach(page, selector);
  await page.keyboard.press('Control+A');
  await page.keyboard.type(text);
}

async function press(page, selector, key = 'Enter') {
  await reach(page, selector);
  await Promise.all([page.waitForNavigation(), page.keyboard.press(key)]);
}

async function enter(page, role) {
  await page.goto(`${program.address}/connexion`);
  await reach(page, 'input[name=role]');
  await page.check(`input[name=role][value=${role}]`);
  await press(page, '#demonstration button');
}

// The demonstration begins with a record that was last confirmed long ago: its reminder is among the messages.
test('a year later the agent confirms with one click from the message, without JavaScript and with it', async () => {
  const plain = await openPage(browser, { address: program.address, width: 320, javaScript: false });
  const rich = await openPage(browser, { address: program.address, width: 1280 });
  const violations = [];
  const look = async name => violations.push(...(await runAxe(rich.page, rich.context)).map(v => ({ name, ...v })));
  const wide = page => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  const message = rich.page.locator('section:has(h2:has-text("Toujours d’actualité"))');
  for (let turn = 0; turn < 100; turn += 1) {
    await rich.page.goto(`${program.address}/courriels`);
    if (await message.count() > 0) break;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  await look('courriels');
  const link = await message.first().locator('a:has-text("Suivre le lien")').getAttribute('href');
  const record = (await message.first().textContent()).match(/\/cas-usages\/[a-z0-9-]+/)[0];
  for (const { page } of [plain, rich]) {
    await page.goto(program.address + record);
    assert.match(await page.textContent('main'), /à confirmer/i);
    await page.goto(program.address + link);
    assert.match(await page.textContent('h1'), /Toujours d’actualité/);
    assert.ok(await wide(page) <= 0, 'the page is too wide');
  }
  await look('confirmer');
  await plain.page.screenshot({ path: join(screenshots, 'confirmer-320.png'), fullPage: true });
  await press(plain.page, 'main form button');
  assert.match(await plain.page.textContent('main'), /C’est noté/);
  // The other browser had the page open: its click is not a second confirmation.
  await press(rich.page, 'main form button');
  assert.match(await rich.page.textContent('h1'), /Ce lien ne sert plus/);
  await look('lien suivi');

  await enter(rich.page, 'moderation');
  await rich.page.goto(`${program.address}/moderation`);
  await look('moderation');
  const row = rich.page.locator('table.queue tr:has-text("Rien n’a changé")');
  assert.equal(await row.count(), 1, 'one confirmation waits');
  await row.locator('input[type=checkbox]').focus();
  await rich.page.keyboard.press('Space');
  await press(rich.page, 'form[action="/moderation"] button:not(.quiet)');
  assert.match(await rich.page.textContent('[role=status]'), /enregistrées/);
  await plain.page.goto(program.address + record);
  assert.doesNotMatch(await plain.page.textContent('main'), /à confirmer/i);
  assert.deepEqual(violations, []);
  for (const one of [plain, rich]) {
    assert.deepEqual(one.foreign, []);
    assert.deepEqual(one.problems.filter(text => !/410/.test(text)), []);
    await one.context.close();
  }
});

for (const [width, javaScript] of [[320, true], [1280, false]]) {
  test(`a project is described, corrected and published at ${width} px, ${javaScript ? 'with' : 'without'} JavaScript`, async () => {
    const agent = await openPage(browser, { address: program.address, width, javaScript });
    const moderator = await openPage(browser, { address: program.address, width, javaScript });
    const violations = [];
    // Look at a page as it is: its picture, and what axe says of it.
    const look = async ({ page, context }, name) => {
      if (javaScript) violations.push(...(await runAxe(page, context)).map(v => ({ name, ...v })));
      await page.screenshot({ path: join(screenshots, `${name}-${width}.png`), fullPage: true });
      const elements = await page.evaluate(() => document.querySelectorAll('*').length);
      assert.ok(elements <= 600, `${name} has ${elements} elements`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(wide <= 0, `${name} is ${wide} px too wide`);
    };
    const title = `Prévoir les repas ${width}`;

    await agent.page.goto(`${program.address}/connexion`);
    await look(agent, 'connexion');
    await enter(agent.page, 'contributeur');
    await look(agent, 'mon-espace');
    await press(agent.page, 'a[href="/contribuer"]');
    await look(agent, 'contribuer');
    await type(agent.page, 'input[name=title]', title);
    await press(agent.page, 'input[name=title]');
    assert.match(agent.page.url(), /essentiel$/);
    await look(agent, 'contribuer-essentiel');
    await type(agent.page, 'textarea[name=description]', 'Prévoir le nombre de repas pour jeter moins.');
    await reach(agent.page, 'input[name=theme]');
    await agent.page.keyboard.press('Space');
    await reach(agent.page, 'input[name=audiences]');
    await agent.page.keyboard.press('Space');
    await type(agent.page, 'input[name=start_date]', 'hier');
    await reach(agent.page, '[name=maturity]');
    await agent.page.keyboard.press(await agent.page.evaluate(() => document.activeElement.tagName) === 'SELECT' ? 'ArrowDown' : 'Space');
    await reach(agent.page, 'input[name=delivery]');
    await agent.page.keyboard.press('Space');
    await press(agent.page, '#questions button[value=rester]');
    assert.match(await agent.page.textContent('[role=alert]'), /n’est pas une date/);
    assert.equal(await agent.page.inputValue('input[name=start_date]'), 'hier');
    await look(agent, 'contribuer-erreur');
    await type(agent.page, 'input[name=start_date]', '09/2025');
    await press(agent.page, '#questions button:not([value])');
    await look(agent, 'contribuer-projet');
    for (const step of ['algorithme', 'donnees', 'effets', 'ressources', 'fichiers']) {
      await agent.page.goto(agent.page.url().replace(/[^/]+$/, step));
      await look(agent, `contribuer-${step}`);
    }
    await agent.page.goto(agent.page.url().replace(/[^/]+$/, 'apercu'));
    assert.match(await agent.page.textContent('h1'), new RegExp(title));
    await look(agent, 'apercu');
    // Two windows on the same questions: whoever saves second is shown both texts, and loses neither.
    const questions = agent.page.url().replace(/[^/]+$/, 'projet');
    const second = await agent.context.newPage();
    await second.goto(questions);
    await agent.page.goto(questions);
    for (const [page, text] of [[agent.page, 'Un éditeur'], [second, 'Une autre maison']]) {
      await page.fill('[name=suppliers]', text);
      await Promise.all([page.waitForNavigation(), page.click('#questions button[value=rester]')]);
    }
    const both = await second.textContent('main');
    assert.match(both, /Un éditeur/);
    assert.match(both + await second.inputValue('[name=suppliers]').catch(() => ''), /Une autre maison/);
    await look({ page: second, context: agent.context }, 'conflit');
    await second.close();
    await agent.page.goto(agent.page.url().replace(/[^/]+$/, 'relecture'));
    await look(agent, 'relecture');
    await press(agent.page, '#envoyer button');
    assert.match(await agent.page.textContent('main'), /Numéro/);
    await look(agent, 'recu');
    const followed = agent.page.url();

    await enter(moderator.page, 'moderation');
    await moderator.page.goto(`${program.address}/moderation`);
    await look(moderator, 'moderation');
    // The menu is folded on a phone, and opens without a script.
    const link = moderator.page.locator('.menu a[href="/moderation/reparations"]');
    assert.equal(await link.isVisible(), width > 720);
    if (width < 720) {
      await reach(moderator.page, '.menu summary');
      await moderator.page.keyboard.press('Enter');
      assert.ok((await link.boundingBox()).height >= 44);
      await look(moderator, 'moderation-menu');
    }
    await moderator.page.click(`text=${title}`);
    await look(moderator, 'moderation-fiche');
    await press(moderator.page, 'form[action$="/prendre"] button');
    await look(moderator, 'moderation-decision');
    await press(moderator.page, 'form[action$="/renvoyer"] button');
    assert.match(await moderator.page.textContent('[role=alert]'), /commentaire/);
    await moderator.page.selectOption('[name="champ.0"]', 'summary');
    await type(moderator.page, '[name="commentaire.0"]', 'Un résumé, s’il vous plaît.');
    await press(moderator.page, 'form[action$="/renvoyer"] button');

    await agent.page.goto(followed);
    await look(agent, 'a-corriger');
    await press(agent.page, '#demandes a[href$="/projet#summary"]');
    assert.match(await agent.page.textContent('[role=alert]'), /Un résumé/);
    assert.match(await agent.page.textContent('#summary-origine'), /Un résumé/);
    await type(agent.page, '[name=summary]', 'Moins de restes à la cantine.');
    await press(agent.page, '#questions button[value=rester]');
    assert.equal(await agent.page.locator('[role=alert]').count(), 0, 'what was answered is no longer asked');
    assert.match(await agent.page.textContent('#summary-origine'), /modifiée depuis/);
    for (const [step, fields] of [
      ['algorithme', [['algorithm.name', 'Prévision'], ['algorithm.kinds', null], ['hosting', null]]],
      ['donnees', [['data.sources', null], ['data.collection', null]]],
    ]) {
      await agent.page.goto(followed.replace('suivi', step));
      for (const [name, text] of fields) {
        if (text === null) await agent.page.check(`[name="${name}"] >> nth=0`);
        else await agent.page.fill(`[name="${name}"]`, text);
      }
      await press(agent.page, '#questions button[value=rester]');
    }
    await agent.page.goto(followed.replace('suivi', 'relecture'));
    await press(agent.page, '#envoyer button');

    await moderator.page.goto(`${program.address}/moderation`);
    await moderator.page.click(`text=${title}`);
    assert.match(await moderator.page.textContent('main'), /Changé depuis l’envoi précédent\s: Résumé, Hébergement/);
    await press(moderator.page, 'form[action$="/prendre"] button');
    await press(moderator.page, 'form[action$="/publier"] button');
    assert.match(await moderator.page.textContent('[role=status]'), /publiée/);

    const visitor = await openPage(browser, { address: program.address, width, javaScript });
    await visitor.page.goto(`${program.address}/cas-usages?q=${encodeURIComponent(title)}`);
    await visitor.page.click('article[data-use-case] a');
    assert.match(await visitor.page.textContent('main'), /Moins de restes à la cantine/);
    assert.deepEqual(violations, []);
    for (const one of [agent, moderator, visitor]) {
      assert.deepEqual(one.foreign, []);
      assert.deepEqual(one.problems.filter(text => !/422|409/.test(text)), []);
      await one.context.close();
    }
  });
}

test('a draft is kept while one types, and taken up elsewhere', async () => {
  const phone = await openPage(browser, { address: program.address, width: 320 });
  await phone.page.clock.install();
  // On a slow network the script comes after the first words.
  let release;
  const held = new Promise(resolve => { release = resolve; });
  await phone.page.route('**/*.js', async route => {
    await held;
    await route.continue();
  });
  await enter(phone.page, 'contributeur');
  await phone.page.goto(`${program.address}/contribuer`);
  await phone.page.fill('input[name=title]', 'Commencé dans le train');
  await phone.page.press('input[name=title]', 'Enter');
  await phone.page.waitForURL('**/essentiel', { waitUntil: 'commit' });
  await phone.page.fill('textarea[name=description]', 'Écrit d’une main, sans rien enregistrer.');
  release();
  await phone.page.waitForLoadState('load');
  await phone.page.clock.fastForward(11000);
  await phone.page.waitForFunction(() => /Brouillon enregistré/.test(document.querySelector('[data-saved]').textContent));
  const desk = await openPage(browser, { address: program.address });
  await enter(desk.page, 'contributeur');
  await desk.page.goto(`${program.address}/mon-espace`);
  await desk.page.click('a:has-text("Reprendre Commencé dans le train")');
  assert.equal(await desk.page.inputValue('textarea[name=description]'), 'Écrit d’une main, sans rien enregistrer.');
  await phone.context.close();
  await desk.context.close();
});

// One part of a ZIP archive, through its central directory.
function part(bytes, wanted) {
  let at = bytes.readUInt32LE(bytes.length - 22 + 16);
  while (bytes.readUInt32LE(at) === 0x02014b50) {
    const [packed, length, extra, comment] = [20, 28, 30, 32].map(place =>
      place === 20 ? bytes.readUInt32LE(at + place) : bytes.readUInt16LE(at + place));
    if (bytes.toString('utf8', at + 46, at + 46 + length) === wanted) {
      const local = bytes.readUInt32LE(at + 42);
      const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
      const body = bytes.subarray(start, start + packed);
      return (bytes.readUInt16LE(at + 10) === 8 ? inflateRawSync(body) : body).toString('utf8');
    }
    at += 46 + length + extra + comment;
  }
  throw new Error(`no ${wanted} in the file`);
}

test('a buyer prepares a purchase of 60 000 €, two suppliers answer, the answers are compared and the annex opened', async () => {
  const one = await openPage(browser, { address: program.address, width: 320 });
  const { page, context } = one;
  const found = [];
  const look = async name => {
    found.push(...(await runAxe(page, context)).map(v => ({ page: name, ...v })));
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(wide <= 0, `${name} is ${wide} px too wide`);
    const weight = (await page.content()).length;
    assert.ok(weight <= 60_000, `${name} weighs ${weight}`);
  };
  await page.goto(`${program.address}/maitriser/achat`);
  for (const [name, text] of [
    ['titre', 'Assistant de rédaction'], ['besoin', 'Rédiger des courriers plus vite.'],
    ['alternatives', 'Des modèles de lettres partagés, sans IA.'], ['valeur', '60 000'], ['duree', '2'], ['personnes', '300'],
  ]) await type(page, `[name=${name}]`, text);
  await reach(page, 'input[name=risques]');
  await page.check('input[name=risques][value=generative]');
  await press(page, '#besoin-a-decrire button');
  const why = await page.textContent('#pourquoi');
  for (const reason of ['Standard', 'entre 50', 'une IA générative est ouverte aux agents']) assert.ok(why.includes(reason), why);
  await look('proposed depth');

  // Without an account the choice is kept through the sign-in.
  await reach(page, '#garder input[name=objet]');
  await page.check('#garder input[value=sourcing]');
  await press(page, '#garder button');
  await page.check('input[name=role][value=contributeur]');
  await press(page, '#demonstration button');
  await press(page, 'main form button');
  const file = new URL(page.url()).pathname;
  assert.match(file, /\/maitriser\/achat\/dossiers\/[0-9a-f-]+$/);
  await look('kept file');
  await page.goto(`${program.address}${file}/fournisseurs`);
  const limit = new Date(Date.now() + 20 * 864e5).toISOString().slice(0, 10);
  await page.fill('[name=limite]', `${limit}T12:00`);
  await press(page, '#date-limite button');
  const links = [];
  for (const supplier of ['Alpha', 'Beta']) {
    await type(page, '[name=fournisseur]', supplier);
    await press(page, '#consulter button');
    links.push((await page.textContent('.notice')).match(/\/maitriser\/achat\/reponse\/[0-9a-f]{64}/)[0]);
  }

  const other = await openPage(browser, { address: program.address });
  for (const [link, words] of [[links[0], 'Un dixième, sans modèle'], [links[1], 'Tout le besoin']]) {
    await other.page.goto(program.address + link);
    await press(other.page, '#commencer a.button');
    await type(other.page, '#Q101', words);
    await type(other.page, '#Q102', 'beaucoup');
    await press(other.page, '#questions button');
    assert.match(await other.page.textContent('[role=alert]'), /un nombre/);
    assert.equal(await other.page.inputValue('#Q101'), words, 'what was typed comes back');
    await type(other.page, '#Q102', '36 000');
    await press(other.page, '#questions button');
    await other.page.goto(`${program.address}${link}?etape=pieces`);
    await other.page.selectOption('[name=preuve_de]', 'Q101');
    await other.page.setInputFiles('[name=fichier]', {
      name: 'note.csv', mimeType: 'text/csv', buffer: Buffer.from('cas;part\nlettres;0,1\n'),
    });
    await press(other.page, '#joindre button');
    assert.match(await other.page.textContent('main'), /note\.csv/);
    if (link === links[0]) found.push(...await runAxe(other.page, other.context));
    await press(other.page, '#suite a.button');
    await press(other.page, '#remettre button');
    assert.match(await other.page.textContent('.score'), /A-[0-9A-F]{8}/);
  }
  await other.context.close();

  await page.goto(`${program.address}${file}/comparaison`);
  const compared = await page.textContent('#T1');
  for (const words of ['Alpha', 'Beta', 'Un dixième, sans modèle', 'Tout le besoin', 'fichier joint note.csv']) {
    assert.ok(compared.includes(words), `${words} in ${compared}`);
  }
  await look('comparison');
  const annex = await context.request.get(`${program.address}${file}/document?piece=annexe&format=odt`);
  assert.equal(annex.status(), 200);
  const text = part(await annex.body(), 'content.xml').replace(/<[^>]+>/g, ' ');
  for (const words of ['Assistant de rédaction', 'C09', 'Q101', 'service juridique']) assert.ok(text.includes(words), words);
  await context.close();
  assert.deepEqual(found, []);
  assert.deepEqual(one.foreign, []);
  assert.deepEqual([...one.problems, ...other.problems].filter(problem => !/422/.test(problem)), []);
});
