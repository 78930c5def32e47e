// Opens every kind of page that a link of the site leads to.
import { SITE, openPage, sourceOf } from './chromium.mjs';

// Pages that no link leads to.
const SEEDS = [
    '/',
    '/search',
    '/search?q=cable',
    '/search?q=nothing+has+these+words',
    '/topics/security',
    '/pages/about',
    '/subscribe?newsletter=weekend',
    '/subscribe/sent',
    '/embed/broadcast',
    '/embed/weekend/sent',
    '/no/such/page',
    '/topics/unknown',
    '/archive/broadcast/999',
    '/confirm/unknown',
    '/unsubscribe/unknown',
    '/preferences/unknown',
    '/address/unknown',
    '/erase/unknown',
    '/lost-link',
    '/lost-link/sent',
];
// An address without what differs between two pages of the same kind.
function kindOf({ pathname, searchParams }) {
    const path = pathname.split('/').map((part, place) => (place > 1 ? '*' : part));
    return [path.join('/'), ...searchParams.keys()].join('?');
}

// Calls `visitor.visit(page, path)` on each page. Of pages with the same kind of address, at most `maxOfAKind` are opened.
export async function survey(browser, visitor, { locale, maxOfAKind = 2 } = {}) {
    const page = await openPage(browser, { locale });
    const queue = [...SEEDS];
    const counts = new Map();
    const seen = new Set();
    while (queue.length > 0) {
        const path = queue.shift();
        const url = new URL(path, SITE);
        const count = counts.get(kindOf(url)) ?? 0;
        if (seen.has(path) || (count >= maxOfAKind && !SEEDS.includes(path))) continue;
        seen.add(path);
        // An unknown address must not take the place of a page of its kind.
        if (!SEEDS.includes(path)) counts.set(kindOf(url), count + 1);

        await page.goto(path);
        const { headers } = await sourceOf(page);
        // Chromium shows feeds and texts in a page of its own.
        if (!headers['content-type']?.startsWith('text/html')) continue;
        await visitor.visit(page, path);
        for (const link of await page.locator('a[href]').evaluateAll(links => links.map(({ href }) => href))) {
            const target = new URL(link);
            // The language menu leads to the same pages again.
            if (target.origin === SITE && !target.searchParams.has('lang')) queue.push(target.pathname + target.search);
        }
    }
    await page.context().close();
}
