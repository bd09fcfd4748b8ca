// When new code of an orchestrator asks for something else, a running orchestration no longer fits.
// The orchestration fails, and the job does not. The store holds the job, and the sweep starts the
// new code at the next epoch. The new orchestration continues from there.
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { EventEnvironment } from '../support/event-environment.ts';
import {
  answerUntilEnd,
  assertPlanOutcome,
  startPlanEnvironment,
  sendAccepted,
  SHOP_PLAN,
  readWriteJobIds,
} from '../chaos/plan-environment.ts';
import { buildMutantApp, type MutantApp } from '../support/mutant.ts';
import { waitForQuestions } from '../support/plans.ts';

const FILE = 'orchestrators/runPlan.ts';
const ROUND = "const advanced = yield* callWithRetry<AdvanceResult>(context, 'advancePlan', input);";
let old: MutantApp;
let next: MutantApp;
let environment: EventEnvironment;
beforeAll(async () => {
  old = await buildMutantApp({ file: FILE, find: ROUND, replace: ROUND });
  next = await buildMutantApp({
    file: FILE,
    find: ROUND,
    replace: `yield* callWithRetry(context, 'pollActions', input); ${ROUND}`,
  });
  environment = await startPlanEnvironment({ app: old.app });
});
afterAll(async () => {
  await environment.stop();
  old.remove();
  next.remove();
});

test('after a deployment the next epoch ends a job and brings each VM over once [OP-9] [OP-6]', async () => {
  const before = await readWriteJobIds(environment);
  const job = await sendAccepted(environment, { operation: 'failover', plan: SHOP_PLAN });
  await waitForQuestions(environment, job, 1, 'manual');
  await environment.simulator.host.kill();
  const dist = join(old.app, 'dist');
  rmSync(dist, { recursive: true });
  cpSync(join(next.app, 'dist'), dist, { recursive: true });
  await environment.simulator.host.start();
  const ended = await answerUntilEnd(environment, job.id);
  expect(ended.epoch).toBe(2);
  expect(ended.log.map(({ message }) => message).join('\n')).toContain(
    'The orchestration of epoch 1 was dead; epoch 2 takes over.',
  );
  await assertPlanOutcome(environment, 'failover', ended, before);
}, 300_000);
