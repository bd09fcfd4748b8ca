// What a linter of plans has found, where, and what to do about it.

export type Severity = 'error' | 'warning' | 'info';

/** Into the plan as JSON. */
export type Path = readonly (string | number)[];

export interface Finding {
  readonly code: string;
  readonly severity: Severity;
  readonly path: Path;
  /** What is so and why it matters; then what to do. */
  readonly message: string;
}

const finding =
  (severity: Severity) =>
  (code: string, path: Path, message: string): Finding => ({ code, severity, path, message });
export const error = finding('error');
export const warning = finding('warning');
export const info = finding('info');

/** As in `$.runs.failover[0].name`. */
export const pathText = (path: Path): string =>
  path.reduce<string>(
    (text, part) =>
      text +
      (typeof part === 'number'
        ? `[${part}]`
        : /^[A-Za-z_]\w*$/.test(part)
          ? `.${part}`
          : `[${JSON.stringify(part)}]`),
    '$',
  );
