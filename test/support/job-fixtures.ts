// Jobs, steps and locks in a store, for tests of the start and restart of a job. Each test file
// starts its own store with `startStoreWithVms`.
import { ErrorKind } from '../../shared/core/errors.ts';
import { beginJob } from '../../shared/jobs/beginJob.ts';
import type { PlanOperation } from '../../shared/plans/rules/graph.ts';
import type { Plan } from '../../shared/plans/rules/plan.ts';
import { writeBatch } from '../../shared/store/cosmos.ts';
import { SCHEMA_VERSION } from '../../shared/store/schema.ts';
import type { AnswerDocument, JobDocument, StepDocument } from '../../shared/journal/documents.ts';
import type { Caller } from '../../shared/access/caller.ts';
import type { ReplicatedVmDocument } from '../../shared/replications/documents.ts';
import { createJob, transitionJob, readJob } from '../../shared/journal/job.ts';
import { listLogLines } from '../../shared/journal/log.ts';
import { listSteps } from '../../shared/journal/steps.ts';
import { savePlan } from '../../shared/plans/store.ts';
import { addVm, releaseLocks, readLocksOf, createLocks } from '../../shared/replications/registry.ts';
import { makeJobDocument } from './job-documents.ts';
import { transitionStep } from './transitions.ts';
import { startSimulatedStore, type SimulatedStore } from './simulated-store.ts';
import { makeGroup, makePlan, vmId } from '../shared/plans/arbitrary.ts';

export const NOW = '2026-01-01T00:00:00.000Z';
export const now = new Date(NOW);
const VAULT =
  '/subscriptions/2f7a1f0c-9f1b-4a43-8a55-6d0f3b1c2e77/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v';
const siteIn = (region: string) => ({
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

const vmDocument = (at: number): ReplicatedVmDocument => ({
  id: vmId(at),
  type: 'replicatedVm',
  schema: SCHEMA_VERSION,
  vaultId: 'vault-1',
  vaultArmId: VAULT,
  scenario: 'azureToAzure',
  name: `web-${at}`,
  lifecycleId: vmId(at),
  armId: `${VAULT}/replicationFabrics/f/replicationProtectionContainers/c/replicationProtectedItems/${at}`,
  sourceVmId: vmId(at),
  direction: 'original',
  sites: { original: siteIn('eastasia'), reversed: siteIn('southeastasia') },
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

/** Each run has its own VMs. */
export const RUN_VMS = { failover: 0, testFailover: 1, failback: 2 } as const;
export type RunKind = keyof typeof RUN_VMS;
const planWithDifferentRuns = makePlan([makeGroup('over', [RUN_VMS.failover])], {
  runs: {
    testFailover: [makeGroup('test', [RUN_VMS.testFailover])],
    failback: [makeGroup('back', [RUN_VMS.failback])],
  },
});

/** A store with eight replicated VMs, and a plan whose runs have their own VMs. */
export async function startStoreWithVms(): Promise<SimulatedStore> {
  const store = await startSimulatedStore(3);
  for (let at = 0; at < 8; at++) await addVm(vmDocument(at));
  await savePlanDocument('differing', planWithDifferentRuns);
  return store;
}

export const savePlanDocument = (planId: string, plan: Plan) =>
  savePlan(
    {
      id: 'plan',
      type: 'plan',
      schema: SCHEMA_VERSION,
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

export const planCommand = (operation: PlanOperation, plan: string) =>
  ({
    operation,
    plan,
    exclude: [],
    adopt: false,
    kind: 'unplanned',
    shutDownSource: false,
  }) as unknown as JobDocument['command'];
export const createPlanJob = (jobId: string, operation: PlanOperation, plan = 'differing') =>
  createJob({
    ...makeJobDocument(jobId, NOW),
    command: planCommand(operation, plan),
    plan: { id: plan, version: 1, name: plan },
    vmCount: 1,
  });
export const createVmJob = (jobId: string, vms: readonly number[], overrides: Partial<JobDocument> = {}) =>
  createJob({
    ...makeJobDocument(jobId, NOW),
    command: { ...makeJobDocument(jobId, NOW).command, vms: vms.map(vmId) },
    ...overrides,
  });

export async function readJobOrFail(jobId: string) {
  const job = await readJob(jobId);
  if (!job) throw new Error(`No job ${jobId}.`);
  return job;
}
export const beginCurrentEpoch = async (jobId: string) => {
  const { epoch } = await readJobOrFail(jobId);
  return beginJob({ jobId, epoch, run: `${jobId}-${epoch}` });
};
export const lockedTargetsOf = async (jobId: string) =>
  (await readLocksOf(jobId)).map(({ targetId, epoch }) => [targetId, epoch]).sort();
export const readLogText = async (jobId: string) =>
  (await listLogLines(jobId, 100)).map(({ message }) => message).join('\n');

export async function changeStep(jobId: string, target: number, step: Partial<StepDocument>): Promise<void> {
  const found = (await listSteps(jobId)).find(({ targetId }) => targetId === vmId(target));
  if (!found || !(await transitionStep(found, step, now))) throw new Error(`No step of ${target}.`);
}
/** Changes the step as after Site Recovery has accepted its write. */
export async function markStepStarted(jobId: string, target: number): Promise<void> {
  if ((await listSteps(jobId)).find(({ targetId }) => targetId === vmId(target))?.state === 'planned')
    await changeStep(jobId, target, { state: 'waiting' });
  await changeStep(jobId, target, { state: 'started', armJobId: 'arm', attempt: 1 });
}
export const markStepEnded = async (
  jobId: string,
  target: number,
  state: 'succeeded' | 'failed',
): Promise<void> => {
  await markStepStarted(jobId, target);
  await changeStep(jobId, target, state === 'succeeded' ? { state: 'settling' } : {});
  await changeStep(jobId, target, {
    state,
    endedAt: NOW,
    error:
      state === 'failed' ? { kind: ErrorKind.rejected, code: '150097', message: 'The disk is gone.' } : null,
  });
};

export async function endJobs(...jobIds: readonly string[]): Promise<void> {
  for (const jobId of jobIds) {
    await releaseLocks(jobId, 9);
    const job = await readJobOrFail(jobId);
    if (job.state === 'accepted') await transitionJob(job, 'begin', { state: 'running' }, [], now);
    await transitionJob(await readJobOrFail(jobId), 'close', { state: 'failed' }, [], now);
  }
}

/** Creates another running job that locks VMs. */
export async function createJobWithLocks(
  jobId: string,
  vms: readonly number[],
  operation: 'commit' | 'testFailover' = 'commit',
): Promise<void> {
  await createJob({
    ...makeJobDocument(jobId, NOW),
    state: 'running',
    run: 'r',
    laidOut: true,
    command: { operation, vms: vms.map(vmId), adopt: false } as unknown as JobDocument['command'],
  });
  if (!(await createLocks(vms.map(lockTargetOf), jobId, 1, now))) throw new Error('Another job locks a VM.');
}
export const lockTargetOf = (at: number) => ({ vaultId: 'vault-1', targetId: vmId(at) });

export async function saveTryAgainAnswer(jobId: string, stepId: string, tries: number): Promise<void> {
  const answer: AnswerDocument = {
    id: `answer:${stepId}:${tries}:failure`,
    type: 'answer',
    schema: SCHEMA_VERSION,
    jobId,
    stepId,
    tries,
    answer: 'tryAgain',
    by: ADA,
    reason: null,
    at: NOW,
    subject: null,
  };
  await writeBatch('jobs', jobId, [{ create: answer }]);
}

async function waitUntil(isTrue: () => Promise<boolean>): Promise<void> {
  for (let tried = 0; tried < 400; tried++) {
    if (await isTrue()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('The request did not come.');
}

/** Acts while the simulator blocks one request to the store, as for a slow process. */
export async function whileRequestHeld<T>(
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
  const result = act();
  // The caller gets an error of the action with the result, after the request continues.
  result.catch(() => undefined);
  try {
    await waitUntil(async () => (await store.faults.list()).find((rule) => rule.id === id)?.acted === 1);
    await meanwhile();
  } finally {
    await store.faults.remove(id);
  }
  return result;
}
