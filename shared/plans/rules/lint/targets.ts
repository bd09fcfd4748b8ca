// Lint checks of targets: learned durations and recovery point rules allow the targets.

import { estimateRun } from '../criticalPath.ts';
import type { LearnedDurations } from '../durations.ts';
import { buildGraph } from '../buildGraph.ts';
import type { Group, Plan } from '../plan.ts';
import type { LintFacts } from './facts.ts';
import { warningFinding, type LintFinding } from '../../../core/finding.ts';

export const checkTargets = (plan: Plan, facts: LintFacts): readonly LintFinding[] => [
  ...checkRecoveryTime(plan, facts.learnedDurations, facts),
  ...checkRecoveryPointAge(plan),
];

function checkRecoveryTime(
  plan: Plan,
  learnedDurations: LearnedDurations | undefined,
  { vms }: LintFacts,
): readonly LintFinding[] {
  const { recoveryMinutes } = plan.targets;
  if (recoveryMinutes === undefined || !learnedDurations) return [];
  const graph = buildGraph(plan, 'failover', {
    multiVmGroupOf: (vm) => vms?.get(vm)?.multiVmGroup?.id ?? null,
  });
  if ('findings' in graph) return [];
  const { seconds, path } = estimateRun(graph, learnedDurations);
  const minutes = Math.ceil(seconds / 60);
  return minutes <= recoveryMinutes
    ? []
    : [
        warningFinding(
          'TargetTooShort',
          ['targets', 'recoveryMinutes'],
          `By the measured durations, a failover usually takes ${minutes} minutes, and the target is ` +
            `${recoveryMinutes}. The longest chain of steps: ${path.join(', ')}. Let more steps run ` +
            'in parallel, or raise the target.',
        ),
      ];
}

/** A recovery point rule that allows an old point can break the data loss target. */
function checkRecoveryPointAge({ targets: { dataLossMinutes }, runs }: Plan): readonly LintFinding[] {
  if (dataLossMinutes === undefined) return [];
  return runs.failover.flatMap(({ name, recoveryPoint }: Group, groupIndex) =>
    (recoveryPoint ?? []).flatMap(({ kind, notOlderThanMinutes }, choiceIndex) => {
      const isWithinTarget =
        kind === 'latest' ||
        kind === 'latestProcessed' ||
        (notOlderThanMinutes !== undefined && notOlderThanMinutes <= dataLossMinutes);
      return isWithinTarget
        ? []
        : [
            warningFinding(
              'TargetTooShort',
              ['runs', 'failover', groupIndex, 'recoveryPoint', choiceIndex],
              `"${name}" may come up at a point ` +
                `${notOlderThanMinutes === undefined ? 'of any age' : `up to ${notOlderThanMinutes} minutes old`}, ` +
                `and no more than ${dataLossMinutes} minutes are to be lost. Make notOlderThanMinutes ` +
                `${dataLossMinutes} or less.`,
            ),
          ];
    }),
  );
}
