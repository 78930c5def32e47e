// Runs one scenario against a running program and prints a report: `node run.mjs SCENARIO HOST:PORT`.
import { startBrowser } from './chromium.mjs';
import { showService } from './comments.mjs';
import { commenting } from './commenting.mjs';
import { operate } from './console.mjs';
import { findReader, moderate } from './console-readers.mjs';
import { surveyConsole } from './console-survey.mjs';
import { controls } from './controls.mjs';
import { elsewhere } from './elsewhere.mjs';
import { checkSkipLink, journey } from './journey.mjs';
import { openMails } from './mails.mjs';
import { measureNavigation } from './navigation.mjs';
import { openNewsroom } from './newsroom.mjs';
import { usePasskeys } from './passkeys.mjs';
import { signUpWithProof } from './proof.mjs';
import { Report } from './report.mjs';
import { survey } from './survey.mjs';

const LOOK = ['document', 'layout'];
// The order of the focus is the same in every language and voice, and walking through it takes a third of the time.
const EVERYTHING = [...LOOK, 'focus'];
// What the direction of writing can change.
const MIRRORED = ['document', 'mirrored'];

const SCENARIOS = {
    comments: { checks: [], run: showService },
    commenting: { checks: EVERYTHING, run: commenting },
    'commenting-german': {
        checks: ['document'],
        language: 'de',
        run: (browser, report) => commenting(browser, report, { locale: 'de-DE', script: false }),
    },
    console: { checks: EVERYTHING, run: operate },
    // The pages are the same on each database.
    'console-again': { checks: ['document'], run: operate },
    'console-no-script': {
        checks: ['document'],
        run: (browser, report) => operate(browser, report, { script: false }),
    },
    'console-pages': { checks: EVERYTHING, run: surveyConsole },
    'console-pages-german': {
        checks: ['document'],
        language: 'de',
        run: (browser, report) => surveyConsole(browser, report, { locale: 'de-DE' }),
    },
    'console-pages-arabic': {
        checks: MIRRORED,
        language: 'ar',
        run: (browser, report) => surveyConsole(browser, report, { locale: 'ar' }),
    },
    'console-readers': { checks: EVERYTHING, run: findReader },
    'console-readers-no-script': {
        checks: ['document'],
        run: (browser, report) => findReader(browser, report, { script: false }),
    },
    'console-comments': { checks: EVERYTHING, run: moderate },
    'console-comments-no-script': {
        checks: ['document'],
        run: (browser, report) => moderate(browser, report, { script: false }),
    },
    controls: { checks: [], run: controls },
    elsewhere: { checks: EVERYTHING, run: elsewhere },
    'elsewhere-no-script': {
        checks: ['document'],
        run: (browser, report) => elsewhere(browser, report, { script: false }),
    },
    keyboard: {
        checks: ['focus'],
        run: async (browser, report) => {
            await journey(browser, report, { keyboard: true });
            await checkSkipLink(browser, report);
        },
    },
    navigation: { checks: [], run: measureNavigation },
    'no-script': {
        checks: ['document'],
        run: (browser, report) => journey(browser, report, { script: false }),
    },
    passkeys: { checks: EVERYTHING, run: usePasskeys },
    'proof-of-work': { checks: EVERYTHING, run: signUpWithProof },
    pages: { checks: EVERYTHING, run: visitEverything },
    // One page of each kind, in another look.
    look: { checks: LOOK, run: (browser, report) => visitEverything(browser, report, { maxOfAKind: 1 }) },
    german: {
        checks: ['document'],
        language: 'de',
        run: (browser, report) => visitEverything(browser, report, { locale: 'de-DE' }),
    },
    arabic: {
        checks: MIRRORED,
        language: 'ar',
        run: (browser, report) => visitEverything(browser, report, { locale: 'ar' }),
    },
};

// Every page of the reader's way, every page that a link leads to, and every mail.
async function visitEverything(browser, report, options) {
    const beforeErasing = async () => {
        await survey(browser, report, options);
        await openMails(browser, (...mail) => report.visitMail(...mail), options);
    };
    await journey(browser, report, { ...options, beforeErasing });
}

const [name, socket] = process.argv.slice(2);
const scenario = SCENARIOS[name];
if (!scenario || !socket) {
    console.error(`usage: node run.mjs ${Object.keys(SCENARIOS).join('|')} HOST:PORT`);
    process.exit(2);
}
const report = new Report(scenario);
await openNewsroom();
const browser = await startBrowser(socket);
try {
    await scenario.run(browser, report);
} catch (error) {
    // The steps until here and the page say where it stopped.
    const page = browser.contexts().flatMap(context => context.pages()).at(-1);
    const text = await page?.locator('body').innerText().catch(() => '');
    report.fault(`after "${report.steps.at(-1)}" at ${page?.url()}`, `${error.message.split('\n')[0]}; the page reads: ${text?.slice(0, 600)}`);
} finally {
    await browser.close();
}
report.print();
