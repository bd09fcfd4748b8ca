// The error types of Lifeboat. There are four kinds, named by the next action. Every route and
// every orchestration reports errors in this form.

/** The four kinds of error. */
export const ErrorKind = {
  /** The caller must change something. */
  rejected: 'Rejected',
  /** Lifeboat or the caller can try again without a change. */
  transient: 'Transient',
  /** Nobody knows the effect: check Azure before any repetition. */
  ambiguous: 'Ambiguous',
  /** A person must act. A job waits and names the action in `waitsFor`. */
  needsHuman: 'NeedsHuman',
} as const;
export type ErrorKind = (typeof ErrorKind)[keyof typeof ErrorKind];

/** An error as Lifeboat stores it. */
export interface Fault {
  readonly kind: ErrorKind;
  readonly code: string;
  /** States the event, Lifeboat's reaction and the next action for the reader. */
  readonly message: string;
}

/** The one error class that routes and activities translate into an answer. */
export class LifeboatError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;
  /** The HTTP status of the answer. */
  readonly status: number;
  readonly details: Readonly<Record<string, unknown>>;

  /** `cause`: the underlying error, only for the log. */
  constructor(
    kind: ErrorKind,
    status: number,
    code: string,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
    cause?: unknown,
  ) {
    super(message, { cause });
    this.name = 'LifeboatError';
    this.kind = kind;
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** Creates an error for a request that the caller must change. */
export const rejected = (
  status: number,
  code: string,
  message: string,
  details?: Readonly<Record<string, unknown>>,
): LifeboatError => new LifeboatError(ErrorKind.rejected, status, code, message, details);

/** Creates an error for a failure that ends by itself; the caller tries again. */
export const transient = (code: string, message: string, cause?: unknown): LifeboatError =>
  new LifeboatError(ErrorKind.transient, 503, code, message, {}, cause);

/** Creates an error for a write with an unknown effect. */
export const ambiguous = (code: string, message: string): LifeboatError =>
  new LifeboatError(ErrorKind.ambiguous, 503, code, message);

/** Returns the message of any thrown value. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
