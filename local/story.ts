// One operation on all VMs, followed to its end, with each change told as it is seen.

import { randomUUID } from 'node:crypto';
import type { Simulator } from '../simulator/simulator.ts';
import { callLifeboat } from './caller.ts';

export interface ToldStep {
  readonly name: string;
  readonly phase: string;
  readonly state: string;
  readonly attempts: number;
  readonly seconds: number | null;
  readonly siteRecovery: { readonly seconds: number | null };
  readonly waitsFor: string | null;
}

export interface ToldJob {
  readonly id: string;
  readonly operation: string;
  readonly state: string;
  readonly seconds: number | null;
  readonly exceptions: readonly { readonly vmName: string; readonly message: string }[];
  readonly steps: readonly ToldStep[];
}

const ENDED: ReadonlySet<string> = new Set(['completed', 'completedWithExceptions', 'failed', 'cancelled']);
const LOOKS_EACH_MILLISECONDS = 150;

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

export async function play(
  simulator: Simulator,
  command: { readonly operation: string } & Readonly<Record<string, unknown>>,
  say: (line: string) => void,
): Promise<ToldJob> {
  const { status, body } = await callLifeboat<{ id: string; detail?: string }>(simulator, '/api/v1/jobs', {
    method: 'POST',
    key: randomUUID(),
    body: command,
  });
  if (status !== 202) throw new Error(`${command.operation} was refused: ${body.detail ?? String(status)}`);
  const told = new Map<string, string>();
  for (;;) {
    const { body: job } = await callLifeboat<ToldJob>(simulator, `/api/v1/jobs/${body.id}`, {
      who: 'reader',
    });
    for (const step of job.steps) {
      const line = lineOf(step);
      const key = `${step.phase} ${step.name}`;
      if (step.state !== 'waiting' && told.get(key) !== line) say(`  ${line}`);
      told.set(key, line);
    }
    if (ENDED.has(job.state)) return job;
    await pause(LOOKS_EACH_MILLISECONDS);
  }
}

function lineOf({ name, phase, state, seconds, waitsFor }: ToldStep): string {
  const took = seconds === null ? '' : ` after ${duration(seconds)}`;
  return `${phase.padEnd(9)} ${name.padEnd(4)} ${state}${took}${waitsFor ? `, waits for ${waitsFor}` : ''}`;
}

export function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds} s` : `${minutes} min ${seconds % 60} s`;
}
