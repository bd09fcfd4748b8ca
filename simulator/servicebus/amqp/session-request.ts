// A client that wants the next session which is free waits for one, until it has waited long enough.

import { randomUUID } from 'node:crypto';
import type { Mailbox } from '../entities.ts';
import { Failure } from '../failure.ts';
import type { Ground } from '../ground.ts';
import { acceptSession, type AcceptedSession } from '../sessions.ts';
import type { Hub, Waiting } from './hub.ts';

export interface SessionRequest {
  readonly ground: Ground;
  readonly hub: Hub;
  readonly mailbox: Mailbox;
  readonly id: string | undefined;
  readonly patience: number;
  accepted(session: AcceptedSession): void;
  refused(failure: Failure): void;
}

/** Returns how to stop waiting, or undefined when the answer is given already. */
export function requestSession(request: SessionRequest): (() => void) | undefined {
  const { ground, hub, mailbox, id } = request;
  const attempt = (): boolean => {
    try {
      const session = acceptSession(ground, mailbox, id, randomUUID());
      if (session === undefined) return false;
      request.accepted(session);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      request.refused(error);
    }
    return true;
  };
  if (attempt()) return undefined;
  const stop = (): void => {
    hub.remove(mailbox, waiting);
    clearTimeout(timer);
  };
  const waiting: Waiting = {
    serve() {
      if (attempt()) stop();
    },
  };
  const timer = setTimeout(() => {
    stop();
    request.refused(
      new Failure(
        'com.microsoft:timeout',
        `No session of '${mailbox.address}' became available within ${request.patience} ms.`,
      ),
    );
  }, request.patience);
  hub.add(mailbox, waiting);
  return stop;
}
