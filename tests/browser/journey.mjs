// A reader's way through the site: signs up, confirms, reads the digest, pauses, asks for all subscriptions, leaves and undoes it, exports and
// erases.
import { readFile } from 'node:fs/promises';

import { openPage } from './chromium.mjs';
import { Keyboard, Pointer } from './hands.mjs';
import { sendIssue } from './newsroom.mjs';

export const READER = 'ada.lovelace@reader.example';
// The browser accepts this address, the program does not.
const WRONG_ADDRESS = 'ada..lovelace@reader.example';

const SIGN_UP = 'form[action="/subscribe"]';
const ADDRESS = `${SIGN_UP} input[type=email]`;

// Calls `visitor.visit(page, name)` on each page. `keyboard` and `script` say how the reader moves. `beforeErasing` is called while the mails
// are in the inbox.
export async function journey(browser, visitor, { keyboard = false, script = true, locale, beforeErasing } = {}) {
    const page = await openPage(browser, { locale, script });
    const hands = keyboard ? new Keyboard(page) : new Pointer(page);
    // Moves on by a link or a button, and waits for the next document.
    const follow = element => Promise.all([page.waitForEvent('load'), hands.press(element)]);
    const followMail = async (path, without) => {
        const mail = await openMail(page, path, without);
        await follow(`.links a[href*="${path}"]`);
        return mail;
    };

    await page.goto('/');
    await visitor.visit(page, 'front page');

    await hands.type(ADDRESS, WRONG_ADDRESS);
    await follow(`${SIGN_UP} button`);
    await visitor.visit(page, 'sign-up with a wrong address');
    await expectFieldError(visitor, page);

    await hands.type(ADDRESS, READER);
    await hands.tick(`${SIGN_UP} input[name=newsletter][value=broadcast]`);
    await follow(`${SIGN_UP} button`);
    await visitor.visit(page, 'check your inbox');

    await followMail('/confirm/');
    await visitor.visit(page, 'confirm');
    await follow('main form button');
    await visitor.visit(page, 'confirmed');
    const welcome = await openMail(page, '/unsubscribe/');

    await sendIssue('broadcast');
    // A reader in another language than the newsletter's gets an edition, which has a page of its own.
    const digest = await openMail(page, ['/archive/broadcast/', '/editions/']);
    visitor.expect(digest !== welcome, 'digest', 'the welcome mail links an issue that was not sent yet');
    await follow('.links a[href*="/preferences/"]');
    await visitor.visit(page, 'pause');
    await follow('form[action$="/manage"] button');
    await visitor.visit(page, 'link sent');

    await followMail('/preferences/', '/unsubscribe/');
    const subscriptions = page.url();
    await visitor.visit(page, 'subscriptions');
    await follow('main a[href*="/newsletters/broadcast"]');
    await visitor.visit(page, 'settings');
    await hands.choose('select[name=language]', await page.locator('html').getAttribute('lang'));
    await follow('main form button');
    await visitor.visit(page, 'settings saved');
    await page.goto(subscriptions);
    await follow('form[action$="/join"] button');
    await visitor.visit(page, 'joined');

    await page.goto(digest);
    await follow('.links a[href*="/unsubscribe/"]');
    await visitor.visit(page, 'unsubscribe');
    await follow('main form button');
    await visitor.visit(page, 'unsubscribed');
    await follow('form[action*="/undo/"] button');
    await visitor.visit(page, 'subscribed again');

    await page.goto('/lost-link');
    await visitor.visit(page, 'lost link');
    await hands.type('main input[type=email]', READER);
    await follow('main form button');
    await visitor.visit(page, 'lost link sent');

    await page.goto(subscriptions);
    await follow('form[action$="/export"] button');
    await followMail('/export/');
    await visitor.visit(page, 'export');
    const [download] = await Promise.all([page.waitForEvent('download'), hands.press('main form button')]);
    const exported = JSON.parse(await readFile(await download.path(), 'utf8'));
    visitor.expect(exported.address === READER, 'export', `it is about ${exported.address}`);

    await beforeErasing?.();
    await page.goto(subscriptions);
    await follow('form[action$="/erase"] button');
    await followMail('/erase/');
    await visitor.visit(page, 'erase');
    await follow('main form button');
    await visitor.visit(page, 'erased');
    await page.goto(subscriptions);
    await visitor.visit(page, 'nothing on record');
    await page.context().close();
}

// Opens the text of the newest mail in the inbox that has a link to `path` and none to `without`, and returns its address. Mail is sent after the answer to
// the reader, so the inbox is loaded until the mail is there. The page of a mail's HTML has a sandboxed frame above the links, and
// headless Chromium gives that frame the click that follows a scroll.
export async function openMail(page, path, without) {
    const deadline = Date.now() + 30_000;
    for (;;) {
        await page.goto('/inbox');
        const mails = await page.locator('.mails a').evaluateAll(links => links.map(link => link.getAttribute('href')));
        for (const mail of mails.slice(0, 4)) {
            const text = `${mail}?show=text`;
            await page.goto(text);
            const links = parts => page.locator([parts].flat().map(part => `.links a[href*="${part}"]`).join(', ')).count();
            if (await links(path) && !(without && await links(without))) return text;
        }
        if (Date.now() > deadline) throw new Error(`no mail with a link to ${path} arrived`);
        await new Promise(resolve => setTimeout(resolve, 100));
    }
}

// The field is marked, keeps what was typed, and names the text that describes the error.
async function expectFieldError(visitor, page) {
    const field = page.locator(ADDRESS).first();
    visitor.expect(await field.getAttribute('aria-invalid') === 'true', 'wrong address', 'the field is not marked');
    visitor.expect(await field.inputValue() === WRONG_ADDRESS, 'wrong address', 'the field lost what was typed');
    const [description] = (await field.getAttribute('aria-describedby') ?? '').split(' ');
    visitor.expect(description && await page.locator(`#${description}`).isVisible(), 'wrong address', 'no visible text describes the error');
}

// The first Tab stop is the skip link. It is visible with the focus, and the next stop after it is in the main part.
export async function checkSkipLink(browser, visitor) {
    const page = await openPage(browser);
    await page.goto('/');
    await page.keyboard.press('Tab');
    const skip = page.locator('a.skip');
    visitor.expect(await skip.evaluate(link => link === document.activeElement), 'skip link', 'it is not the first Tab stop');
    const box = await skip.boundingBox();
    visitor.expect(box && box.y >= 0 && box.x >= 0, 'skip link', 'it is not visible with the focus');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    const isInMain = await page.evaluate(() => document.activeElement.closest('main') !== null);
    visitor.expect(isInMain, 'skip link', 'the next Tab stop is not in the main part');
    await page.context().close();
}
