// A confirmed reader comments by a mailed link, an operator decides, and another reader reports the comment.
import { openPage } from './chromium.mjs';
import { READER, openMail } from './journey.mjs';
import { daywire } from './newsroom.mjs';

// A comment that would run scripts if the page did not escape it.
const TEXT = '<script>document.title = "run"</script><img src=x onerror=alert(1)>\nA second line.\n\nA paragraph.';
const LINK_FORM = 'form[action="/comments/link"]';

export async function commenting(browser, visitor, { locale, script = true } = {}) {
    const page = await openPage(browser, { locale, script });
    const follow = element => Promise.all([page.waitForEvent('load'), page.locator(element).first().click()]);
    await page.goto('/');
    await page.locator('form[action="/subscribe"] input[type=email]').first().fill(READER);
    await follow('form[action="/subscribe"] button');
    await openMail(page, '/confirm/');
    await follow('.links a[href*="/confirm/"]');
    await follow('main form button');

    await page.goto('/');
    await follow('main a[href^="/articles/"]');
    const article = page.url();
    await visitor.visit(page, 'article without comments');
    await page.locator(`${LINK_FORM} input[type=email]`).fill(READER);
    await follow(`${LINK_FORM} button`);
    await visitor.visit(page, 'link to comment sent');
    await openMail(page, '/comment/');
    await follow('.links a[href*="/comment/"]');
    await visitor.visit(page, 'form for a comment');
    const form = page.url();

    // A browser refuses an empty comment by itself; this one is empty only for the program.
    await page.locator('#name').fill('Ada');
    await page.locator('#text').fill('\u200d');
    await follow('form.panel button');
    await visitor.visit(page, 'empty comment');
    visitor.expect(await page.locator('#text').getAttribute('aria-invalid') === 'true', 'empty comment', 'the field is not marked');
    await page.locator('#text').fill(TEXT);
    await follow('form.panel button');
    await visitor.visit(page, 'comment held');

    const [{ id }] = await daywire('comment', 'list');
    await daywire('comment', 'approve', id);
    await page.goto(article);
    await visitor.visit(page, 'article with a comment');
    const shown = page.locator(`#comment-${id}`);
    visitor.expect((await shown.innerText()).includes('<script>document.title'), 'article', 'the comment is not shown as it was written');
    visitor.expect(await shown.locator('script, img').count() === 0, 'article', 'the comment became markup');
    await follow(`#comment-${id} form button`);
    await visitor.visit(page, 'comment reported');
    const [{ reports }] = await daywire('comment', 'list', '--state', 'approved');
    visitor.expect(reports === 1, 'report', `the comment has ${reports} reports`);

    await page.goto(form);
    await follow('form[action$="/delete"] button');
    await visitor.visit(page, 'comment deleted');
    await page.goto(article);
    visitor.expect(await shown.count() === 0, 'article', 'the deleted comment is still shown');
    await page.context().close();
}
