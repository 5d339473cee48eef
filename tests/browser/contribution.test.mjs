// An agent describes a project, a moderator asks for one change, the agent answers, everybody reads it: by keyboard,
// with and without JavaScript, without one accessibility violation on the way.
import assert from 'node:assert/strict';
import { join } from 'node:path';
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
    await agent.page.goto(agent.page.url().replace(/[^/]+$/, 'relecture'));
    await look(agent, 'relecture');
    await press(agent.page, '#envoyer button');
    assert.match(await agent.page.textContent('main'), /Numéro/);
    await look(agent, 'recu');
    const followed = agent.page.url();

    await enter(moderator.page, 'moderation');
    await moderator.page.goto(`${program.address}/moderation`);
    await look(moderator, 'moderation');
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
    await agent.page.goto(followed.replace('suivi', 'projet'));
    assert.match(await agent.page.textContent('[role=alert]'), /Un résumé/);
    await type(agent.page, '[name=summary]', 'Moins de restes à la cantine.');
    await press(agent.page, '#questions button[value=rester]');
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
  await enter(phone.page, 'contributeur');
  await phone.page.goto(`${program.address}/contribuer`);
  await phone.page.fill('input[name=title]', 'Commencé dans le train');
  await phone.page.press('input[name=title]', 'Enter');
  await phone.page.waitForURL('**/essentiel');
  await phone.page.fill('textarea[name=description]', 'Écrit d’une main, sans rien enregistrer.');
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
