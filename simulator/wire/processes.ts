// What a fault does to another process.

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process that is gone already needs no signal. */
export function sendSignal(pid: number, name: 'SIGKILL' | 'SIGSTOP'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** How long to wait for a stop where the system does not show the state of a process. */
const STOP_WAIT_MS = 50;

/** Stops a process, and returns only when it certainly runs no more. */
export async function stopProcess(pid: number): Promise<void> {
  sendSignal(pid, 'SIGSTOP');
  for (let state = processState(pid); state !== 'stopped'; state = processState(pid)) {
    await sleep(state === 'unknown' ? STOP_WAIT_MS : 1);
    if (state === 'unknown') return;
  }
}

function processState(pid: number): 'running' | 'stopped' | 'unknown' {
  if (process.platform !== 'linux') return 'unknown';
  try {
    // "pid (name) state ...", where the name may hold anything.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return /^[TtZX]/.test(stat.slice(stat.lastIndexOf(')') + 2)) ? 'stopped' : 'running';
  } catch {
    return 'stopped'; // gone
  }
}
