// The test finds the kill boundaries by itself. The app runs in one process with Azure. It ends at
// each of its requests and starts again from the stored state. This sample plays the failover of a
// plan, which covers most plan features. `npm run chaos -- --only inprocess` plays all operations
// of a plan and the boundaries at pure reads.
import { runInChild } from './inprocess/child-process.ts';

test('a failover survives the death of its app at every request [OP-6] [OP-9] [TRG-5]', async () => {
  const [run] = await runInChild(['--operations', 'failover']);
  expect(run?.failure).toBeNull();
  const boundaries = [
    'createJob: jobs: create job (accepted), create news',
    'createJob: orchestration started',
    'beginJob: registry: create lock',
    'startOperation: jobs: replace step (failover started), upsert attempt (sending)',
    'startOperation: POST replicationRecoveryPlans/unplannedFailover',
    'pollPhase: registry: replace replicatedVm, replace lock',
    'pollActions: request around a VM',
    'answerJob: jobs: create answer, replace step (action started)',
    'closeJob: registry: delete lock:vm-*',
    'closeJob: jobs: replace job (completed), create news',
    'relay: call-back',
  ];
  const died = new Set(run?.killedAt);
  const passed = boundaries.filter(
    (name) => !died.has(`${name}: before it arrives`) || !died.has(`${name}: done, not answered`),
  );
  // An instance that ends at another request may have completed one of these meanwhile. Chance
  // decides which one.
  expect(passed.slice(1)).toEqual([]);
  expect(run?.boundaryCount).toBeGreaterThan(50);
  // A later instance does not repeat a completed write. A few writes therefore keep one moment that
  // no kill reached, and chance decides which.
  expect(run?.remainingMoments.filter((moment) => moment.endsWith('done, not answered')).length).toBeLessThan(
    (run?.boundaryCount ?? 0) / 10,
  );
}, 900_000);

test('without the proof by request id the run loses an accepted write [OP-6]', async () => {
  const [run] = await runInChild(['--operations', 'failover', '--mutant', 'proof']);
  expect(run?.failure).toContain('Site Recovery does not allow failover of app now');
  expect(run?.killedAt.at(-1)).toMatch(/: done, not answered$/);
}, 900_000);
