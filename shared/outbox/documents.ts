// What the world is told of a job, and who is told.
import type { EventName, EventPosition } from './rules/events.ts';
import type { Caller } from '../access/caller.ts';

/**
 * Partition: jobs/{jobId}, as all that follows up to the gap. One piece of news, written with the
 * change that it tells of.
 */
export interface EventDocument {
  readonly id: string;
  readonly type: 'news';
  readonly schema: number;
  readonly jobId: string;
  /** From 1 on, without holes; 0 until the relay has numbered it. */
  readonly number: number;
  readonly at: string;
  readonly news: EventName;
  /** The VM, or the job. */
  readonly subject: string;
  readonly place: EventPosition;
  readonly data: Readonly<
    Record<string, string | number | boolean | null | Readonly<Record<string, string>> | readonly object[]>
  >;
}

/**
 * Who is told of this job, and how far its news are numbered. Nothing that a job itself writes
 * touches it.
 */
export interface RelayDocument {
  readonly id: 'relay';
  readonly type: 'relay';
  readonly schema: number;
  readonly jobId: string;
  readonly last: number;
  /** Nobody waits for anything up to `last`. */
  readonly settled: boolean;
  /**
   * Those who wait are all to be told again after this moment (story time); empty while somebody
   * may be told at once.
   */
  readonly quietUntil: string;
  /** Those who were to be told when the job had its first news. */
  readonly targets: readonly string[];
}

/** How far one target was told. */
export interface DeliveryDocument {
  readonly id: string;
  readonly type: 'delivery';
  readonly schema: number;
  readonly jobId: string;
  readonly target: string;
  /** The number of the newest entry that arrived. */
  readonly delivered: number;
  /** Who tells it now, and until when (wall time) nobody else may. */
  readonly lease: { readonly owner: string; readonly until: string } | null;
  /** In a row, of the entry after `delivered`. */
  readonly failures: number;
  readonly failingSince: string | null;
  readonly notBefore: string | null;
  readonly why: string | null;
  /** The gap at which it stands still until a person resumes it. */
  readonly gap: string | null;
  /** The target is no longer there to be told. */
  readonly removed: boolean;
}

/** What a target was not told, because it was tried for too long. */
export interface UndeliveredRangeDocument {
  readonly id: string;
  readonly type: 'gap';
  readonly schema: number;
  readonly jobId: string;
  readonly target: string;
  /** The first number that did not arrive. None after it was tried, for they are told in order. */
  readonly from: number;
  readonly failingSince: string;
  readonly gaveUpAt: string;
  readonly failures: number;
  readonly why: string;
  readonly resumedAt: string | null;
  readonly resumedBy: string | null;
}

/** Partition: settings/callback. Its name, behind `callback:`, is its id for people. */
export interface CallbackDocument {
  readonly id: string;
  readonly kind: 'callback';
  readonly type: 'callback';
  readonly schema: number;
  readonly version: number;
  readonly url: string;
  /** Every event of a job, or only what asks a person for something. */
  readonly audience: 'events' | 'people';
  /** Of one for people: from the how-manyth message about the same question on it is told. */
  readonly level: number;
  /** Whose jobs it is told of; null: everybody's. */
  readonly caller: string | null;
  /**
   * Names of keys; the keys themselves are no business of the store. One, or two while one takes
   * the other's place. Each signs every call.
   */
  readonly keys: readonly string[];
  /** Null: from before addresses were saved by a door. */
  readonly savedBy: Pick<Caller, 'id' | 'name'> | null;
  readonly savedAt: string | null;
}
