// What a reader comes for, with and without JavaScript, with a mouse and with a keyboard alone.
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

for (const javaScript of [true, false]) {
  const how = javaScript ? 'with JavaScript' : 'without JavaScript';

  test(`search, narrow, read and download ${how}`, async () => {
    const { page, context, foreign, problems } = await openPage(browser, { address: program.address, javaScript });
    await page.goto(program.address);
    await page.fill('main input[name=q]', "fuites d'eau");
    await page.press('main input[name=q]', 'Enter');
    await page.waitForURL('**/cas-usages?*');
    const total = Number((await page.textContent('[data-total]')).match(/\d+/)[0]);
    assert.ok(total >= 1, `${total} results`);
    const first = page.locator('article[data-use-case] a').first();
    const title = (await first.textContent()).trim();
    await first.click();
    await page.waitForURL('**/cas-usages/*');
    assert.equal((await page.textContent('h1')).replace(/\s+/g, ' ').trim(), title.replace(/\s+/g, ' '));
    await page.goto(`${program.address}/cas-usages?theme=transition`);
    const csv = await page.getAttribute('a[href*="/exports/use-cases.csv"]', 'href');
    const answer = await context.request.get(program.address + csv);
    assert.equal(answer.status(), 200);
    const shown = Number((await page.textContent('[data-total]')).match(/\d+/)[0]);
    const lines = (await answer.text()).split('\n').filter(line => /^[0-9a-f]{8}-/.test(line)).length;
    assert.equal(lines, shown, 'the file holds the results that are shown');
    assert.deepEqual(foreign, []);
    assert.deepEqual(problems, []);
    await context.close();
  });

  test(`a filter narrows the list and can be taken away ${how}`, async () => {
    const { page, context } = await openPage(browser, { address: program.address, javaScript });
    const count = async () => Number((await page.textContent('[data-total]')).match(/\d+/)[0]);
    await page.goto(`${program.address}/cas-usages`);
    const all = await count();
    await page.check('input[name=theme][value=mobilites]');
    if (javaScript) {
      await page.waitForURL(/theme=mobilites/);
    } else {
      await Promise.all([page.waitForURL(/theme=mobilites/), page.locator('button.apply').click()]);
    }
    await page.waitForFunction(
      before => Number(document.querySelector('[data-total]').textContent.match(/\d+/)[0]) < before, all,
      { polling: 50 },
    ).catch(() => {});
    const narrowed = await count();
    assert.ok(narrowed > 0 && narrowed < all, `${narrowed} of ${all}`);
    await page.locator('.active a').first().click();
    await page.waitForURL(url => !url.search.includes('theme=mobilites'));
    await page.waitForTimeout(javaScript ? 300 : 0);
    assert.equal(await count(), all);
    await context.close();
  });

  test(`the map leads to a project ${how}`, async () => {
    const { page, context } = await openPage(browser, { address: program.address, javaScript });
    await page.goto(`${program.address}/cas-usages?vue=carte`);
    assert.ok(await page.locator('svg a').count() > 5, 'markers are links');
    await page.locator('main a[href^="/organisations/"]').first().click();
    await page.waitForURL('**/organisations/*');
    await page.locator('article[data-use-case] a').first().click();
    await page.waitForURL('**/cas-usages/*');
    assert.equal(await page.locator('h1').count(), 1);
    await context.close();
  });
}

test('a keyboard alone goes from the first page to a record', async () => {
  const { page, context } = await openPage(browser, { address: program.address });
  await page.goto(program.address);
  await page.keyboard.press('Tab');
  const skip = await page.evaluate(() => document.activeElement.getAttribute('href'));
  assert.equal(skip, '#contenu', 'the first stop is the link to the content');
  await page.keyboard.press('Enter');
  for (let i = 0; i < 6; i += 1) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(() => document.activeElement.name === 'q')) break;
  }
  assert.ok(await page.evaluate(() => document.activeElement.name === 'q'), 'the search field is near');
  await page.keyboard.type('cantine');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/cas-usages?*');
  let reached = false;
  for (let i = 0; i < 90 && !reached; i += 1) {
    await page.keyboard.press('Tab');
    const state = await page.evaluate(() => {
      const element = document.activeElement;
      // The link of a card draws its focus around the whole card, on a pseudo-element.
      const visible = pseudo => {
        const style = getComputedStyle(element, pseudo);
        return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
      };
      return {
        inCard: Boolean(element.closest('article[data-use-case]')),
        outline: visible(null) || visible('::after'),
        body: element === document.body,
      };
    });
    if (!state.body) assert.ok(state.outline, `focus is visible at stop ${i}`);
    reached = state.inCard;
  }
  assert.ok(reached, 'a card is reached');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/cas-usages/*');
  await context.close();
});

test('no page scrolls sideways at 320 px, has one h1, and speaks to no other host', async () => {
  const { page, context, foreign, problems } = await openPage(browser, { address: program.address, width: 320 });
  const titles = new Map();
  for (const [name, path] of Object.entries(PAGES)) {
    await page.goto(program.address + path);
    const facts = await page.evaluate(() => ({
      overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      titles: document.querySelectorAll('h1').length,
      language: document.documentElement.lang,
      banner: document.body.textContent.includes('données de démonstration')
        || document.body.textContent.includes('Données de démonstration'),
    }));
    assert.ok(facts.overflow <= 0, `${name} overflows by ${facts.overflow} px`);
    assert.equal(facts.titles, 1, `${name} has one h1`);
    assert.equal(facts.language, 'fr', name);
    assert.ok(facts.banner, `${name} says that data are invented`);
    assert.deepEqual(await structure(page), [], name);
    titles.set(name, await page.title());
  }
  assert.equal(new Set(['fiches', 'recherche', 'filtres', 'tableau', 'carte'].map(name => titles.get(name))).size, 5);
  for (const name of ['ia-erreur', 'scenariosErreur']) assert.match(titles.get(name), /^Erreur\u00a0: /);
  // A list on paper says what was asked; an empty one offers no file.
  await page.goto(program.address + PAGES.vide);
  assert.equal(await page.locator('a[href^="/exports/"]').count(), 0);
  assert.equal(await page.locator('.facets > summary').textContent(), 'Filtrer les projets', 'a word is no filter');
  await page.goto(program.address + PAGES.filtres);
  assert.ok(await page.locator('a[href^="/exports/"]').count() > 0);
  assert.equal(await page.locator('.facets > summary').textContent(), 'Filtrer les projets (2 en cours)');
  await page.emulateMedia({ media: 'print' });
  assert.ok(await page.locator('.active a').first().isVisible(), 'the filters are printed');
  assert.ok(!(await page.locator('.active .reset').isVisible()));
  assert.deepEqual(foreign, []);
  assert.deepEqual(problems, []);
  await context.close();
});

for (const javaScript of [true, false]) {
  test(`an assistant is estimated, a smaller model is set beside it ${javaScript ? 'as one types' : 'without JavaScript'}`, async () => {
    const { page, context, foreign, problems } = await openPage(browser, { address: program.address, javaScript });
    await page.goto(`${program.address}/estimer`);
    await page.click('a[href="/estimer/ia-generative"].button');
    await page.selectOption('#modele', 'openai/gpt-4o');
    await page.fill('#agents', '300');
    if (!javaScript) await page.click('#calcul button');
    await page.waitForURL(/agents=300/);
    await page.waitForSelector('.headline b');
    const headline = await page.textContent('.headline b');
    assert.match(headline, /entre .* et .*CO₂e/);
    if (javaScript) {
      await page.fill('#agents', '600');
      await page.waitForURL(/agents=600/);
      await page.waitForFunction(before => document.querySelector('.headline b').textContent !== before, headline);
      assert.match(await page.textContent('#annonce'), /par an/);
    }
    await page.click('a[href*="modele_autre"]');
    await page.waitForURL(/avec=/);
    const rows = await page.locator('table:has(#t-avec) tbody tr').allTextContents();
    assert.ok(rows.length >= 4 && rows[0].includes('−'), rows.join(' | '));
    assert.deepEqual(foreign, []);
    assert.deepEqual(problems, []);
    await context.close();
  });
}

for (const javaScript of [true, false]) {
  test(`a result prints on one page, with its tables when asked ${javaScript ? 'with' : 'without'} JavaScript`, async () => {
    const { page, context } = await openPage(browser, { address: program.address, javaScript });
    const printed = async () => {
      const pdf = await page.pdf({ format: 'A4' });
      return pdf.toString('latin1').match(/\/Type\s*\/Page[^s]/g).length;
    };
    // Two guessed models far beyond what was measured: as many remarks as there can be.
    const longest = '/estimer/ia-generative?modele=openai/gpt-4o&agents=300&avec=modele%3Dopenai%2Fgpt-5%26agents%3D300%26lieu%3DUSA';
    for (const name of ['ia-resultat', 'ia-comparee', longest, 'calcul', 'calcul-modele', 'mesure', 'service']) {
      await page.goto(program.address + (PAGES[name] ?? name));
      assert.equal(await printed(), 1, name);
      const shown = () => page.locator('section.more').first().isVisible();
      await page.emulateMedia({ media: 'print' });
      if (await page.locator('section.more').count()) assert.equal(await shown(), false, name);
      assert.ok(await page.locator('.on-paper', { hasText: '/estimer/' }).isVisible(), name);
      await page.emulateMedia({ media: null });
      await page.locator('#tout-imprimer').focus();
      await page.keyboard.press('Space');
      await page.emulateMedia({ media: 'print' });
      if (await page.locator('section.more').count()) assert.equal(await shown(), true, name);
      await page.emulateMedia({ media: null });
    }
    await context.close();
  });
}

for (const width of [320, 1280]) {
  test(`an agent in charge of an assistant decides with a keyboard alone at ${width} px`, async () => {
    const { page, context, problems } = await openPage(browser, { address: program.address, width });
    const reach = async (selector, most = 60) => {
      for (let step = 0; step < most; step += 1) {
        await page.keyboard.press('Tab');
        if (await page.evaluate(wanted => document.activeElement.matches(wanted), selector)) return;
      }
      assert.fail(`${selector} is not reached by the keyboard`);
    };
    const type = async text => {
      await page.keyboard.press('Control+A');
      await page.keyboard.type(text);
    };
    await page.goto(`${program.address}/estimer`);
    await reach('a[href="/estimer/ia-generative"]');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#calcul');
    await reach('#modele');
    await page.keyboard.type('gpt-4o');
    await reach('#agents');
    await type('300');
    await reach('#calcul button');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.headline b');
    const result = await page.textContent('#resultat');
    for (const unit of ['kWh', 'CO₂e', 'L', 'Sb eq', 'Connu', 'Supposé']) assert.ok(result.includes(unit), unit);
    const asked = (await page.locator('#calcul label:visible').allTextContents()).join(' ');
    assert.ok(!/jeton|token/i.test(asked), 'no word of the trade in the form');
    await reach('#resultat a[href*="modele_autre"]');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#t-avec');
    await page.selectOption('#lieu', 'FRA');
    await page.waitForURL(/lieu=FRA/);
    await page.waitForFunction(() => document.querySelector('#t-avec'));
    const rows = await page.locator('table:has(#t-avec) tbody tr').allTextContents();
    assert.ok(rows.every(row => row.includes('−')), rows.join(' | '));
    const request = await page.locator('.actions a').first().getAttribute('href');
    const file = await (await context.request.get(program.address + request)).json();
    assert.equal(file.method, 'llm_inference');
    assert.ok(!(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)), 'no sideways scroll');
    assert.deepEqual(problems, []);
    await context.close();
  });
}

test('what was chosen before the script came is not forgotten', async () => {
  const { page, context, problems } = await openPage(browser, { address: program.address });
  let release = () => {};
  let held;
  await page.route('**/*.js', async route => {
    await held;
    await route.continue();
  });
  const asked = [];
  page.on('request', request => { if (request.resourceType() === 'fetch') asked.push(request.url()); });
  for (const [name, choose, expected] of [
    ['/cas-usages', () => page.check('input[name=theme][value=mobilites]'), /\?(?!.*theme=.*theme=).*theme=mobilites/],
    ['/cas-usages', () => page.selectOption('#tri', { index: 1 }), /tri=/],
    [PAGES['ia-resultat'], () => page.selectOption('#lieu', 'FRA'), /lieu=FRA/],
    [PAGES['ia-resultat'], () => page.fill('#agents', '301'), /agents=301/],
  ]) {
    held = new Promise(resolve => { release = resolve; });
    await page.goto(program.address + name, { waitUntil: 'commit' });
    await page.waitForSelector('footer');
    await choose();
    assert.ok(!expected.test(page.url()), name);
    release();
    await page.waitForURL(expected);
  }
  const before = asked.length;
  for (const name of ['/cas-usages', PAGES.filtres, PAGES.carte, PAGES.recherche, PAGES.ia, PAGES['ia-comparee'], PAGES.calcul]) {
    await page.goto(program.address + name, { waitUntil: 'networkidle' });
  }
  assert.deepEqual(asked.slice(before), [], 'a page that nobody touched asks for nothing more');
  assert.deepEqual(problems, []);
  await context.close();
});

test('what was typed comes back with what is wrong in it, by keyboard alone', async () => {
  const { page, context } = await openPage(browser, { address: program.address, javaScript: false });
  await page.goto(`${program.address}/estimer/calcul`);
  await page.focus('#heures');
  await page.keyboard.type('douze');
  await page.keyboard.press('Enter');
  await page.waitForURL(/heures=douze/);
  assert.equal(await page.inputValue('#heures'), 'douze');
  assert.equal(await page.getAttribute('#heures', 'aria-invalid'), 'true');
  await page.focus('[role=alert] a[href="#heures"]');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id || location.hash), 'heures');
  await context.close();
});

for (const javaScript of [true, false]) {
  test(`two estimates are attached to a record and set side by side there ${javaScript ? 'with' : 'without'} JavaScript`, async () => {
    const signedIn = async role => {
      const reader = await openPage(browser, { address: program.address, javaScript });
      await reader.page.goto(`${program.address}/connexion`);
      await reader.page.check(`input[name=role][value=${role}]`);
      await reader.page.click('#demonstration button');
      await reader.page.waitForURL(/mon-espace|moderation/);
      return reader;
    };
    const agent = await signedIn('contributeur');
    const { page } = agent;
    let record;
    const titles = ['Grand modèle', 'Petit modèle en France'].map(title => `${title} ${javaScript ? 'avec' : 'sans'}`);
    for (const [title, address] of [
      [titles[0], '/estimer/ia-generative?modele=openai/gpt-4o&agents=300&lieu=USA'],
      [titles[1], '/estimer/ia-generative?modele=mistralai/ministral-3b-2512&agents=300&lieu=FRA'],
    ]) {
      await page.goto(program.address + address);
      await page.click('a[href^="/estimer/attacher"]');
      await page.click('form button:has-text("Attacher")');
      assert.ok((await page.locator('[role=alert] a').count()) >= 1, 'what lacks is said');
      record ??= await page.locator('select[name=fiche] option').nth(1).getAttribute('value');
      await page.selectOption('select[name=fiche]', record);
      await page.fill('[name=titre]', title);
      if (javaScript) assert.deepEqual(await runAxe(page, agent.context), []);
      await page.click('form button:has-text("Attacher")');
      await page.waitForURL(/mon-espace\/estimations/);
      assert.ok((await page.textContent('main')).includes(title));
    }
    const visitor = await openPage(browser, { address: program.address, javaScript });
    const read = async reader => {
      await reader.page.goto(`${program.address}/cas-usages/${record}`);
      return reader.page.textContent('main');
    };
    const before = await read(visitor);
    assert.ok(titles.every(title => !before.includes(title)), 'visitors wait for a moderator');
    const moderator = await signedIn('moderation');
    for (const title of titles) {
      await moderator.page.goto(`${program.address}/mon-espace/estimations`);
      await moderator.page.locator('form', { hasText: title }).or(moderator.page.locator('section', { hasText: title })).last().getByRole('button', { name: 'Rendre publique' }).click();
      await moderator.page.waitForURL(/fait=publier/);
    }
    const afterwards = await read(visitor);
    assert.ok(titles.every(title => afterwards.includes(title)), afterwards);
    for (const one of [agent, visitor, moderator]) {
      assert.deepEqual(one.problems.filter(text => !/422/.test(text)), []);
      await one.context.close();
    }
  });
}
