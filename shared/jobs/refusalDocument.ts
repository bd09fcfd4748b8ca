// The stored document of a refused queue command.
import type { Caller } from '../access/caller.ts';

/**
 * Partition: jobs/{the id that a job of this caller and key would have}. The first decision stays:
 * a repeated message gets the same refusal.
 */
export interface RefusalDocument {
  readonly id: string;
  readonly type: 'refusal';
  readonly schema: number;
  readonly jobId: string;
  readonly queue: string;
  /** The sequence number of the message in its queue. */
  readonly sequence: string;
  readonly messageId: string;
  readonly caller: Pick<Caller, 'id' | 'name'>;
  readonly code: string;
  readonly message: string;
  /** The details of the problem document, beside code and message. Null if they are too long. */
  readonly details: Readonly<Record<string, unknown>> | null;
  readonly at: string;
  /** The time when the refused queue received the refusal. */
  readonly toldAt: string | null;
}
