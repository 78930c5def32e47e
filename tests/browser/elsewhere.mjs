// Readers sign up on the pages of other sites: in a frame, and with a plain form. The other sites are simulated.
import { SITE, openPage } from './chromium.mjs';

// The first one is in `signup.origins`.
const PARTNER = 'http://www.partner.example';
const STRANGER = 'http://stranger.example';

const frame = newsletter => `<iframe src="${SITE}/embed/${newsletter}?lang=de" title="Newsletter" width="600" height="900"></iframe>`;
const form = `<form method="post" action="${SITE}/subscribe">
<input type="hidden" name="newsletter" value="broadcast">
<input type="hidden" name="next" value="${PARTNER}/thanks">
<label>Email <input name="email" type="email" required></label> <button>Subscribe</button></form>`;
const BODIES = {
    '/frame': frame('broadcast'),
    '/frame-weekend': frame('weekend'),
    '/form': form,
};

export async function elsewhere(browser, visitor, { script = true } = {}) {
    const page = await openPage(browser, { script });
    for (const site of [PARTNER, STRANGER]) {
        await page.route(`${site}/**`, route => {
            const body = BODIES[new URL(route.request().url()).pathname];
            return body ? route.fulfill({ contentType: 'text/html', body: `<!DOCTYPE html><title>Other site</title>${body}` }) : route.abort();
        });
    }
    // Requests to the other sites are wanted here. Everything else is a fault.
    const clearFaults = where => {
        const faults = page.faults.splice(0).filter(fault => !/^request to another server: http:\/\/(www\.partner|stranger)\./.test(fault));
        for (const fault of faults) visitor.fault(where, fault);
    };

    // In the frame of a listed site: a mistake, the question, the answer.
    await page.goto(`${PARTNER}/frame`);
    const framed = page.frameLocator('iframe');
    const send = async () => {
        const answered = page.waitForResponse(answer => answer.request().method() === 'POST');
        await framed.locator('form button').click();
        return (await answered).status();
    };
    await framed.locator('#email').fill('ada..l@reader.example');
    visitor.expect(await send() === 422, 'frame', 'a wrong address was accepted');
    await framed.locator('#email[aria-invalid=true]').waitFor();
    await framed.locator('#email').fill('ada@gmial.com');
    visitor.expect(await send() === 422, 'frame', 'a mistyped domain was not asked about');
    visitor.expect((await framed.locator('#email-problem').innerText()).includes('gmail.com'), 'frame', 'the right domain is not named');
    await framed.locator('#weekly').check();
    visitor.expect(await send() === 303, 'frame', 'the reader could not insist');
    await framed.locator('h1').filter({ hasText: 'Postfach' }).waitFor();
    visitor.expect(page.url() === `${PARTNER}/frame`, 'frame', `the other site was left for ${page.url()}`);
    visitor.expect((await page.context().cookies()).length === 0, 'frame', 'a cookie was set');
    clearFaults('frame');

    // The browser's time zone is offered, or the newsletter's without scripts.
    await page.goto(`${PARTNER}/frame-weekend`);
    await framed.locator('#timezone').waitFor();
    const zone = script ? await page.evaluate(() => Intl.DateTimeFormat().resolvedOptions().timeZone) : '';
    const known = await framed.locator('#timezone option').filter({ hasText: zone }).count();
    const chosen = await framed.locator('#timezone').inputValue();
    visitor.expect(chosen === (zone && known > 0 ? zone : ''), 'time zone', `the form offers "${chosen}" in ${zone}`);
    clearFaults('time zone');

    // The browser shows nothing of ours in the frame of any other site.
    await page.goto(`${STRANGER}/frame`);
    const refused = page.frames().find(child => child !== page.mainFrame());
    visitor.expect(await refused.locator('form').count() === 0, 'stranger', 'another site frames the form');
    const violations = page.faults.filter(fault => fault.includes('frame-ancestors'));
    visitor.expect(violations.length > 0, 'stranger', 'the browser reports no violation of the policy');
    page.faults.splice(0);
    await page.goto(`${PARTNER}/frame`);
    await page.setContent(`<iframe src="${SITE}/subscribe"></iframe>`);
    const other = page.frames().find(child => child !== page.mainFrame());
    await other.waitForLoadState();
    visitor.expect(await other.locator('form').count() === 0, 'other pages', 'a listed site frames another page');
    page.faults.splice(0);

    // The plain form returns to the page that it names, also after a correction here.
    await page.goto(`${PARTNER}/form`);
    await page.locator('input[name=email]').fill('ben..b@reader.example');
    await Promise.all([page.waitForURL(`${SITE}/subscribe`), page.locator('button').click()]);
    await page.locator('#email').fill('ben@reader.example');
    const returned = page.waitForResponse(answer => answer.request().method() === 'POST');
    await page.locator('form.panel button').click();
    visitor.expect((await returned).headers().location === `${PARTNER}/thanks`, 'form', 'the reader was not sent back');
    // The simulated sites get no redirected requests, so the browser shows an error page. It must have followed the redirect.
    await page.waitForURL(url => url.protocol === 'chrome-error:').catch(() => {});
    visitor.expect(!page.faults.some(fault => fault.includes('form-action')), 'form', 'the policy of the form forbids the way back');
    page.faults.splice(0);
    await page.goto(`${STRANGER}/form`);
    await page.locator('input[name=email]').fill('cai@reader.example');
    const answered = page.waitForResponse(answer => answer.request().method() === 'POST');
    await page.locator('button').click();
    visitor.expect((await answered).status() === 403, 'stranger', 'a form of another site was accepted');
    await page.waitForLoadState();
    page.faults.splice(0);

    for (const path of ['/embed/broadcast?lang=ar', '/embed/weekend', '/embed/broadcast/sent']) {
        await page.goto(path);
        if (!path.includes('ar')) await visitor.visit(page, path);
    }
    await page.context().close();
}
