// Items of Hyper-V to Azure through their life, over and back.
import type { Direction } from '../../../../shared/core/operations.ts';
import type { VmState } from '../../../../shared/scenarios/lifecycle.ts';
import { VAULT, makeWireItem, type RecordedItem } from './recordedItem.ts';

const SITE = `${VAULT}/replicationFabrics/site-1/replicationProtectionContainers/hosts`;
const VM = '7a5c1f0e-0000-0000-0000-0000000000bb';
const GROUP = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/plant-dr';

interface ItemOptions {
  readonly protectionState: string;
  readonly allowed: readonly string[];
  readonly location?: 'Primary' | 'Recovery';
  readonly running?: string;
  readonly isKnown?: boolean;
}

const recordedItem = (
  title: string,
  state: VmState,
  direction: Direction,
  { protectionState, allowed, location = 'Primary', running, isKnown = true }: ItemOptions,
): RecordedItem => ({
  title,
  state,
  direction,
  isKnown,
  wire: makeWireItem(SITE, VM, {
    friendlyName: 'press',
    protectedItemType: 'HyperVVirtualMachine',
    protectableItemId: `${SITE}/replicationProtectableItems/${VM}`,
    protectionState,
    activeLocation: location,
    testFailoverState: 'None',
    allowedOperations: allowed,
    replicationHealth: 'Normal',
    policyId: `${VAULT}/replicationPolicies/hourly`,
    currentScenario: {
      scenarioName: running ?? 'None',
      jobId: running === undefined ? 'None' : `${VAULT}/replicationJobs/job-1`,
      startTime: '1753-01-01T00:00:00Z',
    },
    failoverRecoveryPointId: null,
    recoveryContainerId: 'Microsoft Azure',
    providerSpecificDetails: {
      instanceType: 'HyperVReplicaAzure',
      vmId: VM,
      vmProtectionState: state,
      initialReplicationDetails: {
        initialReplicationType: 'OverNetwork',
        initialReplicationProgressPercentage: isKnown ? '100' : '40',
      },
      azureVmDiskDetails: [
        { vhdType: 'OperatingSystem', vhdId: 'disk-1', vhdName: 'press-os', targetDiskName: 'press-os' },
      ],
      vmNics: [{ nicId: 'TmljOjE=', ipConfigs: [{ isPrimary: true, recoverySubnetName: 'floor' }] }],
      useManagedDisks: 'true',
      recoveryAzureVmName: 'press',
      recoveryAzureVMSize: 'Standard_D2s_v5',
      recoveryAzureResourceGroupId: GROUP,
      targetProximityPlacementGroupId: '',
      rpoInSeconds: 240,
      lastRpoCalculatedTime: '2026-03-01T08:00:00Z',
    },
  }),
});

export const hyperVToAzureItems: readonly RecordedItem[] = [
  recordedItem('copying', 'synchronising', 'original', {
    protectionState: 'InitialReplicationInProgress',
    allowed: ['DisableProtection'],
    isKnown: false,
  }),
  recordedItem('copied, before its first recovery point', 'synchronising', 'original', {
    protectionState: 'InitialReplicationRecoveryCompletionPending',
    allowed: ['DisableProtection'],
    isKnown: false,
  }),
  recordedItem('protected while the service finishes', 'busy', 'original', {
    protectionState: 'Protected',
    allowed: [],
    running: 'EnableProtection',
  }),
  recordedItem('protected', 'protected', 'original', {
    protectionState: 'Protected',
    allowed: ['PlannedFailover', 'UnplannedFailover', 'DisableProtection', 'TestFailover'],
  }),
  recordedItem('with a test', 'testing', 'original', {
    protectionState: 'Protected',
    allowed: ['TestFailoverCleanup'],
    running: 'TestFailover',
  }),
  recordedItem('failed over without a plan', 'failedOver', 'reversed', {
    protectionState: 'UnplannedFailoverCommitPendingStatesBegin',
    allowed: ['CompleteMigration', 'Commit', 'DisableProtection', 'ChangePit'],
    location: 'Recovery',
  }),
  recordedItem('failed over as planned', 'failedOver', 'reversed', {
    protectionState: 'PlannedFailoverCommitRequired',
    allowed: ['CompleteMigration', 'Commit', 'DisableProtection', 'ChangePit'],
    location: 'Recovery',
  }),
  recordedItem('committed', 'committed', 'reversed', {
    protectionState: 'PlannedFailoverStatesBegin',
    allowed: ['CompleteMigration', 'DisableProtection', 'Failback'],
    location: 'Recovery',
  }),
  recordedItem('failing back', 'busy', 'reversed', {
    protectionState: 'PlannedFailoverStatesBegin',
    allowed: [],
    location: 'Recovery',
    running: 'PlannedFailover',
  }),
  recordedItem('back, to be committed', 'failedOver', 'original', {
    protectionState: 'PlannedFailoverCommitRequired',
    allowed: ['Commit', 'DisableProtection'],
  }),
  recordedItem('back and committed', 'committed', 'original', {
    protectionState: 'RestoreFinalized',
    allowed: ['ReverseReplicate', 'DisableProtection'],
  }),
  recordedItem('enabling failed', 'enablingFailed', 'original', {
    protectionState: 'EnablingFailed',
    allowed: ['DisableProtection'],
    isKnown: false,
  }),
];
