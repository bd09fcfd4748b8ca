// Measures the language of a text: sentences, relative words, passives and banned openings.

/** A sentence with more words is long. */
export const MAX_WORDS = 20;

const RELATIVE = new Set(['who', 'whom', 'whose', 'whoever', 'whomever', 'what', 'whatever']);
const BANNED_OPENING = /^(who|whom|whoever|whose)\b|^what\b[^?]*\b(is|are|was|were|has|have|does)\b[^?]*$/i;

const IRREGULAR = [
  'made done sent held kept left lost read said told given taken written put set found met meant brought begun',
  'built bound cut chosen driven hidden paid run spent thrown understood won broken forgotten sought bought caught',
].flatMap((words) => words.split(' '));
const PASSIVE = new RegExp(
  '\\b(is|are|was|were|be|been|being)\\s+' +
    '(?:(?:not|never|only|also|then|still|now|already|always|\\w+ly)\\s+)?' +
    `(\\w+ed|\\w+wn|${IRREGULAR.join('|')})\\b`,
  'i',
);

/** Removes code, addresses and requirement ids, because they are no words. */
const withoutCode = (text: string): string =>
  text
    .replace(/```[\s\S]*?```/g, '')
    .replace(/`[^`]*`/g, 'code')
    .replace(/https?:\/\/\S+/g, 'address')
    .replace(/\[[A-Z0-9]+-\d+\]/g, '');

/** The words of a text in lower case. */
export const wordsOf = (text: string): readonly string[] =>
  withoutCode(text)
    .toLowerCase()
    .match(/[a-z][a-z'’-]*/g) ?? [];

/** The sentences of a text with at least two words. */
export const sentencesOf = (text: string): readonly string[] =>
  withoutCode(text)
    .split(/(?<=[.!?])\s+|\n\s*\n|\n\s*[*-] |:\s*\n/)
    .map((sentence) => sentence.replace(/\s+/g, ' ').trim())
    .filter((sentence) => wordsOf(sentence).length > 1);

export const relativeWords = (words: readonly string[]): number =>
  words.filter((word) => RELATIVE.has(word)).length;

export const isPassive = (sentence: string): boolean => PASSIVE.test(sentence);
export const hasBannedOpening = (sentence: string): boolean => BANNED_OPENING.test(sentence);
export const isLong = (sentence: string): boolean => wordsOf(sentence).length > MAX_WORDS;
