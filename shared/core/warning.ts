// A warning before an operation begins. A warning does not prevent the operation.

/** A remark with its code, for programs and people. */
export interface Warning {
  readonly code: string;
  readonly message: string;
}

/** Returns the warning as one line. */
export const formatWarning = ({ code, message }: Warning): string => `${code}: ${message}`;

/** A warning that did not stop a job. */
export interface JobWarning extends Warning {
  /** Null: the warning concerns the whole job. */
  readonly vm: { readonly id: string; readonly name: string } | null;
}
