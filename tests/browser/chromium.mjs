// Starts the installed Chromium. Playwright never downloads one.
import { chromium } from 'playwright-core';

// `site.url` in the settings of the program under test. The browser connects to the program's socket instead.
export const SITE = process.env.DAYWIRE_SITE__URL ?? 'http://news.example';

export const VIEWPORTS = { phone: { width: 360, height: 740 }, desktop: { width: 1280, height: 900 } };

// Starts the browser. `socket` is where the program listens, as HOST:PORT. Every other host is unknown to the browser.
export async function startBrowser(socket) {
    const executablePath = process.env.DAYWIRE_TEST_CHROMIUM;
    if (!executablePath) throw new Error('DAYWIRE_TEST_CHROMIUM names no browser; ./test looks for one');
    const args = [
        '--no-sandbox',
        '--disable-quic',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
        `--host-resolver-rules=MAP ${new URL(SITE).host} ${socket}, MAP * ~NOTFOUND`,
        // The site's own scripts may need what browsers give to https only. In production a proxy adds it.
        `--unsafely-treat-insecure-origin-as-secure=${SITE}`,
        // The browser would not let the page of another site frame one of this machine.
        `--ip-address-space-overrides=${socket}=public`,
    ];
    return chromium.launch({ executablePath, headless: true, args });
}

// Opens a page in a profile of its own, in which every request, error and policy violation is recorded as a fault.
export async function openPage(browser, { locale = 'en-GB', scheme = 'light', viewport = VIEWPORTS.desktop, script = true } = {}) {
    const context = await browser.newContext({
        baseURL: SITE,
        locale,
        colorScheme: scheme,
        viewport,
        javaScriptEnabled: script,
        reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.faults = [];
    page.on('pageerror', error => page.faults.push(`script error: ${error.message}`));
    page.on('console', message => {
        // Chromium reports each answer with a status from 400 on. The scenarios check the status themselves.
        if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
            page.faults.push(`console: ${message.text()}`);
        }
    });
    page.on('request', request => {
        const url = request.url();
        if (!url.startsWith(`${SITE}/`) && !url.startsWith('data:') && url !== 'about:blank') {
            page.faults.push(`request to another server: ${url}`);
        }
    });
    page.documents = new Map();
    page.on('response', response => {
        if (!response.request().isNavigationRequest() || response.frame() !== page.mainFrame()) return;
        const body = response.text().catch(() => '');
        page.documents.set(response.url(), { status: response.status(), headers: response.headers(), body });
    });
    return page;
}

// The document as the server sent it, before the browser repaired anything.
export async function sourceOf(page) {
    const received = page.documents.get(page.url().split('#')[0]);
    if (!received) throw new Error(`no document was received for ${page.url()}`);
    return { ...received, body: await received.body };
}
