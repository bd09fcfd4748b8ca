// Jobs, steps and locks in a store, for tests of what a job does when it begins, again or anew.
// Each test file starts its own store with `startJobStage`.
import { ErrorKind } from '../../shared/core/errors.ts';
import { beginJob } from '../../shared/jobs/begin.ts';
import type { PlanOperation } from '../../shared/plans/rules/graph.ts';
import type { Plan } from '../../shared/plans/rules/plan.ts';
import { batch } from '../../shared/store/cosmos.ts';
import { SCHEMA } from '../../shared/store/schema.ts';
import type { AnswerDocument, JobDocument, StepDocument } from '../../shared/journal/documents.ts';
import type { Caller } from '../../shared/access/caller.ts';
import type { ReplicatedVmDocument } from '../../shared/replications/documents.ts';
import { createJob, moveJob, readJob } from '../../shared/journal/job.ts';
import { logsOf } from '../../shared/journal/log.ts';
import { stepsOf } from '../../shared/journal/steps.ts';
import { savePlan } from '../../shared/plans/store.ts';
import { addVm, freeLocks, locksOf, takeLocks } from '../../shared/replications/registry.ts';
import { jobOf } from './job-documents.ts';
import { moveStep } from './moves.ts';
import { simulatedStore, type SimulatedStore } from './simulated-store.ts';
import { groupOf, planOf, vmId } from '../shared/plans/arbitrary.ts';

export const NOW = '2026-01-01T00:00:00.000Z';
export const now = new Date(NOW);
const VAULT =
  '/subscriptions/2f7a1f0c-9f1b-4a43-8a55-6d0f3b1c2e77/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v';
const site = (region: string) => ({
  region,
  resourceGroupId: '/subscriptions/s/resourceGroups/g',
  cacheStorageAccountId: 'cache',
});
export const ADA: Caller = {
  id: 'ada',
  name: 'Ada',
  tenant: 't',
  roles: ['Contributor', 'Operator'],
  door: 'rest',
};

const vm = (at: number): ReplicatedVmDocument => ({
  id: vmId(at),
  type: 'replicatedVm',
  schema: SCHEMA,
  vaultId: 'vault-1',
  vaultArmId: VAULT,
  scenario: 'azureToAzure',
  name: `web-${at}`,
  lifecycleId: vmId(at),
  armId: `${VAULT}/replicationFabrics/f/replicationProtectionContainers/c/replicationProtectedItems/${at}`,
  sourceVmId: vmId(at),
  direction: 'original',
  sites: { original: site('eastasia'), reversed: site('southeastasia') },
  movedBy: null,
  missingSince: null,
  settings: null,
  seen: {
    protectionState: 'Protected',
    activeLocation: 'Primary',
    allowedOperations: ['UnplannedFailover'],
    health: 'Normal',
    at: NOW,
  },
});

/** Each run has VMs of its own. */
export const RUNS = { failover: 0, testFailover: 1, failback: 2 } as const;
export type Run = keyof typeof RUNS;
const differing = planOf([groupOf('over', [RUNS.failover])], {
  runs: {
    testFailover: [groupOf('test', [RUNS.testFailover])],
    failback: [groupOf('back', [RUNS.failback])],
  },
});

/** A store with eight replicated VMs, and a plan whose runs have VMs of their own. */
export async function startJobStage(): Promise<SimulatedStore> {
  const store = await simulatedStore(3);
  for (let at = 0; at < 8; at++) await addVm(vm(at));
  await save('differing', differing);
  return store;
}

export const save = (planId: string, plan: Plan) =>
  savePlan(
    {
      id: 'plan',
      type: 'plan',
      schema: SCHEMA,
      planId,
      plan,
      version: 1,
      origin: { kind: 'own', by: ADA },
      savedAt: NOW,
      warnings: [],
      fingerprint: '',
    },
    undefined,
  );

export const commandOf = (operation: PlanOperation, plan: string) =>
  ({
    operation,
    plan,
    exclude: [],
    adopt: false,
    kind: 'unplanned',
    shutDownSource: false,
  }) as unknown as JobDocument['command'];
export const onPlan = (jobId: string, operation: PlanOperation, plan = 'differing') =>
  createJob({
    ...jobOf(jobId, NOW),
    command: commandOf(operation, plan),
    plan: { id: plan, version: 1, name: plan },
    vmCount: 1,
  });
export const onVms = (jobId: string, vms: readonly number[], more: Partial<JobDocument> = {}) =>
  createJob({
    ...jobOf(jobId, NOW),
    command: { ...jobOf(jobId, NOW).command, vms: vms.map(vmId) } as JobDocument['command'],
    ...more,
  });

export async function jobNow(jobId: string) {
  const job = await readJob(jobId);
  if (!job) throw new Error(`No job ${jobId}.`);
  return job;
}
export const begin = async (jobId: string) => {
  const { epoch } = await jobNow(jobId);
  return beginJob({ jobId, epoch, run: `${jobId}-${epoch}` });
};
export const heldBy = async (jobId: string) =>
  (await locksOf(jobId)).map(({ targetId, epoch }) => [targetId, epoch]).sort();
export const linesOf = async (jobId: string) =>
  (await logsOf(jobId, 100)).map(({ message }) => message).join('\n');

export async function change(jobId: string, target: number, step: Partial<StepDocument>): Promise<void> {
  const found = (await stepsOf(jobId)).find(({ targetId }) => targetId === vmId(target));
  if (!found || !(await moveStep(found, step, now))) throw new Error(`No step of ${target}.`);
}
/** The step as it stands once Site Recovery has accepted its write. */
export async function started(jobId: string, target: number): Promise<void> {
  if ((await stepsOf(jobId)).find(({ targetId }) => targetId === vmId(target))?.state === 'planned')
    await change(jobId, target, { state: 'waiting' });
  await change(jobId, target, { state: 'started', armJobId: 'arm', attempt: 1 });
}
export const ended = async (jobId: string, target: number, state: 'succeeded' | 'failed'): Promise<void> => {
  await started(jobId, target);
  await change(jobId, target, state === 'succeeded' ? { state: 'settling' } : {});
  await change(jobId, target, {
    state,
    endedAt: NOW,
    error:
      state === 'failed' ? { kind: ErrorKind.rejected, code: '150097', message: 'The disk is gone.' } : null,
  });
};

export async function end(...jobIds: readonly string[]): Promise<void> {
  for (const jobId of jobIds) {
    await freeLocks(jobId, 9);
    const job = await jobNow(jobId);
    if (job.state === 'accepted') await moveJob(job, 'begin', { state: 'running' }, [], now);
    await moveJob(await jobNow(jobId), 'close', { state: 'failed' }, [], now);
  }
}

/** Another job that runs and holds VMs. */
export async function holding(
  jobId: string,
  vms: readonly number[],
  operation: 'commit' | 'testFailover' = 'commit',
): Promise<void> {
  await createJob({
    ...jobOf(jobId, NOW),
    state: 'running',
    run: 'r',
    laidOut: true,
    command: { operation, vms: vms.map(vmId), adopt: false } as unknown as JobDocument['command'],
  });
  if (!(await takeLocks(vms.map(lockOf), jobId, 1, now))) throw new Error('Held already.');
}
export const lockOf = (at: number) => ({ vaultId: 'vault-1', targetId: vmId(at) });

export async function saysTryAgain(jobId: string, stepId: string, tries: number): Promise<void> {
  const said: AnswerDocument = {
    id: `answer:${stepId}:${tries}:failure`,
    type: 'answer',
    schema: SCHEMA,
    jobId,
    stepId,
    tries,
    answer: 'tryAgain',
    by: ADA,
    reason: null,
    at: NOW,
    subject: null,
  };
  await batch('jobs', jobId, [{ create: said }]);
}

async function until(is: () => Promise<boolean>): Promise<void> {
  for (let tried = 0; tried < 400; tried++) {
    if (await is()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('It did not come.');
}

/** Acts while one request to the store is held back, as a slow process would meet the store. */
export async function whileHeld<T>(
  store: SimulatedStore,
  request: { readonly path: string; readonly method?: string; readonly body?: string },
  act: () => Promise<T>,
  meanwhile: () => Promise<void>,
): Promise<T> {
  const id = 'held';
  await store.faults.add({
    id,
    service: 'cosmos',
    point: 'received',
    times: 1,
    do: { kind: 'hold' },
    ...request,
  });
  const acting = act();
  // The caller gets a refusal of the action with the result, once the request is let go.
  acting.catch(() => undefined);
  try {
    await until(async () => (await store.faults.list()).find((rule) => rule.id === id)?.acted === 1);
    await meanwhile();
  } finally {
    await store.faults.remove(id);
  }
  return acting;
}
