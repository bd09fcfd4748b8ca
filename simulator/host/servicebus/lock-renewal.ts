import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';

/**
 * Keeps a message locked while it is worked on, for so many milliseconds (wall time); the returned
 * function ends it.
 * The SDK's own renewal goes on until the message is settled, and one that is never to be completed
 * would never come again.
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
    // A lock that is lost is told when the message is settled.
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
