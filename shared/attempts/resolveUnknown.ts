// Finds out the result of a write with an unknown answer, by proof and never by a guess. A job
// belongs to Lifeboat if its activity id begins with our client request id. A write started nothing
// only if no such job appears within a whole proof period (LIFEBOAT_PROOF_SECONDS).
import { config } from '../core/config.ts';
import { judgeJobOrigin, type ExpectedJob } from './rules/attemptRules.ts';
import { nameOf } from '../core/armId.ts';
import type { ArmJobEntry } from '../siterecovery/item.ts';
import type { WithEtag } from '../store/cosmos.ts';
import type { AttemptDocument, StepDocument } from '../journal/documents.ts';
import { proveAttempt } from '../journal/attempts.ts';
import { saveStep } from '../journal/saveStep.ts';
import { targetOf } from './targets/targets.ts';
import { siteRecoveryJobNamesOf, planJobNamesOf } from '../scenarios/drivers.ts';
import type { VaultSnapshot } from '../siterecovery/vaultSnapshot.ts';

/** Clocks differ: a job may seem to start a little before its request. */
const CLOCK_SKEW_MILLISECONDS = 10 * 60_000;
/** How long a foreign operation may have run before it blocked ours. */
const MAX_OPERATION_MILLISECONDS = 24 * 3600_000;

type Proof = { readonly armJobId: string } | 'none' | { readonly cannotTell: string };

const unknownSeconds = ({ unknownSince }: AttemptDocument, now: Date): number =>
  (now.getTime() - Date.parse(unknownSince ?? now.toISOString())) / 1000;

/**
 * Resolves the attempt if a proof exists now. Otherwise the attempt stays unknown until the next
 * poll.
 */
export async function resolveUnknown(
  step: WithEtag<StepDocument>,
  attempt: AttemptDocument,
  view: VaultSnapshot,
  now: Date,
): Promise<void> {
  if (!targetOf(step).startsJob) return resolveByName(step, attempt, now);
  const waitedSeconds = unknownSeconds(attempt, now);
  const proof = await findOwnJob(step, attempt, view);
  if (proof === 'none')
    return waitedSeconds < config().LIFEBOAT_PROOF_SECONDS
      ? undefined
      : markNotAccepted(step, attempt, waitedSeconds, now);
  if ('armJobId' in proof) {
    await saveStep(
      step,
      {
        step: { armJobId: proof.armJobId, waitsFor: null },
        attempt: proveAttempt(attempt, 'accepted', { armJobId: proof.armJobId }),
        log: `Proven by its request id: the write was accepted, as Site Recovery's job ${proof.armJobId}.`,
      },
      now,
    );
  } else if (waitedSeconds > 2 * config().LIFEBOAT_PROOF_SECONDS) {
    await waitForPerson(step, proof.cannotTell, now);
  }
}

/**
 * Resolves a write without a job by its resource: the protocol knew its name before the write. This
 * function does not ask Site Recovery, because the vault may be that resource.
 */
export async function resolveByName(
  step: WithEtag<StepDocument>,
  attempt: AttemptDocument,
  now: Date,
): Promise<void> {
  if (await targetOf(step).exists?.(step, attempt))
    await saveStep(
      step,
      {
        attempt: proveAttempt(attempt, 'accepted'),
        log: `Proven by the resource: Azure creates ${step.targetName}, or has created it.`,
      },
      now,
    );
  else if (unknownSeconds(attempt, now) >= config().LIFEBOAT_PROOF_SECONDS)
    await markNotAccepted(step, attempt, unknownSeconds(attempt, now), now);
}

/** Marks the attempt as unknown if its sender did not record an answer before the deadline. */
export async function markSenderLost(
  step: WithEtag<StepDocument>,
  attempt: AttemptDocument,
  now: Date,
): Promise<void> {
  if (Date.parse(attempt.deadline ?? '') > Date.now()) return;
  const unknownAttempt = proveAttempt(attempt, 'unknown', { unknownSince: now.toISOString() });
  await saveStep(
    step,
    {
      attempt: unknownAttempt,
      log:
        `The process that sent attempt ${attempt.number} did not report in time, and the answer is ` +
        'unknown. Lifeboat repeats nothing before a proof of the result.',
    },
    now,
  );
}

async function markNotAccepted(
  step: WithEtag<StepDocument>,
  attempt: AttemptDocument,
  waitedSeconds: number,
  now: Date,
): Promise<void> {
  await saveStep(
    step,
    {
      step: { state: 'waiting', notBefore: null, waitsFor: null, lost: (step.lost ?? 0) + 1 },
      attempt: proveAttempt(attempt, 'notAccepted'),
      log:
        `${targetOf(step).startsJob ? 'No job has the request id' : 'Azure shows no result'} of ` +
        `attempt ${attempt.number} after ${Math.round(waitedSeconds)} s: it started nothing, and ` +
        'another attempt may start.',
    },
    now,
  );
}

async function waitForPerson(step: WithEtag<StepDocument>, armJobId: string, now: Date): Promise<void> {
  const waitsFor =
    `a person: it is unclear whether Site Recovery's job ${armJobId} belongs to this step. ` +
    'Lifeboat sends nothing until that is clear';
  if (step.waitsFor !== waitsFor)
    await saveStep(step, { step: { waitsFor }, log: `Waits for ${waitsFor}.` }, now);
}

/** Checks the current job of the item first, then every job that is recent enough. */
async function findOwnJob(step: StepDocument, attempt: AttemptDocument, view: VaultSnapshot): Promise<Proof> {
  const [items, entries] = await Promise.all([view.items(), view.jobEntries()]);
  const currentJobId = items.get(step.armIdBefore?.toLowerCase() ?? '')?.currentJob?.id;
  const since = Date.parse(attempt.sentAt ?? attempt.preparedAt) - CLOCK_SKEW_MILLISECONDS;
  const recentJobIds = [...entries.values()]
    .filter((entry) => startedAfter(entry, since))
    .map((entry) => entry.id);
  const expected = await expectedJobOf(step, view);
  let proof: Proof = 'none';
  for (const id of new Set([...(currentJobId ? [currentJobId] : []), ...recentJobIds])) {
    const job = await view.job(id);
    const origin = job ? judgeJobOrigin(job, attempt.clientRequestId, expected) : 'cannotTell';
    if (origin === 'ours') return { armJobId: id };
    if (origin === 'cannotTell') proof = { cannotTell: id };
  }
  return proof;
}

/**
 * The job of a multi-VM group belongs to the recovery plan, or to the single member of an `alone`
 * write.
 */
async function expectedJobOf(step: StepDocument, view: VaultSnapshot): Promise<ExpectedJob> {
  const { work, armIdBefore, targetName } = step;
  if (work.kind !== 'multiVmGroup') return { scenarios: siteRecoveryJobNamesOf(step), vmName: targetName };
  const item = (await view.items()).get(armIdBefore?.toLowerCase() ?? '');
  return item
    ? { scenarios: siteRecoveryJobNamesOf(step), vmName: item.friendlyName }
    : { scenarios: planJobNamesOf(step), vmName: nameOf(armIdBefore ?? '') };
}

/**
 * Finds the foreign operation that blocked ours. It has the same kind of job for the same VM or
 * plan, and was still running at our request.
 */
export async function findBlockingJob(
  step: StepDocument,
  attempt: AttemptDocument,
  view: VaultSnapshot,
): Promise<string | undefined> {
  const sentAt = Date.parse(attempt.sentAt ?? attempt.preparedAt);
  const expected = await expectedJobOf(step, view);
  for (const entry of (await view.jobEntries()).values()) {
    if (entry.id === attempt.armJobId || !startedAfter(entry, sentAt - MAX_OPERATION_MILLISECONDS)) continue;
    const job = await view.job(entry.id);
    const endedAt = job?.endTime ? Date.parse(job.endTime) : Infinity;
    if (!job || job.targetName !== expected.vmName || endedAt < sentAt) continue;
    if (job.scenario !== null && expected.scenarios.includes(job.scenario)) return job.id;
  }
  return undefined;
}

const startedAfter = (entry: ArmJobEntry, since: number): boolean =>
  entry.startTime === null || Date.parse(entry.startTime) >= since;
