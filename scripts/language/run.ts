// `npm run language [-- --module shared/jobs] [--list passive|long|opening|relative|undescribed]`:
// prints the figures of each module, or lists the sentences to rewrite.
import { parseArgs } from 'node:util';
import { undescribed, type Export } from './interfaces.ts';
import { measure, sentencesIn, sources, type Figures } from './measure.ts';
import { hasBannedOpening, isLong, isPassive, relativeWords, wordsOf } from './sentences.ts';

const { values } = parseArgs({
  options: { module: { type: 'string' }, list: { type: 'string' }, json: { type: 'boolean' } },
});

const all = sources();
const chosen =
  values.module === undefined ? all : all.filter(({ file }) => file.startsWith(`${values.module}/`));

let undescribedExports: readonly Export[] | undefined;
/** Parses every source, so only when it is needed. */
const readUndescribed = (): readonly Export[] => (undescribedExports ??= undescribed(all));

const TESTS: Readonly<Record<string, (sentence: string) => boolean>> = {
  passive: isPassive,
  long: isLong,
  opening: hasBannedOpening,
  relative: (sentence) => relativeWords(wordsOf(sentence)) > 0,
};

const moduleOf = (file: string): string => {
  const [first = file, second = ''] = file.split('/');
  return first === 'shared' || (first === 'simulator' && second === 'test') ? `${first}/${second}` : first;
};

function list(kind: string): void {
  const files = new Set(chosen.map(({ file }) => file));
  const test = TESTS[kind];
  if (test)
    for (const { file, line, text } of sentencesIn(chosen).filter((sentence) => test(sentence.text)))
      console.log(`${file}:${line}: ${text}`);
  else if (kind === 'undescribed')
    for (const { file, name } of readUndescribed().filter((one) => files.has(one.file)))
      console.log(`${file}: ${name}`);
  else throw new Error(`--list takes ${Object.keys(TESTS).join(', ')} or undescribed, not "${kind}".`);
}

const COLUMNS: Readonly<Record<keyof Figures, string>> = {
  files: 'files',
  lines: 'lines',
  averageWidth: 'width',
  wideLinesPercent: 'over 110 %',
  commentWords: 'words',
  relativeWordsPer100Words: 'relative',
  passivesPer100Sentences: 'passive',
  longSentencesPer100Sentences: 'long',
  bannedOpenings: 'banned',
  undescribedExports: 'undescribed',
};

function table(): void {
  const rows = [...Map.groupBy(chosen, ({ file }) => moduleOf(file))]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, texts]) => [name, measure(texts, readUndescribed())] as const);
  const keys = Object.keys(COLUMNS) as (keyof Figures)[];
  console.log(`| module | ${keys.map((key) => COLUMNS[key]).join(' | ')} |`);
  console.log(`| --- |${' ---: |'.repeat(keys.length)}`);
  for (const [name, figures] of [...rows, ['all', measure(chosen, readUndescribed())] as const])
    console.log(`| ${name} | ${keys.map((key) => String(figures[key])).join(' | ')} |`);
}

if (values.list !== undefined) list(values.list);
else if (values.json) console.log(JSON.stringify(measure(chosen, readUndescribed()), null, 2));
else table();
