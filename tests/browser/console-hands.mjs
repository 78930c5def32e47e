// What an operator does in the console, for the scenarios that follow one.
import { createHmac } from 'node:crypto';

import { openPage } from './chromium.mjs';
import { openMail } from './journey.mjs';

export const PASSWORD = 'plum-harbour-lantern';

// Clicks, and waits for the next document.
export const follow = (page, element) => Promise.all([page.waitForEvent('load'), page.locator(element).first().click()]);

// Creates the first owner by the link that `daywire serve` printed, and is signed in.
export async function createOwner(page, name) {
    await page.goto(process.env.DAYWIRE_TEST_SETUP_LINK);
    await page.fill('#name', name);
    await page.fill('#email', `${name}@newsroom.example`);
    await page.fill('#new-password', PASSWORD);
    await follow(page, 'main form button');
}

export async function signIn(page, name, password = PASSWORD) {
    await page.goto('/admin/login');
    await page.fill('#name', name);
    await page.fill('#password', password);
    await follow(page, 'form[action="/admin/login"] button');
}

export const signOut = page => follow(page, 'form[action="/admin/logout"] button');

// The owner at `page` invites an operator, who chooses a password by the mailed link in a browser of its own and signs in.
export async function invite(browser, page, name, role, options) {
    await page.goto('/admin/operators');
    await page.fill('#name', name);
    await page.fill('#email', `${name}@newsroom.example`);
    await page.selectOption('#role', role);
    await follow(page, 'form[action="/admin/operators"] button');
    const invited = await openPage(browser, options);
    await openMail(invited, '/admin/password/');
    await follow(invited, '.links a[href*="/admin/password/"]');
    await invited.fill('#new-password', PASSWORD);
    await follow(invited, 'main form button');
    await signIn(invited, name);
    return invited;
}

// The code that an authenticator app shows so many steps of 30 seconds from now.
export function appCode(secret, stepsLater) {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
    const bits = [...secret].map(letter => letters.indexOf(letter).toString(2).padStart(5, '0')).join('');
    const key = Buffer.from(bits.match(/.{8}/g).map(byte => Number.parseInt(byte, 2)));
    const step = Buffer.alloc(8);
    step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + stepsLater));
    const hash = createHmac('sha1', key).update(step).digest();
    const number = hash.readUInt32BE(hash[19] & 15) & 0x7f_ff_ff_ff;
    return String(number % 1_000_000).padStart(6, '0');
}
