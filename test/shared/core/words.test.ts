// Which state may follow which: an end stays an end.
import { MAY_BE_RETRIED, MAY_FOLLOW } from '../../../shared/core/words.ts';

test('[OP-6] an attempt that has ended stays as it ended, and nothing is sent that was not prepared', () => {
  expect([MAY_FOLLOW.attempt.accepted, MAY_FOLLOW.attempt.notAccepted]).toEqual([[], []]);
  const toSending = Object.entries(MAY_FOLLOW.attempt)
    .filter(([, next]) => (next as readonly string[]).includes('sending'))
    .map(([from]) => from);
  expect(toSending).toEqual(['prepared']);
});

test('[OP-6] a job that is complete stays so, and one with something left over may be accepted again', () => {
  expect(MAY_FOLLOW.job.completed).toEqual([]);
  for (const state of MAY_BE_RETRIED) expect(MAY_FOLLOW.job[state]).toEqual(['accepted']);
});
