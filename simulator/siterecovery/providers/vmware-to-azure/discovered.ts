// The machines that an appliance or a configuration server found in a vCenter.

import type { ContainerPath, OnPremisesMachine } from '../../configuration-records.ts';
import type { ProtectableItem } from '../../fabric-kind.ts';
import { guidOf } from '../../ids.ts';
import { isSameName, type Vault } from '../../vault.ts';
import { isVmware, type VmwareItem } from './details.ts';
import { AGENT_VERSION } from './versions.ts';
import { factsOf, SERVER_KINDS, vCenterOf } from './estate.ts';

/** VMware numbers disks as VMware itself writes the ids. */
export const diskUuid = (id: string): string => `6000C29${id.slice(7)}`;

const diskBody = ({ id, name, sizeInGb }: OnPremisesMachine['disks'][number], index: number) => ({
  diskId: id,
  diskName: name,
  diskSizeInMB: String(sizeInGb * 1024),
  diskType: 'Basic',
  diskConfiguration: 'Basic',
  volumeList: [{ label: index === 0 ? 'C:\\' : '', name: index === 0 ? 'C:\\' : '' }],
});

function protectableItem(
  machine: OnPremisesMachine,
  vault: Vault,
  item: VmwareItem | undefined,
): ProtectableItem {
  const vCenter = vCenterOf(vault, machine.site);
  return {
    name: machine.id,
    properties: {
      friendlyName: machine.name,
      protectionStatus: item ? 'Protected' : 'Unprotected',
      replicationProtectedItemId: item ? vault.itemId(item) : null,
      recoveryServicesProviderId: null,
      protectionReadinessErrors: [],
      supportedReplicationProviders: ['InMageAzureV2', 'InMage'],
      customDetails: {
        instanceType: 'VMwareVirtualMachine',
        agentGeneratedId: guidOf(machine.id, 'agent'),
        agentInstalled: String(item !== undefined),
        osType: machine.osType.toUpperCase(),
        agentVersion: item ? AGENT_VERSION : '',
        ipAddress: machine.nics[0]?.address ?? '',
        poweredOn: vault.onPremises.powerOf(machine) === 'running' ? 'On' : 'Off',
        vCenterInfrastructureId: vCenter?.id ?? '',
        discoveryType: 'vCenter',
        diskDetails: machine.disks.map(diskBody),
        validationErrors: [],
      },
    },
  };
}

/** The machines of the vCenters that were added to the configuration server. */
export function protectableItems(place: ContainerPath, vault: Vault): ProtectableItem[] {
  const items = vault.items(place).filter(isVmware);
  return sitesOf(vault, place.fabric)
    .flatMap((site) => vault.onPremises.machines(site))
    .map((machine) =>
      protectableItem(
        machine,
        vault,
        items.find(({ details }) => details.machines.home === machine.id),
      ),
    );
}

/** The sites of the vCenters of a fabric. A vCenter that is not on the network finds nothing. */
function sitesOf(vault: Vault, fabric: string): string[] {
  const servers = vault.onPremises.servers().filter(({ kind }) => kind === SERVER_KINDS.vCenter);
  const added = vault.vCenters(fabric).flatMap(({ address }) => {
    const server = servers.find(
      (candidate) => isSameName(candidate.name, address) || factsOf(candidate).address === address,
    );
    return server ? [server.site] : [];
  });
  return [...new Set(added)];
}
