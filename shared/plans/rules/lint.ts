// Lints a plan before any run. Each finding has a place, a reason and advice.
// The plan routes call this module. It is pure: the caller reads the facts.

import { RunName } from './action.ts';
import { actionsWithPaths, checkActions, checkRules, withPaths } from './lint/actions.ts';
import type { LintFacts } from './lint/facts.ts';
import {
  errorFinding,
  formatJsonPath,
  warningFinding,
  type LintFinding,
  type Severity,
} from '../../core/finding.ts';
import { issueSentence } from '../../core/issueSentence.ts';
import { parseJson, type JsonPosition } from '../../core/json.ts';
import { shortenText } from '../../core/parse.ts';
import { checkGroupOrder } from './lint/order.ts';
import { checkTargets } from './lint/targets.ts';
import {
  checkPerVmMembers,
  checkNativeLimits,
  checkMultiVmGroups,
  checkHomeRegion,
  checkRunsMatch,
  checkVmsKnown,
  checkDuplicateVms,
} from './lint/vms.ts';
import { Plan } from './plan.ts';

/** Lints a parsed plan. Lifeboat does not save a plan with errors, and stores warnings with the plan. */
export function lintParsedPlan(plan: Plan, facts: LintFacts): readonly LintFinding[] {
  const runs = Object.values(RunName).flatMap((run) => {
    const groups = plan.runs[run];
    return groups
      ? [
          {
            groups,
            path: ['runs', run],
            ...(run === RunName.testFailover ? { drillMinutes: plan.drill.cleanUpAfterMinutes } : {}),
          },
        ]
      : [];
  });
  return [
    ...runs.flatMap(({ groups, path, drillMinutes }) => [
      ...checkGroupOrder(groups, path),
      ...checkDuplicateVms(groups, path),
      ...checkPerVmMembers(groups, path),
      ...checkVmsKnown(groups, path, facts),
      ...checkMultiVmGroups(groups, path, facts),
      ...checkHomeRegion(groups, path, facts),
      ...checkRules(groups, path),
      ...checkActions(actionsWithPaths(groups, path), facts, drillMinutes),
    ]),
    ...checkActions(withPaths(plan.drill.checks, ['drill', 'checks']), facts, plan.drill.cleanUpAfterMinutes),
    ...checkDrillCleanUp(plan),
    ...checkRunsMatch(plan),
    ...checkTargets(plan, facts),
    ...checkNativeLimits(plan, facts),
  ];
}

/** Without `cleanUpAfterMinutes`, nothing ends the drill automatically. */
const checkDrillCleanUp = ({ drill }: Plan): readonly LintFinding[] =>
  drill.cleanUpAfterMinutes !== null
    ? []
    : [
        warningFinding(
          'DrillNotCleanedUp',
          ['drill', 'cleanUpAfterMinutes'],
          'The test VMs of a drill stay until a person cleans them up. An alarm reports them ' +
            'after LIFEBOAT_TEST_STANDS_HOURS. Give cleanUpAfterMinutes.',
        ),
      ];

/** A finding in the form for persons and editors. */
export interface ShownFinding {
  readonly code: string;
  readonly severity: Severity;
  readonly path: string;
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
}

/** Converts a finding to its shown form, with its position in the text if known. */
export const toShownFinding = (
  { code, severity, path, message }: LintFinding,
  place?: JsonPosition,
): ShownFinding => ({
  code,
  severity,
  path: shortenText(formatJsonPath(path)),
  ...place,
  message,
});

/**
 * Lints the text of a plan, so that each finding has a line number. `plan` is null if the text does not
 * match the plan's schema.
 */
export function lintText(
  text: string,
  facts: LintFacts,
): { readonly plan: Plan | null; readonly findings: readonly ShownFinding[] } {
  const json = parseJson(text);
  if ('reason' in json)
    return {
      plan: null,
      findings: [
        toShownFinding(
          errorFinding('NotJson', [], `This is no JSON: ${json.reason}. Correct the text.`),
          json.position,
        ),
      ],
    };
  const duplicateNames = firstFindings(json.duplicatePaths, (path) =>
    errorFinding(
      'NameTwice',
      path,
      `"${nameOfPath(path)}" is in the same object twice; only one can count. Remove one.`,
    ),
  );
  const result = lintValue(json.value, facts);
  return {
    plan: result.plan,
    findings: [...duplicateNames, ...result.findings].map((finding) =>
      toShownFinding(finding, json.positionOf(finding.path)),
    ),
  };
}

/** A text that is no plan may have as many faults as letters. */
const MAX_FINDINGS = 100;

const firstFindings = <Fault>(
  faults: readonly Fault[],
  toFinding: (fault: Fault) => LintFinding,
): readonly LintFinding[] => [
  ...faults.slice(0, MAX_FINDINGS).map(toFinding),
  ...(faults.length > MAX_FINDINGS
    ? [errorFinding('MoreFindings', [], `And ${faults.length - MAX_FINDINGS} more. Correct these first.`)]
    : []),
];

const MAX_NAME_CHARS = 100;
const nameOfPath = (path: readonly PropertyKey[]): string =>
  shortenText(path.at(-1)?.toString() ?? '', MAX_NAME_CHARS);

/** Lints a plan that is already a JSON value. */
export function lintValue(
  value: unknown,
  facts: LintFacts,
): { readonly plan: Plan | null; readonly findings: readonly LintFinding[] } {
  const parsed = Plan.safeParse(value, { error: issueSentence });
  if (parsed.success) return { plan: parsed.data, findings: lintParsedPlan(parsed.data, facts) };
  const findings = firstFindings(parsed.error.issues, ({ path, message }) =>
    errorFinding(
      'NotAPlan',
      path.map((part) => (typeof part === 'symbol' ? String(part) : part)),
      `${nameOfPath(path) || 'The plan'}: ${shortenText(message)}. Write it as the plan's schema says.`,
    ),
  );
  return { plan: null, findings };
}

/** True: at least one finding is an error. */
export const hasErrors = (findings: readonly Pick<LintFinding, 'severity'>[]): boolean =>
  findings.some(({ severity }) => severity === 'error');
