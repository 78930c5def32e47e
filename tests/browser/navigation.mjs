// The links of the navigation stand on one line on a narrow phone, in every language.
import { VIEWPORTS, openPage } from './chromium.mjs';

export async function measureNavigation(browser, report) {
    const page = await openPage(browser, { viewport: VIEWPORTS.phone });
    await page.goto('/');
    const tags = await page.locator('.languages a').evaluateAll(links => links.map(link => link.lang));
    for (const tag of tags) {
        await page.goto('/');
        await Promise.all([page.waitForEvent('load'), page.click(`.languages a[lang="${tag}"]`)]);
        const { lang, tops, right, width } = await page.evaluate(() => {
            const boxes = [...document.querySelectorAll('.station-nav li')].map(item => item.getBoundingClientRect());
            return {
                lang: document.documentElement.lang,
                tops: boxes.map(box => Math.round(box.top)),
                right: Math.max(...boxes.map(box => box.right)),
                width: document.documentElement.clientWidth,
            };
        });
        report.steps.push(`navigation in ${lang}: ${new Set(tops).size} line`);
        report.expect(lang === tag, tag, `the page is in ${lang}`);
        report.expect(tops.length === 4 && new Set(tops).size === 1, tag, `the links begin at ${tops.join(', ')} px`);
        report.expect(right <= width, tag, `the navigation ends at ${right} of ${width} px`);
    }
    for (const fault of page.faults.splice(0)) report.fault('navigation', fault);
    await page.context().close();
}
