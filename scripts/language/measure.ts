// Measures the plainness of the sources: line width, words and sentences of comments.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commentsOf } from './comments.ts';
import type { Export, SourceText } from './interfaces.ts';
import { hasBannedOpening, isLong, isPassive, relativeWords, sentencesOf, wordsOf } from './sentences.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const WIDE = 110;

/** The figures of one module or of all sources. */
export interface Figures {
  readonly files: number;
  readonly lines: number;
  /** Characters in a line; blank lines do not count. */
  readonly averageWidth: number;
  readonly wideLinesPercent: number;
  readonly commentWords: number;
  readonly relativeWordsPer100Words: number;
  readonly passivesPer100Sentences: number;
  readonly longSentencesPer100Sentences: number;
  readonly bannedOpenings: number;
  readonly undescribedExports: number;
}

/** One sentence of a comment. */
export interface Sentence {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** The TypeScript sources in git, including new files that git does not ignore. */
export function sources(root: string = ROOT): readonly SourceText[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  return [...new Set(listed.split('\n'))]
    .filter((file) => file !== '')
    .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));
}

/** All sentences in the comments of these sources. */
export const sentencesIn = (texts: readonly SourceText[]): readonly Sentence[] =>
  texts.flatMap(({ file, text }) =>
    commentsOf(file, text).flatMap((comment) =>
      sentencesOf(comment.text).map((sentence) => ({ file, line: comment.line, text: sentence })),
    ),
  );

const per100 = (part: number, whole: number): number =>
  whole === 0 ? 0 : Math.round((1000 * part) / whole) / 10;

/**
 * Computes the figures of some sources. `bare` comes from all sources, because any module may
 * import a name.
 */
export function measure(texts: readonly SourceText[], bare: readonly Export[]): Figures {
  const lines = texts.flatMap(({ text }) => text.split('\n')).filter((line) => line.trim() !== '');
  const sentences = sentencesIn(texts).map(({ text }) => text);
  const words = sentences.flatMap(wordsOf);
  const files = new Set(texts.map(({ file }) => file));
  return {
    files: texts.length,
    lines: lines.length,
    averageWidth: Math.round(lines.reduce((sum, { length }) => sum + length, 0) / Math.max(1, lines.length)),
    wideLinesPercent: per100(lines.filter(({ length }) => length > WIDE).length, lines.length),
    commentWords: words.length,
    relativeWordsPer100Words: per100(relativeWords(words), words.length),
    passivesPer100Sentences: per100(sentences.filter(isPassive).length, sentences.length),
    longSentencesPer100Sentences: per100(sentences.filter(isLong).length, sentences.length),
    bannedOpenings: sentences.filter(hasBannedOpening).length,
    undescribedExports: bare.filter(({ file }) => files.has(file)).length,
  };
}
