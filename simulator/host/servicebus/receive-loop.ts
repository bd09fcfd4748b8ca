// Receives some messages, works on them, and only then receives again. Sessions and batches use
// this loop.

import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceBusReceiver } from '@azure/service-bus';
import type { HandleMessages } from './message-handler.ts';
import type { FailureLog } from './failure-log.ts';

export interface ReceiveLoopOptions {
  readonly open: () => Promise<ServiceBusReceiver>;
  readonly handle: HandleMessages;
  readonly maxMessages: number;
  /** How long to wait for the first message, in milliseconds. */
  readonly maxWaitMs: number;
  /** True when the loop replaces an empty receiver, as it does for a session. */
  readonly closesWhenEmpty: boolean;
  readonly failureLog: FailureLog;
  readonly stop: AbortSignal;
}

const RETRY_MS = 500;

export async function runReceiveLoop(options: ReceiveLoopOptions): Promise<void> {
  const { open, failureLog, stop } = options;
  while (!isStopped(stop)) {
    let receiver: ServiceBusReceiver | undefined;
    try {
      receiver = await unlessStopped(open(), stop);
      if (!receiver) break;
      await receiveAll(receiver, options);
    } catch (error) {
      if (isStopped(stop)) break;
      // No session has messages at present.
      if ((error as { code?: string }).code === 'ServiceTimeout') continue;
      failureLog.report(error);
      await sleep(RETRY_MS, undefined, { signal: stop }).catch(() => undefined);
    } finally {
      await receiver?.close().catch(() => undefined);
    }
  }
}

async function receiveAll(
  receiver: ServiceBusReceiver,
  { handle, maxMessages, maxWaitMs, closesWhenEmpty, failureLog, stop }: ReceiveLoopOptions,
): Promise<void> {
  while (!isStopped(stop)) {
    const messages = await receiver.receiveMessages(maxMessages, {
      maxWaitTimeInMs: maxWaitMs,
      abortSignal: stop,
    });
    failureLog.reportRecovery();
    if (messages.length > 0) await handle(() => receiver, messages);
    else if (closesWhenEmpty) return;
  }
}

/**
 * Ends the wait when the host stops. The SDK waits a minute for a session and ignores its options.
 */
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

/** A function call, because the value may change during an await. */
function isStopped(stop: AbortSignal): boolean {
  return stop.aborted;
}
