// The table of all jobs outside of replicated items. The targets are fabrics, containers, policies,
// mappings, the vault itself and other jobs. The times come from Azure regions.

import type { SecondsRange } from './ids.ts';
import { operationRow, task, type OperationRow, type TaskRow } from './provider-table.ts';

export interface ConfigurationRow extends OperationRow {
  readonly targetInstanceType: string;
}

const configurationOperation = (
  scenarioName: string,
  friendlyName: string,
  seconds: SecondsRange,
  targetInstanceType: string,
  tasks: readonly TaskRow[],
  effect: string,
  jobDetails = 'AsrJobDetails',
): ConfigurationRow => ({
  on: 'service',
  scenarioName,
  friendlyName,
  seconds,
  targetInstanceType,
  tasks,
  failsIn: tasks.at(-1)?.name ?? '',
  jobDetails,
  outcomeAtFirst: {},
  change: { effect },
});

const checkedTasks = (stem: string, what: string): TaskRow[] => [
  task(`${stem}PreflightsCheckTask`, `Prerequisites check for ${what}`, 1),
  task(`${stem}Task`, what, 3),
];
const PAIRING_TASKS = [
  task('CloudPairingPrerequisitesCheck', 'Prerequisites check for associating the replication policy', 10),
  task('PrepareSite', 'Preparing the servers', 30),
  task('PrepareCloud', 'Preparing the containers', 30),
  task('PairClouds', 'Associating the replication policy', 30),
];
const UNPAIRING_TASKS = [
  task('CloudUnpairingPrerequisitesCheck', 'Prerequisites check for dissociating the replication policy', 1),
  task('UnpairClouds', 'Dissociating the replication policy', 4),
];

export const configurationTable = {
  operations: {
    createFabric: configurationOperation(
      'CreateSite',
      'Create a site',
      [65, 84],
      'Server',
      [task('RegisterVmmTask', 'Registering', 1)],
      'put',
    ),
    removeFabric: configurationOperation(
      'UnregisterFabric',
      'Delete server',
      [20, 60],
      'Server',
      [
        task('UnregisterFabricPreflightCheckTask', 'Prerequisites check for deleting the server', 1),
        task('UnregisterFabricTask', 'Deleting the server', 4),
        task('CleanupFabricTask', 'Cleaning up', 2),
      ],
      'remove',
    ),
    purgeFabric: configurationOperation(
      'PurgeVMM',
      'Remove server',
      [10, 40],
      'Server',
      [task('PurgeVmmTask', 'Removing the server', 1)],
      'purge',
    ),
    createContainer: configurationOperation(
      'CreateCloud',
      'Create protection container',
      [2, 10],
      'ProtectionContainer',
      [task('CreateCloudTask', 'Creating the protection container', 1)],
      'put',
    ),
    removeContainer: configurationOperation(
      'DeleteCloud',
      'Remove protection container',
      [2, 10],
      'ProtectionContainer',
      [task('DeleteCloudTask', 'Removing the protection container', 1)],
      'remove',
    ),
    createPolicy: configurationOperation(
      'AddProtectionProfile',
      'Create the replication policy',
      [1, 2],
      'ProtectionProfile',
      checkedTasks('AddProtectionProfile', 'Creating the replication policy'),
      'put',
    ),
    updatePolicy: configurationOperation(
      'ModifyProtectionProfile',
      'Modify the replication policy',
      [2, 8],
      'ProtectionProfile',
      checkedTasks('ModifyProtectionProfile', 'Modifying the replication policy'),
      'put',
    ),
    deletePolicy: configurationOperation(
      'RemoveProtectionProfile',
      'Remove the replication policy',
      [1, 2],
      'ProtectionProfile',
      checkedTasks('RemoveProtectionProfile', 'Removing the replication policy'),
      'remove',
    ),
    createMapping: configurationOperation(
      'AssociateProtectionProfile',
      'Associate replication policy',
      [64, 166],
      'ProtectionContainer',
      PAIRING_TASKS,
      'put',
    ),
    removeMapping: configurationOperation(
      'DissociateProtectionProfile',
      'Dissociate replication policy',
      [20, 60],
      'ProtectionContainer',
      UNPAIRING_TASKS,
      'remove',
    ),
    purgeMapping: configurationOperation(
      'PurgeProtectionProfileAssociation',
      'Dissociate replication policy',
      [5, 20],
      'ProtectionContainer',
      [task('PurgeCloudPair', 'Removing the association', 1)],
      'removeAnyway',
    ),
    mapNetworks: configurationOperation(
      'NetworkPairing',
      'Map Networks',
      [2, 3],
      'Network',
      [task('ModifyVMNetworksPairingStatusTask', 'Mapping the networks', 1)],
      'put',
    ),
    unmapNetworks: configurationOperation(
      'NetworkUnPairing',
      'Remove map',
      [2, 3],
      'Network',
      [task('ModifyVMNetworksPairingStatusTask', 'Removing the mapping', 1)],
      'remove',
    ),
    mapStorage: configurationOperation(
      'StorageClassificationPairing',
      'Map storage classifications',
      [2, 3],
      'Server',
      [task('PairStorageClassificationTask', 'Mapping the storage classifications', 1)],
      'put',
    ),
    unmapStorage: configurationOperation(
      'StorageClassificationUnPairing',
      'Remove map of storage classifications',
      [2, 3],
      'Server',
      [task('UnpairStorageClassificationTask', 'Removing the mapping', 1)],
      'remove',
    ),
    addVCenter: configurationOperation(
      'AddVCenterServer',
      'Add vCenter server',
      [20, 60],
      'Server',
      [task('AddVCenterServerTask', 'Adding the vCenter server', 1)],
      'put',
    ),
    updateVCenter: configurationOperation(
      'UpdateVCenterServer',
      'Update vCenter server',
      [5, 20],
      'Server',
      [task('UpdateVCenterServerTask', 'Updating the vCenter server', 1)],
      'put',
    ),
    removeVCenter: configurationOperation(
      'RemoveVCenterServer',
      'Remove vCenter server',
      [5, 20],
      'Server',
      [task('RemoveVCenterServerTask', 'Removing the vCenter server', 1)],
      'remove',
    ),
    registerServer: configurationOperation(
      'RegisterServicesProvider',
      'Register server',
      [30, 90],
      'Server',
      [task('RegisterServicesProviderTask', 'Registering the server', 1)],
      'put',
    ),
    refreshServer: configurationOperation(
      'RefreshServicesProvider',
      'Refresh server',
      [10, 40],
      'Server',
      [task('RefreshServicesProviderTask', 'Refreshing the server', 1)],
      'nothing',
    ),
    unregisterServer: configurationOperation(
      'UnregisterServicesProvider',
      'Remove server registration',
      [10, 40],
      'Server',
      [task('UnregisterServicesProviderTask', 'Removing the registration', 1)],
      'put',
    ),
    refreshHealth: configurationOperation(
      'RefreshVaultHealth',
      'Refresh vault health',
      [1, 1],
      'Vault',
      [task('RefreshFailoverHealthTask', 'Refreshing the health', 1)],
      'nothing',
    ),
    exportJobs: configurationOperation(
      'ExportJobs',
      'Export jobs',
      [5, 12],
      'Vault',
      [task('ExportJobsTask', 'Exporting the jobs', 1)],
      'exportJobs',
      'ExportJobDetails',
    ),
    cancelJob: configurationOperation(
      'CancelJob',
      'Cancel job',
      [3, 8],
      'ProtectionEntity',
      [task('CancelJobTask', 'Cancelling the job', 1)],
      'cancelJob',
    ),
    restartJob: configurationOperation(
      'RestartJob',
      'Restart job',
      [3, 8],
      'ProtectionEntity',
      [task('RemediateTask', 'Restarting the job', 1)],
      'restartJob',
    ),
    resumeJob: configurationOperation(
      'ResumeJob',
      'Resume job',
      [2, 5],
      'ProtectionEntity',
      [task('ResumeJobTask', 'Resuming the job', 1)],
      'resumeJob',
    ),
  } satisfies Record<string, ConfigurationRow>,
};

export type ConfigurationOperation = keyof typeof configurationTable.operations;

export const configurationRow = (operation: string): ConfigurationRow =>
  operationRow(configurationTable, operation) as ConfigurationRow;
