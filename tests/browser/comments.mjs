// Shows the comments of another service under the policy of our page. The service is simulated: each script does what the real one does to
// the page (giscus's client.ts, Remark42's embed.ts, Isso's embed.js).
import { openPage } from './chromium.mjs';

const SERVER = 'https://comments.example';

// The scripts are functions, which are sent as text.
const SCRIPTS = {
    giscus: {
        path: '/client.js',
        run: () => {
            const script = document.currentScript;
            const origin = new URL(script.src).origin;
            const style = document.createElement('link');
            style.rel = 'stylesheet';
            style.href = `${origin}/default.css`;
            document.head.prepend(style);
            const frame = document.createElement('iframe');
            frame.title = 'Comments';
            frame.src = `${origin}/widget?term=${script.dataset.term}`;
            frame.style.opacity = '0';
            document.querySelector('.giscus').append(frame);
        },
        expected: ['/client.js', '/default.css', '/widget'],
    },
    remark42: {
        path: '/web/embed.js',
        run: () => {
            const { host, site_id: site, url } = window.remark_config;
            const frame = document.createElement('iframe');
            frame.title = 'Comments';
            frame.src = `${host}/web/iframe.html?site_id=${site}&url=${url}`;
            Object.assign(frame.style, { width: '100%', height: '300px' });
            document.getElementById('remark42').append(frame);
        },
        expected: ['/web/embed.js', '/web/iframe.html'],
    },
    isso: {
        path: '/js/embed.min.js',
        run: () => {
            const server = document.currentScript.dataset.isso.replace(/\/$/, '');
            const thread = document.getElementById('isso-thread');
            const style = document.createElement('link');
            style.rel = 'stylesheet';
            style.href = `${server}/css/isso.css`;
            document.head.append(style);
            const request = new XMLHttpRequest();
            request.open('GET', `${server}/?uri=${thread.dataset.issoId}`);
            request.onload = () => { thread.textContent = request.responseText; };
            request.send();
        },
        expected: ['/js/embed.min.js', '/css/isso.css', '/'],
    },
};

export async function showService(browser, report) {
    const name = process.env.DAYWIRE_COMMENTS__PROVIDER;
    const { path, run, expected } = SCRIPTS[name];
    const page = await openPage(browser);
    const loaded = [];
    await page.route(`${SERVER}/**`, route => {
        const { pathname } = new URL(route.request().url());
        loaded.push(pathname);
        const types = { '.js': 'text/javascript', '.css': 'text/css' };
        const type = types[pathname.slice(pathname.lastIndexOf('.'))] ?? 'text/html';
        return route.fulfill({
            contentType: type,
            headers: { 'Access-Control-Allow-Origin': '*' },
            body: pathname === path ? `(${run})()` : 'simulated',
        });
    });
    await page.goto('/');
    await page.locator('main a[href^="/articles/"]').first().click();
    await page.waitForURL('**/articles/**');
    report.expect(loaded.length === 0 && page.faults.length === 0, name, `the article loads ${loaded} before the reader asks`);
    await page.locator('#comments a[href*="comments=show"]').click();
    await page.waitForURL('**?comments=show#comments');
    await page.waitForLoadState('networkidle');
    report.steps.push(...loaded.sort());
    for (const wanted of expected) report.expect(loaded.includes(wanted), name, `${wanted} was not loaded`);
    // Requests to the service are wanted here. Everything else is a fault, such as a violation of the policy.
    const faults = page.faults.filter(fault => !fault.startsWith(`request to another server: ${SERVER}`));
    for (const fault of faults) report.fault(name, fault);
    await page.context().close();
}
