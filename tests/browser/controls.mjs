// Shows each check a page with the fault that it looks for.
import { VIEWPORTS, openPage } from './chromium.mjs';
import { checkAxe, checkAxeAgain, checkDirection, checkFocusOrder, checkOverlap, checkTargets, checkWidth, validateHtml } from './checks.mjs';

const page = (body, { head = '', attributes = 'lang="en"' } = {}) =>
    `<!DOCTYPE html><html ${attributes}><head><meta charset="utf-8"><title>Control</title>${head}</head><body>${body}</body></html>`;

const CONTROLS = [
    { check: checkAxe, finds: 'color-contrast', html: page('<main><h1>One</h1><p style="color:#bbb">pale words</p></main>') },
    { check: checkAxeAgain, finds: 'color-contrast', html: page('<main><h1>One</h1><p style="color:#bbb">pale words</p></main>') },
    { check: checkAxe, finds: 'image-alt', html: page('<main><h1>One</h1><img src="data:,"></main>') },
    { check: checkAxe, finds: 'html-has-lang', html: page('<main><h1>One</h1></main>', { attributes: '' }) },
    { check: checkAxe, finds: 'label', html: page('<main><h1>One</h1><input type="text"></main>') },
    { check: checkWidth, finds: 'scrolls sideways', html: page('<p style="width:500px">wide</p>') },
    { check: checkTargets, finds: 'smaller than 44 px', html: page('<button style="height:30px">Send</button>') },
    { check: checkTargets, finds: 'smaller than 44 px', html: page('<nav><a href="/">Home</a></nav>') },
    { check: checkTargets, finds: 'lower than 24 px', html: page('<p><a href="/">Home</a></p>') },
    { check: checkOverlap, finds: 'text lies on text', html: page('<p>first words</p><p style="margin-top:-2em">second words</p>') },
    { check: current => checkDirection(current, 'rtl'), finds: 'should be rtl', html: page('<p>words</p>', { attributes: 'lang="ar"' }) },
    { check: current => checkDirection(current, 'rtl'), finds: 'aligned to the left', html: page('<p style="text-align:left">words</p>', { attributes: 'lang="ar" dir="rtl"' }) },
    { check: checkFocusOrder, finds: 'focus is not visible', html: page('<a href="/" style="outline:none">Home</a>') },
    { check: checkFocusOrder, finds: 'outside the window', html: page('<a href="/" style="position:fixed;top:-90px">Home</a>') },
    { check: checkFocusOrder, finds: 'tabindex changes the order', html: page('<a href="/">Home</a><a href="/" tabindex="1">Other</a>') },
    { check: checkFocusOrder, finds: 'is covered', html: page('<a href="/">Home</a><div style="position:fixed;inset:0;background:#fff"></div>') },
    { check: () => validateHtml(page('<p><div></div></p>'), 'page'), finds: 'html-validate', html: page('') },
    { check: () => validateHtml(page('<img src="a.png">'), 'mail'), finds: 'html-validate', html: page('') },
];

const SOUND = page(
    '<nav aria-label="Site"><a href="/">Home page</a></nav><main><h1>One</h1><p>Words and <a href="/">a link</a> in a sentence.</p>'
    + '<form><label for="name">Name</label><input id="name" autocomplete="name"><button type="submit">Send</button></form></main>',
    { head: '<style>a:focus-visible,:focus-visible{outline:3px solid #000}nav a,button,input{display:inline-block;min-height:44px;min-width:44px}</style>' },
);

export async function controls(browser, report) {
    const tab = await openPage(browser, { viewport: VIEWPORTS.phone });
    for (const { check, finds, html } of CONTROLS) {
        await tab.setContent(html);
        const faults = await check(tab);
        report.steps.push(`finds ${finds}`);
        report.expect(faults.some(fault => fault.includes(finds)), finds, `the check did not find it, but: ${faults.join(' | ') || 'nothing'}`);
    }
    await tab.setContent(SOUND);
    await report.examine(tab, 'a sound page', [checkAxe, checkWidth, checkTargets, checkOverlap, current => checkDirection(current, 'ltr'), checkFocusOrder]);
    await tab.context().close();
}
