import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

import { loadEnvironment, parseEnvironment } from '../../environments/load.ts';
import type { Environment } from '../../environments/schema.ts';

type Place = Environment['onPremises']['vmmServers'][number];

const text = readFileSync(join(import.meta.dirname, '../../environments/newyork-chicago.yaml'), 'utf8');

interface Change {
  readonly environment: Environment;
  readonly newYork: Place;
  readonly chicago: Place;
}

/** Returns the message about New York and Chicago after a change of the file. */
function problemAfter(change: (parts: Change) => void): string {
  const environment = parse(text) as Environment;
  const [newYork, chicago] = environment.onPremises.vmmServers as [Place, Place];
  change({ environment, newYork, chicago });
  try {
    parseEnvironment(environment, 'test');
    return 'none';
  } catch (error) {
    return (error as Error).message;
  }
}

const set = (target: object, values: object): void => void Object.assign(target, values);

describe('New York and Chicago', () => {
  const [newYork, chicago] = loadEnvironment('newyork-chicago').onPremises.vmmServers;
  const networksOf = (server: Place | undefined) =>
    server?.clouds.map(({ name, logicalNetworks }) => [name, logicalNetworks]);

  it('have the clouds and the networks of the network example [H2H-14]', () => {
    expect(newYork?.vmNetworks.map(({ name }) => name)).toEqual(['VMNetwork1-NewYork', 'VMNetwork2-NewYork']);
    expect(chicago?.vmNetworks.map(({ name }) => name)).toEqual(['VMNetwork1-Chicago', 'VMNetwork2-Chicago']);
    expect(networksOf(newYork)).toEqual([
      ['GoldCloud1', ['LogicalNetwork1-NewYork']],
      ['SilverCloud1', ['LogicalNetwork1-NewYork']],
    ]);
    expect(networksOf(chicago)).toEqual([
      ['GoldCloud2', ['LogicalNetwork1-Chicago', 'LogicalNetwork2-Chicago']],
      ['SilverCloud2', ['LogicalNetwork1-Chicago']],
    ]);
  });

  it('have the classifications and the places of the storage example [H2H-15]', () => {
    const placesOf = (server: Place | undefined) =>
      server?.storage
        .filter(({ classification }) => classification !== undefined)
        .map(({ name, classification }) => [name, classification]);
    expect(placesOf(newYork)).toEqual([
      ['SourceShare1', 'GOLD'],
      ['SourceShare2', 'SILVER'],
      ['SourceShare3', 'BRONZE'],
    ]);
    expect(placesOf(chicago)).toEqual([
      ['TargetVolume1', 'GOLD_TARGET'],
      ['TargetShare1', 'GOLD_TARGET'],
      ['TargetVolume2', 'SILVER_TARGET'],
      ['TargetShare2', 'SILVER_TARGET'],
      ['TargetShare3', 'BRONZE_TARGET'],
    ]);
    expect(newYork?.virtualMachines.map(({ name, classification }) => [name, classification])).toEqual([
      ['VM1', 'GOLD'],
      ['VM2', 'GOLD'],
      ['VM3', 'SILVER'],
      ['VM4', 'SILVER'],
      ['VM5', undefined],
    ]);
  });
});

describe('a world that cannot exist is refused', () => {
  const machine = ({ newYork }: Change) => newYork.virtualMachines[0] as object;
  const disk = ({ newYork }: Change) => newYork.virtualMachines[0]?.disks[0] as object;
  const nic = ({ newYork }: Change) => newYork.virtualMachines[0]?.nics[0] as object;

  it.each<[what: string, change: (parts: Change) => void, message: string]>([
    [
      'two clouds with one name',
      ({ chicago }) => set(chicago.clouds[0] as object, { name: 'GoldCloud1' }),
      'a second cloud named "GoldCloud1"',
    ],
    [
      'a VM network on a logical network that does not exist',
      ({ newYork }) => set(newYork.vmNetworks[0] as object, { logicalNetwork: 'Nowhere' }),
      'vmNetworks[0].logicalNetwork: no logical network named "Nowhere"',
    ],
    [
      'a cloud with an unknown host group',
      ({ newYork }) => set(newYork.clouds[0] as object, { hostGroups: ['Boston'] }),
      'clouds[0].hostGroups: no host group named "Boston"',
    ],
    [
      'a host in an unknown host group',
      ({ newYork }) => set(newYork.hosts[0] as object, { hostGroup: 'Boston' }),
      'hosts[0].hostGroup: no host group named "Boston"',
    ],
    [
      'a host whose default place is out of its reach',
      ({ newYork }) => set(newYork.hosts[0] as object, { defaultPlace: 'newyork-hv-02-local' }),
      'no storage place of the host newyork-hv-01 named "newyork-hv-02-local"',
    ],
    [
      'more free space than the place has',
      ({ newYork }) => set(newYork.storage[0] as object, { freeInGb: 1001 }),
      'SourceShare1 has 1000 GB, so 1001 GB cannot be free',
    ],
    [
      'more disks than the space in use',
      ({ newYork }) => set(newYork.storage[0] as object, { freeInGb: 900 }),
      'the disks on SourceShare1 take 350 GB, but only 100 GB are in use',
    ],
    [
      'a place for an unknown host',
      ({ newYork }) => set(newYork.storage[2] as object, { hosts: ['boston-hv-01'] }),
      'storage[2].hosts: no host named "boston-hv-01"',
    ],
    [
      'a machine in an unknown cloud',
      (parts) => set(machine(parts), { cloud: 'BronzeCloud1' }),
      'virtualMachines[0].cloud: no cloud named "BronzeCloud1"',
    ],
    [
      'a machine on a host outside of its cloud',
      ({ newYork }) => {
        newYork.hostGroups.push('Cellar');
        set(newYork.hosts[0] as object, { hostGroup: 'Cellar' });
      },
      'the host newyork-hv-01 is in no host group of the cloud GoldCloud1',
    ],
    [
      'a disk that its host does not reach',
      (parts) => set(disk(parts), { place: 'newyork-hv-02-local' }),
      'the host newyork-hv-01 does not reach newyork-hv-02-local',
    ],
    [
      'a disk in a place of another class',
      (parts) => set(disk(parts), { place: 'SourceShare2' }),
      'SourceShare2 is not of the class GOLD',
    ],
    [
      'an interface on an unknown network',
      (parts) => set(nic(parts), { network: 'VMNetwork1-Chicago' }),
      'no VM network named "VMNetwork1-Chicago"',
    ],
    [
      'an interface in an unknown subnet',
      (parts) => set(nic(parts), { subnet: 'cellar' }),
      'nics[0].subnet: no subnet named "cellar"',
    ],
    [
      'an interface on a network that the host does not reach',
      ({ newYork }) => set(newYork.hosts[0] as object, { logicalNetworks: [] }),
      'the host newyork-hv-01 does not reach LogicalNetwork1-NewYork',
    ],
    [
      'a replica on the host of the machine',
      (parts) => set(machine(parts), { replicaOn: 'newyork-hv-01' }),
      'the replica of VM1 is on another host than the machine',
    ],
    [
      'a cluster with two active nodes',
      ({ chicago }) => set(chicago.nodes[1] as object, { isActive: true }),
      'one node of a VMM cluster is active, not 2',
    ],
    [
      'a cluster that is one virtual machine',
      ({ newYork }) =>
        set(newYork, { virtualMachine: 'VM1', nodes: [{ name: 'newyork-vmm-01', isActive: true }] }),
      'a VMM cluster is not one virtual machine',
    ],
    [
      'two servers with one name',
      ({ chicago }) => set(chicago.nodes[1] as object, { name: 'newyork-vmm' }),
      'a second server named "newyork-vmm"',
    ],
    [
      'a mapping of a cloud to itself',
      ({ environment }) => set(environment.vaults[0]?.vmm.cloudMappings[0] as object, { to: 'GoldCloud1' }),
      'the cloud GoldCloud1 cannot replicate to itself',
    ],
    [
      'a mapping of a cloud that is not synchronised',
      ({ environment }) => set(environment.vaults[0]?.vmm.servers[0] as object, { clouds: ['GoldCloud1'] }),
      'no synchronised cloud named "SilverCloud1"',
    ],
    [
      'a mapping of an unknown network',
      ({ environment }) => set(environment.vaults[0]?.vmm.networkMappings[0] as object, { to: 'lan' }),
      'networkMappings[0].to: no VM network named "lan"',
    ],
    [
      'a replicated machine whose cloud replicates nowhere',
      ({ environment }) => {
        const vmm = environment.vaults[0]?.vmm;
        set(vmm as object, { cloudMappings: vmm?.cloudMappings.slice(1), protectedItems: ['VM1'] });
      },
      'the cloud of VM1 replicates nowhere',
    ],
    [
      'a server in two vaults',
      ({ environment }) =>
        void environment.vaults.push({
          ...(environment.vaults[0] as Environment['vaults'][number]),
          name: 'second-vault',
        }),
      'a second registration of the VMM server named "newyork-vmm"',
    ],
  ])('%s', (_what, change, message) => {
    expect(problemAfter(change)).toContain(message);
  });
});
