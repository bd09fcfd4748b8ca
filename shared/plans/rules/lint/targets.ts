// Whether what was promised can be kept, as far as the past tells.
import { estimate } from '../criticalPath.ts';
import type { Learned } from '../durations.ts';
import { graphOf } from '../order.ts';
import type { Group, Plan } from '../plan.ts';
import type { LintFacts } from './facts.ts';
import { warning, type Finding } from '../../../core/finding.ts';

export const judgeTargets = (plan: Plan, facts: LintFacts): readonly Finding[] => [
  ...tooSlow(plan, facts.learned, facts),
  ...tooOld(plan),
];

function tooSlow(plan: Plan, learned: Learned | undefined, { vms }: LintFacts): readonly Finding[] {
  const { recoveryMinutes } = plan.targets;
  if (recoveryMinutes === undefined || !learned) return [];
  const graph = graphOf(plan, 'failover', { multiVmGroupOf: (vm) => vms?.get(vm)?.multiVmGroup?.id ?? null });
  if ('findings' in graph) return [];
  const { seconds, path } = estimate(graph, learned);
  const minutes = Math.ceil(seconds / 60);
  return minutes <= recoveryMinutes
    ? []
    : [
        warning(
          'TargetTooShort',
          ['targets', 'recoveryMinutes'],
          `A failover usually takes ${minutes} minutes by what was measured, and is to take ` +
            `${recoveryMinutes}. What takes longest, one after the other: ${path.join(', ')}. Let ` +
            'more go side by side, or promise less.',
        ),
      ];
}

/** A rule that takes an old point first breaks the promise by itself. */
function tooOld({ targets: { dataLossMinutes }, runs }: Plan): readonly Finding[] {
  if (dataLossMinutes === undefined) return [];
  return runs.failover.flatMap(({ name, recoveryPoint }: Group, at) =>
    (recoveryPoint ?? []).flatMap(({ kind, notOlderThanMinutes }, one) => {
      const held =
        kind === 'latest' ||
        kind === 'latestProcessed' ||
        (notOlderThanMinutes !== undefined && notOlderThanMinutes <= dataLossMinutes);
      return held
        ? []
        : [
            warning(
              'TargetTooShort',
              ['runs', 'failover', at, 'recoveryPoint', one],
              `"${name}" may come up at a point ` +
                `${notOlderThanMinutes === undefined ? 'of any age' : `up to ${notOlderThanMinutes} minutes old`}, ` +
                `and no more than ${dataLossMinutes} minutes are to be lost. Make notOlderThanMinutes ` +
                `${dataLossMinutes} or less.`,
            ),
          ];
    }),
  );
}
