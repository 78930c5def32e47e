// Opens every page of the console that an owner can open.
//
// The survey follows links from `/admin`. The test gives it the list of all routes, and a page that no link leads to is a fault: link it, or
// add its address to SEEDS. What is not a page is in NOT_PAGES.
import { SITE, openPage } from './chromium.mjs';
import { createOwner } from './console-hands.mjs';
import { addFeeds, addReaders, daywire, sendIssue } from './newsroom.mjs';

// Addresses that no link leads to in the newsroom of the survey.
const SEEDS = ['/admin'];
// Routes that are not documents of the console, or that the scenario `console` opens because each needs a link or a state of its own.
const NOT_PAGES = new Map([
    ['/admin/login', 'an owner who is signed in is led on'],
    ['/admin/login/code', 'only after a password'],
    ['/admin/forgot', 'opened below, signed out'],
    ['/admin/password/{token}', 'only with a mailed link'],
    ['/admin/setup/{token}', 'only with a printed link'],
    ['/admin/drafts/{newsletter}/{number}/mail', 'a mail in a frame'],
    ['/admin/issues/{newsletter}/{number}/events', 'a stream'],
    ['/admin/issues/{newsletter}/{number}/ask/{action}', 'only while an issue is sent'],
    ['/admin/comments/{comment}/block', 'only with a comment'],
    ['/admin/returned-mail/{mail}', 'only with a returned mail'],
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
    await fillNewsroom();
    const page = await openPage(browser, { locale });
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
            const isOfConsole = target.origin === SITE && (target.pathname === '/admin' || target.pathname.startsWith('/admin/'));
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

// An issue that was sent, a draft, and a token, so that the pages have something to show.
async function fillNewsroom() {
    await addReaders('broadcast', 3);
    await addFeeds('broadcast', ['https://wire.invalid/feed.xml']);
    await sendIssue('broadcast');
    await daywire('issue', 'build', '--newsletter', 'weekend');
    await daywire('subscriber', 'suppress', 'gone@reader.example');
    await daywire('operator', 'add', 'cms', '--role', 'editor');
    await daywire('operator', 'token', 'cms', '--label', 'the newsroom’s system');
}
