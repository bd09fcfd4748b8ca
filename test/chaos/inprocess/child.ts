// Plays in a process of its own, for what a life leaves in memory goes with it.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { PlayedRun } from './play.ts';

/** Arguments as main.ts takes them. Each run is told as soon as it has ended. */
export async function playInChild(
  args: readonly string[],
  tell: (run: PlayedRun) => void = () => undefined,
): Promise<readonly PlayedRun[]> {
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
  const runs: PlayedRun[] = [];
  let said = '';
  let trouble = '';
  child.stderr.on('data', (part: Buffer) => {
    trouble += part.toString();
  });
  child.stdout.on('data', (part: Buffer) => {
    const lines = (said + part.toString()).split('\n');
    said = lines.pop() ?? '';
    for (const line of lines.filter((one) => one.startsWith('{'))) {
      const run = JSON.parse(line) as PlayedRun;
      runs.push(run);
      tell(run);
    }
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`The lives ended with ${String(code)}: ${trouble}`);
  return runs;
}
