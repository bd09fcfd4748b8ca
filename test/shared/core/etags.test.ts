// A change names the version that its author has read.
import { etagOf, matchesEtag, assertIfMatch } from '../../../shared/core/etags.ts';

const PLAN = { noun: 'Rule', name: 'a rule r' };
const codeOf = (before: { readonly version: number } | undefined, ifMatch: string | null): string => {
  try {
    assertIfMatch(PLAN, before, ifMatch);
    return 'taken';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

test('a change without If-Match, or with an older version, fails', () => {
  expect(codeOf({ version: 3 }, etagOf({ version: 3 }))).toBe('taken');
  expect(codeOf({ version: 3 }, null)).toBe('IfMatchMissing');
  expect(codeOf({ version: 3 }, etagOf({ version: 2 }))).toBe('RuleChanged');
  expect(codeOf({ version: 3 }, '*')).toBe('RuleChanged');
});

test('a change of a missing document fails, and a new document needs no If-Match', () => {
  expect(codeOf(undefined, etagOf({ version: 1 }))).toBe('RuleUnknown');
  expect(codeOf(undefined, null)).toBe('taken');
});

test('a reader has the document already if one of the named versions is current', () => {
  expect(matchesEtag('"1", W/"3"', '"3"')).toBe(true);
  expect(matchesEtag('"1"', '"3"')).toBe(false);
  expect(matchesEtag(null, '"3"')).toBe(false);
});
