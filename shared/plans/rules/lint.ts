// All that can be said about a plan before it is run: with the place, the reason, and what to do.
import { RunName } from './action.ts';
import { actionsFound, judgeActions, judgeRules, placed } from './lint/actions.ts';
import type { LintFacts } from './lint/facts.ts';
import { error, pathText, warning, type Finding, type Severity } from '../../core/finding.ts';
import { readJson, type Place } from '../../core/json.ts';
import { mustBeInOrder } from './lint/order.ts';
import { judgeTargets } from './lint/targets.ts';
import {
  aroundMembers,
  beyondNative,
  multiVmWhole,
  notFromHome,
  sameEverywhere,
  vmsKnown,
  vmsOnce,
} from './lint/vms.ts';
import { Plan } from './plan.ts';

/** A plan with errors is not saved; warnings are kept with it. */
export function lint(plan: Plan, facts: LintFacts): readonly Finding[] {
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
      ...mustBeInOrder(groups, path),
      ...vmsOnce(groups, path),
      ...aroundMembers(groups, path),
      ...vmsKnown(groups, path, facts),
      ...multiVmWhole(groups, path, facts),
      ...notFromHome(groups, path, facts),
      ...judgeRules(groups, path),
      ...judgeActions(actionsFound(groups, path), facts, drillMinutes),
    ]),
    ...judgeActions(placed(plan.drill.checks, ['drill', 'checks']), facts, plan.drill.cleanUpAfterMinutes),
    ...neverCleanedUp(plan),
    ...sameEverywhere(plan),
    ...judgeTargets(plan, facts),
    ...beyondNative(plan, facts),
  ];
}

/** Nothing ends such a drill by itself. */
const neverCleanedUp = ({ drill }: Plan): readonly Finding[] =>
  drill.cleanUpAfterMinutes !== null
    ? []
    : [
        warning(
          'DrillNotCleanedUp',
          ['drill', 'cleanUpAfterMinutes'],
          'The test VMs of a drill stand until a person cleans them up; an alarm tells of them ' +
            'after LIFEBOAT_TEST_STANDS_HOURS. Give cleanUpAfterMinutes.',
        ),
      ];

/** A finding as people and editors read it. */
export interface Shown {
  readonly code: string;
  readonly severity: Severity;
  readonly path: string;
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
}

export const shown = ({ code, severity, path, message }: Finding, place?: Place): Shown => ({
  code,
  severity,
  path: pathText(path),
  ...place,
  message,
});

/**
 * The same for a plan as text, so that each finding has its line. The plan is there when nothing
 * keeps it from being read as one.
 */
export function lintText(
  text: string,
  facts: LintFacts,
): { readonly plan: Plan | null; readonly findings: readonly Shown[] } {
  const read = readJson(text);
  if ('wrong' in read)
    return {
      plan: null,
      findings: [shown(error('NotJson', [], `This is no JSON: ${read.wrong}. Mend the text.`), read.place)],
    };
  const twice = read.twice.map((path) =>
    warning(
      'NameTwice',
      path,
      `"${String(path.at(-1))}" stands twice in the same object; only the last one counts. Take one out.`,
    ),
  );
  const judged = judge(read.value, facts);
  return {
    plan: judged.plan,
    findings: [...twice, ...judged.findings].map((finding) => shown(finding, read.placeOf(finding.path))),
  };
}

/** A plan that comes as a value already. */
export function judge(
  value: unknown,
  facts: LintFacts,
): { readonly plan: Plan | null; readonly findings: readonly Finding[] } {
  const read = Plan.safeParse(value);
  if (read.success) return { plan: read.data, findings: lint(read.data, facts) };
  const findings = read.error.issues.map(({ path, message }) =>
    error(
      'NotAPlan',
      path.map((part) => (typeof part === 'symbol' ? String(part) : part)),
      `${path.at(-1)?.toString() ?? 'The plan'}: ${message}. Write it as the plan's schema says.`,
    ),
  );
  return { plan: null, findings };
}

export const hasErrors = (findings: readonly Pick<Finding, 'severity'>[]): boolean =>
  findings.some(({ severity }) => severity === 'error');
