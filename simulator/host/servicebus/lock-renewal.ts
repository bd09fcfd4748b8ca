// Renews message locks while a function runs.

import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';

/**
 * Keeps a message locked while a function works on it, for at most so many milliseconds (wall
 * time). The returned function ends the renewal. The SDK's own renewal continues until the message
 * is settled, so a message that is never settled would never be redelivered.
 */
export function keepLocked(
  receiver: ServiceBusReceiver,
  message: ServiceBusReceivedMessage,
  maxMilliseconds: number,
): () => void {
  const giveUp = Date.now() + maxMilliseconds;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  const renewInTime = () => {
    const left = (message.lockedUntilUtc?.getTime() ?? 0) - Date.now();
    if (ended || left <= 0 || Date.now() + left / 2 > giveUp) return;
    // The settlement of the message reports a lost lock.
    timer = setTimeout(
      () => void receiver.renewMessageLock(message).then(renewInTime, () => undefined),
      left / 2,
    );
  };
  renewInTime();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
