// What is protected and where to: that alone fixes the scenario.
import type { Refusal } from '../../../core/refusal.ts';
import type { Scenario } from '../../../core/scenario.ts';
import { drivers, enablingDrivers, isMeant } from '../../../scenarios/drivers.ts';
import { Goal } from './request.ts';

/** Site Recovery has these too, and Lifeboat has no driver for them. */
const WITHOUT_DRIVER = [
  { name: 'vmwareToAzure', protect: 'vmwareVm', to: 'azure' },
  { name: 'hyperVToSecondarySite', protect: 'hyperVVmInVmm', to: 'secondSite' },
] as const;
type ScenarioMeant = Scenario | (typeof WITHOUT_DRIVER)[number]['name'];
type Way = Pick<Goal, 'protect' | 'to'>;

const WHY_NOT: Readonly<Record<Goal['protect'], string>> = {
  azureVm: 'VMs of Azure replicate to Azure only',
  vmwareVm: 'VMware VMs replicate to Azure only',
  hyperVVm:
    'Hyper-V VMs replicate to a second site only where System Center VMM manages both ends ("hyperVVmInVmm")',
  hyperVVmInVmm: '',
};

const meantBy = (way: Way): ScenarioMeant | undefined =>
  (
    drivers.find((driver) => isMeant(driver, way)) ??
    WITHOUT_DRIVER.find(({ protect, to }) => protect === way.protect && to === way.to)
  )?.name;

const { protect: SOURCES, to: TARGETS } = {
  protect: Goal.shape.protect.unwrap().options,
  to: Goal.shape.to.unwrap().options,
};
const POSSIBLE = SOURCES.flatMap((protect) =>
  TARGETS.flatMap((to) => (meantBy({ protect, to }) ? [`${protect} to ${to}`] : [])),
).join(', ');

export function scenarioOf(goal: Goal): { readonly scenario: ScenarioMeant } | Refusal {
  const scenario = meantBy(goal);
  if (scenario === undefined)
    return { code: 'ImpossibleGoal', message: `${WHY_NOT[goal.protect]}. Possible are: ${POSSIBLE}.` };
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

const quoted = (list: readonly string[]): string => list.map((one) => `"${one}"`).join(', ');

/** Why this preview is not the one for the goal; undefined when it is. */
export function judgeGoal(goal: Goal): Refusal | undefined {
  const meant = scenarioOf(goal);
  if ('code' in meant) return meant;
  if (enablingDrivers.some(({ name }) => name === meant.scenario)) return undefined;
  const ways = enablingDrivers.flatMap(({ goals }) => goals);
  return {
    code: 'OtherScenario',
    message:
      `The goal is the scenario "${meant.scenario}"; this enables ` +
      `${quoted(enablingDrivers.map(({ name }) => name))}. Protect ` +
      `${ways.map(({ protect, to }) => `"${protect}" to "${to}"`).join(', or ')}, or use what enables ` +
      'that scenario.',
  };
}
