// Checks the VMM servers of an environment, and refuses a world that cannot exist.

import { nameSet, NameSet, namesOf, requireUnique, type IssuePath, type ReportIssue } from './name-checks.ts';
import type { Environment, EnvironmentVault } from './schema.ts';
import type { EnvironmentVmmServer } from './vmm-schema.ts';

type VmmMachine = EnvironmentVmmServer['virtualMachines'][number];

/** Names in a vault's mappings name no server. So they are unique over all servers. */
function checkUniqueNames(servers: readonly EnvironmentVmmServer[], report: ReportIssue): void {
  const path = ['onPremises', 'vmmServers'];
  const all = <Part>(part: (server: EnvironmentVmmServer) => readonly Part[]): Part[] =>
    servers.flatMap(part);
  requireUnique('cloud', namesOf(all(({ clouds }) => clouds)), path, report);
  requireUnique('VM network', namesOf(all(({ vmNetworks }) => vmNetworks)), path, report);
  requireUnique(
    'storage classification',
    all(({ classifications }) => classifications),
    path,
    report,
  );
  requireUnique('storage place', namesOf(all(({ storage }) => storage)), path, report);
}

function checkNodes(server: EnvironmentVmmServer, path: IssuePath, report: ReportIssue): void {
  const active = server.nodes.filter(({ isActive }) => isActive);
  if (server.nodes.length > 0 && active.length !== 1)
    report([...path, 'nodes'], `one node of a VMM cluster is active, not ${active.length}`);
  if (server.nodes.length > 0 && server.virtualMachine !== undefined)
    report([...path, 'virtualMachine'], 'a VMM cluster is not one virtual machine');
  nameSet('virtual machine', server.virtualMachines).require(
    server.virtualMachine,
    [...path, 'virtualMachine'],
    report,
  );
}

function checkParts(server: EnvironmentVmmServer, path: IssuePath, report: ReportIssue): void {
  const hostGroups = new NameSet('host group', server.hostGroups);
  const logicalNetworks = new NameSet('logical network', server.logicalNetworks);
  const classifications = new NameSet('storage classification', server.classifications);
  const hosts = nameSet('host', server.hosts);
  const requireAll = (names: NameSet, wanted: readonly string[], at: IssuePath): void => {
    for (const name of wanted) names.require(name, at, report);
  };
  for (const [index, { logicalNetwork }] of server.vmNetworks.entries())
    logicalNetworks.require(logicalNetwork, [...path, 'vmNetworks', index, 'logicalNetwork'], report);
  for (const [index, host] of server.hosts.entries()) {
    const hostPath = [...path, 'hosts', index];
    hostGroups.require(host.hostGroup, [...hostPath, 'hostGroup'], report);
    requireAll(logicalNetworks, host.logicalNetworks, [...hostPath, 'logicalNetworks']);
    const reached = server.storage.filter((place) => place.hosts.includes(host.name));
    nameSet(`storage place of the host ${host.name}`, reached).require(
      host.defaultPlace,
      [...hostPath, 'defaultPlace'],
      report,
    );
  }
  for (const [index, place] of server.storage.entries()) {
    const placePath = [...path, 'storage', index];
    classifications.require(place.classification, [...placePath, 'classification'], report);
    requireAll(hosts, place.hosts, [...placePath, 'hosts']);
    if (place.freeInGb > place.sizeInGb)
      report(
        [...placePath, 'freeInGb'],
        `${place.name} has ${place.sizeInGb} GB, so ${place.freeInGb} GB cannot be free`,
      );
    const disks = server.virtualMachines.flatMap((machine) => machine.disks);
    const stored = disks
      .filter((disk) => disk.place === place.name)
      .reduce((sum, { sizeInGb }) => sum + sizeInGb, 0);
    const used = place.sizeInGb - place.freeInGb;
    if (stored > used)
      report(
        [...placePath, 'freeInGb'],
        `the disks on ${place.name} take ${stored} GB, but only ${used} GB are in use`,
      );
  }
  for (const [index, cloud] of server.clouds.entries()) {
    const cloudPath = [...path, 'clouds', index];
    requireAll(hostGroups, cloud.hostGroups, [...cloudPath, 'hostGroups']);
    requireAll(logicalNetworks, cloud.logicalNetworks, [...cloudPath, 'logicalNetworks']);
    requireAll(classifications, cloud.classifications, [...cloudPath, 'classifications']);
  }
}

/** A machine runs on a host of its cloud, and its disks are where the host and its class allow. */
function checkMachine(
  machine: VmmMachine,
  server: EnvironmentVmmServer,
  path: IssuePath,
  report: ReportIssue,
): void {
  const host = server.hosts.find(({ name }) => name === machine.server);
  nameSet('host', server.hosts).require(machine.server, [...path, 'server'], report);
  nameSet('cloud', server.clouds).require(machine.cloud, [...path, 'cloud'], report);
  const cloud = server.clouds.find(({ name }) => name === machine.cloud);
  if (cloud && host && !cloud.hostGroups.includes(host.hostGroup))
    report([...path, 'server'], `the host ${host.name} is in no host group of the cloud ${cloud.name}`);
  new NameSet('storage classification', server.classifications).require(
    machine.classification,
    [...path, 'classification'],
    report,
  );
  requireUnique('disk', namesOf(machine.disks), [...path, 'disks'], report);
  for (const [index, disk] of machine.disks.entries()) {
    const diskPath = [...path, 'disks', index, 'place'];
    nameSet('storage place', server.storage).require(disk.place, diskPath, report);
    const place = server.storage.find(({ name }) => name === disk.place);
    if (place && !place.hosts.includes(machine.server))
      report(diskPath, `the host ${machine.server} does not reach ${place.name}`);
    if (place && machine.classification !== undefined && place.classification !== machine.classification)
      report(diskPath, `${place.name} is not of the class ${machine.classification}`);
  }
  for (const [index, nic] of machine.nics.entries()) {
    const nicPath = [...path, 'nics', index];
    nameSet('VM network', server.vmNetworks).require(nic.network, [...nicPath, 'network'], report);
    const network = server.vmNetworks.find(({ name }) => name === nic.network);
    if (!network) continue;
    new NameSet('subnet', network.subnets).require(nic.subnet, [...nicPath, 'subnet'], report);
    if (host && !host.logicalNetworks.includes(network.logicalNetwork))
      report([...nicPath, 'network'], `the host ${host.name} does not reach ${network.logicalNetwork}`);
  }
}

/** Reports each part of a VMM server that cannot exist. */
export function checkVmmServers({ onPremises: { vmmServers } }: Environment, report: ReportIssue): void {
  checkUniqueNames(vmmServers, report);
  const hosts = nameSet(
    'host',
    vmmServers.flatMap((server) => server.hosts),
  );
  for (const [index, server] of vmmServers.entries()) {
    const path = ['onPremises', 'vmmServers', index];
    checkNodes(server, path, report);
    checkParts(server, path, report);
    for (const [at, machine] of server.virtualMachines.entries()) {
      const machinePath = [...path, 'virtualMachines', at];
      checkMachine(machine, server, machinePath, report);
      hosts.require(machine.replicaOn, [...machinePath, 'replicaOn'], report);
      if (machine.replicaOn === machine.server)
        report(
          [...machinePath, 'replicaOn'],
          `the replica of ${machine.name} is on another host than the machine`,
        );
    }
  }
}

function checkVmmVault(
  { vmm }: EnvironmentVault,
  vmmServers: readonly EnvironmentVmmServer[],
  path: IssuePath,
  report: ReportIssue,
): void {
  const known = nameSet('VMM server', vmmServers);
  for (const [index, { server, clouds }] of vmm.servers.entries()) {
    known.require(server, [...path, 'servers', index, 'server'], report);
    const own = nameSet(`cloud of ${server}`, vmmServers.find(({ name }) => name === server)?.clouds ?? []);
    for (const cloud of clouds ?? []) own.require(cloud, [...path, 'servers', index, 'clouds'], report);
  }
  const registered = vmm.servers.flatMap(({ server: name, clouds }) => {
    const found = vmmServers.find((server) => server.name === name);
    return found ? [{ ...found, synchronized: clouds ?? namesOf(found.clouds) }] : [];
  });
  const clouds = new NameSet(
    'synchronised cloud',
    registered.flatMap(({ synchronized }) => synchronized),
  );
  const policies = nameSet('policy', vmm.policies);
  for (const [index, { from, to, policy }] of vmm.cloudMappings.entries()) {
    const mappingPath = [...path, 'cloudMappings', index];
    clouds.require(from, [...mappingPath, 'from'], report);
    clouds.require(to, [...mappingPath, 'to'], report);
    policies.require(policy, [...mappingPath, 'policy'], report);
    if (from === to) report([...mappingPath, 'to'], `the cloud ${from} cannot replicate to itself`);
  }
  const networks = nameSet(
    'VM network',
    registered.flatMap(({ vmNetworks }) => vmNetworks),
  );
  const classes = new NameSet(
    'storage classification',
    registered.flatMap(({ classifications }) => classifications),
  );
  for (const [kind, names] of [
    ['networkMappings', networks],
    ['storageMappings', classes],
  ] as const)
    for (const [index, pair] of vmm[kind].entries())
      for (const end of ['from', 'to'] as const)
        names.require(pair[end], [...path, kind, index, end], report);
  const sources = new Set(vmm.cloudMappings.map(({ from }) => from));
  const machines = registered.flatMap(({ virtualMachines }) => virtualMachines);
  for (const [index, item] of vmm.protectedItems.entries()) {
    nameSet('virtual machine', machines).require(item, [...path, 'protectedItems', index], report);
    const machine = machines.find(({ name }) => name === item);
    if (machine && !sources.has(machine.cloud ?? ''))
      report([...path, 'protectedItems', index], `the cloud of ${item} replicates nowhere`);
  }
}

/** Reports each mistake in the VMM part of a vault. */
export function checkVmmVaults({ onPremises, vaults }: Environment, report: ReportIssue): void {
  for (const [index, vault] of vaults.entries())
    checkVmmVault(vault, onPremises.vmmServers, ['vaults', index, 'vmm'], report);
  const servers = vaults.flatMap(({ vmm }) => vmm.servers.map(({ server }) => ({ name: server })));
  requireUnique('registration of the VMM server', namesOf(servers), ['vaults'], report);
}
