// What is protected and where to: that alone fixes the scenario.
import type { Refusal } from '../../../core/refusal.ts';
import type { Goal } from './request.ts';

type ScenarioMeant = 'azureToAzure' | 'vmwareToAzure' | 'hyperVToAzure' | 'hyperVToSecondarySite';

const MEANT: Readonly<Record<Goal['protect'], Readonly<Record<Goal['to'], ScenarioMeant | null>>>> = {
  azureVm: { azure: 'azureToAzure', secondSite: null },
  vmwareVm: { azure: 'vmwareToAzure', secondSite: null },
  hyperVVm: { azure: 'hyperVToAzure', secondSite: null },
  hyperVVmInVmm: { azure: 'hyperVToAzure', secondSite: 'hyperVToSecondarySite' },
};

const WHY_NOT: Readonly<Record<Goal['protect'], string>> = {
  azureVm: 'VMs of Azure replicate to Azure only',
  vmwareVm: 'VMware VMs replicate to Azure only',
  hyperVVm:
    'Hyper-V VMs replicate to a second site only where System Center VMM manages both ends ("hyperVVmInVmm")',
  hyperVVmInVmm: '',
};

const POSSIBLE = Object.entries(MEANT)
  .flatMap(([protect, to]) =>
    Object.entries(to).flatMap(([where, meant]) => (meant ? [`${protect} to ${where}`] : [])),
  )
  .join(', ');

export function scenarioOf(goal: Goal): { readonly scenario: ScenarioMeant } | Refusal {
  const scenario = MEANT[goal.protect][goal.to];
  if (scenario === null)
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

/** Why this preview is not the one for the goal; undefined when it is. */
export function judgeGoal(goal: Goal): Refusal | undefined {
  const meant = scenarioOf(goal);
  if ('code' in meant) return meant;
  if (meant.scenario === 'azureToAzure') return undefined;
  return {
    code: 'OtherScenario',
    message:
      `The goal is the scenario "${meant.scenario}"; this enables "azureToAzure". Protect ` +
      '"azureVm" to "azure", or use what enables that scenario.',
  };
}
