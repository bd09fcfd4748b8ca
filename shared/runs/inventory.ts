// What a drill leaves behind: the resource groups in which its test VMs come up are listed before
// it begins and after it was cleaned up.
import { resourcesIn, stillThere } from '../azure/inventory.ts';
import { clock } from '../core/clock.ts';
import { groupNameOf, nameOf, resourceGroupOf } from '../core/armId.ts';
import { differenceOf, type Difference } from '../plans/rules/inventory.ts';
import type { Exception } from '../core/outcome.ts';
import { messageOf } from '../core/errors.ts';
import type { JobDocument, StepDocument } from '../journal/documents.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import { canBeKept, inventoriesOf, keepInventory, keepLeft, readLeft } from '../journal/inventories.ts';
import { listJobs } from '../journal/jobIndex.ts';
import { findVms } from '../replications/registry.ts';

const MOST_GROUPS = 50;

/**
 * Before the first test VM. That Azure cannot be asked keeps no drill waiting; what it leaves is
 * then not told.
 */
export async function inventoryBefore(job: JobDocument, steps: readonly StepDocument[]): Promise<void> {
  if (job.command.operation !== 'testFailover' || (await inventoriesOf(job.jobId)).length > 0) return;
  const testing = steps.filter(({ phase }) => phase === 'testFailover');
  // A walk that goes on where another died comes too late for this.
  if (testing.some(({ startedAt }) => startedAt !== null)) return;
  const vms = await findVms(testing.flatMap(vmsOf).map(({ id }) => id));
  const networks = [
    ...('networkId' in job.command ? [job.command.networkId ?? null] : []),
    ...testing.map(({ work }) => ('networkId' in work ? work.networkId : null)),
  ];
  const readAt = (await clock().now()).toISOString();
  for (const [at, groupId] of groupsOf(vms, networks).entries()) {
    const found = await resourcesIn(groupId).catch(() => undefined);
    const resources = found?.map((id) => id.slice(groupId.length));
    if (resources && canBeKept(resources)) await keepInventory(job.jobId, at, { groupId, resources, readAt });
  }
}

const vmsOf = ({
  work,
  targetId,
  targetName,
}: StepDocument): readonly { readonly id: string; readonly name: string }[] =>
  work.kind === 'group' ? work.vms : [{ id: targetId, name: targetName }];

function groupsOf(
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
    .slice(0, MOST_GROUPS);
}

export interface Left {
  readonly exceptions: readonly Exception[];
  /** For the job's log; null: there is nothing to say. */
  readonly message: string | null;
}

const NOTHING: Left = { exceptions: [], message: null };

/** After the clean-up, in the drill's own job or in one that came later. */
export async function inventoryAfter(job: JobDocument, steps: readonly StepDocument[]): Promise<Left> {
  const cleaned = steps.filter(
    ({ phase, state }) => phase === 'cleanUpTestFailover' && state === 'succeeded',
  );
  if (cleaned.length === 0 || !['testFailover', 'cleanUpTestFailover'].includes(job.command.operation))
    return NOTHING;
  const vms = cleaned.flatMap(vmsOf);
  try {
    const kept = await readLeft(job.jobId, job.epoch);
    const difference = kept ? kept.difference : await compare(job, vms);
    return difference ? told(difference) : NOTHING;
  } catch (error) {
    return {
      exceptions: [],
      message: `What the drill left behind could not be looked for: ${messageOf(error)}`,
    };
  }
}

async function compare(
  job: JobDocument,
  vms: readonly { readonly id: string; readonly name: string }[],
): Promise<Difference | undefined> {
  const before = (await Promise.all((await drillsOf(job, vms)).map(inventoriesOf))).flat();
  if (before.length === 0) return undefined;
  // Of two drills that began one after the other, the earlier one's sight is that before both.
  const first = new Map(
    before.toSorted((a, b) => (a.readAt < b.readAt ? 1 : -1)).map((one) => [one.groupId, one]),
  );
  const differences = await Promise.all(
    [...first.values()].map(async ({ groupId, resources }) =>
      differenceOf(
        resources.map((id) => `${groupId}${id}`),
        await resourcesIn(groupId),
        vms.map(({ name }) => name),
      ),
    ),
  );
  const difference = {
    left: await stillThere(differences.flatMap(({ left }) => left)),
    appeared: differences.flatMap(({ appeared }) => appeared),
    removed: differences.flatMap(({ removed }) => removed),
  };
  await keepLeft(job.jobId, job.epoch, { difference, readAt: (await clock().now()).toISOString() });
  return difference;
}

const MOST_DRILLS = 20;

/** The job itself or, when it only cleans up, those that began the tests. */
async function drillsOf(
  job: JobDocument,
  vms: readonly { readonly id: string }[],
): Promise<readonly string[]> {
  if (job.command.operation === 'testFailover') return [job.jobId];
  const now = await clock().now();
  const newest = await Promise.all(
    vms
      .slice(0, MOST_DRILLS)
      .map(async ({ id }) => (await listJobs({ operation: ['testFailover'], vm: id }, 1, now)).items[0]?.id),
  );
  return [...new Set(newest.flatMap((id) => id ?? []))];
}

const MOST_NAMED = 20;

function told({ left, appeared, removed }: Difference): Left {
  const exceptions = left.slice(0, MOST_NAMED).map((id): Exception => ({
    targetId: id,
    targetName: nameOf(id),
    phase: 'cleanUpTestFailover',
    state: 'succeeded',
    code: 'LeftBehind',
    message:
      `${nameOf(id)} in ${groupNameOf(id)} was not there before the drill, and is there after ` +
      `its clean-up. It was left as it is. Look whether it is the drill's, and remove it.`,
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
