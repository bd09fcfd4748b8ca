// Ids of requirements in tests and in the product, against docs/requirements.md.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
const text = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const page = text('docs/requirements.md');
const explained = [...page.matchAll(/^\| ([A-Z0-9]+-\d+) \|/gm)].map(([, id = '']) => id);

const TITLE = /\b(?:test|it|describe)(?:\.each\([^]*?\))?\(\s*(['"`])(.*?)\1/g;
const idsIn = (source: string): readonly string[] =>
  [...source.matchAll(/\[([A-Z][A-Z0-9]{1,5}-\d+)\]/g)].map(([, id = '']) => id);

const tests = globSync(['test/**/*.test.ts', 'simulator/test/**/*.test.ts'], { cwd: ROOT });
const named = new Set(tests.flatMap((file) => idsIn(text(file))));

test('each id that a test names is explained', () => {
  expect([...named].filter((id) => !explained.includes(id))).toEqual([]);
});

test('each explained id is named by a test, and stands on the page once', () => {
  expect(explained.filter((id) => !named.has(id))).toEqual([]);
  expect(new Set(explained).size).toBe(explained.length);
});

test('ids stand in the titles of tests', () => {
  const titles = tests.flatMap((file) => [...text(file).matchAll(TITLE)].map(([, , title = '']) => title));
  expect(new Set(titles.flatMap(idsIn)).size).toBeGreaterThan(explained.length / 2);
});
