// Starts the program on a free port and a browser that may speak to nothing else.
import { spawn } from 'node:child_process';
import { mkdtempSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const require = createRequire(import.meta.url);

export const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
export const screenshots = join(here, 'screenshots');
mkdirSync(screenshots, { recursive: true });

export const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

// One page of each kind, with the states that have a face of their own.
export const PAGES = {
  accueil: '/',
  fiches: '/cas-usages',
  recherche: '/cas-usages?q=fuites+d%27eau',
  filtres: '/cas-usages?theme=transition&maturite=experimentation',
  // A word longer than a telephone is wide.
  vide: `/cas-usages?q=${'zzzzqqqq'.repeat(8)}`,
  tableau: '/cas-usages?vue=tableau',
  carte: '/cas-usages?vue=carte',
  organisations: '/organisations',
  evaluer: '/estimer',
  ia: '/estimer/ia-generative',
  'ia-resultat': '/estimer/ia-generative?tache=conversation&modele=openai/gpt-4o&lieu=&agents=300&usages=5&jours=210',
  'ia-comparee': '/estimer/ia-generative?modele=mistralai/ministral-14b-2512&lieu=FRA&agents=300&avec=modele%3Dopenai%2Fgpt-4o%26agents%3D300',
  'ia-erreur': '/estimer/ia-generative?modele_autre=inconnu&agents=beaucoup',
  calcul: '/estimer/calcul?heures=12&coeurs=12&processeur=Xeon+E5-2683+v4&memoire=64&lieu=FRA&executions=55',
  'calcul-modele': '/estimer/calcul?heures=100&coeurs=4&memoire=32&lieu=FRA&recherche=2&u_heures=8&u_coeurs=2&u_memoire=4&rythme=week',
  reperes: '/estimer/reperes?critere=climate&bas=75&haut=120',
  mesure: '/estimer/mesure?kwh=15&co2=2%2C5&lieu=FRA',
  journaux: '/estimer/mesure',
  ecarts: '/estimer/mesure/ecarts',
  mesureExemple: '/estimer/mesure/exemple',
  service: '/estimer/service?titre=Voirie&maturite=experimentation&unite=per_object&unite_nom=1+km&quantite=100&l1_origine=mesure&l1_phase=training&l1_rythme=once&l1_kwh=15&l1_kg=2%2C5&l1_lieu=FRA&l1_note=CodeCarbon&l2_origine=calculateur&l2_phase=operation&l2_adresse=http%3A%2F%2Fx%2Festimer%2Fcalcul%3Fheures%3D1%26cartes%3D1%26memoire%3D16%26lieu%3DFRA&l2_nombre=50',
  achat: '/maitriser/achat',
  feuilleDeRoute: '/maitriser/feuille-de-route?type=commune&population=60000&annee_base=2024&base=120&annee_cible=2030&mode=relatif&cible=-30&annee=2026&valeur=110',
  scenarios: '/maitriser/scenarios',
  scenariosChiffres: '/maitriser/scenarios/chiffres',
  scenariosUsages: '/maitriser/scenarios/usages?agents1=1000&adoption1=80&requetes1=1760&wh1=0,5+%C3%A0+3&gain1=15&mediane1=2027,5&vitesse1=0,9&de=2026&a=2030&plafond=1500',
  scenariosErreur: '/maitriser/scenarios/usages?agents1=beaucoup',
  methode: '/estimer/methodes/llm-inference',
  methodeFrugalite: '/estimer/methodes/frugality',
  table: '/donnees/tables/llm_models',
  maitriser: '/maitriser',
  frugalite: '/maitriser/frugalite',
  transparence: '/maitriser/transparence',
  gouvernance: '/gouvernance',
  ressources: '/ressources?type=code',
  solutions: '/solutions',
  fournisseurs: '/fournisseurs',
  agenda: '/agenda',
  nouvelles: '/nouvelles',
  listeVide: '/ressources?q=zzzzqqqq',
  contexte: '/contexte',
  modele: '/modele-de-donnees',
  statistiques: '/statistiques',
  donnees: '/donnees',
  tableDeReference: '/donnees/tables/datacenter_pue',
  tableFiltree: '/donnees/tables/llm_models?q=mistral+small',
  accessibilite: '/accessibilite',
  mentions: '/mentions-legales',
  personnelles: '/donnees-personnelles',
  ecoconception: '/ecoconception',
  plan: '/plan-du-site',
  aide: '/aide',
  composants: '/composants',
  introuvable: '/cette-page-n-existe-pas',
};

export async function startProgram(args = ['serve', '--demo', '--listen', '127.0.0.1:0'], env = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'sobria-test-'));
  const binary = process.env.SOBRIA_BIN || join(root, 'target', 'debug', 'sobria');
  const child = spawn(binary, args, { cwd: folder, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', chunk => { errors += chunk; });
  const address = await new Promise((resolve, reject) => {
    let out = '';
    child.stdout.on('data', chunk => {
      out += chunk;
      const found = out.match(/listening on (http:\/\/\S+)/);
      if (found) resolve(found[1]);
    });
    child.on('exit', code => reject(new Error(`the program ended with ${code}: ${errors}`)));
  });
  return {
    address,
    async stop() {
      const ended = new Promise(resolve => child.on('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function startBrowser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', headless: true, args: FLAGS });
}

// A page whose requests to any other host are counted, and refused but for those of `allowed`.
export async function openPage(browser, { address, javaScript = true, width = 1280, height = 900, dark = false, allowed = [] } = {}) {
  const context = await browser.newContext({
    javaScriptEnabled: javaScript,
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    locale: 'fr-FR',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const foreign = [];
  const problems = [];
  const host = new URL(address).host;
  await page.route('**/*', route => {
    const url = new URL(route.request().url());
    if (url.host !== host && !['data:', 'blob:'].includes(url.protocol)) {
      foreign.push(url.href);
      return allowed.includes(url.host) ? route.continue() : route.abort();
    }
    return route.continue();
  });
  page.on('console', message => {
    if (message.type() === 'error' && !/status of (404|410)/.test(message.text())) problems.push(message.text());
  });
  page.on('pageerror', error => problems.push(String(error)));
  return { page, context, foreign, problems };
}

// `rules` looks at those only.
export async function runAxe(page, context, rules = null) {
  // After a click the page may be there before its sheet of styles, and every target is then too small.
  await page.waitForLoadState('load');
  const session = await context.newCDPSession(page);
  // Evaluated through the debugger, which the content policy of the page does not concern.
  await session.send('Runtime.evaluate', { expression: axeSource });
  const only = rules ? { type: 'rule', values: rules } : null;
  const tags = ['RGAAv4', 'wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
  const answer = await session.send('Runtime.evaluate', {
    expression: `axe.run(document, { runOnly: ${JSON.stringify(only ?? { type: 'tag', values: tags })} })
      .then(r => JSON.stringify(r.violations.map(v => ({ id: v.id, impact: v.impact, nodes: v.nodes.map(n => n.html.slice(0, 160)) }))))`,
    awaitPromise: true,
    returnByValue: true,
  });
  return JSON.parse(answer.result.value);
}

// What the rules of axe do not look at: one order of titles, no field without its own label, choices under one legend.
export function structure(page) {
  return page.evaluate(() => {
    const all = selector => [...document.querySelectorAll(selector)];
    const source = element => element.outerHTML.slice(0, 120);
    const ids = all('[id]').map(element => element.id);
    const levels = all('h1,h2,h3,h4,h5,h6').filter(e => e.getClientRects().length).map(e => Number(e.tagName[1]));
    const choices = Map.groupBy(all('input[type=radio], input[type=checkbox]'), e => `${e.form?.action} ${e.name}`);
    return [
      ...ids.filter((id, i) => ids.indexOf(id) !== i).map(id => `two elements have the id ${id}`),
      ...levels.filter((level, i) => i > 0 && level > levels[i - 1] + 1).map(level => `a title of level ${level} skips one`),
      ...all('input:not([type=hidden], [type=submit]), select, textarea')
        .filter(e => !e.labels.length && !e.ariaLabel && !e.hasAttribute('aria-labelledby'))
        .map(e => `no label: ${source(e)}`),
      ...[...choices.values()].filter(list => list.length > 1 && list.some(e => !e.closest('fieldset, [role=group]')))
        .map(list => `choices without a legend: ${source(list[0])}`),
      ...all('fieldset').filter(e => !e.querySelector('legend') && !e.ariaLabel && !e.hasAttribute('aria-labelledby'))
        .map(e => `no legend: ${source(e)}`),
      ...all('[tabindex]').filter(e => e.tabIndex > 0).map(e => `an order of its own: ${source(e)}`),
      ...all('a[target=_blank]').map(e => `a window that nobody asked for: ${source(e)}`),
    ];
  });
}
