// Takes pictures of pages, in a narrow and a wide window, in the light and the dark colour scheme.
import { join } from 'node:path';

import { VIEWPORTS } from './chromium.mjs';

// Takes the place of the visitor that checks pages.
export class Photographer {
    #folder;
    #prefix;
    #taken = new Set();

    constructor(folder, prefix) {
        this.#folder = folder;
        this.#prefix = prefix;
    }

    get count() {
        return this.#taken.size;
    }

    // Pictures are for looking at, so nothing is checked.
    expect() {}

    async visit(page, name) {
        const file = fileName(name);
        if (this.#taken.has(file)) return;
        this.#taken.add(file);
        for (const [width, viewport] of Object.entries(VIEWPORTS)) {
            await page.setViewportSize(viewport);
            for (const scheme of ['light', 'dark']) {
                await page.emulateMedia({ colorScheme: scheme });
                await page.screenshot({ path: join(this.#folder, `${this.#prefix}-${file}-${width}-${scheme}.png`), fullPage: true });
            }
        }
        await page.emulateMedia({ colorScheme: 'light' });
    }
}

// Without ids and tokens, so that pages of a kind have one picture.
function fileName(name) {
    const words = name.replace(/[?&=/ :]+/g, '-').replace(/^-|-$/g, '');
    const withoutIds = words.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'N').replace(/(confirm|unsubscribe|preferences)-[\w-]{30,}/g, '$1-N');
    return withoutIds.slice(0, 60) || 'front';
}

// Takes the pictures of docs/how-to/console.md: what an operator sees of these pages at first sight.
export class GuidePhotographer {
    #pages = new Map([
        [/^\/admin$/, 'console-today'],
        [/^\/admin\/drafts\/[^/]+\/\d+$/, 'console-draft'],
        [/^\/admin\/readers\/[^/]+$/, 'console-reader'],
        [/^\/admin\/statistics$/, 'console-statistics'],
    ]);
    #folder;

    constructor(folder) {
        this.#folder = folder;
    }

    expect() {}

    async visit(page, path) {
        const name = [...this.#pages].find(([pattern]) => pattern.test(path))?.[1];
        if (!name) return;
        await page.screenshot({ path: join(this.#folder, `${name}.png`) });
    }
}
