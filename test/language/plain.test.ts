// Keeps the language of the sources plain: lines, sentences, and contracts of exported names.
// `npm run language -- --list passive|long|opening|relative|undescribed` lists the sentences to rewrite.
import { undescribed } from '../../scripts/language/interfaces.ts';
import { measure, sentencesIn, sources } from '../../scripts/language/measure.ts';
import { hasBannedOpening } from '../../scripts/language/sentences.ts';

const all = sources();
const bare = undescribed(all);
const figures = measure(all, bare);

test('lines are narrow', () => {
  expect(figures.averageWidth).toBeLessThanOrEqual(45);
  expect(figures.wideLinesPercent).toBeLessThan(1);
});

test('no comment begins a sentence with a banned word', () => {
  expect(sentencesIn(all).filter(({ text }) => hasBannedOpening(text))).toEqual([]);
});

test('sentences of comments are active, short and without relative words', () => {
  expect(figures.passivesPer100Sentences).toBeLessThanOrEqual(2);
  expect(figures.longSentencesPer100Sentences).toBeLessThanOrEqual(1);
  expect(figures.relativeWordsPer100Words).toBeLessThanOrEqual(0.5);
});

test('each exported name that another module imports has a contract', () => {
  expect(bare).toEqual([]);
});
