// The interface of a receiver of events: the Service Bus topic, or a call-back address.

import type { CloudEvent } from './cloudEvent.ts';

/** The result of one try to deliver one event. */
export type DeliveryResult =
  | { readonly delivered: true }
  | { readonly delivered: false; readonly reason: string; readonly retryAfterSeconds: number | null };
/** A receiver of events. */
export interface DeliveryTarget {
  /**
   * Sends one event, and sends nothing after `notAfter` (wall time), because another process may
   * send it by then. Never throws: a failure is a result too.
   */
  deliver(event: CloudEvent, notAfter: number): Promise<DeliveryResult>;
}
