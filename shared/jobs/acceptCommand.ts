// Turns a command into a job, exactly once. The HTTP routes and the queue trigger call this module.
// It must never wait for Azure: it decides by the stored facts alone.
import { clock } from '../core/clock.ts';
import { OPERATION_ROLES } from '../access/roles.ts';
import { type Role } from '../core/role.ts';
import { nameOf } from '../core/armId.ts';
import {
  commandSchemaFor,
  IdempotencyKey,
  isEnablingCommand,
  isPlanCommand,
  namedVmCount,
  type Command,
  type ReplicatedVmCommand,
  type EnablingCommand,
} from '../commands/command.ts';
import { fingerprintOfCommand } from '../commands/fingerprint.ts';
import { checkRequest } from '../enabling/rules/checks/requestChecks.ts';
import { allowedOperations, vmStateOf, phasesOf } from '../scenarios/drivers.ts';
import { rejected } from '../core/errors.ts';
import { jobIdOf, sourceIdOf, vaultKeyOf } from '../core/ids.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { JobDocument } from '../journal/documents.ts';
import type { Caller } from '../access/caller.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import { saveJobSummary } from '../journal/jobSummaries.ts';
import { createJob, readJob } from '../journal/job.ts';
import { findLocks, findVms } from '../replications/registry.ts';
import { findSource } from '../replications/sources.ts';
import { requireAllowedOnPlan } from './acceptOnPlan.ts';
import { checkUpdateRequest } from '../enabling/changes.ts';
import { blockedMessage } from '../runs/lockTargets.ts';
import { warningFieldsOf } from './jobWarnings.ts';
import { findMultiVmGroups, needsWholeGroup } from '../replications/multiVmGroups.ts';
import { parseInput } from '../core/parse.ts';
import { assertLocationsFit } from './locationChecks.ts';
import { assertPossible } from './scenarioChecks.ts';
import { findYieldingJobs } from './yielding.ts';

/** Accepts a command. Returns its job, new or existing. */
export async function acceptCommand(
  body: unknown,
  key: string | undefined,
  caller: Caller,
): Promise<JobDocument> {
  if (key === undefined)
    throw rejected(
      400,
      'IdempotencyKeyMissing',
      'Send an Idempotency-Key header, such as the ticket number: the same command sent twice ' +
        'with the same key is one job.',
    );
  const idempotencyKey = parseInput(IdempotencyKey, key, 'Idempotency-Key');
  const command = parseInput(commandSchemaFor(body), body, 'The command');
  const jobId = jobIdOf(caller.tenant, caller.id, idempotencyKey);
  const fingerprint = fingerprintOfCommand(command);
  const existingJob = await readJob(jobId);
  if (existingJob) return requireSameCommand(existingJob, fingerprint);
  let scope: JobScope;
  try {
    scope = await requireAllowed(command, caller);
  } catch (refusal) {
    // A parallel request may have accepted the same command meanwhile. Then its own job locks the
    // VMs.
    const sameJob = await readJob(jobId);
    if (!sameJob) throw refusal;
    return requireSameCommand(sameJob, fingerprint);
  }
  const job = newJob(jobId, fingerprint, command, caller, scope, await clock().now());
  if (await createJob(job)) {
    // A failure is harmless here: the orchestration writes the summary again, and the sweep repairs
    // it. The caller must not get a refusal for it.
    await saveJobSummary(job).catch(() => false);
    return job;
  }
  const winningJob = await readJob(jobId);
  if (!winningJob) throw new Error(`Job ${jobId} exists and cannot be read.`);
  return requireSameCommand(winningJob, fingerprint);
}

function requireSameCommand(existingJob: JobDocument, fingerprint: string): JobDocument {
  if (existingJob.fingerprint === fingerprint) return existingJob;
  throw rejected(
    409,
    'IdempotencyKeyReused',
    `This idempotency key already belongs to job ${existingJob.jobId}, which had another command. ` +
      'Nothing was started. Send the new command with a new key.',
    { jobId: existingJob.jobId },
  );
}

type JobScope = Pick<JobDocument, 'plan' | 'vmCount' | 'warnings' | 'warningCount'>;

const newJob = (
  jobId: string,
  fingerprint: string,
  command: Command,
  caller: Caller,
  scope: JobScope,
  now: Date,
): JobDocument => ({
  id: 'job',
  type: 'job',
  schema: SCHEMA_VERSION,
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
  ...scope,
  needs: [],
  asked: 0,
  measures: null,
});

async function requireAllowed(command: Command, caller: Caller): Promise<JobScope> {
  assertRole(command, caller);
  if (isPlanCommand(command)) return requireAllowedOnPlan(command);
  await (isEnablingCommand(command) ? assertCanEnable(command) : assertAllowedOnVms(command));
  return { plan: null, vmCount: namedVmCount(command), ...warningFieldsOf([]) };
}

function assertRole({ operation }: Command, caller: Caller): void {
  const roles: readonly Role[] = OPERATION_ROLES[operation];
  if (roles.some((role) => caller.roles.includes(role))) return;
  throw rejected(
    403,
    'RoleMissing',
    `${operation} needs the role ${roles.join(' or ')}; ${caller.name} has ` +
      `${caller.roles.join(', ') || 'none'}. Nothing was started.`,
  );
}

/** Checks the command alone. Only the preview can check the facts of Azure. */
async function assertCanEnable(command: EnablingCommand): Promise<void> {
  const refusals = checkRequest(command);
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
  const names = new Map(command.vms.map((id) => [sourceIdOf(vaultId, id), nameOf(id)]));
  await assertNotLocked(names, command);
}

async function assertAllowedOnVms(command: ReplicatedVmCommand): Promise<void> {
  const vms = await findVms(command.vms);
  const known = new Map(vms.map((vm) => [vm.id, vm.name]));
  const unknown = command.vms.filter((id) => !known.has(id));
  await assertProtected(unknown);
  if (unknown.length > 0)
    throw rejected(
      422,
      'VmUnknown',
      `Lifeboat knows no replicated VM ${unknown.join(', ')}. GET /api/v1/replications lists the known VMs.`,
      { vms: unknown },
    );
  assertPossible(command, vms);
  assertOneVmForPoint(command, vms);
  mustFitState(command, vms);
  assertSettingsChangeable(command, vms);
  await assertWholeGroups(command, vms);
  await assertLocationsFit(command, vms);
  await assertNotLocked(known, command);
}

/** Refuses a VM without protection yet. The caller has sent the id of its enabling step. */
async function assertProtected(unknown: readonly string[]): Promise<void> {
  const enablingSources = (
    await Promise.all(unknown.filter((id) => id.startsWith('source-')).map(findSource))
  ).filter((source) => source !== undefined);
  if (enablingSources.length === 0) return;
  const names = enablingSources.map(({ sourceVmId }) => nameOf(sourceVmId)).join(', ');
  throw rejected(
    409,
    'NotProtectedYet',
    `${names}: not protected yet, or listed under another id now. Nothing was started. GET ` +
      '/api/v1/replications/{id} shows the progress; after that, GET ' +
      '/api/v1/replications lists the VM under the id to send.',
    { vms: enablingSources.map(({ id }) => id) },
  );
}

/** The id of a recovery point belongs to one VM. */
function assertOneVmForPoint(command: ReplicatedVmCommand, vms: readonly ReplicatedVmDocument[]): void {
  if ('recoveryPoint' in command && typeof command.recoveryPoint !== 'string' && vms.length > 1) {
    throw rejected(
      422,
      'RecoveryPointOfOneVm',
      `The id of a recovery point belongs to one VM, and the command names ${vms.length} VMs. Nothing was ` +
        'started. Send a command for each VM, or name a kind of point.',
    );
  }
}

function mustFitState(command: ReplicatedVmCommand, vms: readonly ReplicatedVmDocument[]): void {
  const refused = vms.flatMap((vm) => {
    const allowed = allowedOperations(vm);
    return allowed.includes(command.operation)
      ? []
      : [{ vm: vm.id, name: vm.name, state: vmStateOf(vm), seenAt: vm.seen.at, allowed }];
  });
  if (refused.length === 0) return;
  const reasons = refused.map(
    ({ name, state, allowed }) =>
      `${name} is ${state} and allows ${allowed.join(', ') || 'nothing until that has ended'}`,
  );
  throw rejected(
    409,
    'OperationNotAllowed',
    `${command.operation} is not allowed now: ${reasons.join('; ')}. Nothing was started.`,
    { vms: refused },
  );
}

/** Refuses changes that a replicated VM does not allow. */
function assertSettingsChangeable(command: ReplicatedVmCommand, vms: readonly ReplicatedVmDocument[]): void {
  if (!('change' in command)) return;
  const refused = vms.flatMap((vm) =>
    checkUpdateRequest(vm, command.change).map((refusal) => ({ vm: vm.id, name: vm.name, ...refusal })),
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

/** The operation moves all members of a multi-VM group, or none. */
async function assertWholeGroups(
  command: ReplicatedVmCommand,
  vms: readonly ReplicatedVmDocument[],
): Promise<void> {
  if (!phasesOf(command.operation).some(needsWholeGroup)) return;
  const incompleteGroups = (await findMultiVmGroups(vms)).filter((group) => group.otherMembers.length > 0);
  if (incompleteGroups.length === 0) return;
  const reasons = incompleteGroups.map(
    ({ name, otherMembers }) =>
      `the multi-VM group ${name} also has ${otherMembers.map((vm) => `${vm.name} (${vm.id})`).join(', ')}`,
  );
  throw rejected(
    422,
    'GroupIncomplete',
    `Site Recovery runs ${command.operation} for all members of a multi-VM group or for ` +
      `none: ${reasons.join('; ')}. Nothing was started. Name all members.`,
    {
      missing: incompleteGroups.flatMap(({ otherMembers }) => otherMembers.map((vm) => vm.id)),
    },
  );
}

async function assertNotLocked(names: ReadonlyMap<string, string>, command: Command): Promise<void> {
  const locks = await findLocks([...names.keys()]);
  const yielding = await findYieldingJobs(
    locks.map(({ jobId }) => jobId),
    command,
  );
  const locked = locks
    .filter(({ jobId }) => !yielding.has(jobId))
    .map(({ targetId, jobId }) => ({ vm: targetId, name: names.get(targetId) ?? targetId, jobId }));
  if (locked.length > 0) throw rejected(409, 'VmHeld', blockedMessage(locked), { vms: locked });
}
