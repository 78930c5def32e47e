// Signs up while each sign-up needs a proof: by the answer to the question, and by the script that computes a proof of work.
import { openPage } from './chromium.mjs';

const SIGN_UP = 'form[action="/subscribe"]';
const QUESTION = `${SIGN_UP} input[name=answer]`;

export async function signUpWithProof(browser, report) {
    // The first sign-up of the hour needs none.
    const first = await openPage(browser);
    await signUp(first, 'free@reader.example');
    await report.visit(first, 'without a proof');
    await first.context().close();

    // The page shows itself to the checks only while its script does not load.
    const withoutFile = await openPage(browser);
    await withoutFile.route('**/assets/altcha.js', route => route.abort());
    await signUp(withoutFile, 'question@reader.example');
    await report.visit(withoutFile, 'question');
    await answer(withoutFile, '99');
    await report.visit(withoutFile, 'question again');
    report.expect(await withoutFile.locator(QUESTION).getAttribute('aria-invalid') === 'true', 'question again', 'the field is not marked');
    await answer(withoutFile, await sumOf(withoutFile));
    await report.visit(withoutFile, 'answered');
    await withoutFile.context().close();

    const withoutScript = await openPage(browser, { script: false });
    await signUp(withoutScript, 'noscript@reader.example');
    report.expect(await withoutScript.locator('[data-status]').isHidden(), 'without scripts', 'the page says that it computes');
    await answer(withoutScript, await sumOf(withoutScript));
    report.steps.push(`answered without scripts: ${new URL(withoutScript.url()).pathname}`);
    await withoutScript.context().close();

    // The script sends the form by itself.
    const withScript = await openPage(browser);
    // The computation waits until the page was looked at.
    await withScript.addInitScript(() => {
        if (!globalThis.crypto?.subtle) return;
        const derive = crypto.subtle.deriveBits.bind(crypto.subtle);
        const isLookedAt = new Promise(resolve => { globalThis.lookedAt = resolve; });
        crypto.subtle.deriveBits = async (...given) => {
            await isLookedAt;
            return derive(...given);
        };
    });
    await signUp(withScript, 'script@reader.example');
    report.expect(await withScript.locator('[data-status]').isVisible(), 'computing', 'the page does not say that it computes');
    report.expect(await withScript.locator(QUESTION).isHidden(), 'computing', 'the question waits beside the computation');
    await withScript.evaluate(() => globalThis.lookedAt());
    await withScript.waitForURL('**/subscribe/sent', { timeout: 120_000 });
    report.steps.push(`computed: ${new URL(withScript.url()).pathname}`);
    for (const fault of withScript.faults.splice(0)) report.fault('computed', fault);
    await mailsArrive(withScript, ['free', 'question', 'noscript', 'script']);
    report.steps.push('four mails');
    await withScript.context().close();
}

async function signUp(page, address) {
    await page.goto('/subscribe');
    await page.fill(`${SIGN_UP} input[type=email]`, address);
    await Promise.all([page.waitForEvent('load'), page.click(`${SIGN_UP} button`)]);
}

async function answer(page, text) {
    await page.fill(QUESTION, text);
    await Promise.all([page.waitForEvent('load'), page.click(`${SIGN_UP} button`)]);
}

async function sumOf(page) {
    const numbers = (await page.locator(`${SIGN_UP} label[for=answer]`).innerText()).match(/\d+/g);
    return String(Number(numbers[0]) + Number(numbers[1]));
}

// Waits until the inbox has a mail to each of the names.
async function mailsArrive(page, names) {
    const deadline = Date.now() + 30_000;
    for (;;) {
        await page.goto('/inbox');
        const text = await page.locator('main').innerText();
        const missing = names.filter(name => !text.includes(`${name}@reader.example`));
        if (missing.length === 0) return;
        if (Date.now() > deadline) throw new Error(`no mail to ${missing.join(', ')} arrived`);
        await new Promise(resolve => setTimeout(resolve, 100));
    }
}
