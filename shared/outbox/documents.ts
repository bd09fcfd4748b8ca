// The stored documents for the delivery of events: events, relay, deliveries, undelivered ranges
// and callbacks. Changes of jobs and alarms write events; the delivery module writes the other
// documents.
import type { EventName, EventPosition } from './rules/events.ts';
import type { Caller } from '../access/caller.ts';

/**
 * One event of a job. A job writes the event in the same batch as the change itself.
 * Partition: jobs/{jobId}, like all types up to UndeliveredRangeDocument.
 */
export interface EventDocument {
  readonly id: string;
  readonly type: 'news';
  readonly schema: number;
  readonly jobId: string;
  /** Counts from 1 without gaps; 0 until the relay assigns the number. */
  readonly number: number;
  readonly at: string;
  readonly news: EventName;
  /** The subject of the event: a VM or the job. */
  readonly subject: string;
  readonly place: EventPosition;
  readonly data: Readonly<
    Record<string, string | number | boolean | null | Readonly<Record<string, string>> | readonly object[]>
  >;
}

/**
 * The delivery targets of a job, and the last assigned event number. The job's own writes never
 * touch this document.
 */
export interface RelayDocument {
  readonly id: 'relay';
  readonly type: 'relay';
  readonly schema: number;
  readonly jobId: string;
  readonly last: number;
  /** True when no target waits for an event up to `last`. */
  readonly settled: boolean;
  /**
   * All waiting targets have their next try after this simulated time. Empty while a delivery may
   * run at once.
   */
  readonly quietUntil: string;
  /** The targets at the time of the job's first event. */
  readonly targets: readonly string[];
}

/** The progress of deliveries to one target. */
export interface DeliveryDocument {
  readonly id: string;
  readonly type: 'delivery';
  readonly schema: number;
  readonly jobId: string;
  readonly target: string;
  /** The number of the newest delivered event. */
  readonly delivered: number;
  /** The process that delivers now. No other process may deliver before `until` (system time). */
  readonly lease: { readonly owner: string; readonly until: string } | null;
  /** Consecutive failures of the event after `delivered`. */
  readonly failures: number;
  readonly failingSince: string | null;
  readonly notBefore: string | null;
  readonly why: string | null;
  /** The undelivered range that stops the deliveries until a person resumes them. */
  readonly gap: string | null;
  /** True after somebody removed the target. */
  readonly removed: boolean;
}

/** A range of events without delivery, because all tries failed for too long. */
export interface UndeliveredRangeDocument {
  readonly id: string;
  readonly type: 'gap';
  readonly schema: number;
  readonly jobId: string;
  readonly target: string;
  /**
   * The number of the first event without delivery. Deliveries keep their order, so Lifeboat has
   * tried no later event.
   */
  readonly from: number;
  readonly failingSince: string;
  readonly gaveUpAt: string;
  readonly failures: number;
  readonly why: string;
  readonly resumedAt: string | null;
  readonly resumedBy: string | null;
}

/** A callback address. Its id is `callback:` plus the name for people. Partition: settings/callback. */
export interface CallbackDocument {
  readonly id: string;
  readonly kind: 'callback';
  readonly type: 'callback';
  readonly schema: number;
  readonly version: number;
  readonly url: string;
  /** Every event of a job, or only the questions to people. */
  readonly audience: 'events' | 'people';
  /**
   * For audience `people`: the callback gets the messages about one question from the message with
   * this number on.
   */
  readonly level: number;
  /** The caller of the jobs that the callback covers; null covers all callers. */
  readonly caller: string | null;
  /**
   * The names of the keys; the store never contains the keys themselves. There are one or two keys:
   * two during a key rotation. Each key signs every call.
   */
  readonly keys: readonly string[];
  /** Null for a callback that is older than the callback route. */
  readonly savedBy: Pick<Caller, 'id' | 'name'> | null;
  readonly savedAt: string | null;
}
