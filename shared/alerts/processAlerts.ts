// What follows from a decision: the command is started, in the name of who saved the rule, with a
// key that makes it one job however often it is sent.
import { callerOfGrant } from '../access/grant.ts';
import { clock } from '../core/clock.ts';
import { config } from '../core/config.ts';
import { idempotencyKeyOfWindow } from './rules/decision.ts';
import { isPlanCommand, type Command } from '../commands/command.ts';
import { ErrorKind, LifeboatError, messageOf } from '../core/errors.ts';
import { acceptCommand } from '../jobs/acceptCommand.ts';
import { askAboutDecision } from './questions.ts';
import {
  readDecisionsForPeople,
  readUnfinished,
  readOpenDecisions,
  saveDecision,
  voidDecision,
} from './store.ts';
import type { WithEtag } from '../store/cosmos.ts';
import type { DecisionDocument } from './documents.ts';
import type { JobDocument } from '../journal/documents.ts';
import { decideAboutAlert, decideAboutAlerts } from './decide.ts';
import type { ReceivedAlert } from './receive.ts';
import { reviewDecision, reviewOpenDecisions } from './review.ts';
import { readApprovalSubject, findVoidReason } from './alertRules.ts';

/** Begins the walk of a job that was accepted; should it fail, the sweep does. */
export type StartJobOrchestration = (job: JobDocument) => Promise<void>;

/** Undefined when somebody else has gone on with it meanwhile. */
export async function startDueDecision(
  decision: WithEtag<DecisionDocument>,
  startOrchestration: StartJobOrchestration,
): Promise<WithEtag<DecisionDocument> | undefined> {
  const { command, grant, window, dueAt } = decision;
  if (!command || !grant || window === null || dueAt === null)
    throw new Error(`The decision ${decision.id} is to be started and does not say what.`);
  const now = await clock().now();
  const voidReason = await findVoidReason(decision);
  if (voidReason !== null) return voidDecision(decision, voidReason);
  // Whatever has held it up so long: what was right then need not be right now.
  const minutesLate = (now.getTime() - Date.parse(dueAt)) / 60_000;
  if (minutesLate > config().LIFEBOAT_ALERT_STALE_MINUTES)
    return saveDecision(decision, await askAgainChange(decision, command, Math.floor(minutesLate), now));
  try {
    const job = await acceptCommand(
      commandOfDecision(command, decision),
      idempotencyKeyOfWindow(decision.rule.name, window),
      callerOfGrant(grant, 'webhook', now),
    );
    if (job.state === 'accepted') await startOrchestration(job);
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
function commandOfDecision(command: Command, { rule, alert, planVersion }: DecisionDocument): Command {
  const reason = `Alert rule ${rule.name}: ${alert.name}`.slice(0, 1000);
  return isPlanCommand(command) ? { reason, planVersion, ...command } : { reason, ...command };
}

async function askAgainChange(
  decision: DecisionDocument,
  command: Command,
  minutes: number,
  now: Date,
): Promise<Partial<DecisionDocument>> {
  const request = {
    subject: await readApprovalSubject(command),
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
export async function processAlert(
  { id, how }: ReceivedAlert,
  startOrchestration: StartJobOrchestration,
  warn: (message: string) => void,
): Promise<void> {
  try {
    const newDecisions = await decideAboutAlert(id);
    for (const decision of newDecisions) {
      const current =
        decision.state === 'due' ? await startDueDecision(decision, startOrchestration) : decision;
      if (current && (current.state === 'waiting' || current.toTell)) await askAboutDecision(current.id);
    }
    if (how !== 'cleared') return;
    await reviewOpenDecisions();
    for (const decision of await readDecisionsForPeople())
      if (decision.counted.includes(id)) await askAboutDecision(decision.id);
  } catch (error) {
    warn(`The alert ${id} is kept, and waits for the next minute: ${messageOf(error)}`);
  }
}

/**
 * Each minute: what a process that died has left, and what waits for a person's word. What goes
 * wrong with one keeps no other waiting.
 */
export async function processOpenDecisions(
  startOrchestration: StartJobOrchestration,
  warn: (message: string) => void,
): Promise<void> {
  const { alerts, decisions } = await readUnfinished();
  await decideAboutAlerts(alerts).catch((error: unknown) =>
    warn(`Alerts wait for the next minute: ${messageOf(error)}`),
  );
  for (const decision of alerts.length > 0 ? await readOpenDecisions() : decisions) {
    await (
      decision.state === 'due' ? startDueDecision(decision, startOrchestration) : reviewDecision(decision)
    ).catch((error: unknown) =>
      warn(`The decision ${decision.id} waits for the next minute: ${messageOf(error)}`),
    );
  }
}
