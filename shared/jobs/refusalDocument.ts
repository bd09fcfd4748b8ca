// Commands that came by a queue and were refused.
import type { Caller } from '../access/caller.ts';

/**
 * Partition: jobs/{the id that a job of this caller and key would have}. Decided once: a message
 * that comes again is told the same.
 */
export interface RefusalDocument {
  readonly id: string;
  readonly type: 'refusal';
  readonly schema: number;
  readonly jobId: string;
  readonly queue: string;
  /** Of the message in its queue. */
  readonly sequence: string;
  readonly messageId: string;
  readonly caller: Pick<Caller, 'id' | 'name'>;
  readonly code: string;
  readonly message: string;
  /** What a problem document would say beside code and message; null when it is too long to be kept. */
  readonly details: Readonly<Record<string, unknown>> | null;
  readonly at: string;
  /** When the refused queue had it. */
  readonly toldAt: string | null;
}
