// From a command to a job, exactly once. Nothing here waits for Azure: it is judged by what the store knows.
import { clock } from '../clock.ts';
import { Command, IdempotencyKey } from '../domain/command.ts';
import { allowedOperations, momentOf } from '../domain/lifecycle.ts';
import { PHASES } from '../domain/story.ts';
import { rejected } from '../errors.ts';
import { fingerprintOf, jobIdOf } from '../ids.ts';
import { opposite, reprotectTargets } from '../siterecovery/items.ts';
import { SCHEMA, type Caller, type JobDocument, type ReplicatedVmDocument } from '../store/documents.ts';
import { indexJob } from '../store/jobIndex.ts';
import { createJob, readJob } from '../store/jobs.ts';
import { findLocks, findVms } from '../store/registry.ts';
import { parse } from './parse.ts';

/** The job of this command, new or as it already is. */
export async function accept(body: unknown, key: string | undefined, caller: Caller): Promise<JobDocument> {
  if (key === undefined) throw rejected(400, 'IdempotencyKeyMissing', 'Send an Idempotency-Key header, such as the ticket number: the same command sent twice with the same key is one job.');
  const idempotencyKey = parse(IdempotencyKey, key, 'Idempotency-Key');
  const command = parse(Command, body, 'The command');
  const jobId = jobIdOf(caller.tenant, caller.id, idempotencyKey);
  const fingerprint = fingerprintOf(command);
  const known = await readJob(jobId);
  if (known) return same(known, fingerprint);
  try {
    await mustBeAllowed(command);
  } catch (refusal) {
    // The same command may have been accepted meanwhile, and it is its own job that holds the VMs.
    const twin = await readJob(jobId);
    if (!twin) throw refusal;
    return same(twin, fingerprint);
  }
  const job = newJob(jobId, fingerprint, command, caller, await clock().now());
  if (await createJob(job)) {
    // The walk writes the summary again, and the sweep looks after it: no caller is refused for its sake.
    await indexJob(job).catch(() => false);
    return job;
  }
  const first = await readJob(jobId);
  if (!first) throw new Error(`Job ${jobId} exists and cannot be read.`);
  return same(first, fingerprint);
}

function same(known: JobDocument, fingerprint: string): JobDocument {
  if (known.fingerprint === fingerprint) return known;
  throw rejected(409, 'IdempotencyKeyReused', `This idempotency key already stands for job ${known.jobId}, which was another command. Nothing was started. Send the new command with a new key.`, { jobId: known.jobId });
}

const newJob = (jobId: string, fingerprint: string, command: Command, caller: Caller, now: Date): JobDocument => ({
  id: 'job', type: 'job', schema: SCHEMA, jobId, epoch: 1, state: 'accepted', run: null, command, fingerprint, caller,
  acceptedAt: now.toISOString(), startedAt: null, endedAt: null, exceptions: [], exceptionCount: 0, error: null, repairedAt: null,
});

async function mustBeAllowed(command: Command): Promise<void> {
  const vms = await findVms(command.vms);
  const known = new Map(vms.map((vm) => [vm.id, vm]));
  const unknown = command.vms.filter((id) => !known.has(id));
  if (unknown.length > 0) throw rejected(422, 'VmUnknown', `Lifeboat knows no replicated VM ${unknown.join(', ')}. GET /api/v1/replications lists those it knows.`, { vms: unknown });
  mustFitMoment(command, vms);
  mustKnowCaches(command, vms);
  await mustBeFree(command, known);
}

function mustFitMoment(command: Command, vms: readonly ReplicatedVmDocument[]): void {
  const refused = vms.flatMap((vm) => {
    const allowed = allowedOperations(vm.scenario, vm.direction, vm.seen);
    return allowed.includes(command.operation) ? [] : [{ vm: vm.id, name: vm.name, moment: momentOf(vm.seen), seenAt: vm.seen.at, allowed }];
  });
  if (refused.length === 0) return;
  const told = refused.map(({ name, moment, allowed }) => `${name} is ${moment} and allows ${allowed.join(', ') || 'nothing until that has ended'}`);
  throw rejected(409, 'OperationNotAllowed', `${command.operation} is not allowed now: ${told.join('; ')}. Nothing was started.`, { vms: refused });
}

/** A reprotect reads from the other region, so it must know a cache storage account there. */
function mustKnowCaches(command: Command, vms: readonly ReplicatedVmDocument[]): void {
  if (!PHASES[command.operation].includes('reprotect')) return;
  const lacking = vms.filter((vm) => reprotectTargets(vm, command) === null);
  if (lacking.length === 0) return;
  const regions = [...new Set(lacking.map((vm) => vm.sites[opposite(vm.direction)].region))];
  throw rejected(422, 'CacheStorageAccountMissing', `To replicate from ${regions.join(', ')}, Site Recovery needs a cache storage account there: give cacheStorageAccountId. Nothing was started.`, { vms: lacking.map((vm) => vm.id) });
}

async function mustBeFree(command: Command, known: ReadonlyMap<string, ReplicatedVmDocument>): Promise<void> {
  const held = await findLocks(command.vms);
  if (held.length === 0) return;
  const told = held.map((lock) => `${known.get(lock.vmId)?.name ?? lock.vmId} is held by job ${lock.jobId}`);
  throw rejected(409, 'VmHeld', `One operation at a time: ${told.join('; ')}. Nothing was started.`, { vms: held.map(({ vmId, jobId }) => ({ vm: vmId, jobId })) });
}

