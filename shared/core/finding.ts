// Findings of the plan linter: the fault, its position in the plan, and the remedy.

/** How serious a finding is; only an error prevents a save. */
export type Severity = 'error' | 'warning' | 'info';

/** The path from the root of the plan's JSON to a value. */
export type JsonPath = readonly (string | number)[];

/** One finding of the plan linter. */
export interface LintFinding {
  readonly code: string;
  readonly severity: Severity;
  readonly path: JsonPath;
  /** States the fact and its consequence, then the remedy. */
  readonly message: string;
}

const findingOf =
  (severity: Severity) =>
  (code: string, path: JsonPath, message: string): LintFinding => ({ code, severity, path, message });
/** Creates a finding of severity `error`. */
export const errorFinding = findingOf('error');
/** Creates a finding of severity `warning`. */
export const warningFinding = findingOf('warning');
/** Creates a finding of severity `info`. */
export const infoFinding = findingOf('info');

/** Formats a path, such as `$.runs.failover[0].name`. */
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
