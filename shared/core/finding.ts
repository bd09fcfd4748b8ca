// What a linter of plans has found, where, and what to do about it.

export type Severity = 'error' | 'warning' | 'info';

/** Into the plan as JSON. */
export type JsonPath = readonly (string | number)[];

export interface LintFinding {
  readonly code: string;
  readonly severity: Severity;
  readonly path: JsonPath;
  /** What is so and why it matters; then what to do. */
  readonly message: string;
}

const findingOf =
  (severity: Severity) =>
  (code: string, path: JsonPath, message: string): LintFinding => ({ code, severity, path, message });
export const errorFinding = findingOf('error');
export const warningFinding = findingOf('warning');
export const infoFinding = findingOf('info');

/** As in `$.runs.failover[0].name`. */
export const formatJsonPath = (path: JsonPath): string =>
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
