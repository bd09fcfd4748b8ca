// A worker that dies fails the activities that it ran. What came of a start is not known then; the
// next look finds it.
import type { Phase } from '../../shared/core/operations.ts';
import { SHARD_SIZE } from '../../orchestrators/startWaves.ts';
import { ManualOrchestration } from './manual-orchestration.ts';

const GRANT = { granted: 3, waitSeconds: 0, held: false };
const FOLLOWED = { superseded: false, open: 3, startable: [], nextSeconds: 60 };
const VAULT = { vaultId: 'v', vaultArmId: '/vault', subscription: 's' };
const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `vm-${i}`);

async function startedPhase(
  targetIds: readonly string[],
  unwritten: readonly string[] = [],
): Promise<ManualOrchestration> {
  const phase: Phase = 'failover';
  const vaults = [{ ...VAULT, targetIds }];
  const walk = await ManualOrchestration.start('phase', {
    jobId: 'j',
    epoch: 1,
    phase,
    vaults,
    waiting: null,
  });
  await walk.completeCall('openPhase', { superseded: false, open: targetIds, unwritten });
  return walk;
}

async function startedPlan(): Promise<ManualOrchestration> {
  const walk = await ManualOrchestration.start('runPlan', { jobId: 'j', epoch: 1 });
  const turn = { ...VAULT, phase: 'failover', startable: names(3), always: false };
  await walk.completeCall('advancePlan', {
    superseded: false,
    over: false,
    turns: [turn],
    acting: 0,
    nextSeconds: null,
  });
  return walk;
}

test.each([
  ['a phase', () => startedPhase(names(3))],
  ['the walk of a plan', startedPlan],
])(
  '%s whose starts fail waits for the others and looks, and does not fail (H5) [OP-9]',
  async (_what, begin) => {
    const walk = await begin();
    await walk.completeCall('reserveWrites', GRANT);
    expect(walk.openCalls).toEqual(['startOperation', 'startOperation', 'startOperation']);
    await walk.failCall('startOperation');
    expect([walk.ending, walk.openCalls]).toEqual([{ kind: 'none' }, ['startOperation', 'startOperation']]);
    await walk.completeCall('startOperation', 'started');
    await walk.failCall('startOperation');
    // Soon, for it is not known what runs.
    expect([walk.ending, walk.openCalls]).toEqual([{ kind: 'none' }, ['timer']]);
    await walk.fireTimer();
    expect(walk.openCalls).toEqual(['pollPhase']);
    await walk.completeCall('pollPhase', FOLLOWED);
    expect(walk.ending).toEqual({ kind: 'none' });
  },
);

test('the last start of a wave fails, and the walk goes on (H5)', async () => {
  const walk = await startedPhase(names(3));
  await walk.completeCall('reserveWrites', GRANT);
  for (const end of ['completeCall', 'completeCall', 'failCall'] as const)
    await walk[end]('startOperation', 'started');
  expect([walk.ending, walk.openCalls]).toEqual([{ kind: 'none' }, ['timer']]);
});

test('a shard with a start that failed ends well, and says that not all were accepted (H5)', async () => {
  const starts = names(2).map((targetId) => ({
    jobId: 'j',
    epoch: 1,
    phase: 'failover',
    vaultId: 'v',
    targetId,
  }));
  const walk = await ManualOrchestration.start('startShard', { starts });
  await walk.failCall('startOperation');
  await walk.completeCall('startOperation', 'started');
  expect(walk.ending).toEqual({ kind: 'completed', output: 'false' });
});

test('shards that fail are awaited and looked after as starts are (H5)', async () => {
  const walk = await startedPhase(names(2 * SHARD_SIZE));
  await walk.completeCall('reserveWrites', { ...GRANT, granted: 2 * SHARD_SIZE });
  expect(walk.openCalls).toEqual(['startShard', 'startShard']);
  await walk.failCall('startShard');
  expect([walk.ending, walk.openCalls]).toEqual([{ kind: 'none' }, ['startShard']]);
  await walk.completeCall('startShard', true);
  expect([walk.ending, walk.openCalls]).toEqual([{ kind: 'none' }, ['timer']]);
});

test('a look at what was found replicating is asked for again when it fails (H5)', async () => {
  const walk = await startedPhase(names(3), names(3));
  expect(walk.openCalls).toEqual(['inspectAlreadyReplicated']);
  await walk.failCall('inspectAlreadyReplicated');
  expect([walk.ending, walk.openCalls]).toEqual([{ kind: 'none' }, ['timer']]);
  await walk.fireTimer();
  await walk.completeCall('inspectAlreadyReplicated', null);
  expect([walk.ending, walk.openCalls]).toEqual([{ kind: 'none' }, ['pollPhase']]);
});
