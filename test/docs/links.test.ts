// Links between the documents lead to files and headings that are there.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
const documents = globSync('**/*.md', {
  cwd: ROOT,
  exclude: (path) => ['node_modules', 'dist', '.simulator'].includes(basename(path)),
});

/** As GitHub names a heading in a link. */
const anchorOf = (heading: string): string =>
  heading
    .replaceAll(/[`*]/g, '')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

const withoutCode = (text: string): string => text.replaceAll(/```.*?```/gs, '').replaceAll(/`[^`\n]*`/g, '');
const anchorsIn = (path: string): string[] =>
  [
    ...readFileSync(path, 'utf8')
      .replaceAll(/```.*?```/gs, '')
      .matchAll(/^#+ (.*)$/gm),
  ].map(([, heading = '']) => anchorOf(heading));

test.each(documents)('each link in %s leads somewhere', (document) => {
  const path = join(ROOT, document);
  const links = [...withoutCode(readFileSync(path, 'utf8')).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link));
  const dead = links.filter((link) => {
    const [file = '', anchor] = link.split('#');
    const linked = file === '' ? path : join(dirname(path), file);
    return !existsSync(linked) || (anchor !== undefined && !anchorsIn(linked).includes(anchor));
  });
  expect({ document: relative(ROOT, path), dead }).toEqual({ document, dead: [] });
});
