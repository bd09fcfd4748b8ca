// A worker that dies fails its running activities. The result of a start then stays open until the
// next poll.
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
  const orchestration = await ManualOrchestration.start('phase', {
    jobId: 'j',
    epoch: 1,
    phase,
    vaults,
    waiting: null,
  });
  await orchestration.completeCall('openPhase', { superseded: false, open: targetIds, unwritten });
  return orchestration;
}

async function startedPlan(): Promise<ManualOrchestration> {
  const orchestration = await ManualOrchestration.start('runPlan', { jobId: 'j', epoch: 1 });
  const turn = { ...VAULT, phase: 'failover', startable: names(3), always: false };
  await orchestration.completeCall('advancePlan', {
    superseded: false,
    over: false,
    turns: [turn],
    acting: 0,
    nextSeconds: null,
  });
  return orchestration;
}

test.each([
  ['a phase', () => startedPhase(names(3))],
  ['the orchestration of a plan', startedPlan],
])('%s with failed starts waits for the others and polls, and does not fail [OP-9]', async (_what, begin) => {
  const orchestration = await begin();
  await orchestration.completeCall('reserveWrites', GRANT);
  expect(orchestration.openCalls).toEqual(['startOperation', 'startOperation', 'startOperation']);
  await orchestration.failCall('startOperation');
  expect([orchestration.ending, orchestration.openCalls]).toEqual([
    { kind: 'none' },
    ['startOperation', 'startOperation'],
  ]);
  await orchestration.completeCall('startOperation', 'started');
  await orchestration.failCall('startOperation');
  // The timer is short, because the orchestration does not know which steps run.
  expect([orchestration.ending, orchestration.openCalls]).toEqual([{ kind: 'none' }, ['timer']]);
  await orchestration.fireTimer();
  expect(orchestration.openCalls).toEqual(['pollPhase']);
  await orchestration.completeCall('pollPhase', FOLLOWED);
  expect(orchestration.ending).toEqual({ kind: 'none' });
});

test('the last start of a wave fails, and the orchestration continues', async () => {
  const orchestration = await startedPhase(names(3));
  await orchestration.completeCall('reserveWrites', GRANT);
  for (const end of ['completeCall', 'completeCall', 'failCall'] as const)
    await orchestration[end]('startOperation', 'started');
  expect([orchestration.ending, orchestration.openCalls]).toEqual([{ kind: 'none' }, ['timer']]);
});

test('a shard with a failed start ends well, and reports that not all starts were accepted', async () => {
  const starts = names(2).map((targetId) => ({
    jobId: 'j',
    epoch: 1,
    phase: 'failover',
    vaultId: 'v',
    targetId,
  }));
  const orchestration = await ManualOrchestration.start('startShard', { starts });
  await orchestration.failCall('startOperation');
  await orchestration.completeCall('startOperation', 'started');
  expect(orchestration.ending).toEqual({ kind: 'completed', output: 'false' });
});

test('the orchestration awaits failed shards and polls after them as after starts', async () => {
  const orchestration = await startedPhase(names(2 * SHARD_SIZE));
  await orchestration.completeCall('reserveWrites', { ...GRANT, granted: 2 * SHARD_SIZE });
  expect(orchestration.openCalls).toEqual(['startShard', 'startShard']);
  await orchestration.failCall('startShard');
  expect([orchestration.ending, orchestration.openCalls]).toEqual([{ kind: 'none' }, ['startShard']]);
  await orchestration.completeCall('startShard', true);
  expect([orchestration.ending, orchestration.openCalls]).toEqual([{ kind: 'none' }, ['timer']]);
});

test('the orchestration repeats a failed inspection of replicating VMs', async () => {
  const orchestration = await startedPhase(names(3), names(3));
  expect(orchestration.openCalls).toEqual(['inspectAlreadyReplicated']);
  await orchestration.failCall('inspectAlreadyReplicated');
  expect([orchestration.ending, orchestration.openCalls]).toEqual([{ kind: 'none' }, ['timer']]);
  await orchestration.fireTimer();
  await orchestration.completeCall('inspectAlreadyReplicated', null);
  expect([orchestration.ending, orchestration.openCalls]).toEqual([{ kind: 'none' }, ['pollPhase']]);
});
