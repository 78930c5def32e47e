// A confirmed reader comments by a mailed link, an operator decides, and another reader reports the comment.
import { openPage } from './chromium.mjs';
import { READER, openMail } from './journey.mjs';
import { daywire } from './newsroom.mjs';

// A comment that would run scripts if the page did not escape it.
const TEXT = '<script>document.title = "run"</script><img src=x onerror=alert(1)>\nA second line.\n\nA paragraph.';
const LINK_FORM = 'form[action="/comments/link"]';

const follow = (page, element) => Promise.all([page.waitForEvent('load'), page.locator(element).first().click()]);

// Signs up by the form of the front page, and confirms.
export async function confirmReader(page, reader) {
    await page.goto('/');
    await page.locator('form[action="/subscribe"] input[type=email]').first().fill(reader);
    await follow(page, 'form[action="/subscribe"] button');
    await openMail(page, '/confirm/');
    await follow(page, '.links a[href*="/confirm/"]');
    await follow(page, 'main form button');
}

// Opens the form for a comment by the link that the page of the first article mails. Calls `seen(name)` on each page.
export async function openCommentForm(page, reader, seen = async () => {}) {
    await page.goto('/');
    await follow(page, 'main a[href^="/articles/"]');
    const article = page.url();
    await seen('article without comments');
    await page.locator(`${LINK_FORM} input[type=email]`).fill(reader);
    await follow(page, `${LINK_FORM} button`);
    await seen('link to comment sent');
    await openMail(page, '/comment/');
    await follow(page, '.links a[href*="/comment/"]');
    await seen('form for a comment');
    return { article, form: page.url() };
}

// Fills in the form for a comment, and sends it.
export async function writeComment(page, name, text) {
    await page.locator('#name').fill(name);
    await page.locator('#text').fill(text);
    await follow(page, 'form.panel button');
}

export async function commenting(browser, visitor, { locale, script = true } = {}) {
    const page = await openPage(browser, { locale, script });
    await confirmReader(page, READER);
    const { article, form } = await openCommentForm(page, READER, name => visitor.visit(page, name));

    // A browser refuses an empty comment by itself; this one is empty only for the program.
    await writeComment(page, 'Ada', '\u200d');
    await visitor.visit(page, 'empty comment');
    visitor.expect(await page.locator('#text').getAttribute('aria-invalid') === 'true', 'empty comment', 'the field is not marked');
    await writeComment(page, 'Ada', TEXT);
    await visitor.visit(page, 'comment held');

    const [{ id }] = await daywire('comment', 'list');
    await daywire('comment', 'approve', id);
    await page.goto(article);
    await visitor.visit(page, 'article with a comment');
    const shown = page.locator(`#comment-${id}`);
    visitor.expect((await shown.innerText()).includes('<script>document.title'), 'article', 'the comment is not shown as it was written');
    visitor.expect(await shown.locator('script, img').count() === 0, 'article', 'the comment became markup');
    await follow(page, `#comment-${id} form button`);
    await visitor.visit(page, 'comment reported');
    const [{ reports }] = await daywire('comment', 'list', '--state', 'approved');
    visitor.expect(reports === 1, 'report', `the comment has ${reports} reports`);

    await page.goto(form);
    await follow(page, 'form[action$="/delete"] button');
    await visitor.visit(page, 'comment deleted');
    await page.goto(article);
    visitor.expect(await shown.count() === 0, 'article', 'the deleted comment is still shown');
    await page.context().close();
}
