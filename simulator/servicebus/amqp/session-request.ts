// Serves a client that wants the next free session. The client waits until a session is free or the
// wait times out.

import { randomUUID } from 'node:crypto';
import type { Mailbox } from '../entities.ts';
import { BrokerError } from '../broker-error.ts';
import type { BrokerContext } from '../broker-context.ts';
import { acceptSession, type AcceptedSession } from '../sessions.ts';
import type { MailboxHub, MailboxWaiter } from './hub.ts';

export interface SessionRequest {
  readonly broker: BrokerContext;
  readonly hub: MailboxHub;
  readonly mailbox: Mailbox;
  readonly id: string | undefined;
  readonly waitMs: number;
  accepted(session: AcceptedSession): void;
  refused(failure: BrokerError): void;
}

/** Returns a function that stops the wait, or undefined when the client already has its answer. */
export function requestSession(request: SessionRequest): (() => void) | undefined {
  const { broker, hub, mailbox, id } = request;
  const attempt = (): boolean => {
    try {
      const session = acceptSession(broker, mailbox, id, randomUUID());
      if (session === undefined) return false;
      request.accepted(session);
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      request.refused(error);
    }
    return true;
  };
  if (attempt()) return undefined;
  const stop = (): void => {
    hub.remove(mailbox, waiting);
    clearTimeout(timer);
  };
  const waiting: MailboxWaiter = {
    serve() {
      if (attempt()) stop();
    },
  };
  const timer = setTimeout(() => {
    stop();
    request.refused(
      new BrokerError(
        'com.microsoft:timeout',
        `No session of '${mailbox.address}' became available within ${request.waitMs} ms.`,
      ),
    );
  }, request.waitMs);
  hub.add(mailbox, waiting);
  return stop;
}
