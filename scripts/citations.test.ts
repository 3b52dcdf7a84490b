import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const root = dirname(__dirname);
const notOurs = new Set(['node_modules', 'dist', 'data', 'test-results', 'playwright-report', 'pictures']);
const readable = /\.(md|[cm]?[jt]sx?|css|html)$/;

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return notOurs.has(entry.name) || entry.name.startsWith('.') ? [] : filesIn(path);
    return readable.test(entry.name) ? [path] : [];
  });
}

/** As it is read: without the marks of emphasis and code, and links as their words. */
const plain = (heading: string): string =>
  heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[*_`]/g, '');
/** As GitHub makes the name by which a heading is linked. */
const slugOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replace(/ /g, '-');

const headingsOf = (page: string): string[] =>
  [...readFileSync(page, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => plain(heading));

/** What a file cites and is not there. */
function wrongIn(file: string): string[] {
  // A citation in a comment may go on in its next line.
  const text = readFileSync(file, 'utf8').replace(/\n\s*(\*|\/\/)? ?/g, ' ');
  const wrong: string[] = [];
  const pageOf = (path: string): string | undefined =>
    [join(dirname(file), path), join(root, path)].find((page) => existsSync(page));

  for (const [cited, path = '', anchor, heading] of text.matchAll(
    /(?<![\w:/.-])((?:[\w.-]+\/)*[\w.-]+\.md)\b(?:#([\p{L}\p{N}_-]+)|, "([^"]+)")?/gu,
  )) {
    const page = pageOf(path);
    if (page === undefined) wrong.push(`${cited}: there is no such page`);
    else if (anchor !== undefined && !headingsOf(page).map(slugOf).includes(anchor))
      wrong.push(`${cited}: no such heading`);
    else if (heading !== undefined && !headingsOf(page).includes(heading))
      wrong.push(`${cited}: no such heading`);
  }
  if (file.endsWith('.md')) {
    const headings = headingsOf(file).map(slugOf);
    for (const [cited, anchor = ''] of text.matchAll(/\]\(#([^)]+)\)/g))
      if (!headings.includes(anchor)) wrong.push(`${cited}: no such heading`);
  }
  for (const [cited, number = ''] of text.matchAll(/\bdecision (\d{4})\b/gi))
    if (!readdirSync(join(root, 'docs/decisions')).some((name) => name.startsWith(number)))
      wrong.push(`${cited}: there is no such decision`);
  return wrong.map((what) => `${relative(root, file)}: ${what}`);
}

/** Where paths in pages begin. */
const beginnings = ['', 'backend/src', 'backend/src/features', 'client/src', 'frontend/src', 'e2e'];
const isThere = (path: string): boolean => beginnings.some((folder) => existsSync(join(root, folder, path)));
/** Paths of our sources, and of folders, as pages write them. Those with something to fill in are none, nor those of packages. */
const pathsIn = (page: string): string[] =>
  [...readFileSync(page, 'utf8').matchAll(/`([\w.-]+(?:\/[\w.-]+)*\/(?:[\w.-]+\.(?:tsx?|mjs))?)`/g)].map(
    ([, path = '']) => path,
  );

describe('what the sources and pages cite', () => {
  const files = filesIn(root);

  it('is a page of this repository, and a heading of that page', () => {
    expect(files.length).toBeGreaterThan(300);
    expect(files.flatMap(wrongIn)).toEqual([]);
  });

  it('is a file or a folder that is there', () => {
    const pages = files.filter((file) => file.endsWith('.md'));
    const cited = pages.flatMap((page) => pathsIn(page).map((path) => [relative(root, page), path] as const));
    expect(cited.length).toBeGreaterThan(20);
    expect(cited.filter(([, path]) => !isThere(path))).toEqual([]);
  });

  it('is an invariant that the protocol has', () => {
    const protocol = readFileSync(join(root, 'docs/protocol.md'), 'utf8');
    const known = new Set([...protocol.matchAll(/^\| (I\d+) /gm)].map(([, name]) => name));
    expect(known.size).toBe(13);
    const code = files.filter((file) => /\.[cm]?tsx?$/.test(file));
    const cited = code.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/\bI\d+\b/g)].map(([name]) => name),
    );
    expect(cited).toContain('I1');
    expect([...new Set(cited)].filter((name) => !known.has(name))).toEqual([]);
  });
});
