// Decides whether a command may start on replicated VMs that it names. Job acceptance and the preview
// of a change call this module.
import type { Command, ReplicatedVmCommand } from '../commands/command.ts';
import { nameOf } from '../core/armId.ts';
import { ErrorKind, LifeboatError, rejected } from '../core/errors.ts';
import { changeRefusalsOf, evaluateChanges } from '../enabling/changes.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import { findMultiVmGroups, needsWholeGroup } from '../replications/multiVmGroups.ts';
import { findLocks, findVms } from '../replications/registry.ts';
import { findSource } from '../replications/sources.ts';
import { blockedMessage } from '../runs/lockTargets.ts';
import { allowedOperations, phasesOf, vmStateOf } from '../scenarios/drivers.ts';
import { assertLocationsFit } from './locationChecks.ts';
import { assertPossible } from './scenarioChecks.ts';
import { findYieldingJobs } from './yielding.ts';

/** The checks at the routes. Only a change of settings reads Azure: no disaster waits for a change. */
export async function assertAllowedOnVms(command: ReplicatedVmCommand): Promise<void> {
  const vms = await requireAllowedOnVms(command);
  if ('change' in command) await assertChangeable(command.change, vms);
}

/**
 * Refuses a change that the job would refuse. While Azure does not answer, the command is accepted,
 * and the job decides.
 */
async function assertChangeable(
  change: ChangeCommand['change'],
  vms: readonly ReplicatedVmDocument[],
): Promise<void> {
  const verdicts = await evaluateChanges(vms, change).catch((error: unknown) => {
    if (error instanceof LifeboatError && error.kind === ErrorKind.transient) return undefined;
    throw error;
  });
  const refused = verdicts ? changeRefusalsOf(vms, verdicts) : [];
  const [first] = refused;
  if (first)
    throw rejected(
      422,
      first.code,
      `${refused.map(({ message }) => message).join(' ')} Nothing was started.`,
      { vms: refused },
    );
}
type ChangeCommand = Extract<ReplicatedVmCommand, { readonly operation: 'updateReplication' }>;

/**
 * Throws unless the command may start on these VMs, by the stored facts alone. Returns the VMs, in
 * the order of their names.
 */
export async function requireAllowedOnVms(
  command: ReplicatedVmCommand,
): Promise<readonly ReplicatedVmDocument[]> {
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
  await assertWholeGroups(command, vms);
  await assertLocationsFit(command, vms);
  await assertNotLocked(known, command);
  return vms.sort((a, b) => a.name.localeCompare(b.name));
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

/** Throws when another job has a lock on one of the targets. `names`: the targets with their names. */
export async function assertNotLocked(names: ReadonlyMap<string, string>, command: Command): Promise<void> {
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
