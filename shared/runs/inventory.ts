// Finds the Azure resources that a drill leaves behind.
// Lifeboat lists the resource groups of the test VMs before the drill and after the clean-up.
// This module only reads from Azure. It never deletes a resource.

import { listResourceIds, filterExisting } from '../azure/inventory.ts';
import { clock } from '../core/clock.ts';
import { resourceGroupNameOf, nameOf, resourceGroupOf } from '../core/armId.ts';
import { compareInventories, type InventoryDifference } from '../plans/rules/inventory.ts';
import type { JobException } from '../core/jobOutcome.ts';
import { messageOf } from '../core/errors.ts';
import type { JobDocument, StepDocument } from '../journal/documents.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import {
  canBeStored,
  listInventories,
  createInventory,
  createLeftovers,
  readLeftovers,
} from '../journal/inventories.ts';
import { listJobs } from '../journal/jobSummaries.ts';
import { findVms } from '../replications/registry.ts';

const MAX_GROUPS = 50;

/**
 * Saves the inventories before the first test VM starts. A failed read from Azure does not delay the
 * drill. The job then reports no leftovers for that resource group.
 */
export async function saveInventoryBefore(job: JobDocument, steps: readonly StepDocument[]): Promise<void> {
  if (job.command.operation !== 'testFailover' || (await listInventories(job.jobId)).length > 0) return;
  const testSteps = steps.filter(({ phase }) => phase === 'testFailover');
  // An orchestration that continues after a take-over is too late: test VMs may exist already.
  if (testSteps.some(({ startedAt }) => startedAt !== null)) return;
  const vms = await findVms(testSteps.flatMap(vmsOfStep).map(({ id }) => id));
  const networks = [
    ...('networkId' in job.command ? [job.command.networkId ?? null] : []),
    ...testSteps.map(({ work }) => ('networkId' in work ? work.networkId : null)),
  ];
  const readAt = (await clock().now()).toISOString();
  for (const [index, groupId] of resourceGroupIdsOf(vms, networks).entries()) {
    const found = await listResourceIds(groupId).catch(() => undefined);
    const resources = found?.map((id) => id.slice(groupId.length));
    if (resources && canBeStored(resources))
      await createInventory(job.jobId, index, { groupId, resources, readAt });
  }
}

const vmsOfStep = ({
  work,
  targetId,
  targetName,
}: StepDocument): readonly { readonly id: string; readonly name: string }[] =>
  work.kind === 'multiVmGroup' ? work.vms : [{ id: targetId, name: targetName }];

function resourceGroupIdsOf(
  vms: readonly ReplicatedVmDocument[],
  networks: readonly (string | null)[],
): readonly string[] {
  const ids = [
    ...vms.flatMap(({ settings }) => [settings?.resourceGroupId, settings?.testNetworkId]),
    ...networks,
  ].flatMap((id) => (id ? [resourceGroupOf(id).toLowerCase()] : []));
  return [...new Set(ids)]
    .filter((id) => id !== '')
    .sort()
    .slice(0, MAX_GROUPS);
}

/** Leftovers of a drill as exceptions of the job, and a line for its log. */
export interface InventoryResult {
  readonly exceptions: readonly JobException[];
  /** For the job's log; null: no log line. */
  readonly message: string | null;
}

const NOTHING_FOUND: InventoryResult = { exceptions: [], message: null };

/** Compares the inventories after the clean-up, in the drill's own job or in a later clean-up job. */
export async function checkInventoryAfter(
  job: JobDocument,
  steps: readonly StepDocument[],
): Promise<InventoryResult> {
  const cleanUpSteps = steps.filter(
    ({ phase, state }) => phase === 'cleanUpTestFailover' && state === 'succeeded',
  );
  if (cleanUpSteps.length === 0 || !['testFailover', 'cleanUpTestFailover'].includes(job.command.operation))
    return NOTHING_FOUND;
  const vms = cleanUpSteps.flatMap(vmsOfStep);
  try {
    const stored = await readLeftovers(job.jobId, job.epoch);
    const difference = stored ? stored.difference : await compareWithBefore(job, vms);
    return difference ? toInventoryResult(difference) : NOTHING_FOUND;
  } catch (error) {
    return {
      exceptions: [],
      message: `Lifeboat could not check for resources that the drill left behind: ${messageOf(error)}`,
    };
  }
}

async function compareWithBefore(
  job: JobDocument,
  vms: readonly { readonly id: string; readonly name: string }[],
): Promise<InventoryDifference | undefined> {
  const before = (await Promise.all((await findDrillJobs(job, vms)).map(listInventories))).flat();
  if (before.length === 0) return undefined;
  // Two drills may have begun one after the other. The older inventory shows the state before both.
  const earliestByGroup = new Map(
    before
      .toSorted((a, b) => (a.readAt < b.readAt ? 1 : -1))
      .map((inventory) => [inventory.groupId, inventory]),
  );
  const differences = await Promise.all(
    [...earliestByGroup.values()].map(async ({ groupId, resources }) =>
      compareInventories(
        resources.map((id) => `${groupId}${id}`),
        await listResourceIds(groupId),
        vms.map(({ name }) => name),
      ),
    ),
  );
  const difference = {
    left: await filterExisting(differences.flatMap(({ left }) => left)),
    appeared: differences.flatMap(({ appeared }) => appeared),
    removed: differences.flatMap(({ removed }) => removed),
  };
  await createLeftovers(job.jobId, job.epoch, { difference, readAt: (await clock().now()).toISOString() });
  return difference;
}

const MAX_DRILLS = 20;

/** The job itself. For a clean-up job: the jobs that began the tests. */
async function findDrillJobs(
  job: JobDocument,
  vms: readonly { readonly id: string }[],
): Promise<readonly string[]> {
  if (job.command.operation === 'testFailover') return [job.jobId];
  const now = await clock().now();
  const newestJobIds = await Promise.all(
    vms
      .slice(0, MAX_DRILLS)
      .map(async ({ id }) => (await listJobs({ operation: ['testFailover'], vm: id }, 1, now)).items[0]?.id),
  );
  return [...new Set(newestJobIds.flatMap((id) => id ?? []))];
}

const MAX_NAMED = 20;

function toInventoryResult({ left, appeared, removed }: InventoryDifference): InventoryResult {
  const exceptions = left.slice(0, MAX_NAMED).map((id): JobException => ({
    targetId: id,
    targetName: nameOf(id),
    phase: 'cleanUpTestFailover',
    state: 'succeeded',
    code: 'LeftBehind',
    message:
      `${nameOf(id)} in ${resourceGroupNameOf(id)} was not there before the drill, and is there after ` +
      `its clean-up. Lifeboat did not change it. If it belongs to the drill, delete it.`,
  }));
  const parts = [
    ...(left.length > 0 ? [`${left.length} resources were left behind`] : []),
    ...(appeared.length > 0 ? [`${appeared.length} others have appeared meanwhile`] : []),
    ...(removed.length > 0 ? [`${removed.length} that were there before are gone`] : []),
  ];
  return {
    exceptions,
    message:
      parts.length === 0
        ? 'The drill has left nothing behind where its VMs came up.'
        : `Where the drill's VMs came up: ${parts.join('; ')}.`,
  };
}
