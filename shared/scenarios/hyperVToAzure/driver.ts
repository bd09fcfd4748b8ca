// The driver of the scenario Hyper-V to Azure: VMs of a Hyper-V site, or of VMM clouds, replicate
// to Azure.
// Lifeboat reads such items but cannot act on them yet.
import { Scenario } from '../../core/scenario.ts';
import type { ScenarioDriver } from '../driver.ts';
import { HYPER_V } from './instanceType.ts';
import { effects, lifecycle, vmStateOf, phases, typicalSeconds } from './lifecycle.ts';
import { readItem } from './readItem.ts';
import { rules } from './rules.ts';

export const hyperVToAzure: ScenarioDriver = {
  name: Scenario.hyperVToAzure,
  title: 'Hyper-V to Azure',
  instanceTypes: [HYPER_V],
  replicationGoals: [
    { protect: 'hyperVVm', to: 'azure' },
    { protect: 'hyperVVmInVmm', to: 'azure' },
  ],
  lifecycle,
  effects,
  vmStateOf,
  phases,
  typicalSeconds,
  rules,
  readItem,
  capabilities: null,
};
