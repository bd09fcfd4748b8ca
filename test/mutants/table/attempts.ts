// The attempt protocol: one ARM write for a step, and never a second one by accident.
import type { Mutant } from '../mutant.ts';

const JUDGED = 'test/shared/domain/attempt.test.ts';
const FILE = 'shared/domain/attempt.ts';

export const attempts: readonly Mutant[] = [
  {
    id: 'a busy item is written to', file: FILE,
    find: 'if (item.allowedOperations.length === 0) {', replace: 'if (item.allowedOperations.length > 99) {',
    why: 'An item that is busy with another operation would be refused instead of waited for.',
    test: { file: JUDGED, name: 'nothing is ever started on an item with no allowed operations' },
  },
  {
    id: 'any job is ours', file: FILE,
    find: "startsWith(clientRequestId.toLowerCase()) ? 'ours' : 'foreign'", replace: "startsWith('') ? 'ours' : 'foreign'",
    why: 'A job that somebody else began would be taken for the answer to our own write.',
    test: { file: JUDGED, name: 'a job is ours by its request id alone' },
  },
];
