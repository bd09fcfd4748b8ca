// Reads the servers of a fabric: appliances, or the configuration server with its process servers
// and master target servers.
import type {
  Fabric,
  InMageRcmFabricSpecificDetails,
  RecoveryServicesProvider,
  VMwareDetails,
} from '@azure/arm-recoveryservices-siterecovery';
import type { RunAsAccount, SiteHost } from '../../azure/facts.ts';
import { isoTimeOrNull, textOrNull } from '../../siterecovery/fromSdk.ts';
import { APPLIANCE } from './instanceType.ts';

/** The fabric of appliances, and the fabric of a configuration server. */
const CLASSIC_FABRIC = 'VMware';

/** True for a fabric of this scenario. */
export const isVmwareFabric = ({ properties }: Fabric): boolean =>
  [APPLIANCE.toAzure, CLASSIC_FABRIC].some((type) => type === properties?.customDetails?.instanceType);
export const isClassicFabric = ({ properties }: Fabric): boolean =>
  properties?.customDetails?.instanceType === CLASSIC_FABRIC;

/** A server that writes the disks on premises. */
export interface WriterServer {
  readonly id: string;
  readonly name: string;
  readonly connected: boolean;
  readonly datastores: readonly string[];
  readonly retentionDrive: string | null;
}

/** The servers that pass the changes on. */
export const hostsOf = (
  fabric: Fabric,
  providers: readonly RecoveryServicesProvider[],
): readonly SiteHost[] =>
  isClassicFabric(fabric) ? classicHosts(fabric, providers) : appliances(fabric, providers);

/** The servers that write the disks on premises after a reprotect. */
export const writersOf = (
  fabric: Fabric,
  providers: readonly RecoveryServicesProvider[],
): readonly WriterServer[] =>
  isClassicFabric(fabric) ? masterTargets(fabric) : reprotectAgents(fabric, providers);

/** The accounts of a configuration server. Appliances keep theirs in their VMware site. */
export const classicAccounts = ({ properties }: Fabric): readonly RunAsAccount[] =>
  ((properties?.customDetails as VMwareDetails).runAsAccounts ?? []).map(
    ({ accountId = '', accountName = '' }) => ({ id: accountId, name: accountName }),
  );

const applianceDetails = ({ properties }: Fabric): InMageRcmFabricSpecificDetails =>
  properties?.customDetails as InMageRcmFabricSpecificDetails;

const providerOf = (
  providers: readonly RecoveryServicesProvider[],
  name: string,
): RecoveryServicesProvider['properties'] =>
  providers.find(({ properties }) => properties?.friendlyName?.toLowerCase() === name.toLowerCase())
    ?.properties;

const CRITICAL = 'Critical';
/** A server without a provider of its own shows its contact in its health. */
const isConnected = (
  providers: readonly RecoveryServicesProvider[],
  name: string,
  health: string | undefined,
): boolean =>
  health !== CRITICAL &&
  (providerOf(providers, name)?.connectionStatus?.toLowerCase() ?? 'connected') === 'connected';

const appliances = (fabric: Fabric, providers: readonly RecoveryServicesProvider[]): readonly SiteHost[] =>
  (applianceDetails(fabric).processServers ?? []).map(
    ({ id = '', name = '', health, lastHeartbeatUtc, version }) => ({
      id,
      name,
      kind: 'appliance',
      connected: isConnected(providers, name, health),
      health: health ?? '',
      lastHeartbeat: isoTimeOrNull(lastHeartbeatUtc),
      providerVersion: textOrNull(providerOf(providers, name)?.providerVersion),
      agentVersion: textOrNull(version),
      datastores:
        applianceDetails(fabric).reprotectAgents?.find((agent) => agent.name === name)
          ?.accessibleDatastores ?? [],
    }),
  );

const reprotectAgents = (
  fabric: Fabric,
  providers: readonly RecoveryServicesProvider[],
): readonly WriterServer[] =>
  (applianceDetails(fabric).reprotectAgents ?? []).map(
    ({ id = '', name = '', health, accessibleDatastores = [] }) => ({
      id,
      name,
      connected: isConnected(providers, name, health),
      datastores: accessibleDatastores,
      retentionDrive: null,
    }),
  );

function classicHosts(fabric: Fabric, providers: readonly RecoveryServicesProvider[]): readonly SiteHost[] {
  const details = fabric.properties?.customDetails as VMwareDetails;
  return (details.processServers ?? []).map(
    ({ id = '', friendlyName = '', health, lastHeartbeat, agentVersion }) => ({
      id,
      name: friendlyName,
      kind: friendlyName === details.hostName ? 'configurationServer' : 'processServer',
      connected: isConnected(providers, friendlyName, health),
      health: health ?? '',
      lastHeartbeat: isoTimeOrNull(lastHeartbeat),
      providerVersion: textOrNull(providerOf(providers, friendlyName)?.providerVersion),
      agentVersion: textOrNull(agentVersion),
      datastores: [],
    }),
  );
}

/** A master target server has no health of its own, but a list of its errors. */
const masterTargets = ({ properties }: Fabric): readonly WriterServer[] =>
  ((properties?.customDetails as VMwareDetails).masterTargetServers ?? []).map(
    ({ id = '', name = '', dataStores = [], healthErrors = [], retentionVolumes = [] }) => ({
      id,
      name,
      connected: healthErrors.length === 0,
      datastores: dataStores.map(({ symbolicName = '' }) => symbolicName),
      retentionDrive: retentionVolumes[0]?.volumeName ?? null,
    }),
  );
