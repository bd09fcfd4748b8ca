// What Azure answered to one write.

/** The code of an answer that Lifeboat gives itself: nothing went out. */
export const NOT_SENT_CODE = 'NotSent';
/** The answer to the write itself, or the reason why there was none. */

export interface WriteAnswer {
  readonly status: number | null;
  readonly armJobId: string | null;
  readonly retryAfterSeconds: number | null;
  readonly code: string;
  readonly message: string;
}
