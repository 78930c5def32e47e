// Checks of one page. Each returns faults as sentences; an empty list means that the page passed.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { HtmlValidate, StaticConfigLoader } from 'html-validate';

import { sourceOf } from './chromium.mjs';
import { MAIL_RULES, PAGE_RULES } from './html-rules.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
// All rules of WCAG 2.2 A and AA, and those that axe-core calls best practices.
const AXE_OPTIONS = {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    resultTypes: ['violations'],
};
// The rules whose result depends on colours, on sizes or on what is shown. All others see the document only.
const RULES_OF_A_LOOK = ['color-contrast', 'link-in-text-block', 'scrollable-region-focusable', 'target-size'];
const MAX_PAGE_BYTES = 60_000;
// For operators: a page of the console has a form for each thing that they can do, and the reference has all settings on one page.
const MAX_OPERATOR_BYTES = 200_000;

const validators = {
    page: new HtmlValidate(new StaticConfigLoader(PAGE_RULES)),
    mail: new HtmlValidate(new StaticConfigLoader(MAIL_RULES)),
};

export function validateHtml(html, kind) {
    const report = validators[kind].validateStringSync(html, `${kind}.html`);
    return report.results.flatMap(result =>
        result.messages.map(({ ruleId, line, column, message }) => `html-validate ${ruleId} at ${line}:${column}: ${message}`));
}

// axe-core in the scheme and size that the page has now.
export const checkAxe = page => runAxe(page, AXE_OPTIONS);

// What a second scheme or size of the same document can change.
export const checkAxeAgain = page => runAxe(page, { ...AXE_OPTIONS, runOnly: RULES_OF_A_LOOK });

// A mail is part of a mail program's page, which has the landmarks.
export const checkAxeInMail = page =>
    runAxe(page, { ...AXE_OPTIONS, rules: { 'landmark-one-main': { enabled: false }, region: { enabled: false } } });

async function runAxe(page, options) {
    if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE);
    const violations = await page.evaluate(async given => (await globalThis.axe.run(document, given)).violations, options);
    return violations.flatMap(({ id, help, nodes }) =>
        nodes.map(node => `axe-core ${id}: ${help}: ${node.html.slice(0, 160)} (${node.target.join(' ')})`));
}

// No part of the page is wider than the window.
export function checkWidth(page) {
    return page.evaluate(() => {
        const width = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= width && document.body.scrollWidth <= width) return [];
        const wide = [...document.body.querySelectorAll('*')].filter(element => {
            const box = element.getBoundingClientRect();
            return box.width > 0 && (box.right > width + 0.5 || box.left < -0.5) && getComputedStyle(element).position !== 'absolute';
        });
        const names = wide.slice(0, 3).map(element => element.outerHTML.slice(0, 100));
        return [`at ${width} px the page scrolls sideways to ${document.documentElement.scrollWidth} px: ${names.join(' | ')}`];
    });
}

// Controls and links of navigation are at least 44 by 44 pixels, other links that are not part of a sentence at least 24 high
// (WCAG 2.5.5 and 2.5.8). A label belongs to the target of its field.
export function checkTargets(page) {
    return page.evaluate(() => {
        const faults = [];
        const isShown = element => {
            const style = getComputedStyle(element);
            const box = element.getBoundingClientRect();
            return style.visibility !== 'hidden' && style.display !== 'none' && box.width > 1 && box.height > 1;
        };
        const target = element => {
            let { left, top, right, bottom } = element.getBoundingClientRect();
            if (element.matches('input[type=checkbox], input[type=radio]')) {
                for (const label of element.labels) {
                    const box = label.getBoundingClientRect();
                    left = Math.min(left, box.left);
                    top = Math.min(top, box.top);
                    right = Math.max(right, box.right);
                    bottom = Math.max(bottom, box.bottom);
                }
            }
            return { width: right - left, height: bottom - top };
        };
        // A link is part of a sentence if its block has other text.
        const isInSentence = link => {
            let block = link.parentElement;
            while (getComputedStyle(block).display.startsWith('inline') && block.parentElement) block = block.parentElement;
            return block.textContent.trim().length > link.textContent.trim().length + 3;
        };
        const controls = 'button, input:not([type=hidden]), select, textarea, summary, [role=button]';
        for (const element of document.querySelectorAll(`a[href], ${controls}`)) {
            if (!isShown(element) || element.closest('.skip, .unused')) continue;
            const { width, height } = target(element);
            const what = `${element.outerHTML.slice(0, 120)} is ${Math.round(width * 10) / 10} by ${Math.round(height * 10) / 10} px`;
            if (element.matches(controls) || element.closest('nav, body > header, body > footer')) {
                if (width < 43.9 || height < 43.9) faults.push(`target smaller than 44 px: ${what}`);
            } else if (!isInSentence(element) && height < 23.9) {
                faults.push(`link lower than 24 px: ${what}`);
            }
        }
        return faults;
    });
}

// No two pieces of text lie on each other.
export function checkOverlap(page) {
    return page.evaluate(() => {
        const boxes = [];
        // Text that is scrolled out of its block is not shown.
        const clip = (box, element) => {
            let { left, top, right, bottom } = box;
            for (let outer = element; outer && outer !== document.body; outer = outer.parentElement) {
                if (getComputedStyle(outer).overflow === 'visible') continue;
                const edge = outer.getBoundingClientRect();
                left = Math.max(left, edge.left);
                top = Math.max(top, edge.top);
                right = Math.min(right, edge.right);
                bottom = Math.min(bottom, edge.bottom);
            }
            return { left, top, right, bottom };
        };
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
            const node = walker.currentNode;
            if (!node.textContent.trim() || node.parentElement.closest('.skip, .unseen, .unused, script, style, template, option')) continue;
            if (!node.parentElement.checkVisibility()) continue;
            const range = document.createRange();
            range.selectNodeContents(node);
            for (const line of range.getClientRects()) {
                const box = clip(line, node.parentElement);
                // The line box of a font is higher than its letters.
                const trim = line.height * 0.3;
                if (box.right - box.left > 1 && box.bottom - box.top > 2 * trim) boxes.push({ left: box.left, right: box.right, top: box.top + trim, bottom: box.bottom - trim, text: node.textContent.trim() });
            }
        }
        boxes.sort((a, b) => a.top - b.top);
        const faults = [];
        for (let i = 0; i < boxes.length && faults.length < 3; i++) {
            for (let j = i + 1; j < boxes.length && boxes[j].top < boxes[i].bottom; j++) {
                const [a, b] = [boxes[i], boxes[j]];
                if (a.left + 1 < b.right && b.left + 1 < a.right && a.top < b.bottom) {
                    faults.push(`text lies on text: "${a.text.slice(0, 60)}" and "${b.text.slice(0, 60)}"`);
                    break;
                }
            }
        }
        return faults;
    });
}

// In a language that is written from right to left, the page and its blocks start at the right. Blocks in another language keep
// their own direction.
export function checkDirection(page, expected) {
    return page.evaluate(direction => {
        const root = document.documentElement;
        if ((root.dir || 'ltr') !== direction) return [`the page in ${root.lang} has dir="${root.dir}" and should be ${direction}`];
        const faults = [];
        for (const block of document.querySelectorAll('h1, h2, h3, p, li, label, legend, dt, dd')) {
            const style = getComputedStyle(block);
            const own = block.closest('[dir]')?.getAttribute('dir') ?? 'ltr';
            if (own !== 'auto' && style.direction !== own) faults.push(`${block.outerHTML.slice(0, 100)} runs ${style.direction} instead of ${own}`);
            if (direction === 'rtl' && own === 'rtl' && ['left', '-webkit-left'].includes(style.textAlign)) {
                faults.push(`${block.outerHTML.slice(0, 100)} is aligned to the left`);
            }
        }
        return faults.slice(0, 5);
    }, expected);
}

// Walks through the page by Tab. Every stop is visible, marked by more than colour alone, and comes in the order of the document.
export async function checkFocusOrder(page) {
    const faults = [];
    await page.evaluate(() => {
        document.activeElement?.blur();
        globalThis.scrollTo(0, 0);
        // What is in a frame is another document.
        for (const frame of document.querySelectorAll('iframe')) frame.inert = true;
    });
    const expected = await page.evaluate(() => {
        const focusable = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]';
        return [...document.querySelectorAll(focusable)].filter(element =>
            element.checkVisibility({ visibilityProperty: true }) && !element.disabled && element.tabIndex >= 0
            // Of radio buttons with the same name only the chosen one is a stop.
            && (element.type !== 'radio' || element.checked)).length;
    });
    let last = -1;
    let reached = 0;
    for (let stops = 0; stops <= 4 * expected; stops++) {
        await page.keyboard.down('Tab');
        const stop = await page.evaluate(() => {
            const element = document.activeElement;
            if (!element || element === document.body) return null;
            const all = [...document.querySelectorAll('*')];
            const style = getComputedStyle(element);
            const box = element.getBoundingClientRect();
            const middle = document.elementFromPoint(
                Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1), Math.min(Math.max(box.top + box.height / 2, 0), innerHeight - 1));
            return {
                hasParts: element.matches('input[type=date], input[type=time], input[type=datetime-local], input[type=month]'),
                place: all.indexOf(element),
                html: element.outerHTML.slice(0, 120),
                isRing: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
                isInWindow: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
                isCovered: !(middle && (element.contains(middle) || middle.contains(element) || [...(element.labels ?? [])].some(label => label.contains(middle)))),
                tabIndex: element.tabIndex,
            };
        });
        if (!stop) break;
        // The day, month and year of a date are stops of their own.
        if (stop.place === last && stop.hasParts) continue;
        if (stop.place <= last) {
            if (reached < expected) faults.push(`Tab goes back in the document to ${stop.html}`);
            break;
        }
        reached++;
        last = stop.place;
        if (stop.tabIndex > 0) faults.push(`a tabindex changes the order: ${stop.html}`);
        if (!stop.isRing) faults.push(`the focus is not visible on ${stop.html}`);
        if (!stop.isInWindow) faults.push(`the focused element is outside the window: ${stop.html}`);
        else if (stop.isCovered) faults.push(`the focused element is covered: ${stop.html}`);
    }
    await page.keyboard.up('Tab');
    await page.evaluate(() => { for (const frame of document.querySelectorAll('iframe')) frame.inert = false; });
    if (reached < expected) faults.push(`Tab reaches ${reached} of ${expected} stops`);
    return faults;
}

// What holds for every document as the server sends it.
export async function checkDocument(page) {
    const { headers, body } = await sourceOf(page);
    const faults = validateHtml(body, 'page');
    if (!headers['content-type']?.startsWith('text/html')) return faults;
    const bytes = Buffer.byteLength(body);
    const most = /^\/(admin|docs)(\/|$)/.test(new URL(page.url()).pathname) ? MAX_OPERATOR_BYTES : MAX_PAGE_BYTES;
    if (bytes > most) faults.push(`the page has ${bytes} bytes, more than ${most}`);
    if (/<[^>]+\son[a-z]+\s*=/i.test(body)) faults.push('the page has an event handler in an attribute');
    if (/<script(?![^>]*\bsrc=)(?![^>]*application\/(ld\+)?json)[^>]*>/i.test(body)) faults.push('the page has an inline script');
    if (/<[^<>]+\sstyle\s*=/.test(body)) faults.push('the page has an inline style, which its policy forbids');
    return faults;
}
