// Which resources stand for which after a job has brought VMs up. Which VM became which is
// remembered by its steps; the rest is read from Azure, and kept once all of it is there.
import { readMachines, type Seen, type Machine } from '../azure/machineParts.ts';
import { clock } from '../core/clock.ts';
import { pairUp, type MappedVm } from '../plans/rules/resourceMap.ts';
import type { Operation } from '../core/words.ts';
import { isFinalJob } from '../core/states/job.ts';
import { rejected } from '../core/errors.ts';
import { chunks } from '../store/cosmos.ts';
import { SCHEMA } from '../store/schema.ts';
import type { CameUp, JobDocument, ResourceMapDocument } from '../journal/documents.ts';
import { readJob } from '../journal/job.ts';
import { stepsOf } from '../journal/steps.ts';
import { keptMap, keepMap } from '../journal/resourceMaps.ts';

const MAPPED: ReadonlySet<Operation> = new Set(['failover', 'failback', 'testFailover']);

export interface JobMap {
  readonly job: JobDocument;
  readonly complete: boolean;
  readonly readAt: string;
  readonly vms: readonly MappedVm[];
}

export async function mapOfJob(jobId: string): Promise<JobMap> {
  const job = await readJob(jobId);
  if (!job) throw rejected(404, 'JobUnknown', `There is no job ${jobId}.`);
  if (!MAPPED.has(job.command.operation))
    throw rejected(
      404,
      'NotMapped',
      `The job ${jobId} is a ${job.command.operation}, which brings no VM up: nothing stands ` +
        'for anything else after it.',
    );
  const parts = await keptMap(jobId, job.epoch);
  const [first] = parts;
  if (first && parts.length === first.parts)
    return { job, complete: true, readAt: first.readAt, vms: parts.flatMap(({ vms }) => vms) };
  return readMap(job);
}

async function readMap(job: JobDocument): Promise<JobMap> {
  const cameUp = (await stepsOf(job.jobId))
    .flatMap((step) => step.cameUp ?? [])
    .sort((a, b) => (a.vm < b.vm ? -1 : 1));
  const seen = await readMachines(cameUp.flatMap(({ fromVmId, toVmId }) => [fromVmId, toVmId]));
  const vms = cameUp.map((one) => mapped(one, seen));
  const readAt = (await clock().now()).toISOString();
  const complete =
    isFinalJob(job.state) && [...seen.values()].every((one) => typeof one === 'string' || !('failed' in one));
  if (complete) await keep(job, vms, readAt);
  return { job, complete, readAt, vms };
}

function mapped({ vm, name, fromVmId, toVmId }: CameUp, seen: ReadonlyMap<string, Seen>): MappedVm {
  const [from, to] = [seen.get(fromVmId.toLowerCase()), seen.get(toVmId.toLowerCase())];
  const missing = [...whyMissing(fromVmId, from), ...whyMissing(toVmId, to)];
  return {
    vm,
    name,
    from: fromVmId,
    to: toVmId,
    missing,
    resources: [...pairUp(fromVmId, machine(from), toVmId, machine(to))],
  };
}

const machine = (seen: Seen | undefined): Machine | undefined =>
  seen && typeof seen !== 'string' && !('failed' in seen) ? seen : undefined;

function whyMissing(id: string, seen: Seen | undefined): string[] {
  if (seen === undefined || seen === 'notThere')
    return [`${id} is not there any more, or is no VM of Resource Manager.`];
  return 'failed' in seen ? [`${id}: ${seen.failed}`] : [];
}

const IN_ONE = 50;

async function keep({ jobId, epoch }: JobDocument, vms: readonly MappedVm[], readAt: string): Promise<void> {
  const parts = chunks(vms, IN_ONE);
  const documents = parts.map((some, at): ResourceMapDocument => ({
    id: `map:${epoch}:${String(at).padStart(4, '0')}`,
    type: 'resourceMap',
    schema: SCHEMA,
    jobId,
    epoch,
    parts: parts.length,
    readAt,
    vms: some,
  }));
  await keepMap(jobId, documents);
}
