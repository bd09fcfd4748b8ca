// Prints the replication appliances, and the configuration server with its process servers, as
// parts of their fabrics.

import { guidOf, formatTime } from '../../ids.ts';
import type { OnPremisesServer } from '../../configuration-records.ts';
import type { Vault } from '../../vault.ts';
import { AGENT_VERSION } from './versions.ts';
import { accountIdOf, factsOf, lastHeartbeat, SERVER_KINDS, vCenterOf } from './estate.ts';

const GIB = 2 ** 30;
const NEVER_EXPIRES = '9999-12-31T23:59:59.9999999';

export interface ServerView {
  readonly vault: Vault;
  readonly now: number;
}

/** After this silence a server counts as critical. */
const CRITICAL_AFTER_MS = 15 * 60_000;

/** A silent server is critical, and its error says since when. */
export function serverHealth(server: OnPremisesServer, { vault, now }: ServerView) {
  const seen = lastHeartbeat(vault, server, now);
  if (now - seen < CRITICAL_AFTER_MS) return { health: 'Normal', healthErrors: [] };
  return {
    health: 'Critical',
    healthErrors: [
      {
        innerHealthErrors: [],
        errorSource: 'ApplianceHealthError',
        errorType: '78054',
        errorLevel: 'Error',
        errorCategory: 'AgentConnectivity',
        errorCode: '78054',
        summaryMessage: '',
        errorMessage: `No heartbeat was received from '${server.name}' for over 15 minutes.`,
        possibleCauses: 'The server is off, or it cannot reach Azure.',
        recommendedAction: 'Start the server and check its connection to Azure.',
        creationTimeUtc: formatTime(seen + CRITICAL_AFTER_MS),
        recoveryProviderErrorMessage: null,
        entityId: server.id,
        errorId: `4:78054`,
        customerResolvability: 'NotAllowed',
      },
    ],
  };
}

export const identityOf = (vault: Vault, purpose: string) => ({
  tenantId: guidOf('tenant', vault.key),
  applicationId: guidOf('application', vault.key, purpose),
  objectId: guidOf('object', vault.key, purpose),
  audience: `api://${guidOf('tenant', vault.key)}/${vault.name}${purpose}aadapp`,
  aadAuthority: `https://login.microsoftonline.com/${guidOf('tenant', vault.key)}`,
});

const MODERN_VERSIONS = {
  rcmProxies: '1.38.8708.11966',
  pushInstallers: '1.39.8785.21742',
  replicationAgents: '1.38.8707.13595',
  reprotectAgents: '1.40.8771.15612',
  marsAgents: '2.0.9261.0',
  dras: '5.23.720.4',
} as const;

function identifier(server: OnPremisesServer) {
  const biosId = guidOf(server.id, 'bios').toUpperCase();
  return { id: server.id, name: server.name, biosId };
}

/** A part of an appliance. The data-plane parts name the machine that the appliance itself is. */
function component(server: OnPremisesServer, version: string, view: ServerView) {
  const { discoverySiteId } = factsOf(server);
  return {
    ...identifier(server),
    fabricObjectId: `${discoverySiteId ?? ''}/machines/${server.id}`,
    fqdn: server.name,
    version,
    lastHeartbeatUtc: formatTime(lastHeartbeat(view.vault, server, view.now)),
    ...serverHealth(server, view),
  };
}

const memory = { total: 36 * GIB, used: 3 * GIB };
const space = { total: 620 * GIB, used: 6 * GIB };

function modernProcessServer(server: OnPremisesServer, view: ServerView) {
  const { health } = serverHealth(server, view);
  return {
    ...component(server, AGENT_VERSION, view),
    ipAddresses: [factsOf(server).address],
    totalMemoryInBytes: memory.total,
    availableMemoryInBytes: memory.total - memory.used,
    usedMemoryInBytes: memory.used,
    memoryUsagePercentage: (100 * memory.used) / memory.total,
    totalSpaceInBytes: space.total,
    availableSpaceInBytes: space.total - space.used,
    usedSpaceInBytes: space.used,
    freeSpacePercentage: 100 - (100 * space.used) / space.total,
    throughputUploadPendingDataInBytes: 0,
    throughputInBytes: 0,
    processorUsagePercentage: 1,
    throughputStatus: 'Healthy',
    systemLoad: 0,
    systemLoadStatus: 'Healthy',
    diskUsageStatus: 'Healthy',
    memoryUsageStatus: 'Healthy',
    processorUsageStatus: 'Healthy',
    historicHealth: health,
  };
}

function reprotectAgent(server: OnPremisesServer, view: ServerView) {
  const { datastores, discoverySiteId } = factsOf(server);
  const vCenter = vCenterOf(view.vault, server.site);
  return {
    ...component(server, MODERN_VERSIONS.reprotectAgents, view),
    accessibleDatastores: datastores,
    vcenterId: `${discoverySiteId ?? ''}/vcenters/${vCenter?.name ?? ''}`,
    lastDiscoveryInUtc: formatTime(lastHeartbeat(view.vault, server, view.now)),
  };
}

/** Each part of an appliance has a list of its own in the fabric. */
export function applianceParts(appliances: readonly OnPremisesServer[], view: ServerView) {
  const parts = (name: keyof typeof MODERN_VERSIONS) =>
    appliances.map((server) => component(server, MODERN_VERSIONS[name], view));
  return {
    processServers: appliances.map((server) => modernProcessServer(server, view)),
    rcmProxies: parts('rcmProxies').map((part) => ({ ...part, clientAuthenticationType: 'Certificate' })),
    pushInstallers: parts('pushInstallers'),
    replicationAgents: parts('replicationAgents'),
    reprotectAgents: appliances.map((server) => reprotectAgent(server, view)),
    marsAgents: parts('marsAgents'),
    dras: appliances.map((server) => ({
      ...identifier(server),
      version: MODERN_VERSIONS.dras,
      lastHeartbeatUtc: formatTime(lastHeartbeat(view.vault, server, view.now)),
      ...serverHealth(server, view),
    })),
    agentDetails: [],
  };
}

/** The registration of an appliance has a name of its own. */
export const applianceProviderName = ({ name, id, registered }: OnPremisesServer): string =>
  registered?.provider ?? `${name.toLowerCase()}${id.slice(0, 4)}dra`;

/** The registration of an appliance or a configuration server in its fabric. */
export function registrationProperties(server: OnPremisesServer, fabricType: string, view: ServerView) {
  const version = server.kind === SERVER_KINDS.appliance ? MODERN_VERSIONS.dras : '5.1.7100.0';
  const { vault } = view;
  return {
    fabricType,
    friendlyName: server.name,
    providerVersion: version,
    serverVersion: '0.0',
    providerVersionState: 'Latest',
    providerVersionExpiryDate: NEVER_EXPIRES,
    lastHeartBeat: formatTime(lastHeartbeat(vault, server, view.now)),
    connectionStatus: vault.onPremises.isDark(server.name) ? 'NotConnected' : 'Connected',
    allowedScenarios: ['Refresh'],
    healthErrorDetails: serverHealth(server, view).healthErrors,
    draIdentifier: server.id,
    machineId: server.id,
    machineName: server.name,
    biosId: identifier(server).biosId,
    authenticationIdentityDetails: identityOf(vault, 'agentauth'),
    resourceAccessIdentityDetails: identityOf(vault, 'failbackagentauth'),
    dataPlaneAuthenticationIdentityDetails: identityOf(vault, 'dataplane'),
    providerVersionDetails: { version, expiryDate: NEVER_EXPIRES, status: 'Supported' },
  };
}

const agentVersion = {
  agentVersion: AGENT_VERSION,
  versionStatus: 'Supported',
  agentExpiryDate: NEVER_EXPIRES,
  agentVersionDetails: { version: AGENT_VERSION, expiryDate: NEVER_EXPIRES, status: 'Supported' },
} as const;
const CERTIFICATE = {
  sslCertExpiryDate: '2029-01-01T00:00:00Z',
  sslCertExpiryRemainingDays: 1000,
} as const;
const LOAD = { systemLoad: '0', systemLoadStatus: 'Green', cpuLoad: '1%', cpuLoadStatus: 'Green' } as const;
const CAPACITY = {
  totalMemoryInBytes: memory.total,
  availableMemoryInBytes: memory.total - memory.used,
  memoryUsageStatus: 'Green',
  totalSpaceInBytes: space.total,
  availableSpaceInBytes: space.total - space.used,
  spaceUsageStatus: 'Green',
} as const;

export interface ClassicServer {
  readonly server: OnPremisesServer;
  /** The machines and the disks that replicate through the server. */
  readonly machines: number;
  readonly disks: number;
}

export function classicProcessServer({ server, machines, disks }: ClassicServer, view: ServerView) {
  const { health, healthErrors } = serverHealth(server, view);
  const seen = formatTime(lastHeartbeat(view.vault, server, view.now));
  return {
    friendlyName: server.name,
    id: server.id,
    ipAddress: factsOf(server).address,
    osType: 'Windows',
    lastHeartbeat: seen,
    mobilityServiceUpdates: ['Windows', 'Linux'].map((osType) => ({
      version: AGENT_VERSION,
      rebootStatus: 'NotRequired',
      osType,
    })),
    hostId: server.id,
    machineCount: String(machines),
    replicationPairCount: String(disks),
    ...LOAD,
    ...CAPACITY,
    psServiceStatus: health === 'Normal' ? 'Running' : 'Stopped',
    ...CERTIFICATE,
    osVersion: null,
    healthErrors,
    ...agentVersion,
    health,
    historicHealth: health,
    psStatsRefreshTime: seen,
    throughputUploadPendingDataInBytes: 0,
    throughputInMBps: 0,
    throughputInBytes: 0,
    throughputStatus: 'Green',
    marsCommunicationStatus: '1',
    marsRegistrationStatus: '1',
  };
}

export function masterTarget({ server, disks }: ClassicServer, view: ServerView) {
  const { healthErrors } = serverHealth(server, view);
  return {
    id: server.id,
    ipAddress: factsOf(server).address,
    name: server.name,
    osType: 'Windows',
    lastHeartbeat: formatTime(lastHeartbeat(view.vault, server, view.now)),
    retentionVolumes: [
      {
        volumeName: 'R',
        capacityInBytes: 100 * GIB,
        freeSpaceInBytes: 90 * GIB,
        thresholdPercentage: null,
      },
    ],
    dataStores: factsOf(server).datastores.map((symbolicName) => ({
      symbolicName,
      uuid: guidOf(server.site, 'datastore', symbolicName),
      capacity: '2047.75',
      freeSpace: '1489.49',
      type: 'VMFS',
    })),
    validationErrors: [],
    healthErrors,
    diskCount: disks,
    osVersion: 'Microsoft Windows Server 2019 Datacenter',
    ...agentVersion,
    marsAgentVersion: MODERN_VERSIONS.marsAgents,
    marsAgentExpiryDate: NEVER_EXPIRES,
    marsAgentVersionDetails: {
      version: MODERN_VERSIONS.marsAgents,
      expiryDate: NEVER_EXPIRES,
      status: 'Supported',
    },
  };
}

/** The details of the fabric of a configuration server. */
export function configurationServerDetails(
  own: OnPremisesServer,
  servers: readonly ClassicServer[],
  view: ServerView,
) {
  const machines = servers.reduce((sum, server) => sum + server.machines, 0);
  const disks = servers.reduce((sum, server) => sum + server.disks, 0);
  const { accounts, address } = factsOf(own);
  return {
    processServers: servers.map((server) => classicProcessServer(server, view)),
    masterTargetServers: servers
      .filter(({ server }) => factsOf(server).datastores.length > 0)
      .map((server) => masterTarget(server, view)),
    runAsAccounts: accounts.map((accountName, index) => ({
      accountId: accountIdOf(own, accountName, index),
      accountName,
    })),
    replicationPairCount: String(disks),
    processServerCount: String(servers.length),
    agentCount: String(machines + servers.length),
    protectedServers: String(machines),
    ...LOAD,
    ...CAPACITY,
    webLoad: '0',
    webLoadStatus: 'Green',
    databaseServerLoad: '0.25',
    databaseServerLoadStatus: 'Green',
    csServiceStatus: serverHealth(own, view).health === 'Normal' ? 'Running' : 'Stopped',
    ipAddress: address,
    hostName: own.name,
    lastHeartbeat: formatTime(lastHeartbeat(view.vault, own, view.now)),
    ...CERTIFICATE,
    psTemplateVersion: '202308.01.00',
    ...agentVersion,
  };
}
