// Takes one picture of a brand: front page and digest, in the light and the dark colour scheme.
// `node brands.mjs HOST:PORT DIGEST.html PICTURE.png`
import { readFile, writeFile } from 'node:fs/promises';

import { openPage, startBrowser } from './chromium.mjs';

const PAGE = { width: 1000, height: 840 };
const MAIL = { width: 520, height: 840 };
const GAP = 16;

const [socket, digest, picture] = process.argv.slice(2);
if (!picture) {
    console.error('usage: node brands.mjs HOST:PORT DIGEST.html PICTURE.png');
    process.exit(2);
}

const browser = await startBrowser(socket);
try {
    const mail = await readFile(digest, 'utf8');
    const shots = [];
    for (const scheme of ['light', 'dark']) {
        const front = await openPage(browser, { scheme, viewport: PAGE });
        await front.goto('/');
        shots.push(await front.screenshot());
        const letter = await openPage(browser, { scheme, viewport: MAIL });
        await letter.setContent(mail, { waitUntil: 'networkidle' });
        shots.push(await letter.screenshot());
        const faults = [...front.faults, ...letter.faults];
        if (faults.length > 0) throw new Error(faults.join('\n'));
    }
    const width = PAGE.width + GAP + MAIL.width;
    const sheet = await openPage(browser, { viewport: { width, height: 2 * PAGE.height + GAP } });
    const images = shots.map(shot => `<img src="data:image/png;base64,${shot.toString('base64')}">`);
    const style = `body{margin:0;background:#888;display:grid;gap:${GAP}px;grid-template-columns:${PAGE.width}px ${MAIL.width}px}img{display:block}`;
    await sheet.setContent(`<!DOCTYPE html><style>${style}</style>${images.join('')}`);
    await writeFile(picture, await sheet.screenshot());
} finally {
    await browser.close();
}
