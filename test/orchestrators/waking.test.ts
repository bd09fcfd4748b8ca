// A person's word wakes the walk of a plan, whenever it comes. The SDK itself gives the events to
// their waiters here.
import { WAKE } from '../../orchestrators/patiently.ts';
import { ROUNDS_IN_A_HISTORY } from '../../orchestrators/runPlan.ts';
import type { Advanced } from '../../shared/runs/advance.ts';
import { Played } from './played.ts';

/** Nothing is open but a question to a person. */
const ASKING: Advanced = { superseded: false, over: false, turns: [], acting: 1, nextSeconds: null };
const FOLLOWED = { superseded: false, open: 1, nextSeconds: 60 };

/** A walk that has slept once for its whole time, and now looks: nobody has spoken so far. */
async function lookingAfterASleep(): Promise<Played> {
  const walk = await Played.start('runPlan', { jobId: 'j', epoch: 1 });
  await round(walk);
  expect(walk.asks).toEqual(['timer']);
  await walk.sleepOut();
  expect(walk.asks).toEqual(['advancePlan']);
  return walk;
}

async function round(walk: Played): Promise<void> {
  await walk.answer('advancePlan', ASKING);
  await walk.answer('followActions', FOLLOWED);
}

test('a word that comes while the walk works, after it has slept, is no sleep later (A16) [OP-8]', async () => {
  const walk = await lookingAfterASleep();
  await walk.raise(WAKE);
  await round(walk);
  expect(walk.asks).toEqual(['advancePlan']);
  // The word was heard once: the next sleep lasts until its end, or until the next word.
  await round(walk);
  expect(walk.asks).toEqual(['timer']);
  await walk.raise(WAKE);
  expect(walk.asks).toEqual(['advancePlan']);
});

test('several words in one sleep or look wake the walk at most once, and none is lost (A16)', async () => {
  const walk = await lookingAfterASleep();
  await round(walk);
  await walk.sleepOut();
  await walk.raise(WAKE);
  await walk.raise(WAKE);
  await round(walk);
  expect(walk.asks).toEqual(['advancePlan']);
  await round(walk);
  expect(walk.asks).toEqual(['timer']);
  await walk.raise(WAKE);
  await walk.raise(WAKE);
  await round(walk);
  expect(walk.asks).toEqual(['advancePlan']);
});

test('without a word the walk sleeps for its whole time, however often it slept before (A16)', async () => {
  const walk = await lookingAfterASleep();
  for (let slept = 0; slept < 5; slept += 1) {
    await round(walk);
    expect(walk.asks).toEqual(['timer']);
    await walk.sleepOut();
  }
});

test('a word in the last round of a history wakes the next history (A16)', async () => {
  const walk = await Played.start('runPlan', { jobId: 'j', epoch: 1 });
  for (let rounds = 1; rounds < ROUNDS_IN_A_HISTORY; rounds += 1) {
    await round(walk);
    await walk.sleepOut();
  }
  await walk.raise(WAKE);
  await round(walk);
  expect([walk.asks, walk.ending]).toEqual([
    [],
    { kind: 'continuesAsNew', input: JSON.stringify({ jobId: 'j', epoch: 1 }) },
  ]);
  const next = await Played.start('runPlan', { jobId: 'j', epoch: 1 });
  await next.answer('advancePlan', ASKING);
  expect(next.asks).toEqual(['followActions']);
});
