// Plays operations in a process of its own, which frees all memory of its instances at its end.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { InProcessRun } from './run-operations.ts';

/** Takes the arguments of main.ts. Reports each run as soon as it has ended. */
export async function runInChild(
  args: readonly string[],
  report: (run: InProcessRun) => void = () => undefined,
): Promise<readonly InProcessRun[]> {
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=DEP0123',
      '--disable-warning=ExperimentalWarning',
      join(import.meta.dirname, 'main.ts'),
      ...args,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const runs: InProcessRun[] = [];
  let output = '';
  let errors = '';
  child.stderr.on('data', (part: Buffer) => {
    errors += part.toString();
  });
  child.stdout.on('data', (part: Buffer) => {
    const lines = (output + part.toString()).split('\n');
    output = lines.pop() ?? '';
    for (const line of lines.filter((text) => text.startsWith('{'))) {
      const run = JSON.parse(line) as InProcessRun;
      runs.push(run);
      report(run);
    }
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`The child process ended with ${String(code)}: ${errors}`);
  return runs;
}
