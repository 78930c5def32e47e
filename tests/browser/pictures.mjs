// Takes pictures of every page and mail: `node pictures.mjs HOST:PORT FOLDER PREFIX [LANGUAGE [PART]]`. The part `console` is
// every page of the console, and `guide` its pages that docs/how-to/console.md shows.
import { mkdir } from 'node:fs/promises';

import { startBrowser } from './chromium.mjs';
import { surveyConsole } from './console-survey.mjs';
import { journey } from './journey.mjs';
import { openMails } from './mails.mjs';
import { openNewsroom } from './newsroom.mjs';
import { GuidePhotographer, Photographer } from './photographer.mjs';
import { survey } from './survey.mjs';

const [socket, folder, prefix, locale = 'en', part] = process.argv.slice(2);
if (!prefix) {
    console.error('usage: node pictures.mjs HOST:PORT FOLDER PREFIX [LANGUAGE [PART]]');
    process.exit(2);
}

await mkdir(folder, { recursive: true });
const photographer = new Photographer(folder, prefix);
const browser = await startBrowser(socket);
try {
    await openNewsroom();
    if (part === 'guide') {
        await surveyConsole(browser, new GuidePhotographer(folder), { locale });
    } else if (part === 'console') {
        await surveyConsole(browser, photographer, { locale });
    } else {
        await journey(browser, photographer, { locale });
        await survey(browser, photographer, { locale });
        await openMails(browser, (page, subject) => photographer.visit(page, `mail ${subject.slice(0, 24)}`), { locale });
    }
} finally {
    await browser.close();
}
console.log(`pictures are in ${folder}`);
