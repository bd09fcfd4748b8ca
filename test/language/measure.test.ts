// Tests of the tool that measures the language of comments (scripts/language).
import { commentsOf } from '../../scripts/language/comments.ts';
import { undescribed } from '../../scripts/language/interfaces.ts';
import { measure } from '../../scripts/language/measure.ts';
import {
  hasBannedOpening,
  isLong,
  isPassive,
  relativeWords,
  sentencesOf,
  wordsOf,
} from '../../scripts/language/sentences.ts';

test('the tool reads comments of every form, and ignores texts that look like comments', () => {
  const text = [
    '// The first line',
    '// and the second.',
    "const address = 'https://example.com'; // A trailing one.",
    'const pattern = /\\/\\/ no comment/;',
    'const filled = `// none ${address /* Inside. */} // none`;',
    '/** A contract.',
    ' * On two lines. */',
    'const other = 1;',
    '// eslint-disable-next-line no-console',
  ].join('\n');
  expect(commentsOf('example.ts', text)).toEqual([
    { line: 1, text: 'The first line\nand the second.\nA trailing one.' },
    { line: 5, text: 'Inside.\nA contract.\nOn two lines.' },
  ]);
});

test('code, addresses and requirement ids do not count as words', () => {
  expect(wordsOf('Read `whatever` at https://example.com/who [OP-2].')).toEqual([
    'read',
    'code',
    'at',
    'address',
  ]);
});

test('a list and a paragraph end a sentence', () => {
  expect(sentencesOf('Read the step. Save it!\n\nThen stop the job\n* and start again')).toEqual([
    'Read the step.',
    'Save it!',
    'Then stop the job',
    'and start again',
  ]);
});

test.each([
  ['The step is read again.', true],
  ['The step was already sent.', true],
  ['Reads the step again.', false],
  ['The job is open.', false],
])('passive voice: %s %s', (sentence, expected) => {
  expect(isPassive(sentence)).toBe(expected);
});

test.each([
  ['Who asks twice gets the same answer.', true],
  ['What is known is kept.', true],
  ['What does the item show?', false],
  ['The caller gets the same answer.', false],
])('banned opening: %s %s', (sentence, expected) => {
  expect(hasBannedOpening(sentence)).toBe(expected);
});

test('a sentence of more than 20 words is long, and relative words are counted', () => {
  expect(isLong(`${'word '.repeat(20)}.`)).toBe(false);
  expect(isLong(`${'word '.repeat(21)}.`)).toBe(true);
  expect(relativeWords(wordsOf('whoever asks gets what they need, and which is fine'))).toBe(2);
});

test('an export that another module imports needs a description', () => {
  const sources = [
    {
      file: 'shared/core/ids.ts',
      text: [
        '// About the file.',
        '',
        'export const bare = 1;',
        '/** Described. */',
        'export const described = 2;',
        'export const own = 3;',
      ].join('\n'),
    },
    { file: 'shared/core/other.ts', text: "import { own } from './ids.ts';\n" },
    { file: 'shared/jobs/closeJob.ts', text: "import { bare, described } from '../core/ids.ts';\n" },
  ];
  expect(undescribed(sources)).toEqual([{ file: 'shared/core/ids.ts', name: 'bare', isDescribed: false }]);
});

test('figures count lines and sentences of the given sources', () => {
  const wide = `const wide = '${'x'.repeat(110)}';`;
  expect(
    measure([{ file: 'shared/core/a.ts', text: `// Who asks is told.\nconst a = 1;\n\n${wide}\n` }], []),
  ).toEqual({
    files: 1,
    lines: 3,
    averageWidth: Math.round((20 + 12 + wide.length) / 3),
    wideLinesPercent: 33.3,
    commentWords: 4,
    relativeWordsPer100Words: 25,
    passivesPer100Sentences: 100,
    longSentencesPer100Sentences: 0,
    bannedOpenings: 1,
    undescribedExports: 0,
  });
});
