// What is told before something begins, and does not keep it from beginning.

export interface Warning {
  readonly code: string;
  readonly message: string;
}

export const formatWarning = ({ code, message }: Warning): string => `${code}: ${message}`;

/** What a job went ahead in spite of. */
export interface JobWarning extends Warning {
  /** Null: the job as a whole. */
  readonly vm: { readonly id: string; readonly name: string } | null;
}
