// Operators at work: the first owner, signing in with an authenticator app, a draft until it is sent, what an editor may not do, and what
// happens if two of them or an ended session get in the way.
import { VIEWPORTS, openPage } from './chromium.mjs';
import { PASSWORD, appCode, createOwner, follow, invite, signIn, signOut } from './console-hands.mjs';
import { addReaders } from './newsroom.mjs';

const READERS = 90;
const DRAFT = '/admin/drafts/weekend/1';
const ISSUE = '/admin/issues/broadcast/1';
const TEXTS = 'form:has(#intro)';

export async function operate(browser, visitor, options = {}) {
    await addReaders('broadcast', READERS);
    const ada = await openPage(browser, options);
    await becomeOwner(ada, visitor);
    await signInWithApp(ada, visitor);
    const eve = await invite(browser, ada, 'eve', 'editor', options);
    await visitor.visit(eve, 'signed in by invitation');
    await curate(eve, visitor, options);
    await beRefused(eve, visitor);
    await approve(ada, visitor);
    await send(ada, visitor, options);
    await meet(ada, eve, visitor);
    await loseSession(browser, eve, visitor, options);
    for (const page of [ada, eve]) await page.context().close();
}

async function becomeOwner(page, visitor) {
    const link = process.env.DAYWIRE_TEST_SETUP_LINK;
    await page.goto(link);
    await visitor.visit(page, 'first owner');
    await page.fill('#name', 'ada');
    await page.fill('#new-password', 'short');
    await follow(page, 'main form button');
    await visitor.visit(page, 'first owner with a short password');
    visitor.expect(await page.inputValue('#name') === 'ada', 'first owner', 'the form lost the name');
    await createOwner(page, 'ada');
    await visitor.visit(page, 'today');
    await page.goto(link);
    await visitor.visit(page, 'first owner again');
}

async function signInWithApp(page, visitor) {
    await page.goto('/admin/account/authenticator');
    await visitor.visit(page, 'authenticator');
    const secret = await page.locator('code.secret').innerText();
    await page.fill('#code', appCode(secret, 0));
    await page.fill('#current-password', PASSWORD);
    await follow(page, 'main form button');
    await visitor.visit(page, 'recovery codes');
    const codes = await page.locator('.codes li').count();
    visitor.expect(codes === 10, 'recovery codes', `there are ${codes}`);
    await page.goto('/admin/account/authenticator');
    await visitor.visit(page, 'authenticator in use');
    await signOut(page);
    await signIn(page, 'ada', 'another-password');
    await visitor.visit(page, 'wrong password');
    await signIn(page, 'ada');
    await visitor.visit(page, 'code');
    await page.fill('#code', '000000');
    await follow(page, 'main form button');
    await visitor.visit(page, 'wrong code');
    // A code works once, so this is the next one.
    await page.fill('#code', appCode(secret, 1));
    await follow(page, 'main form button');
    await visitor.visit(page, 'signed in');
}

const storyIds = page => page.locator('ol.stories > li').evaluateAll(stories => stories.map(({ id }) => id));

// An editor compiles a draft and changes its order, its texts and a headline.
async function curate(page, visitor, { script = true }) {
    await page.goto('/admin/drafts');
    await visitor.visit(page, 'no drafts');
    await follow(page, 'form[action="/admin/drafts/build"] button[value=broadcast]');
    await visitor.visit(page, 'draft');
    const [first, second, third] = await storyIds(page);

    if (script) {
        // Both stories have to be in the window while the mouse moves.
        await page.setViewportSize({ width: VIEWPORTS.desktop.width, height: 3000 });
        await Promise.all([
            page.waitForEvent('load'),
            page.locator(`#${third} .grip`).dragTo(page.locator(`#${first}`), { targetPosition: { x: 20, y: 4 } }),
        ]);
    } else {
        await follow(page, `#${third} button[value=up]`);
        await follow(page, `#${third} button[value=up]`);
    }
    await expectOrder(page, visitor, 'moved', [third, first, second]);
    await follow(page, `#${third} button[value=down]`);
    await expectOrder(page, visitor, 'one place down', [first, third, second]);
    await follow(page, `#${second} button[value=pin]`);
    await expectOrder(page, visitor, 'pinned', [second]);

    await page.locator(`#${first} summary`).click();
    await page.fill(`#${first} input[name=title]`, 'A headline of our own');
    await follow(page, `#${first} button[value=title]`);
    visitor.expect((await page.innerText(`#${first} h3`)).includes('A headline of our own'), 'headline', 'it was not changed');
    await page.locator(`#${third} summary`).click();
    await page.fill(`#${third} input[name=because]`, 'old news');
    await follow(page, `#${third} button[value=drop]`);
    visitor.expect(!(await storyIds(page)).includes(third), 'dropped', 'the story is still in the issue');

    await page.fill('#subject', '{weather} today');
    await page.fill('#intro', 'Good morning.');
    await follow(page, `${TEXTS} button`);
    await visitor.visit(page, 'wrong subject');
    visitor.expect(await page.inputValue('#intro') === 'Good morning.', 'wrong subject', 'the introduction was lost');
    await page.fill('#subject', '{count} stories: {lead}');
    await follow(page, `${TEXTS} button`);
    await visitor.visit(page, 'curated');
    await page.fill('#to', 'desk@newsroom.example');
    await follow(page, 'form[action$="/test"] button');
    await visitor.visit(page, 'test mail');
}

async function expectOrder(page, visitor, where, expected) {
    const found = (await storyIds(page)).slice(0, expected.length);
    visitor.expect(found.join() === expected.join(), where, `the stories are ${found} and should be ${expected}`);
}

// An editor sees nothing of what only a publisher may do, and is refused at its address.
async function beRefused(page, visitor) {
    const links = await page.locator('.bar nav a').evaluateAll(all => all.map(link => link.pathname));
    for (const path of ['/admin/operators', '/admin/audit']) {
        visitor.expect(!links.includes(path), 'editor', `the navigation leads to ${path}`);
        await page.goto(path);
        await visitor.visit(page, `editor at ${path}`);
    }
    await page.goto('/admin/drafts/broadcast/1');
    const buttons = 'form[action$="/approve"], a[href$="/send"], a[href$="/cancel"]';
    visitor.expect(await page.locator(buttons).count() === 0, 'editor', 'the draft can be approved, sent or cancelled');
    for (const question of ['send', 'cancel']) {
        await page.goto(`/admin/drafts/broadcast/1/${question}`);
        await visitor.visit(page, `editor at ${question}`);
    }
}

async function approve(page, visitor) {
    await page.goto('/admin/drafts');
    await visitor.visit(page, 'drafts');
    await follow(page, 'main a[href="/admin/drafts/broadcast/1"]');
    await follow(page, 'form[action$="/approve"] button');
    await visitor.visit(page, 'approved');
    await follow(page, 'form[action$="/withdraw"] button');
    await follow(page, 'form[action$="/approve"] button');
    await follow(page, 'a[href$="/readers"]');
    await visitor.visit(page, 'readers of the draft');
    await page.goto('/admin/drafts/broadcast/1/cancel');
    await visitor.visit(page, 'question before cancelling');
}

const isDone = readers => document.querySelector('progress')?.value === readers && !document.querySelector('[data-live]');
const done = page => page.locator('progress').evaluate(bar => bar.value);

async function send(page, visitor, { script = true }) {
    await page.goto('/admin/drafts/broadcast/1/send');
    await visitor.visit(page, 'question before sending');
    await follow(page, 'main form button');
    visitor.expect(new URL(page.url()).pathname === ISSUE, 'sending', `the answer is ${page.url()}`);
    if (script) {
        await page.evaluate(() => { globalThis.isFirstDocument = true; });
        // The bar grows twice, and the page is still the same document.
        for (let times = 0, value = await done(page); times < 2; times++) {
            await page.waitForFunction(before => document.querySelector('progress').value > before, value);
            value = await done(page);
        }
        visitor.expect(await page.evaluate(() => globalThis.isFirstDocument), 'live', 'the page was loaded again');
    }
    // The same operator pauses the issue in another tab. A page with scripts shows it by itself.
    const other = await page.context().newPage();
    await other.goto(`${ISSUE}/ask/pause`);
    await Promise.all([
        script ? page.waitForEvent('load') : null,
        other.locator('main form button').click(),
    ]);
    await other.close();
    await page.goto(`${ISSUE}`);
    await visitor.visit(page, 'paused');
    await follow(page, `a[href="${ISSUE}/ask/resume"]`);
    await visitor.visit(page, 'question before resuming');
    await follow(page, 'main form button');
    if (script) await page.waitForFunction(isDone, READERS, { timeout: 120_000 });
    else await untilSent(page);
    visitor.expect(await done(page) === READERS, 'sent', `${await done(page)} of ${READERS} are done`);
    await page.goto(ISSUE);
    await visitor.visit(page, 'sent');
    await follow(page, `a[href="${ISSUE}/proof"]`);
    await visitor.visit(page, 'proof');
}

// Without scripts an operator loads the page again.
async function untilSent(page) {
    for (const deadline = Date.now() + 120_000; await page.locator('[data-live]').count() > 0;) {
        if (Date.now() > deadline) throw new Error('the issue was not sent in time');
        await Promise.all([page.waitForEvent('load'), page.reload()]);
    }
}

// Both have a draft open. The owner changes it first. The editor’s change is answered with what happened, keeps what was typed, and can be sent again.
async function meet(ada, eve, visitor) {
    await eve.goto('/admin/drafts');
    await follow(eve, 'form[action="/admin/drafts/build"] button[value=weekend]');
    await ada.goto(DRAFT);
    const [first, second] = await storyIds(ada);
    await follow(ada, `#${first} button[value=down]`);
    await eve.fill('#intro', 'Written by eve.');
    await follow(eve, `${TEXTS} button`);
    await visitor.visit(eve, 'changed by another');
    const text = await eve.innerText('.conflict');
    visitor.expect(text.includes('ada'), 'changed by another', 'the page does not say who changed the draft');
    await follow(eve, '.conflict form button');
    await visitor.visit(eve, 'changed after another');
    visitor.expect(await eve.inputValue('#intro') === 'Written by eve.', 'changed after another', 'the introduction was lost');
    await expectOrder(eve, visitor, 'changed after another', [second, first]);
}

// The session ends while a form is open. The form is kept, and sent again after a sign-in in another window.
async function loseSession(browser, page, visitor, options) {
    await page.goto(DRAFT);
    await page.fill('#intro', 'Typed before the session ended.');
    const phone = await openPage(browser, options);
    await signIn(phone, 'eve');
    await phone.goto('/admin/account');
    await visitor.visit(phone, 'two sessions');
    await follow(phone, 'form[action$="/end-others"] button');
    await visitor.visit(phone, 'one session');
    await phone.context().close();

    await follow(page, `${TEXTS} button`);
    await visitor.visit(page, 'session ended');
    const [window] = await Promise.all([page.context().waitForEvent('page'), page.locator('main a[href="/admin/login"]').click()]);
    await window.waitForLoadState();
    await window.fill('#name', 'eve');
    await window.fill('#password', PASSWORD);
    await follow(window, 'form[action="/admin/login"] button');
    await window.close();
    await follow(page, 'main form button');
    await visitor.visit(page, 'sent again');
    visitor.expect(await page.inputValue('#intro') === 'Typed before the session ended.', 'sent again', 'the introduction was lost');
}
