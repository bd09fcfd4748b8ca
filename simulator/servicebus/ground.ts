// What all work of the broker stands on.

import type { Directory, Mailbox } from './entities.ts';
import type { RuleBook } from './filters/rule-book.ts';
import type { Store } from './store.ts';

export interface Ground {
  readonly store: Store;
  readonly directory: Directory;
  readonly rules: RuleBook;
  /** Wall time: locks are held by processes, which live in it. */
  readonly now: () => number;
  /** Messages, or a session, may now be had from this mailbox. */
  readonly changed: (mailbox: Mailbox) => void;
  /** Something happens by itself at this time. */
  readonly wakeBy: (time: number) => void;
  /** The lock of a session ended by time. */
  readonly sessionLost: (holder: string, session: string) => void;
}
