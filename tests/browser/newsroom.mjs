// What a newsroom does by commands: newsletters, articles, issues. The settings come from the environment.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

const run = promisify(execFile);

export async function daywire(...args) {
    const { stdout } = await run(process.env.DAYWIRE_TEST_PROGRAM, ['--json', ...args], { maxBuffer: 64 << 20, timeout: 120_000 });
    return stdout.trim() ? JSON.parse(stdout) : null;
}

const NEWSLETTERS = [
    `slug = "broadcast"
name = "The Daily Broadcast"
description = "The day's most important stories, at seven in the morning."
schedule = "0 7 * * *"
timezone = "Europe/Berlin"
welcome = true
topics = ["Security", "Systems", "Networks", "Science"]
`,
    `slug = "weekend"
name = "Weekend Signals"
description = "Long reads for Saturday."
schedule = "0 9 * * SAT"
timezone = "Europe/Berlin"
local_time = true
`,
];

// Articles that are hard to lay out: a long word, two directions, a wide table, and no text at all.
const HARD_ARTICLES = [
    {
        id: 'hard:long-word',
        title: 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft stellt den Betrieb ein',
        language: 'de',
        category: 'Systems',
        content: '<p>https://example.org/a/very/long/address/without/any/place/where/a/line/could/break/because/nobody/thought/of/phones</p>'
            + '<table><tr><th>Strecke</th><th>Länge</th><th>Dauer</th><th>Preis</th><th>Bemerkung</th></tr>'
            + '<tr><td>Wien–Linz</td><td>217 km</td><td>9 h 20 min</td><td>54 €</td><td>Nur im Sommer, nur an Sonntagen</td></tr></table>',
    },
    {
        id: 'hard:arabic',
        title: 'كابل بحري جديد يربط القارتين بسرعة أعلى',
        language: 'ar',
        category: 'Networks',
        content: '<p>انتهت أعمال إصلاح الكابل البحري قبل يومين من الموعد. انخفض زمن الاستجابة من 212 إلى 148 ميلي ثانية.</p>',
    },
    {
        id: 'hard:japanese',
        title: '深海ケーブルの修理が予定より二日早く完了',
        language: 'ja',
        category: 'Networks',
        content: '<p>遅延は一分以内に元の値に戻った。</p>',
    },
    { id: 'hard:brief', title: 'A story of one line', category: 'Science' },
];

// Creates two newsletters and the articles of the demo's feed and of this file.
export async function openNewsroom() {
    for (const text of NEWSLETTERS) await withFile('newsletter.toml', text, file => daywire('newsletter', 'apply', file));
    await importArticles('sample.xml', await sample('sample.xml'), 'broadcast');
    await importArticles('hard.jsonl', hardArticles(), 'broadcast');
    await importArticles('second.xml', await sample('second.xml'), 'weekend');
}

// Adds confirmed readers of a newsletter.
export async function addReaders(newsletter, count) {
    await withFile('readers.csv', ['email', ...Array.from({ length: count }, (_, number) => `reader${number}@reader.example`)].join('\n'), file =>
        daywire('subscriber', 'import', file, '--newsletter', newsletter, '--status', 'confirmed', '--provenance', 'the old list'));
}

// Lets a newsletter read feeds, without fetching them.
export async function addFeeds(newsletter, addresses) {
    const outlines = addresses.map(address => `<outline text="Wire" xmlUrl="${address}"/>`).join('');
    await withFile('feeds.opml', `<opml version="2.0"><body>${outlines}</body></opml>`, file =>
        daywire('feed', 'import', file, '--newsletter', newsletter));
}

export async function withFile(name, content, use) {
    const folder = await mkdtemp(join(tmpdir(), 'daywire-newsroom-'));
    try {
        const file = join(folder, name);
        await writeFile(file, content);
        return await use(file);
    } finally {
        await rm(folder, { recursive: true });
    }
}

async function importArticles(name, content, newsletter) {
    await withFile(name, content, file => daywire('article', 'import', file, '--newsletter', newsletter));
}

// The demo's feed. The program fills in the hours when it serves the feed.
async function sample(name) {
    const text = await readFile(join(ROOT, 'templates/demo', name), 'utf8');
    return text.replace(/@@HOURS_AGO_(\d+)@@/g, (_, hours) => new Date(Date.now() - hours * 3_600_000).toUTCString());
}

function hardArticles() {
    return HARD_ARTICLES.map((article, hours) =>
        JSON.stringify({ url: `https://hard.example/${encodeURIComponent(article.id)}`, published: new Date(Date.now() - (hours + 1) * 600_000).toISOString(), ...article }),
    ).join('\n');
}

// Compiles an issue and sends it to everybody. Returns its id.
export async function sendIssue(newsletter) {
    const { id } = await daywire('issue', 'build', '--newsletter', newsletter);
    await daywire('issue', 'send', id, '--wait');
    return id;
}
