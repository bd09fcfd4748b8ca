// Maps the resources of each source VM to the resources of its recovered VM, after a job.
// The steps know the pairs of VMs. Lifeboat reads the other resources from Azure, and stores a map
// once it is complete.

import { readVmResources, type VmReadResult, type VmResources } from '../azure/vmResources.ts';
import { clock } from '../core/clock.ts';
import { pairResources, type MappedVm } from '../plans/rules/resourceMap.ts';
import type { Operation } from '../core/operations.ts';
import { isFinalJobState } from '../core/states/job.ts';
import { rejected } from '../core/errors.ts';
import { splitIntoBatches } from '../store/cosmos.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { StartedVm, JobDocument, ResourceMapDocument } from '../journal/documents.ts';
import { requireJob } from '../journal/job.ts';
import { listSteps } from '../journal/steps.ts';
import { readResourceMap, createResourceMap } from '../journal/resourceMaps.ts';

const MAPPED_OPERATIONS: ReadonlySet<Operation> = new Set(['failover', 'failback', 'testFailover']);

export interface JobResourceMap {
  readonly job: JobDocument;
  readonly complete: boolean;
  readonly readAt: string;
  readonly vms: readonly MappedVm[];
}

/** Returns the stored map, or builds the map. Rejects operations that start no VM with 404. */
export async function readJobResourceMap(jobId: string): Promise<JobResourceMap> {
  const job = await requireJob(jobId);
  if (!MAPPED_OPERATIONS.has(job.command.operation))
    throw rejected(
      404,
      'NotMapped',
      `The job ${jobId} is a ${job.command.operation}, which starts no VM in another place: there ` +
        'is no map from old to new resources.',
    );
  const documents = await readResourceMap(jobId, job.epoch);
  const [first] = documents;
  if (first && documents.length === first.parts)
    return { job, complete: true, readAt: first.readAt, vms: documents.flatMap(({ vms }) => vms) };
  return buildResourceMap(job);
}

async function buildResourceMap(job: JobDocument): Promise<JobResourceMap> {
  const cameUp = (await listSteps(job.jobId))
    .flatMap((step) => step.cameUp ?? [])
    .sort((a, b) => (a.vm < b.vm ? -1 : 1));
  const machines = await readVmResources(cameUp.flatMap(({ fromVmId, toVmId }) => [fromVmId, toVmId]));
  const vms = cameUp.map((cameUpVm) => toMappedVm(cameUpVm, machines));
  const readAt = (await clock().now()).toISOString();
  const complete =
    isFinalJobState(job.state) &&
    [...machines.values()].every((machine) => typeof machine === 'string' || !('failed' in machine));
  if (complete) await saveResourceMap(job, vms, readAt);
  return { job, complete, readAt, vms };
}

function toMappedVm(
  { vm, name, fromVmId, toVmId }: StartedVm,
  machines: ReadonlyMap<string, VmReadResult>,
): MappedVm {
  const [from, to] = [machines.get(fromVmId.toLowerCase()), machines.get(toVmId.toLowerCase())];
  const missing = [...missingReasonsOf(fromVmId, from), ...missingReasonsOf(toVmId, to)];
  return {
    vm,
    name,
    from: fromVmId,
    to: toVmId,
    missing,
    resources: [...pairResources(fromVmId, machineIfRead(from), toVmId, machineIfRead(to))],
  };
}

const machineIfRead = (machineRead: VmReadResult | undefined): VmResources | undefined =>
  machineRead && typeof machineRead !== 'string' && !('failed' in machineRead) ? machineRead : undefined;

function missingReasonsOf(id: string, machineRead: VmReadResult | undefined): string[] {
  if (machineRead === undefined || machineRead === 'notThere')
    return [`${id} no longer exists, or is no VM of Resource Manager.`];
  return 'failed' in machineRead ? [`${id}: ${machineRead.failed}`] : [];
}

const VMS_PER_DOCUMENT = 50;

async function saveResourceMap(
  { jobId, epoch }: JobDocument,
  vms: readonly MappedVm[],
  readAt: string,
): Promise<void> {
  const parts = splitIntoBatches(vms, VMS_PER_DOCUMENT);
  const documents = parts.map((chunk, index): ResourceMapDocument => ({
    id: `map:${epoch}:${String(index).padStart(4, '0')}`,
    type: 'resourceMap',
    schema: SCHEMA_VERSION,
    jobId,
    epoch,
    parts: parts.length,
    readAt,
    vms: chunk,
  }));
  await createResourceMap(jobId, documents);
}
