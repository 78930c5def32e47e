// Finds words of the English messages on a page in another language.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT } from './newsroom.mjs';

// The texts of a language by their ids. A message with plural forms has several texts.
function messages(language) {
    const texts = new Map();
    const folder = join(ROOT, 'locales', language);
    for (const file of readdirSync(folder).filter(name => name.endsWith('.ftl'))) {
        let id;
        for (const line of readFileSync(join(folder, file), 'utf8').split('\n')) {
            const [, begun, text] = /^([a-z][\w-]*) =\s*(.*)$/.exec(line) ?? [];
            if (begun) id = begun;
            const form = /^\s+\*?\[\w+\]\s*(.*)$/.exec(line)?.[1] ?? (/^\s+[^\s}*[]/.test(line) ? line.trim() : text);
            if (id && form && !form.startsWith('{ $count ->')) texts.set(id, [...(texts.get(id) ?? []), form]);
        }
    }
    return texts;
}

// Matches a text in which every value can stand for anything.
function pattern(text) {
    const escaped = part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, '\\s+');
    const parts = text.trim().replace(/<\/?a>/g, '').split(/\{[^}]*\}/).map(escaped);
    return new RegExp(`^${parts.join('.+')}$`, 's');
}

// The English texts that a page in this language must not have.
function foreignTexts(language) {
    // The same text can belong to another message, such as the name of a thing and of what is done with it.
    const own = new Set([...messages(language).values()].flat());
    const foreign = [];
    for (const [id, texts] of messages('en')) {
        for (const text of texts) {
            const letters = text.replace(/\{[^}]*\}|<\/?a>/g, '').replace(/[^\p{L}]/gu, '');
            // Some words are the same in both languages, and a text of a few letters is found everywhere.
            if (letters.length >= 4 && !own.has(text)) foreign.push({ id, pattern: pattern(text) });
        }
    }
    return foreign;
}

export function languageCheck(language) {
    const foreign = foreignTexts(language);
    const find = texts => texts.flatMap(text => foreign.filter(({ pattern: wanted }) => wanted.test(text)).map(({ id }) => `English words (${id}): ${text}`));
    return {
        texts: find,
        async page(page) {
            const faults = [];
            const shown = await page.evaluate(() => {
                const texts = [document.title];
                // What is marked as another language may be in it.
                const isOwn = element => element.closest('[lang]').lang === document.documentElement.lang;
                const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
                while (walker.nextNode()) {
                    if (isOwn(walker.currentNode.parentElement)) texts.push(walker.currentNode.textContent);
                }
                for (const element of [...document.querySelectorAll('*')].filter(isOwn)) {
                    for (const name of ['aria-label', 'title', 'alt', 'placeholder', 'content']) texts.push(element.getAttribute(name) ?? '');
                    // A sentence with a link is several text nodes.
                    if (element.matches('p, li, label, button, h1, h2, h3')) texts.push(element.textContent);
                }
                return { lang: document.documentElement.lang, texts: [...new Set(texts.map(text => text.trim()).filter(Boolean))] };
            });
            if (shown.lang !== language) faults.push(`the page says that its language is "${shown.lang}"`);
            return [...faults, ...find(shown.texts)];
        },
    };
}
