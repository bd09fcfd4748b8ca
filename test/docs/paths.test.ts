// Checks the paths of files and folders in the documents.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
const FOLDERS = 'shared|functions|orchestrators|simulator|local|test|infra|scripts|docs';
const PATH = new RegExp(`\`((?:${FOLDERS})/[A-Za-z0-9_./-]+)\``, 'g');
/** A document about a new scenario writes NAME for the name of the scenario. */
const isTemplate = (path: string): boolean => path.includes('NAME');

const documents = globSync('**/*.md', {
  cwd: ROOT,
  exclude: (path) => ['node_modules', 'dist', '.simulator'].includes(basename(path)),
});

test.each(documents)('%s names only existing files and folders', (document) => {
  const text = readFileSync(join(ROOT, document), 'utf8');
  const paths = [...text.matchAll(PATH)].map(([, path = '']) => path).filter((path) => !isTemplate(path));
  expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});
