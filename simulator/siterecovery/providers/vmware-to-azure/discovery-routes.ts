// The place in Azure where a replication appliance lists the machines that it found: a VMware site
// of Microsoft.OffAzure, with its vCenters and accounts. A client can only read it.

import type { SimulatorResponse, Exchange } from '../../../wire/exchange.ts';
import { createMatcher, type Route } from '../../../wire/route-matching.ts';
import type { OnPremisesMachine, OnPremisesServer } from '../../configuration-records.ts';
import { formatTime, guidOf } from '../../ids.ts';
import type { OnPremises } from '../../on-premises.ts';
import { armError, listResponse, ok } from '../../responses.ts';
import { isSameName } from '../../vault.ts';
import { diskUuid } from './discovered.ts';
import { factsOf, SERVER_KINDS } from './estate.ts';
import { AGENT_VERSION } from './versions.ts';

const SITES = '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.OffAzure/VMwareSites';
const TYPE = 'Microsoft.OffAzure/VMwareSites';

/** One VMware site: its id and the appliances that report to it. */
interface DiscoverySite {
  readonly id: string;
  readonly appliances: readonly OnPremisesServer[];
}

interface DiscoveryRequest {
  readonly onPremises: OnPremises;
  readonly now: number;
}

type Names = Readonly<Record<string, string>>;
type DiscoveryRoute = Route<(request: DiscoveryRequest, names: Names) => SimulatorResponse>;

const siteId = ({ subscription = '', group = '', site = '' }: Names): string =>
  SITES.replace('{subscription}', subscription).replace('{group}', group) + (site === '' ? '' : `/${site}`);

function sitesUnder({ onPremises }: DiscoveryRequest, prefix: string): DiscoverySite[] {
  const appliances = onPremises.servers().filter(({ kind }) => kind === SERVER_KINDS.appliance);
  const bySite = Map.groupBy(appliances, (server) => factsOf(server).discoverySiteId ?? '');
  return [...bySite]
    .filter(([id]) => id.toLowerCase().startsWith(prefix.toLowerCase()))
    .map(([id, found]) => ({ id, appliances: found }));
}

const notFound = (id: string): SimulatorResponse =>
  armError(404, 'ResourceNotFound', `The Resource '${id}' was not found.`);

/** Continues with the site, or answers that it does not exist. */
const withSite =
  (respond: (site: DiscoverySite, request: DiscoveryRequest, names: Names) => SimulatorResponse) =>
  (request: DiscoveryRequest, names: Names): SimulatorResponse => {
    const id = siteId(names);
    const site = sitesUnder(request, id).find((found) => isSameName(found.id, id));
    return site ? respond(site, request, names) : notFound(id);
  };

const nameOf = (id: string): string => id.split('/').at(-1) ?? '';

const siteBody = ({ id, appliances }: DiscoverySite) => ({
  id,
  name: nameOf(id),
  type: TYPE,
  properties: {
    agentDetails: null,
    applianceName: appliances[0]?.name ?? '',
    discoverySolutionId: '',
    servicePrincipalIdentityDetails: null,
    serviceEndpoint: `https://${nameOf(id)}.discoverysrv.windowsazure.com`,
  },
});

const vCentersOf = ({ appliances }: DiscoverySite, { onPremises }: DiscoveryRequest): OnPremisesServer[] =>
  onPremises
    .servers()
    .filter(
      ({ kind, site }) =>
        kind === SERVER_KINDS.vCenter && appliances.some((appliance) => appliance.site === site),
    );

const vCenterBody = (site: DiscoverySite, server: OnPremisesServer, now: number) => ({
  id: `${site.id}/vcenters/${server.name}`,
  name: server.name,
  type: `${TYPE}/vcenters`,
  properties: {
    createdTimestamp: formatTime(now),
    updatedTimestamp: formatTime(now),
    fqdn: factsOf(server).address,
    port: '443',
    runAsAccountId: `${site.id}/runasaccounts/${factsOf(site.appliances[0] ?? server).accounts[0] ?? ''}`,
    version: server.versions['vCenter'] ?? '7.0.3',
    perfStatisticsLevel: '1',
    instanceUuid: server.id,
    errors: [],
    friendlyName: server.name,
  },
});

const accountBodies = (site: DiscoverySite, now: number) =>
  [...new Set(site.appliances.flatMap((server) => factsOf(server).accounts))].map((name) => ({
    id: `${site.id}/runasaccounts/${name}`,
    name,
    type: `${TYPE}/runasaccounts`,
    properties: {
      displayName: name,
      credentialType: /lin/i.test(name) ? 'LinuxGuest' : 'WindowsGuest',
      applianceName: site.appliances[0]?.name ?? '',
      createdTimestamp: formatTime(now),
      updatedTimestamp: formatTime(now),
    },
  }));

const machinesOf = (site: DiscoverySite, request: DiscoveryRequest): OnPremisesMachine[] =>
  [...new Set(site.appliances.map((appliance) => appliance.site))].flatMap((name) =>
    request.onPremises.machines(name),
  );

const GIB = 2 ** 30;

const diskBody = ({ id, sizeInGb, name, datastore }: OnPremisesMachine['disks'][number], index: number) => ({
  uuid: id,
  label: `Hard disk ${index + 1}`,
  diskProvisioningPolicy: 'ThinProvisioned',
  diskScrubbingPolicy: 'LazilyScrubbed',
  diskMode: 'persistent',
  controllerType: 'ParaVirtualSCSIController',
  maxSizeInBytes: sizeInGb * GIB,
  name: `scsi0:${index}`,
  diskType: 'Static',
  lun: index,
  path: `[${datastore ?? 'datastore1'}] ${name}/${diskUuid(id)}.vmdk`,
});

/** The discovery learns a guest's system only from the tools in a running machine. */
function machineBody(site: DiscoverySite, machine: OnPremisesMachine, request: DiscoveryRequest) {
  const { onPremises, now } = request;
  const [vCenter] = vCentersOf(site, request).filter((server) => server.site === machine.site);
  const isOn = onPremises.powerOf(machine) === 'running';
  const name = `${vCenter?.name ?? 'vcenter'}_${machine.id}`;
  const isReplicated = { asrprotectedmachine: 'False' };
  return {
    id: `${site.id}/machines/${name}`,
    name,
    type: `${TYPE}/machines`,
    tags: isReplicated,
    properties: {
      vCenterFQDN: vCenter ? factsOf(vCenter).address : '',
      vCenterId: `${site.id}/vcenters/${vCenter?.name ?? ''}`,
      instanceUuid: machine.id,
      dataCenterScope: machine.site,
      description: '',
      disks: machine.disks.map(diskBody),
      hostInMaintenanceMode: false,
      hostName: machine.server,
      hostPowerState: onPremises.isDark(machine.server) ? 'unknown' : 'poweredOn',
      hostVersion: onPremises.server(machine.server)?.versions['ESXi'] ?? '7.0.3',
      networkAdapters: machine.nics.map((nic, index) => ({
        label: `Network adapter ${index + 1}`,
        adapterType: 'VirtualVmxnet3',
        nicId: nic.id,
        macAddress: `00:50:56:${nic.id.slice(0, 2)}:${nic.id.slice(2, 4)}:${nic.id.slice(4, 6)}`,
        ipAddressList: isOn ? [nic.address] : [],
        networkName: nic.network,
        ipAddressType: 'Static',
      })),
      vMwareToolsStatus: isOn ? 'OK' : 'NotRunning',
      vMwareToolsVersion: '11333',
      powerStatus: isOn ? 'ON' : 'OFF',
      vmFqdn: isOn ? machine.name : '',
      firmware: machine.generation === 'V2' ? 'efi' : 'bios',
      applianceNames: site.appliances.map((appliance) => appliance.name),
      errors: [],
      numberOfProcessorCore: machine.cpus,
      allocatedMemoryInMB: machine.memoryInMb,
      operatingSystemDetails: {
        osType: machine.osType === 'Windows' ? 'windowsguest' : 'linuxguest',
        osName:
          machine.osType === 'Windows' ? 'Microsoft Windows Server 2019 (64-bit)' : 'Ubuntu Linux (64-bit)',
        osVersion: null,
        osArchitecture: null,
      },
      biosGuid: guidOf(machine.id, 'bios'),
      displayName: machine.name,
      isDeleted: false,
      mobilityServiceVersion: AGENT_VERSION,
      createdTimestamp: formatTime(machine.powerSince),
      updatedTimestamp: formatTime(now),
      tags: isReplicated,
    },
  };
}

function named(things: readonly { readonly name: string }[], name = ''): SimulatorResponse {
  const found = things.find((thing) => isSameName(thing.name, name));
  return found ? ok(found) : notFound(name);
}

const get = (pattern: string, answer: DiscoveryRoute['answer']): DiscoveryRoute => ({
  method: 'GET',
  pattern,
  answer,
});

const SITE = `${SITES}/{site}`;

const match = createMatcher<DiscoveryRoute['answer']>([
  get(SITES, (request, names) => listResponse(sitesUnder(request, `${siteId(names)}/`).map(siteBody))),
  get(
    SITE,
    withSite((site) => ok(siteBody(site))),
  ),
  get(
    `${SITE}/vcenters`,
    withSite((site, request) =>
      listResponse(vCentersOf(site, request).map((server) => vCenterBody(site, server, request.now))),
    ),
  ),
  get(
    `${SITE}/vcenters/{name}`,
    withSite((site, request, { name }) =>
      named(
        vCentersOf(site, request).map((server) => vCenterBody(site, server, request.now)),
        name,
      ),
    ),
  ),
  get(
    `${SITE}/runasaccounts`,
    withSite((site, { now }) => listResponse(accountBodies(site, now))),
  ),
  get(
    `${SITE}/runasaccounts/{name}`,
    withSite((site, { now }, { name }) => named(accountBodies(site, now), name)),
  ),
  get(
    `${SITE}/machines`,
    withSite((site, request) =>
      listResponse(machinesOf(site, request).map((machine) => machineBody(site, machine, request))),
    ),
  ),
  get(
    `${SITE}/machines/{name}`,
    withSite((site, request, { name }) =>
      named(
        machinesOf(site, request).map((machine) => machineBody(site, machine, request)),
        name,
      ),
    ),
  ),
]);

/** Returns the answer to a read of a VMware site, or undefined for any other request. */
export function discoveryResponse(
  { method, path }: Exchange,
  request: DiscoveryRequest,
): SimulatorResponse | undefined {
  const route = path.split('?')[0] ?? '';
  const matched = match(method, route);
  return matched?.answer(request, matched.parameters);
}
