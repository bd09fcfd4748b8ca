// Tests that tell a story: a later test uses the state that an earlier test leaves behind. Each test
// of a story also passes alone, and in any order.
import { DEFAULT_TIMEOUT_MS } from './test-settings.ts';

type Play = () => unknown;
type Register = (name: string, play: () => Promise<void>, timeoutMs: number) => void;

interface Step {
  readonly name: string;
  readonly timeoutMs: number;
  readonly play: () => Promise<void>;
}

interface Story {
  /** A test that needs every earlier step. It first plays the earlier steps that have not run yet. */
  (name: string, play: Play, timeoutMs?: number): void;
  /** A test that needs no earlier step. A later step still needs it. */
  readonly alone: (name: string, play: Play, timeoutMs?: number) => void;
  /** A step for each row of a table, as `test.each`. */
  readonly each: jest.Each;
}

/** Begins a story. Each step runs once, in whichever test is the first to need it. */
export function story(register: Register = test): Story {
  const steps: Step[] = [];

  function addStep(name: string, play: Play, timeoutMs: number, earlier: readonly Step[]): Step {
    let played: Promise<void> | undefined;
    const step = { name, timeoutMs, play: () => (played ??= playAfter(earlier, play)) };
    steps.push(step);
    return step;
  }
  const step = (name: string, play: Play, timeoutMs = DEFAULT_TIMEOUT_MS): void => {
    const total = sumTimeouts(steps) + timeoutMs;
    register(name, addStep(name, play, timeoutMs, [...steps]).play, total);
  };
  const alone = (name: string, play: Play, timeoutMs = DEFAULT_TIMEOUT_MS): void =>
    register(name, addStep(name, play, timeoutMs, []).play, timeoutMs);
  const each =
    (rows: readonly unknown[]) =>
    (name: string, play: (...row: unknown[]) => unknown, timeoutMs = DEFAULT_TIMEOUT_MS): void => {
      const playable = rows.map((row, at) => {
        const values: readonly unknown[] = Array.isArray(row) ? row : [row];
        const rowName = `${name} (row ${at + 1})`;
        const { play: playStep } = addStep(rowName, () => play(...values), timeoutMs, [...steps]);
        const isObject = typeof row === 'object' && !Array.isArray(row);
        return isObject ? { ...row, playStep } : [...values, { playStep }];
      });
      // Jest makes the titles from the rows.
      test.each(playable as { playStep: Play }[][])(
        name,
        (...row) => row.at(-1)?.playStep(),
        sumTimeouts(steps),
      );
    };
  return Object.assign(step, { alone, each: each as jest.Each });
}

async function playAfter(earlier: readonly Step[], play: Play): Promise<void> {
  for (const { name, play: playEarlier } of earlier)
    await playEarlier().catch((cause: unknown) => {
      throw new Error(`The step "${name}" failed before this one.`, { cause });
    });
  await play();
}

/** The test that runs first plays all steps before it, too. */
const sumTimeouts = (steps: readonly Step[]): number =>
  steps.reduce((sum, { timeoutMs }) => sum + timeoutMs, 0);
