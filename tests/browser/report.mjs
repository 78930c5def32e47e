// What a scenario found. The Rust test reads it as JSON from standard output.
import { VIEWPORTS, sourceOf } from './chromium.mjs';
import {
    checkAxe, checkAxeAgain, checkAxeInMail, checkDirection, checkDocument, checkFocusOrder, checkOverlap, checkTargets, checkWidth, validateHtml,
} from './checks.mjs';
import { languageCheck } from './language.mjs';

export class Report {
    // `checks` selects what is checked on each page: `layout`, `mirrored`, `focus`, `document`. `language` is that of the pages and mails, if it is
    // not English.
    constructor({ checks = [], language } = {}) {
        this.checks = checks;
        this.direction = language === 'ar' ? 'rtl' : 'ltr';
        this.language = language && languageCheck(language);
        this.steps = [];
        this.pages = [];
        this.faults = [];
    }

    // A page of a journey or a survey.
    async visit(page, name) {
        const { status } = await sourceOf(page);
        this.steps.push(`${name}: ${status}`);
        this.expect(status < 500, name, `the page has the status ${status}`);
        if (this.checks.includes('document')) await this.examine(page, name, [checkDocument]);
        if (this.language) await this.examine(page, name, [this.language.page]);
        const layout = [checkWidth, checkTargets, checkOverlap, current => checkDirection(current, this.direction)];
        if (this.checks.includes('mirrored')) {
            await this.look(page, name, 'phone', 'light', layout);
            await this.look(page, name, 'desktop', 'light', layout);
        }
        if (this.checks.includes('layout')) {
            // Colours do not depend on the width. So two of the four combinations find everything.
            await this.look(page, name, 'phone', 'light', [checkAxe, ...layout]);
            await this.look(page, name, 'desktop', 'dark', [checkAxeAgain, ...layout]);
            await page.emulateMedia({ colorScheme: 'light' });
        }
        if (this.checks.includes('focus')) await this.examine(page, name, [checkFocusOrder]);
    }

    async visitMail(page, subject, html) {
        this.steps.push(`mail: ${subject}`);
        for (const fault of validateHtml(html, 'mail')) this.fault(subject, fault);
        if (this.language) {
            for (const fault of this.language.texts([subject])) this.fault(subject, fault);
            await this.examine(page, subject, [this.language.page]);
        }
        for (const [width, scheme] of [['phone', 'light'], ['phone', 'dark'], ['desktop', 'light']]) {
            await this.look(page, subject, width, scheme, [checkAxeInMail, checkWidth, checkOverlap]);
        }
    }

    async look(page, name, width, scheme, checks) {
        await page.setViewportSize(VIEWPORTS[width]);
        await page.emulateMedia({ colorScheme: scheme });
        await this.examine(page, `${name}, ${width}, ${scheme}`, checks);
    }

    async examine(page, name, checks) {
        this.pages.push(name);
        for (const check of checks) {
            for (const fault of await check(page)) this.fault(name, fault);
        }
        for (const fault of page.faults.splice(0)) this.fault(name, fault);
    }

    expect(condition, where, what) {
        if (!condition) this.fault(where, what);
    }

    fault(where, what) { this.faults.push(`${where}: ${what}`); }

    // Prints a fault of many pages once, with the number of the other pages.
    print() {
        const places = new Map();
        for (const fault of this.faults) {
            const [, where, what] = /^(.*?): (.*)$/s.exec(fault);
            places.set(what, [...(places.get(what) ?? []), where]);
        }
        const faults = [...places].map(([what, [first, ...others]]) => `${first}${others.length ? ` and ${others.length} more` : ''}: ${what}`);
        process.stdout.write(`${JSON.stringify({ steps: this.steps, pages: this.pages, faults })}\n`);
    }
}
