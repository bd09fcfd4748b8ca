// What all work of the broker stands on.

import type { EntityDirectory, Mailbox } from './entities.ts';
import type { SubscriptionRules } from './filters/subscription-rules.ts';
import type { BrokerStore } from './store.ts';

export interface BrokerContext {
  readonly store: BrokerStore;
  readonly directory: EntityDirectory;
  readonly rules: SubscriptionRules;
  /** Wall time: locks are held by processes, which live in it. */
  readonly now: () => number;
  /** Messages, or a session, may now be had from this mailbox. */
  readonly changed: (mailbox: Mailbox) => void;
  /** Something happens by itself at this time. */
  readonly wakeBy: (time: number) => void;
  /** The lock of a session ended by time. */
  readonly sessionLost: (holder: string, session: string) => void;
}
