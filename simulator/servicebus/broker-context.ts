// The shared services of all broker operations.

import type { EntityDirectory, Mailbox } from './entities.ts';
import type { SubscriptionRules } from './filters/subscription-rules.ts';
import type { BrokerStore } from './store.ts';

/** The services that every broker operation gets. */
export interface BrokerContext {
  readonly store: BrokerStore;
  readonly directory: EntityDirectory;
  readonly rules: SubscriptionRules;
  /** Wall time: processes hold the locks, and processes live in wall time. */
  readonly now: () => number;
  /** This mailbox may now have messages, or a session, to receive. */
  readonly changed: (mailbox: Mailbox) => void;
  /** The broker has work of its own at this time. */
  readonly wakeBy: (time: number) => void;
  /** The lock of a session expired. */
  readonly sessionLost: (holder: string, session: string) => void;
}
