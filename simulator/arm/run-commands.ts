// Scripts that were run in machines, and what came of them: kept, so that a test can see what was
// run and say beforehand how it ends.

import { randomUUID } from 'node:crypto';

import * as z from 'zod';

import type { AzureWorld } from './world.ts';

export interface RunCommand {
  readonly vm: string;
  /** The machine's ARM id. */
  readonly id: string;
  readonly commandId: string;
  readonly script: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
  readonly at: number;
}

export const runOutcomeSchema = z.strictObject({
  /** Of all machines, and of all scripts, unless named. */
  vm: z.string().min(1).exactOptional(),
  script: z.string().min(1).exactOptional(),
  stdout: z.string().default(''),
  stderr: z.string().default(''),
  /** Told of a managed run command alone. */
  exitCode: z.int().default(0),
  seconds: z.number().min(0).default(30),
  /** The command itself fails, which is another thing than a script that ends badly. */
  error: z.strictObject({ code: z.string().min(1), message: z.string() }).exactOptional(),
});
export type RunOutcome = z.infer<typeof runOutcomeSchema>;

const DEFAULT_OUTCOME: RunOutcome = runOutcomeSchema.parse({});
const RUN_KEY_PREFIX = 'run-command:';
const OUTCOMES_KEY = 'run-outcomes';

export class RunCommands {
  readonly #world: AzureWorld;

  constructor(world: AzureWorld) {
    this.#world = world;
  }

  list(): RunCommand[] {
    return this.#world.keyValues.list(RUN_KEY_PREFIX) as RunCommand[];
  }

  outcomes(): RunOutcome[] {
    return (this.#world.keyValues.get(OUTCOMES_KEY) ?? []) as RunOutcome[];
  }

  /** Goes before those that were set earlier. */
  addOutcome(outcome: RunOutcome): void {
    this.#world.keyValues.put(OUTCOMES_KEY, [outcome, ...this.outcomes()]);
  }

  clearOutcomes(): void {
    this.#world.keyValues.remove(OUTCOMES_KEY);
  }

  /** Notes what is run, and says how it ends. */
  recordRun(command: RunCommand): RunOutcome {
    this.#world.keyValues.put(`${RUN_KEY_PREFIX}${randomUUID()}`, command);
    const text = command.script.join('\n');
    return (
      this.outcomes().find(
        ({ vm, script }) =>
          (vm === undefined || vm.toLowerCase() === command.vm.toLowerCase()) &&
          (script === undefined || text.includes(script)),
      ) ?? DEFAULT_OUTCOME
    );
  }
}
