// Starts the broker in a separate process, for tests that kill it.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Entities } from '../../servicebus/entities.ts';

export const KEYS = [{ name: 'tests', key: 'a-key-for-tests' }];

export const LOCAL_ENTITIES: Entities = {
  queues: [
    { name: 'storm', lockDuration: 'PT0.5S', maxDeliveryCount: 1_000 },
    { name: 'still', lockDuration: 'PT0.8S' },
    { name: 'sessions', lockDuration: 'PT0.8S', requiresSession: true },
    { name: 'unique', requiresDuplicateDetection: true },
  ],
  topics: [{ name: 'topic', subscriptions: [{ name: 'subscription' }] }],
};

export interface BusProcess {
  readonly port: number;
  readonly connectionString: string;
  kill(): Promise<void>;
}

/** Starts the process. With the port of an earlier process, clients find the bus again. */
export async function startBusProcess(dataFile: string, port = 0): Promise<BusProcess> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'bus-process.ts'), dataFile, String(port)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const [bound = '', connectionString = ''] = line.split(' ');
  return { port: Number(bound), connectionString, kill: () => killProcess(child) };
}

export async function killProcess(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
