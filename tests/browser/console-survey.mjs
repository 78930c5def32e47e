// Opens every page of the console that an owner can open.
//
// The survey follows links from `/admin`. The test gives it the list of all routes, and a page that no link leads to is a fault: link it, or
// add its address to SEEDS. What is not a page is in NOT_PAGES.
import { SITE, openPage } from './chromium.mjs';
import { confirmReader, openCommentForm, writeComment } from './commenting.mjs';
import { createOwner } from './console-hands.mjs';
import { READER } from './journey.mjs';
import { addFeeds, addReaders, daywire, sendIssue, withFile } from './newsroom.mjs';

// Addresses that no link leads to in the newsroom of the survey.
const SEEDS = ['/admin', '/docs?q=relay', '/docs?q=nothing+has+these+words'];
// Routes that are not documents of the console, or that the scenario `console` opens because each needs a link or a state of its own.
const NOT_PAGES = new Map([
    ['/admin/login', 'an owner who is signed in is led on'],
    ['/admin/login/code', 'only after a password'],
    ['/admin/login/provider/callback', 'only with an identity provider'],
    ['/admin/forgot', 'opened below, signed out'],
    ['/admin/password/{token}', 'only with a mailed link'],
    ['/admin/setup/{token}', 'only with a printed link'],
    ['/admin/drafts/{newsletter}/{number}/mail', 'a mail in a frame'],
    ['/admin/issues/{newsletter}/{number}/events', 'a stream'],
    ['/admin/issues/{newsletter}/{number}/ask/{action}', 'only while an issue is sent'],
    ['/docs/pictures/{name}', 'a picture'],
]);
// How many pages with the same route and the same parameters are opened.
const MAX_OF_A_KIND = 2;

const matches = (route, path) => {
    const [wanted, found] = [route, path].map(text => text.split('/'));
    return wanted.length === found.length && wanted.every((part, place) => part.startsWith('{') || part === found[place]);
};

export async function surveyConsole(browser, visitor, { locale } = {}) {
    // Pictures are taken without the list, by following links alone.
    const routes = JSON.parse(process.env.DAYWIRE_TEST_CONSOLE_ROUTES ?? '[]');
    // A fixed part of a path goes before a parameter, as in the router.
    const routeOf = path => routes.filter(route => matches(route, path)).sort((a, b) => a.split('{').length - b.split('{').length)[0];
    const page = await openPage(browser, { locale });
    await fillNewsroom(page);
    await createOwner(page, 'ada');

    const queue = [...SEEDS];
    const counts = new Map();
    const seen = new Set();
    while (queue.length > 0) {
        const path = queue.shift();
        const url = new URL(path, SITE);
        const route = routeOf(url.pathname);
        const kind = [route ?? url.pathname, ...url.searchParams.keys()].join('?');
        if (seen.has(path) || NOT_PAGES.has(route) || (counts.get(kind) ?? 0) >= MAX_OF_A_KIND) continue;
        seen.add(path);
        counts.set(kind, (counts.get(kind) ?? 0) + 1);

        // A download is not a document, so its answer is read without opening it. The status of a redirect is 0 here.
        const { status, type } = await page.evaluate(async address => {
            const answer = await fetch(address, { redirect: 'manual' });
            return { status: answer.status, type: answer.headers.get('content-type') ?? '' };
        }, path);
        visitor.expect(status === 200, path, `a link of the console leads to the status ${status}`);
        if (status !== 200 || !type.startsWith('text/html')) continue;
        await page.goto(path);
        await visitor.visit(page, path);
        for (const link of await page.locator('a[href]').evaluateAll(links => links.map(({ href }) => href))) {
            const target = new URL(link);
            const isOfConsole = target.origin === SITE && /^\/(admin|docs)(\/|$)/.test(target.pathname);
            // The language menu leads to the same pages again.
            if (isOfConsole && !target.searchParams.has('lang')) queue.push(target.pathname + target.search);
        }
    }
    const opened = new Set([...seen].map(path => routeOf(new URL(path, SITE).pathname)));
    for (const route of routes) {
        visitor.expect(opened.has(route) || NOT_PAGES.has(route), route, 'no link of the console leads to this page; link it, or add its address to SEEDS in console-survey.mjs');
    }
    await page.context().clearCookies();
    await page.goto('/admin/forgot');
    await visitor.visit(page, '/admin/forgot');
    await page.context().close();
}

// An issue that was sent and came back from a reader, a draft, a comment, webhooks and a token, so that the pages have something to show.
async function fillNewsroom(page) {
    await addReaders('broadcast', 3);
    await addFeeds('broadcast', ['https://wire.invalid/feed.xml']);
    await sendIssue('broadcast');
    await returnNewestMail(page);
    // Before somebody signs up, so that its log has messages. Nothing listens there, so they fail.
    await daywire('webhook', 'add', 'https://127.0.0.1:9/events', '--name', 'crm');
    await daywire('webhook', 'add', 'https://127.0.0.1:9/sales', '--name', 'sales', '--event', 'subscription');
    await daywire('webhook', 'disable', 'sales');
    await confirmReader(page, READER);
    await openCommentForm(page, READER);
    await writeComment(page, 'Ada', 'The cable was repaired on Sunday.\n\nThe ship is back in port.');
    await daywire('issue', 'build', '--newsletter', 'weekend');
    await daywire('subscriber', 'suppress', 'gone@reader.example');
    await daywire('operator', 'add', 'cms', '--role', 'editor');
    await daywire('operator', 'token', 'cms', '--label', 'the newsroom’s system');
}

// The server of its recipient returns the newest mail in the inbox: the mailbox does not exist.
async function returnNewestMail(page) {
    await page.goto('/inbox');
    const mail = await page.locator('.mails a').first().getAttribute('href');
    await page.goto(`${mail}?show=source`);
    const source = await page.innerText('main pre');
    const header = name => new RegExp(`^${name}: *<?([^<>\\s]+)>?\\s*$`, 'mi').exec(source)[1];
    const report = `From: MAILER-DAEMON@mx.reader.example
To: <news@localhost>
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

The mailbox does not exist.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.reader.example

Final-Recipient: rfc822; ${header('To')}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown
--b
Content-Type: text/rfc822-headers

Message-ID: <${header('Message-ID')}>
To: <${header('To')}>
--b--
`;
    await withFile('returned.eml', report.replaceAll('\n', '\r\n'), file => daywire('bounce', 'ingest', file));
}
