// Items of VMware to Azure through their life, over and back, in the forms of the appliance and of
// the configuration server.
import type { Direction } from '../../../../shared/core/operations.ts';
import type { VmState } from '../../../../shared/scenarios/lifecycle.ts';
import { VAULT, makeWireItem, type RecordedItem } from './recordedItem.ts';

const CONTAINER = `${VAULT}/replicationFabrics/harbour/replicationProtectionContainers/harbourcontainer`;
const VM = 'vcenter_7a5c1f0e-0000-0000-0000-0000000000bb';
const GROUP = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/harbour-dr';
const MACHINE = `${GROUP}/providers/Microsoft.OffAzure/VMwareSites/harbour/machines/${VM}`;
const AZURE_VM = `${GROUP}/providers/Microsoft.Compute/virtualMachines/cargo`;
const RPO_AT = '2026-03-01T08:00:00Z';

interface ItemOptions {
  readonly protectionState: string;
  readonly allowed: readonly string[];
  readonly location?: 'Primary' | 'Recovery';
  readonly running?: string;
  readonly isKnown?: boolean;
  readonly details?: Readonly<Record<string, unknown>>;
}

const TO_AZURE = {
  instanceType: 'InMageRcm',
  fabricDiscoveryMachineId: MACHINE,
  processServerId: 'ps-1',
  processServerName: 'appliance',
  targetVmName: 'cargo',
  targetVmSize: 'Standard_D2s_v5',
  targetResourceGroupId: GROUP,
  targetLocation: 'southeastasia',
  lastRpoInSeconds: 60,
  lastRpoCalculatedTime: RPO_AT,
  protectedDisks: [{ diskId: 'disk-1', diskName: 'cargo-os', isOSDisk: 'true', logStorageAccountId: 'logs' }],
  vmNics: [{ nicId: 'nic-1', isPrimaryNic: 'true', targetSubnetName: 'quay', targetIPAddress: '' }],
};
const HOME = {
  instanceType: 'InMageRcmFailback',
  azureVirtualMachineId: AZURE_VM,
  reprotectAgentId: 'agent-1',
  reprotectAgentName: 'appliance',
  logStorageAccountId: 'logs',
  protectedDisks: [{ diskId: 'disk-1', diskName: 'cargo-os', isOSDisk: 'true' }],
  vmNics: [{ macAddress: '00:50:56:00:00:01' }],
};
const CLASSIC = {
  instanceType: 'InMageAzureV2',
  processServerId: 'ps-1',
  processServerName: 'process',
  recoveryAzureVMName: 'cargo',
  recoveryAzureVMSize: 'Standard_D2s_v5',
  recoveryAzureResourceGroupId: GROUP,
  recoveryAzureLogStorageAccountId: 'logs',
  useManagedDisks: 'True',
  rpoInSeconds: 60,
  lastRpoCalculatedTime: RPO_AT,
  protectedDisks: [{ diskId: 'disk-1', diskName: 'cargo-os' }],
};
const CLASSIC_HOME = {
  instanceType: 'InMage',
  processServerId: 'ps-1',
  rpoInSeconds: 60,
  lastRpoCalculatedTime: RPO_AT,
  protectedDisks: [{ diskId: 'disk-1', diskName: 'cargo-os' }],
};

const recordedItem = (
  title: string,
  state: VmState,
  direction: Direction,
  {
    protectionState,
    allowed,
    location = 'Primary',
    running,
    isKnown = true,
    details = direction === 'original' ? TO_AZURE : HOME,
  }: ItemOptions,
): RecordedItem => ({
  title,
  state,
  direction,
  isKnown,
  hasRpo: details !== HOME,
  wire: makeWireItem(CONTAINER, VM, {
    friendlyName: 'cargo',
    protectedItemType: '',
    protectableItemId:
      details === TO_AZURE || details === HOME ? null : `${CONTAINER}/replicationProtectableItems/${VM}`,
    protectionState,
    activeLocation: location,
    testFailoverState: 'None',
    allowedOperations: allowed,
    replicationHealth: 'Normal',
    policyId: `${VAULT}/replicationPolicies/daily`,
    currentScenario: {
      scenarioName: running ?? 'None',
      jobId: running === undefined ? 'None' : `${VAULT}/replicationJobs/job-1`,
      startTime: '1753-01-01T00:00:00Z',
    },
    failoverRecoveryPointId: null,
    recoveryContainerId: direction === 'original' ? 'Microsoft Azure' : CONTAINER,
    providerSpecificDetails: details,
  }),
});

const AFTER_FAILOVER = ['CompleteMigration', 'Commit', 'DisableProtection', 'ChangePit', 'SwitchProtection'];

export const vmwareToAzureItems: readonly RecordedItem[] = [
  recordedItem('copying', 'synchronising', 'original', {
    protectionState: 'InitialReplicationInProgress',
    allowed: ['DisableProtection'],
    isKnown: false,
  }),
  recordedItem('protected while an update runs', 'busy', 'original', {
    protectionState: 'Protected',
    allowed: [],
    running: 'UpdateVmProperties',
  }),
  recordedItem('protected', 'protected', 'original', {
    protectionState: 'Protected',
    allowed: ['UnplannedFailover', 'DisableProtection', 'TestFailover'],
  }),
  recordedItem('protected by a configuration server', 'protected', 'original', {
    protectionState: 'Protected',
    allowed: ['UnplannedFailover', 'DisableProtection', 'TestFailover'],
    details: CLASSIC,
  }),
  recordedItem('with a test', 'testing', 'original', {
    protectionState: 'Protected',
    allowed: ['TestFailoverCleanup'],
    running: 'TestFailover',
  }),
  recordedItem('failed over', 'failedOver', 'original', {
    protectionState: 'UnplannedFailoverCommitPendingStatesBegin',
    allowed: AFTER_FAILOVER,
    location: 'Recovery',
  }),
  recordedItem('failed over by a configuration server', 'failedOver', 'original', {
    protectionState: 'UnplannedFailoverCommitPendingStatesBegin',
    allowed: AFTER_FAILOVER,
    location: 'Recovery',
    details: CLASSIC,
  }),
  recordedItem('committed', 'committed', 'original', {
    protectionState: 'UnplannedFailoverCommitted',
    allowed: ['CompleteMigration', 'DisableProtection', 'SwitchProtection'],
    location: 'Recovery',
  }),
  recordedItem('copying home', 'synchronising', 'reversed', {
    protectionState: 'InitialReplicationInProgress',
    allowed: ['DisableProtection'],
  }),
  recordedItem('protected on the way home', 'protected', 'reversed', {
    protectionState: 'Protected',
    allowed: ['PlannedFailover', 'DisableProtection'],
  }),
  recordedItem('protected on the way home by a configuration server', 'protected', 'reversed', {
    protectionState: 'Protected',
    allowed: ['UnplannedFailover', 'DisableProtection'],
    details: CLASSIC_HOME,
  }),
  recordedItem('failing back', 'busy', 'reversed', {
    protectionState: 'Protected',
    allowed: [],
    running: 'PlannedFailover',
  }),
  recordedItem('home, to be committed', 'failedOver', 'reversed', {
    protectionState: 'CommitPendingStatesBegin',
    allowed: ['CompleteMigration', 'Commit', 'DisableProtection', 'SwitchProtection', 'CancelFailover'],
    location: 'Recovery',
  }),
  recordedItem('home and committed', 'committed', 'reversed', {
    protectionState: 'PlannedFailoverStatesBegin',
    allowed: ['CompleteMigration', 'DisableProtection', 'SwitchProtection'],
    location: 'Recovery',
  }),
  recordedItem('enabling failed', 'enablingFailed', 'original', {
    protectionState: 'EnablingFailed',
    allowed: ['DisableProtection'],
    isKnown: false,
  }),
];
