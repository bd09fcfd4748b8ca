// A worker that dies fails its running activities. The result of a start is then unknown, and the
// next poll finds it.
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
  ['the orchestration of a plan', startedPlan],
])(
  '%s with failed starts waits for the others and polls, and does not fail (H5) [OP-9]',
  async (_what, begin) => {
    const walk = await begin();
    await walk.completeCall('reserveWrites', GRANT);
    expect(walk.openCalls).toEqual(['startOperation', 'startOperation', 'startOperation']);
    await walk.failCall('startOperation');
    expect([walk.ending, walk.openCalls]).toEqual([{ kind: 'none' }, ['startOperation', 'startOperation']]);
    await walk.completeCall('startOperation', 'started');
    await walk.failCall('startOperation');
    // The timer is short, because the orchestration does not know which steps run.
    expect([walk.ending, walk.openCalls]).toEqual([{ kind: 'none' }, ['timer']]);
    await walk.fireTimer();
    expect(walk.openCalls).toEqual(['follow']);
    await walk.completeCall('follow', FOLLOWED);
    expect(walk.ending).toEqual({ kind: 'none' });
  },
);

test('the last start of a wave fails, and the orchestration continues (H5)', async () => {
  const walk = await startedPhase(names(3));
  await walk.completeCall('reserveWrites', GRANT);
  for (const end of ['completeCall', 'completeCall', 'failCall'] as const)
    await walk[end]('startOperation', 'started');
  expect([walk.ending, walk.openCalls]).toEqual([{ kind: 'none' }, ['timer']]);
});

test('a shard with a failed start ends well, and reports that not all starts were accepted (H5)', async () => {
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

test('the orchestration awaits failed shards and polls after them as after starts (H5)', async () => {
  const walk = await startedPhase(names(2 * SHARD_SIZE));
  await walk.completeCall('reserveWrites', { ...GRANT, granted: 2 * SHARD_SIZE });
  expect(walk.openCalls).toEqual(['startShard', 'startShard']);
  await walk.failCall('startShard');
  expect([walk.ending, walk.openCalls]).toEqual([{ kind: 'none' }, ['startShard']]);
  await walk.completeCall('startShard', true);
  expect([walk.ending, walk.openCalls]).toEqual([{ kind: 'none' }, ['timer']]);
});

test('the orchestration repeats a failed inspection of replicating VMs (H5)', async () => {
  const walk = await startedPhase(names(3), names(3));
  expect(walk.openCalls).toEqual(['lookAtFound']);
  await walk.failCall('lookAtFound');
  expect([walk.ending, walk.openCalls]).toEqual([{ kind: 'none' }, ['timer']]);
  await walk.fireTimer();
  await walk.completeCall('lookAtFound', null);
  expect([walk.ending, walk.openCalls]).toEqual([{ kind: 'none' }, ['follow']]);
});
