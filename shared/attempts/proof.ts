// What came of a write whose answer is not known. Proven, never guessed: a job is ours if its
// activity id begins with the client request id that we sent. Only when a whole settling time has
// shown no such job was nothing started.
import { config } from '../core/config.ts';
import { whoseJob } from './rules/attempt.ts';
import { nameOf } from '../core/armId.ts';
import type { ArmJobEntry } from '../siterecovery/item.ts';
import type { Stored } from '../store/cosmos.ts';
import type { AttemptDocument, StepDocument } from '../journal/documents.ts';
import { prove } from '../journal/attempts.ts';
import { saveStep } from '../journal/saveStep.ts';
import { targetOf } from './targets/targets.ts';
import { jobScenarioOf, jobScenarioOfPlan } from '../scenarios/drivers.ts';
import type { View } from '../siterecovery/view.ts';

/** Clocks differ: a job may seem to have begun a little before it was asked for. */
const CLOCK_SKEW = 10 * 60_000;
/** How long an operation may have run already when ours met it. */
const LONGEST_OPERATION = 24 * 3600_000;

type Proof = { readonly armJobId: string } | 'none' | { readonly cannotTell: string };

const waitedFor = ({ unknownSince }: AttemptDocument, now: Date): number =>
  (now.getTime() - Date.parse(unknownSince ?? now.toISOString())) / 1000;

/** Resolves the attempt if it can be resolved now; otherwise it stays unknown, and is looked at again. */
export async function resolveUnknown(
  step: Stored<StepDocument>,
  attempt: AttemptDocument,
  view: View,
  now: Date,
): Promise<void> {
  if (!targetOf(step).startsJob) return resolveByName(step, attempt, now);
  const waited = waitedFor(attempt, now);
  const proof = await lookForOurs(step, attempt, view);
  if (proof === 'none')
    return waited < config().LIFEBOAT_PROOF_SECONDS ? undefined : giveUp(step, attempt, waited, now);
  if ('armJobId' in proof) {
    await saveStep(
      step,
      {
        step: { armJobId: proof.armJobId, waitsFor: null },
        attempt: prove(attempt, 'accepted', { armJobId: proof.armJobId }),
        log: `Proven by its request id: the write was accepted, as Site Recovery's job ${proof.armJobId}.`,
      },
      now,
    );
  } else if (waited > 2 * config().LIFEBOAT_PROOF_SECONDS) {
    await askAPerson(step, proof.cannotTell, now);
  }
}

/**
 * What Azure makes without a job is itself the proof: it has a name that was known before it was
 * sent. Site Recovery is not asked, whose vault may be the very thing.
 */
export async function resolveByName(
  step: Stored<StepDocument>,
  attempt: AttemptDocument,
  now: Date,
): Promise<void> {
  if (await targetOf(step).isThere?.(step, attempt))
    await saveStep(
      step,
      {
        attempt: prove(attempt, 'accepted'),
        log: `Proven by what stands there: ${step.targetName} is being made, or is.`,
      },
      now,
    );
  else if (waitedFor(attempt, now) >= config().LIFEBOAT_PROOF_SECONDS)
    await giveUp(step, attempt, waitedFor(attempt, now), now);
}

/** The one who sent has not come back in its time. */
export async function senderIsGone(
  step: Stored<StepDocument>,
  attempt: AttemptDocument,
  now: Date,
): Promise<void> {
  if (Date.parse(attempt.deadline ?? '') > Date.now()) return;
  const unknown = prove(attempt, 'unknown', { unknownSince: now.toISOString() });
  await saveStep(
    step,
    {
      attempt: unknown,
      log:
        `Whoever sent attempt ${attempt.number} is gone, and its answer is not known. Nothing is ` +
        'repeated before it is proven what came of it.',
    },
    now,
  );
}

async function giveUp(
  step: Stored<StepDocument>,
  attempt: AttemptDocument,
  waited: number,
  now: Date,
): Promise<void> {
  await saveStep(
    step,
    {
      step: { state: 'waiting', notBefore: null, waitsFor: null, lost: (step.lost ?? 0) + 1 },
      attempt: prove(attempt, 'notAccepted'),
      log:
        `${targetOf(step).startsJob ? 'No job bears the request id' : 'Nothing stands there'} of ` +
        `attempt ${attempt.number} after ${Math.round(waited)} s: it started nothing, and ` +
        'another attempt may go.',
    },
    now,
  );
}

async function askAPerson(step: Stored<StepDocument>, job: string, now: Date): Promise<void> {
  const waitsFor =
    `a person: whether Site Recovery's job ${job} is the one that this step asked for cannot ` +
    'be told. Nothing is sent until it can';
  if (step.waitsFor !== waitsFor)
    await saveStep(step, { step: { waitsFor }, log: `Waits for ${waitsFor}.` }, now);
}

/** First the job that the item itself names, then every job young enough to be it. */
async function lookForOurs(step: StepDocument, attempt: AttemptDocument, view: View): Promise<Proof> {
  const [items, entries] = await Promise.all([view.items(), view.entries()]);
  const current = items.get(step.armIdBefore?.toLowerCase() ?? '')?.currentJob?.id;
  const since = Date.parse(attempt.sentAt ?? attempt.preparedAt) - CLOCK_SKEW;
  const young = [...entries.values()].filter((entry) => begunAfter(entry, since)).map((entry) => entry.id);
  const expected = await expectedOf(step, view);
  let answer: Proof = 'none';
  for (const id of new Set([...(current ? [current] : []), ...young])) {
    const job = await view.job(id);
    const whose = job ? whoseJob(job, attempt.clientRequestId ?? '', expected) : 'cannotTell';
    if (whose === 'ours') return { armJobId: id };
    if (whose === 'cannotTell') answer = { cannotTell: id };
  }
  return answer;
}

/** A job of a multi-VM group is its plan's, or the one's who goes alone. */
async function expectedOf(
  step: StepDocument,
  view: View,
): Promise<{ readonly scenario: string; readonly vmName: string }> {
  const { work, armIdBefore, targetName } = step;
  if (work.kind !== 'group') return { scenario: jobScenarioOf(step), vmName: targetName };
  const item = (await view.items()).get(armIdBefore?.toLowerCase() ?? '');
  return item
    ? { scenario: jobScenarioOf(step), vmName: item.friendlyName }
    : { scenario: jobScenarioOfPlan(step), vmName: nameOf(armIdBefore ?? '') };
}

/**
 * Whose operation kept ours out: a job of the same kind on the same VM, or by the same plan, that
 * had not ended when ours was sent.
 */
export async function jobInTheWay(
  step: StepDocument,
  attempt: AttemptDocument,
  view: View,
): Promise<string | undefined> {
  const sent = Date.parse(attempt.sentAt ?? attempt.preparedAt);
  const expected = await expectedOf(step, view);
  for (const entry of (await view.entries()).values()) {
    if (entry.id === attempt.armJobId || !begunAfter(entry, sent - LONGEST_OPERATION)) continue;
    const job = await view.job(entry.id);
    const ended = job?.endTime ? Date.parse(job.endTime) : Infinity;
    if (job?.scenario === expected.scenario && job.targetName === expected.vmName && ended >= sent)
      return job.id;
  }
  return undefined;
}

const begunAfter = (entry: ArmJobEntry, since: number): boolean =>
  entry.startTime === null || Date.parse(entry.startTime) >= since;
