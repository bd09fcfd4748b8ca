// Starts the command of a decision in the name of the person that saved the rule. An idempotency
// key keeps repeated starts to one job. The alert webhook, the alert routes and the timer call this
// module.
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

/** Starts the orchestration of an accepted job. When that fails, the sweep starts it. */
export type StartJobOrchestration = (job: JobDocument) => Promise<void>;

/**
 * Starts the command of a due decision. Gives undefined when another process has changed the
 * decision meanwhile.
 */
export async function startDueDecision(
  decision: WithEtag<DecisionDocument>,
  startOrchestration: StartJobOrchestration,
): Promise<WithEtag<DecisionDocument> | undefined> {
  const { command, grant, window, dueAt } = decision;
  if (!command || !grant || window === null || dueAt === null)
    throw new Error(`The decision ${decision.id} is due for a start but has no command.`);
  const now = await clock().now();
  const voidReason = await findVoidReason(decision);
  if (voidReason !== null) return voidDecision(decision, voidReason);
  // After such a delay, for any reason, the command may no longer be right.
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
 * The job carries the reason, unless the author of the rule gave one. The job runs only the plan
 * version of the decision.
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
      `The start was due ${minutes} minutes ago and was delayed. A person must say whether ` +
      'the command is still right.',
  };
}

/** Handles one received alert at once. The timer retries every failure. */
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
    warn(`The alert ${id} is saved and waits for the next minute: ${messageOf(error)}`);
  }
}

/**
 * The timer calls this each minute: finishes the work of dead processes and reviews open decisions.
 * One failure does not stop the others.
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
