// Opens the HTML of every mail in the inbox.
import { openPage, sourceOf } from './chromium.mjs';

// Calls `visit(page, subject, html)` on each mail, in a page that contains nothing else. The inbox shows a mail under a policy without
// scripts, and axe-core is a script.
export async function openMails(browser, visit, { locale } = {}) {
    const page = await openPage(browser, { locale });
    const mail = await openPage(browser, { locale });
    await page.goto('/inbox');
    const links = await page.locator('.mails a').evaluateAll(all => all.map(link => [link.getAttribute('href'), link.textContent.trim()]));
    for (const [link, subject] of links) {
        await page.goto(`${link}/html`);
        const { body } = await sourceOf(page);
        await mail.setContent(body);
        await visit(mail, subject, body);
    }
    await mail.context().close();
    await page.context().close();
}
