// Creates and removes the machines of a replication in the other cloud.

import type { OnPremisesMachine } from '../../configuration-records.ts';
import { guidOf } from '../../ids.ts';
import type { Vault } from '../../vault.ts';
import { sidesOf, type CloudItem } from './details.ts';
import { withNics } from './networks.ts';
import type { Placement } from './placement.ts';
import { machineFacts, type MachineFacts } from './world.ts';

export function setFacts(vault: Vault, machine: OnPremisesMachine, facts: MachineFacts): void {
  vault.onPremises.putMachine({ ...machine, facts: { ...machine.facts, ...facts } });
}

/** The replica that Hyper-V Replica has made without Site Recovery. */
export const hyperVReplicaId = (machineId: string): string => guidOf(machineId, 'replica');

/** Creates the replica, or adopts the replica of Hyper-V Replica. Returns its id. */
export function createReplica(
  item: CloudItem,
  source: OnPremisesMachine,
  placement: Placement,
  vault: Vault,
  now: number,
): string {
  const { onPremises } = vault;
  const adopted =
    machineFacts(source).replicaOn === undefined ? undefined : onPremises.machine(hyperVReplicaId(source.id));
  const facts = {
    cloud: placement.cloud,
    classification: placement.classification,
    role: 'replica',
  } as const;
  if (adopted) {
    onPremises.putMachine(withNics(adopted, placement.nics));
    setFacts(vault, onPremises.machine(adopted.id) ?? adopted, facts);
    setFacts(vault, source, { replicaOn: undefined });
    return adopted.id;
  }
  const id = guidOf(item.key, 'replica');
  onPremises.putMachine({
    ...withNics(source, placement.nics),
    id,
    site: placement.site,
    server: placement.host,
    disks: source.disks.map((disk) => ({
      ...disk,
      id: guidOf(id, 'disk', disk.name),
      datastore: placement.place,
    })),
    power: 'off',
    powerSince: now,
    facts: { ...facts, isMade: true },
  });
  return id;
}

/** Creates the machine of a test failover beside the replica. Empty network: the test has none. */
export function createTestMachine(
  item: CloudItem,
  network: string,
  vault: Vault,
  now: number,
): OnPremisesMachine {
  const replica = vault.onPremises.machine(sidesOf(item).replica.machineId ?? '') as OnPremisesMachine;
  const machine: OnPremisesMachine = {
    ...replica,
    id: guidOf(item.key, 'test', now),
    name: `${replica.name} - Test`,
    disks: replica.disks.map((disk) => ({ ...disk, datastore: undefined })),
    nics: replica.nics.map((nic) => ({ ...nic, network })),
    power: 'running',
    powerSince: now,
    facts: { ...replica.facts, role: 'test', isMade: false },
  };
  vault.onPremises.putMachine(machine);
  return machine;
}
