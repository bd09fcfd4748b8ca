// Runs one operation on VMs, polls the job to its end, and prints each change. The demo and the
// tests use it.

import { randomUUID } from 'node:crypto';
import type { Simulator } from '../simulator/simulator.ts';
import { callLifeboat } from './api-client.ts';

/** A command, in the form of the API. */
export type SentCommand = { readonly operation: string } & Readonly<Record<string, unknown>>;

/** The fields of a step that the demo prints. */
export interface StepReply {
  readonly kind: string;
  readonly name: string;
  readonly phase: string;
  readonly state: string;
  readonly attempts: number;
  readonly seconds: number | null;
  readonly siteRecovery: { readonly seconds: number | null };
  readonly waitsFor: string | null;
}

/** The fields of a job that the demo prints. */
export interface JobReply {
  readonly id: string;
  readonly operation: string;
  readonly state: string;
  readonly seconds: number | null;
  readonly exceptions: readonly { readonly vmName: string; readonly message: string }[];
  readonly steps: readonly StepReply[];
}

const FINAL_STATES: ReadonlySet<string> = new Set([
  'completed',
  'completedWithExceptions',
  'failed',
  'cancelled',
]);
const POLL_INTERVAL_MS = 150;

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Starts an operation and polls its job until the job ends. */
export async function runOperation(
  simulator: Simulator,
  command: SentCommand,
  print: (line: string) => void,
  principal = 'operator',
): Promise<JobReply> {
  const { status, body } = await callLifeboat<{ id: string; detail?: string }>(simulator, '/api/v1/jobs', {
    method: 'POST',
    principal,
    idempotencyKey: randomUUID(),
    body: command,
  });
  if (status !== 202) throw new Error(`${command.operation} was refused: ${body.detail ?? String(status)}`);
  const printedLines = new Map<string, string>();
  for (;;) {
    const { body: job } = await callLifeboat<JobReply>(simulator, `/api/v1/jobs/${body.id}`, {
      principal: 'reader',
    });
    for (const step of job.steps) {
      const line = lineOf(step);
      const key = `${step.phase} ${step.name}`;
      if (step.state !== 'waiting' && printedLines.get(key) !== line) print(`  ${line}`);
      printedLines.set(key, line);
    }
    if (FINAL_STATES.has(job.state)) return job;
    await sleep(POLL_INTERVAL_MS);
  }
}

function lineOf({ name, phase, state, seconds, waitsFor }: StepReply): string {
  const took = seconds === null ? '' : ` after ${formatDuration(seconds)}`;
  return `${phase.padEnd(9)} ${name.padEnd(4)} ${state}${took}${waitsFor ? `, waits for ${waitsFor}` : ''}`;
}

/** Formats seconds for people. */
export function formatDuration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds} s` : `${minutes} min ${seconds % 60} s`;
}
