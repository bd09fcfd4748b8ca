// The companies' own sites: servers, and machines with their power state. The sites belong to no
// vault. The environment file describes them; failovers and faults change them.

import type { EnvironmentSite } from '../environments/on-premises-schema.ts';
import type { EnvironmentVmmServer } from '../environments/vmm-schema.ts';
import type { Faults } from '../wire/fault.ts';
import type { OnPremisesMachine, OnPremisesServer } from './configuration-records.ts';
import { guidOf, isSameName } from './ids.ts';
import type { SiteRecoveryStore } from './store.ts';

type ServerDescription = Pick<OnPremisesServer, 'kind' | 'facts'>;

/** The records of the sites have a place in the store beside all vaults. */
export const NO_VAULT = '';

export class OnPremises {
  readonly #store: SiteRecoveryStore;
  readonly #faults: Faults;

  constructor(store: SiteRecoveryStore, faults: Faults) {
    this.#store = store;
    this.#faults = faults;
  }

  servers(site?: string): OnPremisesServer[] {
    return this.#store
      .listConfiguration(NO_VAULT, 'server')
      .filter((server) => site === undefined || server.site === site);
  }

  server(name: string): OnPremisesServer | undefined {
    return this.#store.findConfiguration(NO_VAULT, 'server', name);
  }

  putServer(server: OnPremisesServer): void {
    this.#store.putConfiguration(NO_VAULT, 'server', server);
  }

  machines(site?: string): OnPremisesMachine[] {
    return this.#store
      .listConfiguration(NO_VAULT, 'machine')
      .filter((machine) => site === undefined || machine.site === site);
  }

  machine(id: string): OnPremisesMachine | undefined {
    return this.#store.findConfiguration(NO_VAULT, 'machine', id);
  }

  putMachine(machine: OnPremisesMachine): void {
    this.#store.putConfiguration(NO_VAULT, 'machine', machine);
  }

  removeMachine(id: string): void {
    this.#store.removeConfiguration(NO_VAULT, 'machine', id);
  }

  setPower(id: string, power: OnPremisesMachine['power'], at: number): void {
    const machine = this.machine(id);
    if (machine && machine.power !== power) this.putMachine({ ...machine, power, powerSince: at });
  }

  /** True when a fault makes the server not answer. */
  isDark(server: string): boolean {
    return this.#faults
      .activeConditions()
      .some((fault) => fault.kind === 'serverDark' && isSameName(fault.server, server));
  }

  /** Returns the true power state of a machine. A fault rule overrides the stored state. */
  powerOf({ name, power }: OnPremisesMachine): OnPremisesMachine['power'] {
    const isOff = this.#faults
      .activeConditions()
      .some((fault) => fault.kind === 'poweredOff' && isSameName(fault.vm ?? '', name));
    return isOff ? 'off' : power;
  }

  /** Creates the servers and machines of a site. A server can have a kind and facts of its own. */
  addSite(site: EnvironmentSite, now: number, describe: (server: string) => ServerDescription): void {
    for (const { name, cluster, versions } of site.servers)
      this.putServer({
        name,
        id: guidOf(site.name, 'server', name),
        site: site.name,
        cluster: cluster ?? null,
        versions,
        registered: null,
        ...describe(name),
      });
    for (const { disks, nics, ...machine } of site.virtualMachines) {
      const id = guidOf(site.name, 'machine', machine.name);
      this.putMachine({
        ...machine,
        id,
        site: site.name,
        disks: disks.map((disk) => ({ ...disk, id: guidOf(id, 'disk', disk.name) })),
        nics: nics.map((nic) => ({ ...nic, id: guidOf(id, 'nic', nic.name) })),
        powerSince: now,
      });
    }
  }

  /** Creates a VMM server with its nodes, hosts and machines. */
  addVmmServer({ virtualMachines, ...server }: EnvironmentVmmServer, now: number): void {
    const put = (name: string, kind: string, cluster: string | null, facts: object): void =>
      this.putServer({
        name,
        id: guidOf(server.name, 'server', name),
        site: server.name,
        kind,
        cluster,
        versions: {},
        facts: { ...facts },
        registered: null,
      });
    put(server.name, 'VmmServer', null, server);
    for (const node of server.nodes) put(node.name, 'VmmNode', server.name, node);
    for (const host of server.hosts) put(host.name, 'VmmHost', host.cluster ?? null, host);
    for (const { cloud, classification, replicaOn, ...machine } of virtualMachines) {
      const id = guidOf(server.name, 'machine', machine.name);
      this.putMachine({
        ...machine,
        id,
        site: server.name,
        disks: machine.disks.map(({ place, ...disk }) => ({
          ...disk,
          id: guidOf(id, 'disk', disk.name),
          datastore: place,
        })),
        nics: machine.nics.map((nic) => ({ ...nic, id: guidOf(id, 'nic', nic.name) })),
        powerSince: now,
        facts: { cloud, classification, replicaOn },
      });
    }
  }

  /** Creates the replicas that Hyper-V Replica has made without Site Recovery. */
  addHyperVReplicas(now: number): void {
    for (const machine of this.machines()) {
      const host = this.server(String(machine.facts?.['replicaOn']));
      if (!host) continue;
      const id = guidOf(machine.id, 'replica');
      this.putMachine({
        ...machine,
        id,
        site: host.site,
        server: host.name,
        disks: machine.disks.map((disk) => ({
          ...disk,
          id: guidOf(id, 'disk', disk.name),
          datastore: String(host.facts?.['defaultPlace']),
        })),
        power: 'off',
        powerSince: now,
        facts: { role: 'replica' },
      });
    }
  }
}
