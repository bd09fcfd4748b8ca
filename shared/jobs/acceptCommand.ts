// Turns a command into a job, exactly once. The HTTP routes and the queue trigger call this module.
// It decides by the stored facts alone, and never waits for Azure. The exception is a change of
// settings.
import { clock } from '../core/clock.ts';
import { OPERATION_ROLES, roleMissing } from '../access/roles.ts';
import { type Role } from '../core/role.ts';
import { nameOf } from '../core/armId.ts';
import {
  commandSchemaFor,
  IdempotencyKey,
  isEnablingCommand,
  isPlanCommand,
  namedVmCount,
  type Command,
  type EnablingCommand,
} from '../commands/command.ts';
import { fingerprintOfCommand } from '../commands/fingerprint.ts';
import { checkRequest } from '../enabling/rules/checks/requestChecks.ts';
import { rejected } from '../core/errors.ts';
import { jobIdOf, sourceIdOf, vaultKeyOf } from '../core/ids.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { JobDocument } from '../journal/documents.ts';
import type { Caller } from '../access/caller.ts';
import { saveJobSummary } from '../journal/jobSummaries.ts';
import { createJob, readJob } from '../journal/job.ts';
import { requireAllowedOnPlan } from './acceptOnPlan.ts';
import { assertAllowedOnVms, assertNotLocked } from './acceptOnVms.ts';
import { warningFieldsOf } from './jobWarnings.ts';
import { parseInput } from '../core/parse.ts';

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
  throw roleMissing(operation, roles, caller, '. Nothing was started.');
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
