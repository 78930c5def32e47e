// What readers cause for operators: a publisher finds a reader and the consent record, and an editor decides about comments.
import { openPage } from './chromium.mjs';
import { confirmReader, openCommentForm, writeComment } from './commenting.mjs';
import { createOwner, follow, invite } from './console-hands.mjs';
import { READER } from './journey.mjs';

const WANTED = 'The cable was repaired on Sunday.';
const UNWANTED = 'Watches at half the price.';

const openReaders = async page => {
    await page.goto('/admin');
    await follow(page, '.bar nav a[href="/admin/readers"]');
};

export async function findReader(browser, visitor, options = {}) {
    const reader = await openPage(browser, options);
    await confirmReader(reader, READER);
    await reader.context().close();

    const owner = await openPage(browser, options);
    await createOwner(owner, 'ada');
    const page = await invite(browser, owner, 'pia', 'publisher', options);
    await openReaders(page);
    await visitor.visit(page, 'readers');
    await page.fill('#search', 'nobody@reader.example');
    await follow(page, 'form.filter button');
    await visitor.visit(page, 'unknown address');
    visitor.expect(await page.inputValue('#address') === 'nobody@reader.example', 'unknown address', 'the form does not offer to sign it up');

    await page.fill('#search', READER.toUpperCase());
    await follow(page, 'form.filter button');
    await visitor.visit(page, 'reader');
    visitor.expect(/^\/admin\/readers\/[^/]+$/.test(new URL(page.url()).pathname), 'reader', `the answer is ${page.url()}`);
    visitor.expect((await page.innerText('h1')) === READER, 'reader', 'the page is about another address');
    const record = page.locator('.table[aria-labelledby="consent-1"] tbody tr');
    const sources = await record.locator('td:nth-of-type(2)').allInnerTexts();
    visitor.expect(sources.length === 2, 'consent', `the record has ${sources.length} events`);
    visitor.expect(await record.locator('time').count() === 2, 'consent', 'an event has no time');
    // The words of the form, and the text of the mail, as the reader saw them.
    for (const summary of await page.locator('h4[id="consent-1"] ~ details summary').all()) await summary.click();
    const texts = await page.locator('h4[id="consent-1"] ~ details pre').allInnerTexts();
    visitor.expect(texts.some(text => text.includes('/confirm/')), 'consent', `no text is that of the mail: ${texts.join(' | ')}`);
    visitor.expect(texts.some(text => !text.includes('/confirm/') && text.length > 10), 'consent', 'the words of the form are missing');
    for (const open of [page, owner]) await open.context().close();
}

export async function moderate(browser, visitor, options = {}) {
    const reader = await openPage(browser, options);
    await confirmReader(reader, READER);
    const { article, form } = await openCommentForm(reader, READER);
    await writeComment(reader, 'Ada', WANTED);
    await writeComment(reader, 'Ada', UNWANTED);

    const owner = await openPage(browser, options);
    await createOwner(owner, 'ada');
    const page = await invite(browser, owner, 'eve', 'editor', options);
    await follow(page, '.bar nav a[href="/admin/comments"]');
    await visitor.visit(page, 'to moderate');
    const decide = (text, decision) => follow(page, `article:has-text("${text}") button[value=${decision}]`);
    visitor.expect(await page.locator('article.panel').count() === 2, 'to moderate', 'both comments do not wait');
    visitor.expect(await page.locator('a[href$="/block"]').count() === 0, 'to moderate', 'an editor may block a reader');
    await decide(WANTED, 'show');
    await visitor.visit(page, 'comment shown');
    await decide(UNWANTED, 'hide');
    await visitor.visit(page, 'comment hidden');
    visitor.expect(await page.locator('article.panel').count() === 0, 'comment hidden', 'a comment still waits');

    await reader.goto(article);
    await visitor.visit(reader, 'article with the comment');
    const shown = await reader.innerText('#comments');
    visitor.expect(shown.includes(WANTED), 'article', 'the comment is not shown');
    visitor.expect(!shown.includes(UNWANTED), 'article', 'the rejected comment is shown');
    await reader.goto(form);
    await visitor.visit(reader, 'the author’s comments');
    visitor.expect((await reader.innerText('.said')).includes(UNWANTED), 'author', 'the author does not see the rejected comment');
    for (const open of [page, owner, reader]) await open.context().close();
}
