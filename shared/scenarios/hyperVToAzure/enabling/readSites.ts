// Reads the Hyper-V sites of a vault: their hosts, and the machines on them.
import type {
  DiskDetails,
  Fabric,
  HyperVSiteDetails,
  HyperVVirtualMachineDetails,
  ProtectableItem,
  RecoveryServicesProvider,
  SiteRecoveryManagementClient,
} from '@azure/arm-recoveryservices-siterecovery';
import type { SiteFacts, SiteHost, SiteMachine } from '../../../azure/facts.ts';
import { nameOf } from '../../../core/armId.ts';
import { Scenario } from '../../../core/scenario.ts';
import { isoTimeOrNull, textOrNull } from '../../../siterecovery/fromSdk.ts';
import type { SiteReader } from '../../enabling/support.ts';

const collect = async <T>(list: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const entry of list) found.push(entry);
  return found;
};

/** Reads the sites among these fabrics. */
export const readSites: SiteReader = (client, at, fabrics) =>
  Promise.all(
    fabrics
      .filter(({ properties }) => properties?.customDetails?.instanceType === 'HyperVSite')
      .map((fabric) => readSite(client, at, fabric)),
  );

async function readSite(
  client: SiteRecoveryManagementClient,
  { vault, resourceGroup }: { readonly vault: string; readonly resourceGroup: string },
  { id = '', name, properties }: Fabric,
): Promise<SiteFacts> {
  const fabric = name ?? nameOf(id);
  const [providers, containers] = await Promise.all([
    collect(
      client.replicationRecoveryServicesProviders.listByReplicationFabrics(vault, resourceGroup, fabric),
    ),
    collect(client.replicationProtectionContainers.listByReplicationFabrics(vault, resourceGroup, fabric)),
  ]);
  const [container] = containers;
  const items = container
    ? await collect(
        client.replicationProtectableItems.listByReplicationProtectionContainers(
          vault,
          resourceGroup,
          fabric,
          container.name ?? nameOf(container.id ?? ''),
        ),
      )
    : [];
  const details = properties?.customDetails as HyperVSiteDetails | undefined;
  return {
    id,
    name: properties?.friendlyName ?? fabric,
    scenario: Scenario.hyperVToAzure,
    containerId: container?.id ?? null,
    hosts: providers.map((provider) => toHost(provider, details)),
    machines: items.map(toMachine),
  };
}

function toHost({ properties }: RecoveryServicesProvider, details: HyperVSiteDetails | undefined): SiteHost {
  const name = properties?.friendlyName ?? properties?.machineName ?? '';
  const host = details?.hyperVHosts?.find(
    (candidate) => candidate.name?.toLowerCase() === name.toLowerCase(),
  );
  return {
    name,
    connected: properties?.connectionStatus?.toLowerCase() === 'connected',
    lastHeartbeat: isoTimeOrNull(properties?.lastHeartBeat),
    providerVersion: textOrNull(properties?.providerVersion),
    agentVersion: textOrNull(host?.marsAgentVersion),
  };
}

function toMachine({ id = '', name, properties }: ProtectableItem): SiteMachine {
  const details = properties?.customDetails as Partial<HyperVVirtualMachineDetails> | undefined;
  return {
    id,
    name: properties?.friendlyName ?? name ?? nameOf(id),
    itemId: textOrNull(properties?.replicationProtectedItemId),
    generation: details?.generation ?? '',
    osType: osTypeOf(details),
    os: osOf(details),
    disks: (details?.diskDetails ?? []).map(toDisk),
    readinessErrors: properties?.protectionReadinessErrors ?? [],
    unsupportedParts: [
      ...(details?.hasPhysicalDisk === 'Present' ? ['a pass-through disk'] : []),
      ...(details?.hasFibreChannelAdapter === 'Present' ? ['a fibre channel adapter'] : []),
      ...(details?.hasSharedVhd === 'Present' ? ['a shared disk'] : []),
    ],
  };
}

const toDisk = ({ vhdId = '', vhdName = '', maxSizeMB = 0 }: DiskDetails): SiteMachine['disks'][number] => ({
  id: vhdId,
  name: vhdName,
  sizeMb: maxSizeMB,
});

/** Site Recovery writes UNKNOWN and 0.0.0.0 for a system that it does not know. */
function osOf(details: Partial<HyperVVirtualMachineDetails> | undefined): SiteMachine['os'] {
  const { osType, osEdition, oSVersion } = details?.osDetails ?? {};
  const known = [osType, osEdition, oSVersion].filter(
    (text) => text && text !== 'UNKNOWN' && text !== '0.0.0.0',
  );
  return known.length > 0 ? known.join(' ') : null;
}

function osTypeOf(details: Partial<HyperVVirtualMachineDetails> | undefined): SiteMachine['osType'] {
  const type = details?.osDetails?.osType ?? '';
  if (/^windows/i.test(type)) return 'Windows';
  return /^linux/i.test(type) ? 'Linux' : null;
}
