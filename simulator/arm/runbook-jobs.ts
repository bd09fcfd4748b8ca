// Runbooks that were started, and what came of them: kept, so that a test can see what was started
// and say beforehand how it ends.

import * as z from 'zod';

import type { AzureWorld } from './world.ts';

export const runbookOutcomeSchema = z.strictObject({
  /** Of all runbooks, unless named. */
  runbook: z.string().min(1).exactOptional(),
  status: z.enum(['Completed', 'Failed', 'Suspended']).default('Completed'),
  output: z.string().default(''),
  exception: z.string().default(''),
  seconds: z.number().min(0).default(60),
});
export type RunbookOutcome = z.infer<typeof runbookOutcomeSchema>;

export interface RunbookJob {
  readonly id: string;
  readonly name: string;
  /** As Azure numbers it, whatever its name. */
  readonly jobId: string;
  readonly runbook: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly startedAt: number;
  readonly outcome: RunbookOutcome;
  /** When it was told to stop; null: never. */
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

  /** Goes before those that were set earlier. */
  addOutcome(outcome: RunbookOutcome): void {
    this.#world.keyValues.put(OUTCOMES_KEY, [outcome, ...this.outcomes()]);
  }

  clearOutcomes(): void {
    this.#world.keyValues.remove(OUTCOMES_KEY);
  }

  outcomeOf(runbook: string): RunbookOutcome {
    return (
      this.outcomes().find(
        (one) => one.runbook === undefined || one.runbook.toLowerCase() === runbook.toLowerCase(),
      ) ?? DEFAULT_OUTCOME
    );
  }
}
