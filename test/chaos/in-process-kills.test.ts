// Where the app may die is found by itself: in one process with Azure it ends at each request that
// it makes, and is begun anew from what is stored. Here a plan's failover, which has most of what
// plans have; all that a plan is run for, and the boundaries at mere reads: `npm run chaos --
// --only inprocess`.
import { runInChild } from './inprocess/child-process.ts';

test('a failover survives the death of its app at every request [OP-6] [OP-9] [TRG-5]', async () => {
  const [run] = await runInChild(['--operations', 'failover']);
  expect(run?.failure).toBeNull();
  const boundaries = [
    'createJob: jobs: create job (accepted), create news',
    'createJob: walk started',
    'beginJob: registry: create lock',
    'startOperation: jobs: replace step (failover started), upsert attempt (sending)',
    'startOperation: POST replicationRecoveryPlans/unplannedFailover',
    'follow: registry: replace replicatedVm, replace lock',
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
  // A life that ends at another request may have done one of these for good meanwhile: which one is
  // up to chance.
  expect(passed.slice(1)).toEqual([]);
  expect(run?.boundaryCount).toBeGreaterThan(50);
  // What is done is not done again, by whomever it was done in the next life: of a few writes a
  // moment is left, and of which is up to chance.
  expect(run?.remainingMoments.filter((moment) => moment.endsWith('done, not answered')).length).toBeLessThan(
    (run?.boundaryCount ?? 0) / 10,
  );
}, 900_000);

test('[OP-6] without the proof by request id this is red: what was accepted unread is not found again', async () => {
  const [run] = await runInChild(['--operations', 'failover', '--mutant', 'proof']);
  expect(run?.failure).toContain('Site Recovery does not allow failover of app now');
  expect(run?.killedAt.at(-1)).toMatch(/: done, not answered$/);
}, 900_000);
