// Where an orchestrator must ask for something else than before, a walk that is under way does not
// fit any more. It fails, and the job does not: the store is the job, and the sweep begins a walk
// of the new code at the next epoch, which goes on where the old one was.
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Listening } from '../support/news.ts';
import { endedWithAnswers, judgeOnPlan, planStage, send, SHOP, writesSoFar } from '../chaos/plan-stage.ts';
import { buildMutant, type Mutant } from '../support/mutant.ts';
import { untilNeeds } from '../support/plans.ts';

const FILE = 'orchestrators/runPlan.ts';
const ROUND = "const advanced = yield* patiently<Advanced>(context, 'advancePlan', input);";
let old: Mutant;
let next: Mutant;
let world: Listening;
beforeAll(async () => {
  old = await buildMutant({ file: FILE, find: ROUND, replace: ROUND });
  next = await buildMutant({
    file: FILE,
    find: ROUND,
    replace: `yield* patiently(context, 'followActions', input); ${ROUND}`,
  });
  world = await planStage({ app: old.app });
});
afterAll(async () => {
  await world.stop();
  old.remove();
  next.remove();
});

test('after a deployment the next epoch ends a job and brings each VM over once [OP-9] [OP-6]', async () => {
  const before = await writesSoFar(world);
  const job = await send(world, { operation: 'failover', plan: SHOP });
  await untilNeeds(world, job, 1, 'manual');
  await world.simulator.host.kill();
  const dist = join(old.app, 'dist');
  rmSync(dist, { recursive: true });
  cpSync(join(next.app, 'dist'), dist, { recursive: true });
  await world.simulator.host.start();
  const ended = await endedWithAnswers(world, job.id);
  expect(ended.epoch).toBe(2);
  expect(ended.log.map(({ message }) => message).join('\n')).toContain(
    'The walk of epoch 1 was found dead; epoch 2 takes over.',
  );
  await judgeOnPlan(world, 'failover', ended, before);
}, 300_000);
