// The public form of the measured times of a job.
import type { StoredMeasures, RunMeasures } from '../plans/rules/measures.ts';
import type { StepDocument } from '../journal/documents.ts';

type Vm = RunMeasures['vms'][number];

/** Shows the nodes of the critical path under the names that people gave them. */
export function measuresView(
  { plan, groups, criticalPath, targets }: StoredMeasures,
  steps: readonly StepDocument[],
) {
  const byNode = new Map(steps.map((step) => [step.node ?? step.id, step]));
  return {
    targets,
    whole: plan,
    groups,
    criticalPath: criticalPath.map(({ id, waitedSeconds, seconds }) => ({
      step: byNode.get(id)?.id ?? id,
      name: byNode.get(id)?.targetName ?? id,
      phase: byNode.get(id)?.phase ?? null,
      waitedSeconds,
      seconds,
    })),
  };
}

/** Gives a function that shows the measures of one VM with its name. */
export function vmMeasuresView(steps: readonly StepDocument[]): (vm: Vm) => object {
  const names = new Map(
    steps.flatMap(({ targetId, targetName, work }) =>
      work.kind === 'multiVmGroup'
        ? work.vms.map(({ id, name }) => [id, name] as const)
        : [[targetId, targetName] as const],
    ),
  );
  return ({ vm, group, ...measured }) => ({
    vm,
    name: names.get(vm) ?? vm,
    group: group === '' ? null : group,
    ...measured,
  });
}
