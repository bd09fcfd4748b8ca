// The timers: name, schedule, handler. Each handler does due work, or finishes the work of a dead
// process.
import { app, type InvocationContext, type Timer } from '@azure/functions';
import { describeCaller } from '../../shared/access/bearer.ts';
import { updateAlarms } from '../../shared/alarms/updateAlarms.ts';
import { processOpenDecisions } from '../../shared/alerts/processAlerts.ts';
import { askAllQuestions } from '../../shared/alerts/questions.ts';
import { relayAll } from '../../shared/delivery/relay.ts';
import { sweep } from '../../shared/jobs/sweep.ts';
import { importPlans } from '../../shared/plans/importPlans.ts';
import { forEachVault, refreshVaults } from '../../shared/replications/refreshVaults.ts';
import { publishAllRunbooks } from '../../shared/runs/publishRunbook.ts';
import { runSchedules } from '../../shared/schedules/runSchedules.ts';
import { extraInputsOf, withDurableClient, type OrchestrationContext } from '../orchestrations.ts';
import { startAccepted, orchestrationsWith } from '../startOrchestration.ts';

type TimerHandler = (timer: Timer, context: InvocationContext) => Promise<void>;

const warnIn =
  (context: InvocationContext) =>
  (message: string): void =>
    context.warn(message);

/** Starts accepted jobs without an orchestration, and takes over jobs with a dead orchestration. */
export async function sweepJobs(_timer: Timer, context: OrchestrationContext): Promise<void> {
  const { started, repaired, indexed } = await sweep(orchestrationsWith(context), warnIn(context));
  if (started + repaired > 0) context.warn(`The sweep started ${started} jobs and took over ${repaired}.`);
  if (indexed > 0) context.log(`The sweep brought ${indexed} summaries up to their jobs.`);
}

/** Starts due drills, and cleans up drills after their time to live. */
export async function runDueSchedules(_timer: Timer, context: OrchestrationContext): Promise<void> {
  await runSchedules(async (job) => {
    context.log(`A schedule begins job ${job.jobId}, for ${describeCaller(job.caller)}`);
    await startAccepted(context, job);
  });
}

/** Reads the replicated VMs of every known vault, and their states. */
export async function readKnownVaults(): Promise<void> {
  await refreshVaults();
}

/** Continues alerts and decisions of a dead process, and decisions that wait for a vote. */
export async function followAlerts(_timer: Timer, context: OrchestrationContext): Promise<void> {
  await processOpenDecisions((job) => startAccepted(context, job), warnIn(context));
}

/** Delivers events of jobs that have not reached every receiver yet. */
export async function relayEvents(_timer: Timer, context: InvocationContext): Promise<void> {
  await relayAll(warnIn(context));
}

/** Asks people the open questions of jobs and alert rules, and reminds them. */
export async function askQuestions(_timer: Timer, context: InvocationContext): Promise<void> {
  await askAllQuestions(warnIn(context));
}

/** Imports the recovery plans that people keep in Site Recovery. */
export async function importNativePlans(): Promise<void> {
  await forEachVault(importPlans);
}

/**
 * Sends runbooks that changed without a save or a job, and runbooks that an address still lacks.
 */
export async function sendRunbooks(_timer: Timer, context: InvocationContext): Promise<void> {
  await publishAllRunbooks(warnIn(context));
}

/** Raises an alarm for each plan that needs attention between its runs. */
export async function raiseAlarms(_timer: Timer, context: InvocationContext): Promise<void> {
  const { raised, cleared } = await updateAlarms();
  if (raised + cleared > 0) context.warn(`${raised} alarms were raised, ${cleared} cleared.`);
}

interface TimerEntry {
  /** The function's name in Azure. */
  readonly name: string;
  /** Seconds first. */
  readonly schedule: string;
  readonly handler: TimerHandler;
}

export const TIMERS: readonly TimerEntry[] = [
  { name: 'sweep', schedule: '0 * * * * *', handler: withDurableClient(sweepJobs) },
  { name: 'schedules', schedule: '5 * * * * *', handler: withDurableClient(runDueSchedules) },
  { name: 'readVaults', schedule: '30 * * * * *', handler: readKnownVaults },
  { name: 'alerts', schedule: '30 * * * * *', handler: withDurableClient(followAlerts) },
  { name: 'relay', schedule: '45 * * * * *', handler: relayEvents },
  { name: 'askPersons', schedule: '45 * * * * *', handler: askQuestions },
  { name: 'importPlans', schedule: '15 */10 * * * *', handler: importNativePlans },
  { name: 'runbooks', schedule: '20 */5 * * * *', handler: sendRunbooks },
  { name: 'alarms', schedule: '50 */5 * * * *', handler: raiseAlarms },
];

export function registerTimers(): void {
  for (const { name, schedule, handler } of TIMERS)
    app.timer(name, { schedule, handler, extraInputs: extraInputsOf(handler) });
}
