// The jobs of what is no replicated item: fabrics, containers, policies, mappings, the vault
// itself, other jobs. Times are those of Azure regions.

import type { Range } from './ids.ts';
import { operationRow, task, type OperationRow, type TaskRow } from './table.ts';

export interface GroundRow extends OperationRow {
  readonly targetInstanceType: string;
}

const row = (
  scenarioName: string,
  friendlyName: string,
  seconds: Range,
  targetInstanceType: string,
  tasks: readonly TaskRow[],
  does: string,
  jobDetails = 'AsrJobDetails',
): GroundRow => ({
  on: 'service',
  scenarioName,
  friendlyName,
  seconds,
  targetInstanceType,
  tasks,
  failsIn: tasks.at(-1)?.name ?? '',
  jobDetails,
  outcomeAtFirst: {},
  change: { does },
});

const checked = (stem: string, what: string): TaskRow[] => [
  task(`${stem}PreflightsCheckTask`, `Prerequisites check for ${what}`, 1),
  task(`${stem}Task`, what, 3),
];
const pairing = [
  task('CloudPairingPrerequisitesCheck', 'Prerequisites check for associating the replication policy', 10),
  task('PrepareSite', 'Preparing the servers', 30),
  task('PrepareCloud', 'Preparing the containers', 30),
  task('PairClouds', 'Associating the replication policy', 30),
];
const unpairing = [
  task('CloudUnpairingPrerequisitesCheck', 'Prerequisites check for dissociating the replication policy', 1),
  task('UnpairClouds', 'Dissociating the replication policy', 4),
];

export const groundTable = {
  operations: {
    createFabric: row(
      'CreateSite',
      'Create a site',
      [65, 84],
      'Server',
      [task('RegisterVmmTask', 'Registering', 1)],
      'put',
    ),
    removeFabric: row(
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
    purgeFabric: row(
      'PurgeVMM',
      'Remove server',
      [10, 40],
      'Server',
      [task('PurgeVmmTask', 'Removing the server', 1)],
      'purge',
    ),
    createContainer: row(
      'CreateCloud',
      'Create protection container',
      [2, 10],
      'ProtectionContainer',
      [task('CreateCloudTask', 'Creating the protection container', 1)],
      'put',
    ),
    removeContainer: row(
      'DeleteCloud',
      'Remove protection container',
      [2, 10],
      'ProtectionContainer',
      [task('DeleteCloudTask', 'Removing the protection container', 1)],
      'remove',
    ),
    createPolicy: row(
      'AddProtectionProfile',
      'Create the replication policy',
      [1, 2],
      'ProtectionProfile',
      checked('AddProtectionProfile', 'Creating the replication policy'),
      'put',
    ),
    updatePolicy: row(
      'ModifyProtectionProfile',
      'Modify the replication policy',
      [2, 8],
      'ProtectionProfile',
      checked('ModifyProtectionProfile', 'Modifying the replication policy'),
      'put',
    ),
    deletePolicy: row(
      'RemoveProtectionProfile',
      'Remove the replication policy',
      [1, 2],
      'ProtectionProfile',
      checked('RemoveProtectionProfile', 'Removing the replication policy'),
      'remove',
    ),
    createMapping: row(
      'AssociateProtectionProfile',
      'Associate replication policy',
      [64, 166],
      'ProtectionContainer',
      pairing,
      'put',
    ),
    removeMapping: row(
      'DissociateProtectionProfile',
      'Dissociate replication policy',
      [20, 60],
      'ProtectionContainer',
      unpairing,
      'remove',
    ),
    purgeMapping: row(
      'PurgeProtectionProfileAssociation',
      'Dissociate replication policy',
      [5, 20],
      'ProtectionContainer',
      [task('PurgeCloudPair', 'Removing the association', 1)],
      'removeAnyway',
    ),
    mapNetworks: row(
      'NetworkPairing',
      'Map Networks',
      [2, 3],
      'Network',
      [task('ModifyVMNetworksPairingStatusTask', 'Mapping the networks', 1)],
      'put',
    ),
    unmapNetworks: row(
      'NetworkUnPairing',
      'Remove map',
      [2, 3],
      'Network',
      [task('ModifyVMNetworksPairingStatusTask', 'Removing the mapping', 1)],
      'remove',
    ),
    refreshHealth: row(
      'RefreshVaultHealth',
      'Refresh vault health',
      [1, 1],
      'Vault',
      [task('RefreshFailoverHealthTask', 'Refreshing the health', 1)],
      'nothing',
    ),
    exportJobs: row(
      'ExportJobs',
      'Export jobs',
      [5, 12],
      'Vault',
      [task('ExportJobsTask', 'Exporting the jobs', 1)],
      'exportJobs',
      'ExportJobDetails',
    ),
    cancelJob: row(
      'CancelJob',
      'Cancel job',
      [3, 8],
      'ProtectionEntity',
      [task('CancelJobTask', 'Cancelling the job', 1)],
      'cancelJob',
    ),
    restartJob: row(
      'RestartJob',
      'Restart job',
      [3, 8],
      'ProtectionEntity',
      [task('RemediateTask', 'Restarting the job', 1)],
      'restartJob',
    ),
    resumeJob: row(
      'ResumeJob',
      'Resume job',
      [2, 5],
      'ProtectionEntity',
      [task('ResumeJobTask', 'Resuming the job', 1)],
      'resumeJob',
    ),
  } satisfies Record<string, GroundRow>,
};

export type GroundOperation = keyof typeof groundTable.operations;

export const groundRow = (operation: string): GroundRow => operationRow(groundTable, operation) as GroundRow;
