// Stores the started runbooks, and the outcomes of the next runbooks. So a test can check a runbook
// and choose its outcome.

import * as z from 'zod';

import type { AzureWorld } from './world.ts';

export const runbookOutcomeSchema = z.strictObject({
  /** The outcome applies to this runbook. The default is all runbooks. */
  runbook: z.string().min(1).exactOptional(),
  status: z.enum(['Completed', 'Failed', 'Suspended']).default('Completed'),
  output: z.string().default(''),
  exception: z.string().default(''),
  seconds: z.number().min(0).default(60),
});
/** The outcome of a runbook. */
export type RunbookOutcome = z.infer<typeof runbookOutcomeSchema>;

/** A started runbook. */
export interface RunbookJob {
  readonly id: string;
  readonly name: string;
  /** Azure's own id of the job, independent of the job name. */
  readonly jobId: string;
  readonly runbook: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly startedAt: number;
  readonly outcome: RunbookOutcome;
  /** The time of the stop request, or null without one. */
  readonly stoppedAt: number | null;
}

const DEFAULT_OUTCOME: RunbookOutcome = runbookOutcomeSchema.parse({});
const JOB_KEY_PREFIX = 'runbook-job:';
const OUTCOMES_KEY = 'runbook-outcomes';

export class RunbookJobs {
  readonly #world: AzureWorld;

  constructor(world: AzureWorld) {
    this.#world = world;
  }

  list(): RunbookJob[] {
    return this.#world.keyValues.list(JOB_KEY_PREFIX) as RunbookJob[];
  }

  get(id: string): RunbookJob | undefined {
    return this.#world.keyValues.get(`${JOB_KEY_PREFIX}${id.toLowerCase()}`) as RunbookJob | undefined;
  }

  put(job: RunbookJob): void {
    this.#world.keyValues.put(`${JOB_KEY_PREFIX}${job.id.toLowerCase()}`, job);
  }

  outcomes(): RunbookOutcome[] {
    return (this.#world.keyValues.get(OUTCOMES_KEY) ?? []) as RunbookOutcome[];
  }

  /** Adds an outcome. The newest outcome wins. */
  addOutcome(outcome: RunbookOutcome): void {
    this.#world.keyValues.put(OUTCOMES_KEY, [outcome, ...this.outcomes()]);
  }

  clearOutcomes(): void {
    this.#world.keyValues.remove(OUTCOMES_KEY);
  }

  outcomeOf(runbook: string): RunbookOutcome {
    return (
      this.outcomes().find(
        (outcome) => outcome.runbook === undefined || outcome.runbook.toLowerCase() === runbook.toLowerCase(),
      ) ?? DEFAULT_OUTCOME
    );
  }
}
