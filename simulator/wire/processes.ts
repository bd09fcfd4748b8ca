// What a fault does to another process.

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process that is gone already needs no signal. */
export function signal(pid: number, name: 'SIGKILL' | 'SIGSTOP'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** How long to wait for a stop where the system does not show the state of a process. */
const SURELY_STOPPED = 50;

/** Stops a process, and returns only when it certainly runs no more. */
export async function stopProcess(pid: number): Promise<void> {
  signal(pid, 'SIGSTOP');
  for (let state = stateOf(pid); state !== 'stopped'; state = stateOf(pid)) {
    await sleep(state === 'unknown' ? SURELY_STOPPED : 1);
    if (state === 'unknown') return;
  }
}

function stateOf(pid: number): 'running' | 'stopped' | 'unknown' {
  if (process.platform !== 'linux') return 'unknown';
  try {
    // "pid (name) state ...", where the name may hold anything.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return /^[TtZX]/.test(stat.slice(stat.lastIndexOf(')') + 2)) ? 'stopped' : 'running';
  } catch {
    return 'stopped'; // gone
  }
}
