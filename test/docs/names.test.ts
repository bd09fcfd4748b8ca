// Names of code in the documents: each name between backticks stands somewhere in the code. A
// document that names a renamed function or file fails here.
import { globSync, readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import * as ts from 'typescript';

const ROOT = join(import.meta.dirname, '..', '..');
const files = globSync('**/*.*', {
  cwd: ROOT,
  exclude: (path) => ['node_modules', 'dist', '.simulator', 'package-lock.json'].includes(basename(path)),
});
const fileNames = new Set(files.map((file) => basename(file)));

/** Names of other software, and a file that the simulator makes. */
const FOREIGN = new Set(['npx', 'EventSource', 'PrimaryVmId', 'addresses.json']);
/** Old names stand in the changelog on purpose. */
const documents = files.filter((file) => file.endsWith('.md') && file !== 'CHANGELOG.md');

const wordsOf = (text: string): readonly string[] => text.match(/[A-Za-z_$][\w$]*/g) ?? [];

/** Identifiers are names of code. Words in texts are values: states, settings, routes. Comments are neither. */
const identifiers = new Set<string>();
const words = new Set<string>(files.flatMap(wordsOf));

function collectNames(node: ts.Node): void {
  if (ts.isIdentifier(node)) identifiers.add(node.text);
  else if (ts.isLiteralExpression(node) || ts.isTemplateLiteralToken(node))
    for (const word of wordsOf(node.text)) words.add(word);
  ts.forEachChild(node, collectNames);
}

const SOURCE_TYPES = new Set(['.ts', '.js', '.cjs', '.mjs']);
const DATA_TYPES = new Set(['.json', '.bicep', '.bicepparam', '.yml', '.yaml', '.sh']);
for (const file of files.filter((name) => !name.startsWith('test/docs/'))) {
  const type = extname(file);
  if (!SOURCE_TYPES.has(type) && !DATA_TYPES.has(type)) continue;
  const text = readFileSync(join(ROOT, file), 'utf8');
  if (SOURCE_TYPES.has(type)) collectNames(ts.createSourceFile(file, text, ts.ScriptTarget.Latest));
  else for (const word of wordsOf(text)) words.add(word);
}

/** The names between backticks that stand nowhere in the code. Blocks of code have tests of their own. */
function danglingNamesIn(document: string): readonly string[] {
  const prose = document.replaceAll(/```.*?```/gs, '');
  return [...prose.matchAll(/`([^`\n]+)`/g)].flatMap(([, code = '']) => {
    if (FOREIGN.has(code)) return [];
    const called = /^(?:\w+\.)*(\w+)\(/.exec(code)?.[1];
    if (called !== undefined && !identifiers.has(called)) return [code];
    if (/^[\w.-]+\.(ts|js|cjs|json|md|bicep)$/.test(code)) return fileNames.has(code) ? [] : [code];
    return wordsOf(code).some((word) => !identifiers.has(word) && !words.has(word) && !FOREIGN.has(word))
      ? [code]
      : [];
  });
}

test.each(documents)('each name of code in %s is in the code', (document) => {
  expect(danglingNamesIn(readFileSync(join(ROOT, document), 'utf8'))).toEqual([]);
});

/** A place of a name: `name` in `file`. */
const PLACE = /`(\w+)`(?:, `\w+`)* in `([\w./-]+\.ts)`/g;

test.each(documents)('each name that %s places in a file is in that file', (document) => {
  const text = readFileSync(join(ROOT, document), 'utf8');
  const misplaced = [...text.matchAll(PLACE)].filter(([, name = '', place = '']) => {
    const candidates = files.filter((file) => file === place || file.endsWith(`/${place}`));
    return !candidates.some((file) => readFileSync(join(ROOT, file), 'utf8').includes(name));
  });
  expect(misplaced.map(([code]) => code)).toEqual([]);
});

test('a renamed function, file or field is found', () => {
  const text =
    'Call `noSuchFunction(vm)` of `noSuchFile.ts`, and read `goneField`. ' +
    'Call `driverOf(scenario)` of `drivers.ts`, read `jobId`, with `"state": "protected"`.';
  expect(danglingNamesIn(text)).toEqual(['noSuchFunction(vm)', 'noSuchFile.ts', 'goneField']);
});
