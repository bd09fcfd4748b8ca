// Stores the scripts that ran in machines, and the outcomes of the next scripts. So a test can
// check a script and choose its outcome.

import { randomUUID } from 'node:crypto';

import * as z from 'zod';

import type { AzureWorld } from './world.ts';

/** A script that ran in a machine. */
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
  /** The outcome applies to this machine and script. The default is all machines and all scripts. */
  vm: z.string().min(1).exactOptional(),
  script: z.string().min(1).exactOptional(),
  stdout: z.string().default(''),
  stderr: z.string().default(''),
  /** Only a managed run command reports the exit code. */
  exitCode: z.int().default(0),
  seconds: z.number().min(0).default(30),
  /** The command itself fails. This differs from a script that ends with an error. */
  error: z.strictObject({ code: z.string().min(1), message: z.string() }).exactOptional(),
});
/** The outcome of a script. */
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

  /** Adds an outcome. The newest outcome wins. */
  addOutcome(outcome: RunOutcome): void {
    this.#world.keyValues.put(OUTCOMES_KEY, [outcome, ...this.outcomes()]);
  }

  clearOutcomes(): void {
    this.#world.keyValues.remove(OUTCOMES_KEY);
  }

  /** Stores a run and returns its outcome. */
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
