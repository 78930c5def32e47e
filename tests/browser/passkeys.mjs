// An owner adds a passkey and signs in with it. The browser has a virtual device that keeps passkeys.
import { openPage } from './chromium.mjs';
import { PASSWORD, createOwner, follow, signOut } from './console-hands.mjs';

const NEW = 'form[action="/admin/account/passkeys"]';
const SIGN_IN = 'form[action="/admin/login/passkey"]';

export async function usePasskeys(browser, visitor) {
    const page = await openPage(browser);
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
        options: {
            protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
            automaticPresenceSimulation: true,
        },
    });
    const isVerified = value => devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: value });

    await createOwner(page, 'ada');
    await page.goto('/admin/account');
    await visitor.visit(page, 'no passkey');
    await fillIn(page, 'another-password');
    await page.click(`${NEW} button`);
    await expectProblem(page, visitor, NEW, 'wrong password', 'password');
    await fillIn(page, PASSWORD);
    await follow(page, `${NEW} button`);
    await visitor.visit(page, 'passkey added');
    const { credentials } = await devtools.send('WebAuthn.getCredentials', { authenticatorId });
    visitor.expect(credentials.length === 1 && credentials[0].isResidentCredential, 'passkey added', `the device has ${JSON.stringify(credentials)}`);
    // The same device does not make a second one.
    await fillIn(page, PASSWORD);
    await page.click(`${NEW} button`);
    await expectProblem(page, visitor, NEW, 'second passkey', 'No passkey was used');

    await signOut(page);
    // The page that was asked for opens after the sign-in.
    await page.goto('/admin/account');
    await visitor.visit(page, 'sign in');
    await follow(page, `${SIGN_IN} button`);
    await visitor.visit(page, 'signed in with a passkey');
    visitor.expect(new URL(page.url()).pathname === '/admin/account', 'signed in', `the page is ${page.url()}`);
    visitor.expect((await page.innerText('main')).includes('last used'), 'signed in', 'the page does not say that the passkey was used');

    await signOut(page);
    // A device that cannot verify its owner makes no signature.
    await isVerified(false);
    await page.click(`${SIGN_IN} button`);
    await expectProblem(page, visitor, SIGN_IN, 'not verified', 'No passkey was used');
    await isVerified(true);
    await follow(page, `${SIGN_IN} button`);

    await page.goto('/admin/account');
    await follow(page, 'form[action$="/passkeys/remove"] button');
    await visitor.visit(page, 'passkey removed');
    await signOut(page);
    await follow(page, `${SIGN_IN} button`);
    await visitor.visit(page, 'removed passkey');
    await page.context().close();

    const withoutScript = await openPage(browser, { script: false });
    await withoutScript.goto('/admin/login');
    visitor.expect(await withoutScript.locator(SIGN_IN).isHidden(), 'without scripts', 'the page offers a passkey');
    await withoutScript.context().close();
}

async function fillIn(page, password) {
    await page.fill(`${NEW} input[name=passkey]`, 'Laptop');
    await page.fill(`${NEW} input[name=current-password]`, password);
}

async function expectProblem(page, visitor, form, where, words) {
    const problem = page.locator(`${form} [data-problem]`);
    await problem.waitFor({ state: 'visible' });
    const text = await problem.innerText();
    visitor.expect(text.includes(words), where, `the page says "${text}"`);
}
