// The driver of the scenario Azure to Azure: VMs replicate from one region or zone to another.
import { Scenario } from '../../core/scenario.ts';
import { Operation } from '../../core/operations.ts';
import type { Capabilities, ScenarioDriver } from '../driver.ts';
import { commonStateOf } from '../lifecycle.ts';
import { reversingRules } from '../reversingRules.ts';
import { writeGroup } from './groupWrites.ts';
import { A2A } from './instanceType.ts';
import { enabling } from './enabling/enabling.ts';
import { effects, lifecycle, phases, typicalSeconds } from './lifecycle.ts';
import { manualRequests } from './manualRequests.ts';
import { prerequisites } from './prerequisites.ts';
import { readDetails } from './readDetails.ts';
import { readItem } from './readItem.ts';
import { readPolicy } from './readPolicy.ts';
import { reprotect } from './reprotect.ts';
import { itemIdAfterReprotect } from './itemIdAfterReprotect.ts';
import { changesAfterEnabling } from './changesAfterEnabling.ts';
import { writes } from './writes.ts';

const capabilities: Capabilities = {
  operations: Object.values(Operation),
  plannedFailover: false,
  writes,
  writeGroup,
  itemIdAfterReprotect,
  readDetails,
  readPolicy,
  prerequisites,
  enabling,
  registration: null,
  reprotect,
  refusalOf: () => undefined,
  changesAfterEnabling,
  vmPair: (item, isDrill) => {
    const toVmId = isDrill ? item.testVmId : item.recoveryVmId;
    return toVmId ? { fromVmId: item.sourceVmId, toVmId } : null;
  },
  // A drill may only reach its test VM: the production VM must not notice the drill.
  scriptVmIdOf: (item, isDrill) => {
    if (isDrill) return item.testVmId;
    return item.activeLocation === 'Recovery' ? item.recoveryVmId : item.sourceVmId;
  },
  manualRequests,
};

export const azureToAzure: ScenarioDriver = {
  name: Scenario.azureToAzure,
  title: 'Azure to Azure',
  instanceTypes: [A2A],
  replicationGoals: [{ protect: 'azureVm', to: 'azure' }],
  lifecycle,
  effects,
  vmStateOf: commonStateOf,
  phases,
  typicalSeconds,
  rules: reversingRules,
  readItem,
  capabilities,
};
