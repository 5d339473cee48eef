// Signing in and out through a real OpenID provider, as somebody does who sees two sites and nothing of what is said
// between them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { openPage, runAxe, startBrowser, startProgram } from './support.mjs';
import { SECRET, startProvider } from './oidc-provider.mjs';

// The provider must know the address of the program, and the program that of the provider.
const freePort = () => new Promise((resolve, reject) => {
  const server = createServer().once('error', reject).listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

let folder;
let provider;
let program;
let browser;
before(async () => {
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  provider = await startProvider({ redirect: `${address}/connexion/essai/retour`, after: `${address}/` });
  folder = mkdtempSync(join(tmpdir(), 'sobria-oidc-'));
  const config = join(folder, 'sobria.toml');
  writeFileSync(config, `[server]
public_url = "${address}"

[[oidc]]
key = "essai"
name = "Fournisseur d’essai"
issuer = "${provider.issuer}"
client_id = "sobria"
client_secret = "${SECRET}"
`);
  program = await startProgram(['serve', '--demo', '--listen', `127.0.0.1:${port}`, '--config', config]);
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await program?.stop();
  await provider?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

const open = javaScript => openPage(browser, { address: program.address, javaScript, width: 320, height: 700, allowed: [new URL(provider.issuer).host] });

// From the page of sign-in to the provider, and back with the answer of somebody.
async function enter(page, email, gesture = 'entrer') {
  await page.goto(`${program.address}/connexion?suite=/mon-espace/compte`);
  await page.click('a[href^="/connexion/essai"]');
  await page.waitForURL(`${provider.issuer}/**`);
  await page.fill('#adresse', email);
  await page.click(`button[value=${gesture}]`);
  await page.waitForURL(`${program.address}/**`);
}

for (const javaScript of [true, false]) {
  test(`an agent enters, asks for the organisation of the SIRET, and leaves both sites ${javaScript ? 'with' : 'without'} JavaScript`, async () => {
    const { page, context } = await open(javaScript);
    await enter(page, 'lea.martin@kerzavel.example');
    await page.goto(`${program.address}/mon-espace/compte`);
    const account = await page.textContent('main');
    assert.match(account, /lea\.martin@kerzavel\.example/);
    await page.goto(`${program.address}/mon-espace`);
    const space = await page.textContent('main');
    assert.match(space, /Bonjour Léa/);
    assert.match(space, /confirmé que vous travaillez pour/, 'a moderator decides');
    await page.goto(`${program.address}/mon-espace/compte`);
    await page.click('form[action="/deconnexion"] button');
    await page.waitForURL(`${provider.issuer}/**`);
    await page.click('button[value=yes]');
    await page.waitForURL(url => !url.pathname.startsWith('/session/end') || url.pathname.endsWith('/success'));
    await page.goto(`${program.address}/mon-espace`);
    assert.match(page.url(), /\/connexion/, 'signed out here');
    await page.click('a[href^="/connexion/essai"]');
    await page.waitForURL(`${provider.issuer}/**`);
    assert.equal(await page.locator('#adresse').count(), 1, 'and there');
    await context.close();
  });
}

test('whoever gives up, or is not known well enough, reads why', async () => {
  const { page, context } = await open(false);
  await enter(page, 'lea.martin@kerzavel.example', 'renoncer');
  const gaveUp = await page.textContent('main');
  assert.match(gaveUp, /Vous n’êtes pas connecté\u00a0: le fournisseur d’identité a été quitté avant la fin/);
  await enter(page, 'sans.verification@kerzavel.example');
  await page.goto(`${program.address}/mon-espace`);
  assert.match(page.url(), /\/connexion/, 'an address that nobody checked opens nothing');
  await context.close();
});

test('an agent of an organisation that no directory knows waits, and is told so', async () => {
  const { page, context } = await open(true);
  await enter(page, 'karim.benali@ailleurs.example');
  await page.goto(`${program.address}/mon-espace`);
  assert.match(await page.textContent('main'), /Bonjour Karim/);
  assert.match(await page.textContent('main'), /dès que la modération aura confirmé/);
  assert.deepEqual(await runAxe(page, context), []);
  await context.close();
});

test('an answer that this browser did not ask for is refused', async () => {
  const { page, context } = await open(false);
  const response = await page.goto(`${program.address}/connexion/essai/retour?code=x&state=y`);
  assert.ok(response.status() >= 400);
  assert.match(await page.textContent('main'), /[Cc]onnexion/);
  await page.goto(`${program.address}/mon-espace`);
  assert.match(page.url(), /\/connexion/);
  await context.close();
});
