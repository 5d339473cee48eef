// Writes a picture of each page at three widths, light and dark, into tests/browser/screenshots.
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { PAGES, openPage, screenshots, startBrowser, startProgram } from './support.mjs';

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

for (const [width, dark] of [[320, false], [768, false], [1280, false], [1280, true]]) {
  test(`pictures at ${width} px, ${dark ? 'dark' : 'light'}`, async () => {
    const { page, context } = await openPage(browser, { address: program.address, width, dark });
    await page.goto(`${program.address}/cas-usages`);
    const record = await page.getAttribute('article[data-use-case] a', 'href');
    for (const [name, path] of Object.entries({ ...PAGES, fiche: record })) {
      await page.goto(program.address + path);
      const file = join(screenshots, `${name}-${width}${dark ? '-sombre' : ''}.png`);
      await page.screenshot({ path: file, fullPage: true });
      assert.ok(statSync(file).size > 5000, `${name} is not blank`);
    }
    await context.close();
  });
}
