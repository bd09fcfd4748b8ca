// A receiver of events: the topic, or a call-back address.

import type { CloudEvent } from './cloudEvent.ts';

export type DeliveryResult =
  | { readonly delivered: true }
  | { readonly delivered: false; readonly reason: string; readonly retryAfterSeconds: number | null };
export interface DeliveryTarget {
  /**
   * Tells one event, and sends nothing after that moment (wall time): somebody else may tell it by
   * then. Never throws: a failure is an answer too.
   */
  deliver(event: CloudEvent, notAfter: number): Promise<DeliveryResult>;
}
