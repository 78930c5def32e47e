// Takes pictures of every page and mail: `node pictures.mjs HOST:PORT FOLDER PREFIX [LANGUAGE]`.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { VIEWPORTS, startBrowser } from './chromium.mjs';
import { journey } from './journey.mjs';
import { openMails } from './mails.mjs';
import { openNewsroom } from './newsroom.mjs';
import { survey } from './survey.mjs';

const [socket, folder, prefix, locale = 'en'] = process.argv.slice(2);
if (!prefix) {
    console.error('usage: node pictures.mjs HOST:PORT FOLDER PREFIX [LANGUAGE]');
    process.exit(2);
}

const taken = new Set();

// Takes the place of the checks.
async function photograph(page, name) {
    const file = name.replace(/[?&=/ :]+/g, '-').replace(/^-|-$/g, '').replace(/(inbox)-[0-9a-f-]{36}|(confirm|unsubscribe|preferences)-[\w-]{30,}/g, '$1$2-N').slice(0, 60) || 'front';
    if (taken.has(file)) return;
    taken.add(file);
    for (const [width, viewport] of Object.entries(VIEWPORTS)) {
        await page.setViewportSize(viewport);
        for (const scheme of ['light', 'dark']) {
            await page.emulateMedia({ colorScheme: scheme });
            await page.screenshot({ path: join(folder, `${prefix}-${file}-${width}-${scheme}.png`), fullPage: true });
        }
    }
    await page.emulateMedia({ colorScheme: 'light' });
}

await mkdir(folder, { recursive: true });
await openNewsroom();
const browser = await startBrowser(socket);
try {
    const visitor = { visit: photograph, expect: () => {} };
    await journey(browser, visitor, { locale });
    await survey(browser, visitor, { locale });
    await openMails(browser, (page, subject) => photograph(page, `mail ${subject.slice(0, 24)}`), { locale });
} finally {
    await browser.close();
}
console.log(`${taken.size} pages in ${folder}`);
