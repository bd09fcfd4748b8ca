// Four kinds of error, named by what happens next.

export const ErrorKind = {
  /** The caller must change something. */
  rejected: 'Rejected',
  /** It will be tried again. */
  transient: 'Transient',
  /** It must be looked up before anything is repeated. */
  ambiguous: 'Ambiguous',
  /** The job waits, and says for what. */
  needsHuman: 'NeedsHuman',
} as const;
export type ErrorKind = (typeof ErrorKind)[keyof typeof ErrorKind];

export interface Fault {
  readonly kind: ErrorKind;
  readonly code: string;
  /** What happened, what was done about it, what to do next. */
  readonly message: string;
}

export class LifeboatError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;
  /** The HTTP status with which a door tells it. */
  readonly status: number;
  readonly details: Readonly<Record<string, unknown>>;

  /** `cause`: what failed underneath; for the log alone. */
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

export const rejected = (
  status: number,
  code: string,
  message: string,
  details?: Readonly<Record<string, unknown>>,
): LifeboatError => new LifeboatError(ErrorKind.rejected, status, code, message, details);

export const transient = (code: string, message: string, cause?: unknown): LifeboatError =>
  new LifeboatError(ErrorKind.transient, 503, code, message, {}, cause);

export const ambiguous = (code: string, message: string): LifeboatError =>
  new LifeboatError(ErrorKind.ambiguous, 503, code, message);

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
