// Kills or stops another process for a fault rule.

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Sends a signal. Does nothing when the process has ended already. */
export function sendSignal(pid: number, name: 'SIGKILL' | 'SIGSTOP'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The wait for a stop on systems that do not show the state of a process. */
const STOP_WAIT_MS = 50;

/** Stops a process and returns only when the process certainly does not run. */
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
    // The format is "pid (name) state ...", and the name may contain any character.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return /^[TtZX]/.test(stat.slice(stat.lastIndexOf(')') + 2)) ? 'stopped' : 'running';
  } catch {
    return 'stopped'; // The process has ended.
  }
}
