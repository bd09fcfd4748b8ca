// Receives so many messages at a time, works on them, and only then receives again: sessions, and batches.

import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceBusReceiver } from '@azure/service-bus';
import type { Handle } from './handle.ts';
import type { Trouble } from './trouble.ts';

export interface PullLoopOptions {
  readonly open: () => Promise<ServiceBusReceiver>;
  readonly handle: Handle;
  readonly atMost: number;
  /** How long to wait for the first message, in milliseconds. */
  readonly patience: number;
  /** Whether a receiver without messages is given up for another one, as a session is. */
  readonly leavesWhenEmpty: boolean;
  readonly trouble: Trouble;
  readonly stop: AbortSignal;
}

const BETWEEN_FAILURES = 500;

export async function pullLoop(options: PullLoopOptions): Promise<void> {
  const { open, trouble, stop } = options;
  while (!isStopped(stop)) {
    let receiver: ServiceBusReceiver | undefined;
    try {
      receiver = await unlessStopped(open(), stop);
      if (!receiver) break;
      await pull(receiver, options);
    } catch (error) {
      if (isStopped(stop)) break;
      // Nobody has sent anything for a while: no session waits.
      if ((error as { code?: string }).code === 'ServiceTimeout') continue;
      trouble.met(error);
      await sleep(BETWEEN_FAILURES, undefined, { signal: stop }).catch(() => undefined);
    } finally {
      await receiver?.close().catch(() => undefined);
    }
  }
}

async function pull(
  receiver: ServiceBusReceiver,
  { handle, atMost, patience, leavesWhenEmpty, trouble, stop }: PullLoopOptions,
): Promise<void> {
  while (!isStopped(stop)) {
    const messages = await receiver.receiveMessages(atMost, { maxWaitTimeInMs: patience, abortSignal: stop });
    trouble.over();
    if (messages.length > 0) await handle(() => receiver, messages);
    else if (leavesWhenEmpty) return;
  }
}

/** The SDK waits for a session for a minute, whatever it is told: a host that stops does not. */
async function unlessStopped(
  opening: Promise<ServiceBusReceiver>,
  stop: AbortSignal,
): Promise<ServiceBusReceiver | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const giveUp = () => {
    resolve(undefined);
    opening.then((receiver) => receiver.close()).catch(() => undefined);
  };
  stop.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([opening, promise]);
  } finally {
    stop.removeEventListener('abort', giveUp);
  }
}

/** A call, since it may have changed while something was awaited. */
function isStopped(stop: AbortSignal): boolean {
  return stop.aborted;
}
