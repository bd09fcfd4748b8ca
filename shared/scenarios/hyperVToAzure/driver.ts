// The driver of the scenario Hyper-V to Azure: VMs of a Hyper-V site, or of VMM clouds, replicate
// to Azure. VMs of VMM clouds must be enabled elsewhere.
import { Scenario } from '../../core/scenario.ts';
import { Operation } from '../../core/operations.ts';
import type { Capabilities, ScenarioDriver } from '../driver.ts';
import { enabling } from './enabling/enabling.ts';
import { changesAfterEnabling } from './enabling/settings.ts';
import { refusalOf } from './failback.ts';
import { HYPER_V } from './instanceType.ts';
import { effects, lifecycle, vmStateOf, phases, typicalSeconds } from './lifecycle.ts';
import { manualRequests } from './manualRequests.ts';
import { prerequisites } from './prerequisites.ts';
import { readDetails } from './readDetails.ts';
import { readItem } from './readItem.ts';
import { readPolicy } from './readPolicy.ts';
import { registration } from './registration.ts';
import { rules } from './rules.ts';
import { writes } from './writes.ts';

const capabilities: Capabilities = {
  // Site Recovery cancels no failover of this scenario.
  operations: Object.values(Operation).filter((operation) => operation !== Operation.cancelFailover),
  plannedFailover: true,
  writes,
  writeGroup: null,
  itemIdAfterReprotect: ({ armId }) => armId,
  readDetails,
  readPolicy,
  prerequisites,
  enabling,
  registration,
  reprotect: null,
  refusalOf,
  changesAfterEnabling,
  vmPair(item, isDrill) {
    if (isDrill) return item.testVmId ? { fromVmId: item.sourceVmId, toVmId: item.testVmId } : null;
    const inAzure = item.machines.expected;
    if (inAzure === null) return null;
    return item.activeLocation === 'Recovery'
      ? { fromVmId: item.sourceVmId, toVmId: inAzure }
      : { fromVmId: inAzure, toVmId: item.sourceVmId };
  },
  // A script runs only in a VM in Azure.
  scriptVmIdOf: (item, isDrill) => (isDrill ? item.testVmId : item.recoveryVmId),
  manualRequests,
};

export const hyperVToAzure: ScenarioDriver = {
  name: Scenario.hyperVToAzure,
  title: 'Hyper-V to Azure',
  instanceTypes: [HYPER_V],
  replicationGoals: [{ protect: 'hyperVVm', to: 'azure' }],
  lifecycle,
  effects,
  vmStateOf,
  phases,
  typicalSeconds,
  rules,
  readItem,
  capabilities,
};
