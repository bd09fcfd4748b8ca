// From a command to a job, exactly once. Nothing here waits for Azure: it is judged by what the store knows.
import { clock } from '../core/clock.ts';
import { OPERATIONS } from '../access/roles.ts';
import { type Role } from '../core/role.ts';
import { nameOf } from '../core/armId.ts';
import {
  commandSchemaFor,
  IdempotencyKey,
  isEnabling,
  isOnPlan,
  vmsNamed,
  type Command,
  type CommandOnVms,
  type EnablingCommand,
} from '../commands/command.ts';
import { fingerprintOfCommand } from '../commands/fingerprint.ts';
import { refusalsOfWish } from '../enabling/rules/checks/requestChecks.ts';
import { allowedOperations, vmStateOf, phasesOf } from '../scenarios/drivers.ts';
import { rejected } from '../core/errors.ts';
import { jobIdOf, sourceIdOf, vaultKeyOf } from '../core/ids.ts';
import { SCHEMA } from '../store/schema.ts';
import type { JobDocument } from '../journal/documents.ts';
import type { Caller } from '../access/caller.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import { indexJob } from '../journal/jobIndex.ts';
import { createJob, readJob } from '../journal/job.ts';
import { findLocks, findVms } from '../replications/registry.ts';
import { findSource } from '../replications/sources.ts';
import { mustBeAllowedOnPlan } from './acceptOnPlan.ts';
import { plainRefusals } from '../enabling/changes.ts';
import { messageOfHeld } from '../runs/held.ts';
import { keptWarnings } from './warnings.ts';
import { groupsAmong, mustBeWhole } from '../replications/multiVm.ts';
import { parse } from '../core/parse.ts';
import { mustFitPlaces } from './places.ts';
import { mustBePossible } from './possible.ts';
import { yieldingAmong } from './yielding.ts';

/** The job of this command, new or as it already is. */
export async function accept(body: unknown, key: string | undefined, caller: Caller): Promise<JobDocument> {
  if (key === undefined)
    throw rejected(
      400,
      'IdempotencyKeyMissing',
      'Send an Idempotency-Key header, such as the ticket number: the same command sent twice ' +
        'with the same key is one job.',
    );
  const idempotencyKey = parse(IdempotencyKey, key, 'Idempotency-Key');
  const command = parse(commandSchemaFor(body), body, 'The command');
  const jobId = jobIdOf(caller.tenant, caller.id, idempotencyKey);
  const fingerprint = fingerprintOfCommand(command);
  const known = await readJob(jobId);
  if (known) return same(known, fingerprint);
  let about: About;
  try {
    about = await mustBeAllowed(command, caller);
  } catch (refusal) {
    // The same command may have been accepted meanwhile, and it is its own job that holds the VMs.
    const twin = await readJob(jobId);
    if (!twin) throw refusal;
    return same(twin, fingerprint);
  }
  const job = newJob(jobId, fingerprint, command, caller, about, await clock().now());
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
  throw rejected(
    409,
    'IdempotencyKeyReused',
    `This idempotency key already stands for job ${known.jobId}, which was another command. ` +
      'Nothing was started. Send the new command with a new key.',
    { jobId: known.jobId },
  );
}

type About = Pick<JobDocument, 'plan' | 'vmCount' | 'warnings' | 'warningCount'>;

const newJob = (
  jobId: string,
  fingerprint: string,
  command: Command,
  caller: Caller,
  about: About,
  now: Date,
): JobDocument => ({
  id: 'job',
  type: 'job',
  schema: SCHEMA,
  jobId,
  epoch: 1,
  state: 'accepted',
  run: null,
  command,
  fingerprint,
  caller,
  acceptedAt: now.toISOString(),
  startedAt: null,
  endedAt: null,
  exceptions: [],
  exceptionCount: 0,
  error: null,
  laidOut: false,
  retried: null,
  repairedAt: null,
  ...about,
  needs: [],
  asked: 0,
  measures: null,
});

async function mustBeAllowed(command: Command, caller: Caller): Promise<About> {
  mustHaveRole(command, caller);
  if (isOnPlan(command)) return mustBeAllowedOnPlan(command);
  await (isEnabling(command) ? mustBeFreeToEnable(command) : mustBeAllowedOnVms(command));
  return { plan: null, vmCount: vmsNamed(command), ...keptWarnings([]) };
}

function mustHaveRole({ operation }: Command, caller: Caller): void {
  const roles: readonly Role[] = OPERATIONS[operation];
  if (roles.some((role) => caller.roles.includes(role))) return;
  throw rejected(
    403,
    'RoleMissing',
    `${operation} needs the role ${roles.join(' or ')}; ${caller.name} has ` +
      `${caller.roles.join(', ') || 'none'}. Nothing was started.`,
  );
}

/** What the preview will say is not known here; what is plain from the command alone is. */
async function mustBeFreeToEnable(command: EnablingCommand): Promise<void> {
  const refusals = refusalsOfWish(command);
  const [first] = refusals;
  if (first)
    throw rejected(
      422,
      first.code,
      `${refusals.map(({ message }) => message).join(' ')} Nothing was started.`,
      { refusals },
    );
  if (!command.vault || !('id' in command.vault)) return;
  const vaultId = vaultKeyOf(command.vault.id);
  const names = new Map(command.vms.map((vm) => [sourceIdOf(vaultId, vm.id), nameOf(vm.id)]));
  await mustBeFree(names, command);
}

async function mustBeAllowedOnVms(command: CommandOnVms): Promise<void> {
  const vms = await findVms(command.vms);
  const known = new Map(vms.map((vm) => [vm.id, vm.name]));
  const unknown = command.vms.filter((id) => !known.has(id));
  await mustBeProtected(unknown);
  if (unknown.length > 0)
    throw rejected(
      422,
      'VmUnknown',
      `Lifeboat knows no replicated VM ${unknown.join(', ')}. GET /api/v1/replications lists those it knows.`,
      { vms: unknown },
    );
  mustBePossible(command, vms);
  mustBeOneForPoint(command, vms);
  mustFitState(command, vms);
  mustFitSettings(command, vms);
  await mustNameGroups(command, vms);
  await mustFitPlaces(command, vms);
  await mustBeFree(known, command);
}

/** One that is still being enabled, by the id of the step that enables it. */
async function mustBeProtected(unknown: readonly string[]): Promise<void> {
  const coming = (await Promise.all(unknown.filter((id) => id.startsWith('source-')).map(findSource))).filter(
    (one) => one !== undefined,
  );
  if (coming.length === 0) return;
  const names = coming.map(({ sourceVmId }) => nameOf(sourceVmId)).join(', ');
  throw rejected(
    409,
    'NotProtectedYet',
    `${names}: not protected yet, or listed under another id since. Nothing was started. GET ` +
      '/api/v1/replications/{id} shows how far it is; once it is protected, GET ' +
      '/api/v1/replications lists it under the id to send.',
    { vms: coming.map(({ id }) => id) },
  );
}

/** A recovery point by its id is of one VM alone. */
function mustBeOneForPoint(command: CommandOnVms, vms: readonly ReplicatedVmDocument[]): void {
  if ('recoveryPoint' in command && typeof command.recoveryPoint !== 'string' && vms.length > 1) {
    throw rejected(
      422,
      'RecoveryPointOfOneVm',
      `A recovery point by its id is one VM's, and ${vms.length} VMs are named. Nothing was ` +
        'started. Send a command for each, or name a kind of point.',
    );
  }
}

function mustFitState(command: CommandOnVms, vms: readonly ReplicatedVmDocument[]): void {
  const refused = vms.flatMap((vm) => {
    const allowed = allowedOperations(vm);
    return allowed.includes(command.operation)
      ? []
      : [{ vm: vm.id, name: vm.name, state: vmStateOf(vm), seenAt: vm.seen.at, allowed }];
  });
  if (refused.length === 0) return;
  const told = refused.map(
    ({ name, state, allowed }) =>
      `${name} is ${state} and allows ${allowed.join(', ') || 'nothing until that has ended'}`,
  );
  throw rejected(
    409,
    'OperationNotAllowed',
    `${command.operation} is not allowed now: ${told.join('; ')}. Nothing was started.`,
    { vms: refused },
  );
}

/** What may not be changed while a VM is replicated. */
function mustFitSettings(command: CommandOnVms, vms: readonly ReplicatedVmDocument[]): void {
  if (!('change' in command)) return;
  const refused = vms.flatMap((vm) =>
    plainRefusals(vm, command.change).map((refusal) => ({ vm: vm.id, name: vm.name, ...refusal })),
  );
  const [first] = refused;
  if (first)
    throw rejected(
      422,
      first.code,
      `${refused.map(({ name, message }) => `${name}: ${message}`).join(' ')} Nothing was started.`,
      { vms: refused },
    );
}

/** Members of a multi-VM group go together, or not at all. */
async function mustNameGroups(command: CommandOnVms, vms: readonly ReplicatedVmDocument[]): Promise<void> {
  if (!phasesOf(command.operation).some(mustBeWhole)) return;
  const parted = (await groupsAmong(vms)).filter((group) => group.left.length > 0);
  if (parted.length === 0) return;
  const told = parted.map(
    ({ name, left }) =>
      `the multi-VM group ${name} also has ${left.map((vm) => `${vm.name} (${vm.id})`).join(', ')}`,
  );
  throw rejected(
    422,
    'GroupIncomplete',
    `Site Recovery does ${command.operation} with all members of a multi-VM group or with ` +
      `none: ${told.join('; ')}. Nothing was started. Name them too.`,
    { missing: parted.flatMap(({ left }) => left.map((vm) => vm.id)) },
  );
}

async function mustBeFree(names: ReadonlyMap<string, string>, command: Command): Promise<void> {
  const locks = await findLocks([...names.keys()]);
  const yielding = await yieldingAmong(
    locks.map(({ jobId }) => jobId),
    command,
  );
  const held = locks
    .filter(({ jobId }) => !yielding.has(jobId))
    .map(({ targetId, jobId }) => ({ vm: targetId, name: names.get(targetId) ?? targetId, jobId }));
  if (held.length > 0) throw rejected(409, 'VmHeld', messageOfHeld(held), { vms: held });
}
