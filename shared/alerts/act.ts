// What follows from a decision: the command is started, in the name of who saved the rule, with a
// key that makes it one job however often it is sent.
import { callerUnder } from '../access/grant.ts';
import { clock } from '../core/clock.ts';
import { config } from '../core/config.ts';
import { keyOf } from './rules/decision.ts';
import { isOnPlan, type Command } from '../commands/command.ts';
import { ErrorKind, LifeboatError, messageOf } from '../core/errors.ts';
import { accept } from '../jobs/accept.ts';
import { askAboutDecision } from './questions.ts';
import { decisionsForPeople, leftOver, openDecisions, saveDecision, voidDecision } from './store.ts';
import type { Stored } from '../store/cosmos.ts';
import type { DecisionDocument } from './documents.ts';
import type { JobDocument } from '../journal/documents.ts';
import { consider, considerAll } from './decide.ts';
import type { LetIn } from './receive.ts';
import { review, reviewAll } from './review.ts';
import { subjectOf, whyVoid } from './rules.ts';

/** Begins the walk of a job that was accepted; should it fail, the sweep does. */
export type Begin = (job: JobDocument) => Promise<void>;

/** Undefined when somebody else has gone on with it meanwhile. */
export async function startDue(
  decision: Stored<DecisionDocument>,
  begin: Begin,
): Promise<Stored<DecisionDocument> | undefined> {
  const { command, grant, window, dueAt } = decision;
  if (!command || !grant || window === null || dueAt === null)
    throw new Error(`The decision ${decision.id} is to be started and does not say what.`);
  const now = await clock().now();
  const changed = await whyVoid(decision);
  if (changed !== null) return voidDecision(decision, changed);
  // Whatever has held it up so long: what was right then need not be right now.
  const minutes = (now.getTime() - Date.parse(dueAt)) / 60_000;
  if (minutes > config().LIFEBOAT_ALERT_STALE_MINUTES)
    return saveDecision(decision, await askedAnew(decision, command, Math.floor(minutes), now));
  try {
    const job = await accept(
      asDecided(command, decision),
      keyOf(decision.rule.name, window),
      callerUnder(grant, 'webhook', now),
    );
    if (job.state === 'accepted') await begin(job);
    return await saveDecision(decision, {
      state: 'started',
      jobId: job.jobId,
      outcome: `Started as job ${job.jobId}.`,
    });
  } catch (error) {
    if (!(error instanceof LifeboatError) || error.kind !== ErrorKind.rejected) throw error;
    return saveDecision(decision, {
      state: 'notStarted',
      toTell: true,
      error: { code: error.code, message: error.message },
      outcome: `It could not be started: ${error.message}`,
    });
  }
}

/**
 * The job says why it is there, unless the rule's author has said so; and it is for the version of
 * the plan that was decided about, and no other.
 */
function asDecided(command: Command, { rule, alert, planVersion }: DecisionDocument): Command {
  const reason = `Alert rule ${rule.name}: ${alert.name}`.slice(0, 1000);
  return isOnPlan(command) ? { reason, planVersion, ...command } : { reason, ...command };
}

async function askedAnew(
  decision: DecisionDocument,
  command: Command,
  minutes: number,
  now: Date,
): Promise<Partial<DecisionDocument>> {
  const request = {
    subject: await subjectOf(command),
    people: decision.approval?.people ?? 1,
    from: decision.approval?.from ?? null,
    requester: decision.grant?.by.id ?? '',
    askedAt: now.toISOString(),
    expiresAt: null,
  } as const;
  return {
    state: 'waiting',
    approval: request,
    votes: [],
    dueAt: null,
    outcome:
      `It was to be started ${minutes} minutes ago and was held up. A person is asked whether ` +
      'it is still right.',
  };
}

/** What came of an alert just now; whatever fails of it, the timer finds. */
export async function follow(
  { id, how }: LetIn,
  begin: Begin,
  warn: (message: string) => void,
): Promise<void> {
  try {
    const decided = await consider(id);
    for (const decision of decided) {
      const now = decision.state === 'due' ? await startDue(decision, begin) : decision;
      if (now && (now.state === 'waiting' || now.toTell)) await askAboutDecision(now.id);
    }
    if (how !== 'cleared') return;
    await reviewAll();
    for (const decision of await decisionsForPeople())
      if (decision.counted.includes(id)) await askAboutDecision(decision.id);
  } catch (error) {
    warn(`The alert ${id} is kept, and waits for the next minute: ${messageOf(error)}`);
  }
}

/**
 * Each minute: what a process that died has left, and what waits for a person's word. What goes
 * wrong with one keeps no other waiting.
 */
export async function goOn(begin: Begin, warn: (message: string) => void): Promise<void> {
  const { alerts, decisions } = await leftOver();
  await considerAll(alerts).catch((error: unknown) =>
    warn(`Alerts wait for the next minute: ${messageOf(error)}`),
  );
  for (const decision of alerts.length > 0 ? await openDecisions() : decisions) {
    await (decision.state === 'due' ? startDue(decision, begin) : review(decision)).catch((error: unknown) =>
      warn(`The decision ${decision.id} waits for the next minute: ${messageOf(error)}`),
    );
  }
}
