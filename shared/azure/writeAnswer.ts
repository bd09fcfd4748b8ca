// The answer of Azure to one write.

/** The code of an answer that Lifeboat creates by itself, because no request left. */
export const NOT_SENT_CODE = 'NotSent';

/** The answer to a write, or the reason for a missing answer. */
export interface WriteAnswer {
  readonly status: number | null;
  readonly armJobId: string | null;
  readonly retryAfterSeconds: number | null;
  readonly code: string;
  readonly message: string;
}
