// Finds the scenario of a request from its goal: the kind of source and the kind of target. Pure.
import type { Refusal } from '../../../core/refusal.ts';
import type { Scenario } from '../../../core/scenario.ts';
import { drivers, enablingDrivers, matchesGoal } from '../../../scenarios/drivers.ts';
import { ReplicationGoal } from '../../../scenarios/enabling/requestFields.ts';

/** Site Recovery supports these scenarios too, but Lifeboat has no driver for them. */
const SCENARIOS_WITHOUT_DRIVER = [
  { name: 'hyperVInVmmToAzure', protect: 'hyperVVmInVmm', to: 'azure' },
  { name: 'hyperVToSecondarySite', protect: 'hyperVVmInVmm', to: 'secondSite' },
] as const;
type AnyScenario = Scenario | (typeof SCENARIOS_WITHOUT_DRIVER)[number]['name'];
type SourceAndTarget = Pick<ReplicationGoal, 'protect' | 'to'>;

const IMPOSSIBLE_REASONS: Readonly<Record<ReplicationGoal['protect'], string>> = {
  azureVm: 'VMs of Azure replicate to Azure only',
  vmwareVm: 'VMware VMs replicate to Azure only',
  hyperVVm:
    'Hyper-V VMs replicate to a second site only where System Center VMM manages both ends ("hyperVVmInVmm")',
  hyperVVmInVmm: '',
};

const scenarioNameOf = (goal: SourceAndTarget): AnyScenario | undefined =>
  (
    drivers.find((driver) => matchesGoal(driver, goal)) ??
    SCENARIOS_WITHOUT_DRIVER.find(({ protect, to }) => protect === goal.protect && to === goal.to)
  )?.name;

const { protect: SOURCES, to: TARGETS } = {
  protect: ReplicationGoal.shape.protect.unwrap().options,
  to: ReplicationGoal.shape.to.unwrap().options,
};

/** A pair of source and target that Site Recovery offers. */
export interface OfferedGoal extends SourceAndTarget {
  readonly scenario: AnyScenario;
  /** True when a driver of this build can enable the scenario. */
  readonly canBeEnabled: boolean;
}

/** All pairs that Site Recovery offers. The drivers decide which of them Lifeboat can enable now. */
export const OFFERED_GOALS: readonly OfferedGoal[] = SOURCES.flatMap((protect) =>
  TARGETS.flatMap((to) => {
    const scenario = scenarioNameOf({ protect, to });
    const canBeEnabled = enablingDrivers.some((driver) => matchesGoal(driver, { protect, to }));
    return scenario === undefined ? [] : [{ protect, to, scenario, canBeEnabled }];
  }),
);
const CAN_ENABLE_TEXT = `Lifeboat can enable now: ${OFFERED_GOALS.filter(({ canBeEnabled }) => canBeEnabled)
  .map(({ protect, to }) => `${protect} to ${to}`)
  .join(', ')}.`;

/** The scenario of a goal, or the refusal of an impossible goal. */
export function resolveScenario(goal: ReplicationGoal): { readonly scenario: AnyScenario } | Refusal {
  const scenario = scenarioNameOf(goal);
  if (scenario === undefined)
    return {
      code: 'ImpossibleGoal',
      message: `${IMPOSSIBLE_REASONS[goal.protect]}. ${CAN_ENABLE_TEXT}`,
    };
  if (goal.vmmServers !== undefined && goal.protect !== 'hyperVVmInVmm') {
    return {
      code: 'ImpossibleGoal',
      message:
        `There is no VMM server where "${goal.protect}" is protected. Leave "vmmServers" out, or ` +
        'protect "hyperVVmInVmm".',
    };
  }
  return { scenario };
}

/** The reason against a preview of this goal; undefined when a driver can enable the goal. */
export function checkGoal(goal: ReplicationGoal): Refusal | undefined {
  const result = resolveScenario(goal);
  if ('code' in result) return result;
  const { protect, to } = goal;
  if (enablingDrivers.some((driver) => matchesGoal(driver, { protect, to }))) return undefined;
  return {
    code: 'ScenarioNotBuilt',
    message:
      `Lifeboat cannot enable ${protect} to ${to} (scenario "${result.scenario}") yet. ${CAN_ENABLE_TEXT} ` +
      'For another goal, use Site Recovery itself, such as in the Azure portal.',
  };
}
