// A person's answer wakes the orchestration of a plan at any time. Here the SDK itself passes the
// events to their waiters.
import { WAKE } from '../../orchestrators/callWithRetry.ts';
import { MAX_ROUNDS_PER_HISTORY } from '../../orchestrators/runPlan.ts';
import type { AdvanceResult } from '../../shared/runs/advancePlan.ts';
import { ManualOrchestration } from './manual-orchestration.ts';

/** Only a question to a person is open. */
const ASKING: AdvanceResult = { superseded: false, over: false, turns: [], acting: 1, nextSeconds: null };
const FOLLOWED = { superseded: false, open: 1, nextSeconds: 60 };

/** An orchestration that slept once for its whole time and now polls. No answer has come so far. */
async function pollAfterSleep(): Promise<ManualOrchestration> {
  const orchestration = await ManualOrchestration.start('runPlan', { jobId: 'j', epoch: 1 });
  await round(orchestration);
  expect(orchestration.openCalls).toEqual(['timer']);
  await orchestration.fireTimer();
  expect(orchestration.openCalls).toEqual(['advancePlan']);
  return orchestration;
}

async function round(orchestration: ManualOrchestration): Promise<void> {
  await orchestration.completeCall('advancePlan', ASKING);
  await orchestration.completeCall('pollActions', FOLLOWED);
}

test("an answer during the orchestration's work, after a sleep, does not add a sleep [OP-8]", async () => {
  const orchestration = await pollAfterSleep();
  await orchestration.raiseEvent(WAKE);
  await round(orchestration);
  expect(orchestration.openCalls).toEqual(['advancePlan']);
  // The answer woke the orchestration once: the next sleep lasts until its end, or until the next
  // answer.
  await round(orchestration);
  expect(orchestration.openCalls).toEqual(['timer']);
  await orchestration.raiseEvent(WAKE);
  expect(orchestration.openCalls).toEqual(['advancePlan']);
});

test('several answers in one sleep or poll wake the orchestration at most once, and none gets lost', async () => {
  const orchestration = await pollAfterSleep();
  await round(orchestration);
  await orchestration.fireTimer();
  await orchestration.raiseEvent(WAKE);
  await orchestration.raiseEvent(WAKE);
  await round(orchestration);
  expect(orchestration.openCalls).toEqual(['advancePlan']);
  await round(orchestration);
  expect(orchestration.openCalls).toEqual(['timer']);
  await orchestration.raiseEvent(WAKE);
  await orchestration.raiseEvent(WAKE);
  await round(orchestration);
  expect(orchestration.openCalls).toEqual(['advancePlan']);
});

test('without an answer the orchestration sleeps for its whole time, however often it slept before', async () => {
  const orchestration = await pollAfterSleep();
  for (let slept = 0; slept < 5; slept += 1) {
    await round(orchestration);
    expect(orchestration.openCalls).toEqual(['timer']);
    await orchestration.fireTimer();
  }
});

test('an answer in the last round of a history wakes the next history', async () => {
  const orchestration = await ManualOrchestration.start('runPlan', { jobId: 'j', epoch: 1 });
  for (let rounds = 1; rounds < MAX_ROUNDS_PER_HISTORY; rounds += 1) {
    await round(orchestration);
    await orchestration.fireTimer();
  }
  await orchestration.raiseEvent(WAKE);
  await round(orchestration);
  expect([orchestration.openCalls, orchestration.ending]).toEqual([
    [],
    { kind: 'continuesAsNew', input: JSON.stringify({ jobId: 'j', epoch: 1 }) },
  ]);
  const next = await ManualOrchestration.start('runPlan', { jobId: 'j', epoch: 1 });
  await next.completeCall('advancePlan', ASKING);
  expect(next.openCalls).toEqual(['pollActions']);
});
