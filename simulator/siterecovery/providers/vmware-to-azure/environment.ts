// Creates the VMware part of a vault of an environment file: fabrics with their registered servers,
// policies with the way home, and machines that replicate already.

import type { EnvironmentVmwareFabric } from '../../../environments/vmware-schema.ts';
import type { EnvironmentContext, EnvironmentLoader } from '../../environment.ts';
import type { ContainerMappingRecord, FabricRecord } from '../../configuration-records.ts';
import { guidOf } from '../../ids.ts';
import { AZURE_CONTAINER } from '../../vault.ts';
import { createSeedDisks } from './azure-disks.ts';
import { CLASSIC, MODERN, type VmwareInput, type VmwareItem } from './details.ts';
import { accountIdOf, discoveredName, factsOf, SERVER_KINDS, vCenterOf } from './estate.ts';
import { applianceFabric, configurationServerFabric } from './fabrics.ts';
import { policyReader } from './policies.ts';
import { targetRegion } from './protection.ts';
import { vmwareProviders } from './provider.ts';
import { createdWithMapping } from './way-home.ts';

/** How long the environment's first items have already replicated. */
const REPLICATED_BEFORE_MS = 2 * 24 * 3_600_000;

type Definition = EnvironmentVmwareFabric;

const instanceOf = ({ kind }: Definition) => (kind === 'InMageRcm' ? MODERN.toAzure : CLASSIC.toAzure);

function createFabric(definition: Definition, { vault, store, now }: EnvironmentContext): FabricRecord {
  const kind = definition.kind === 'InMageRcm' ? applianceFabric : configurationServerFabric;
  const registered = definition.servers.flatMap((name) => vault.onPremises.server(name) ?? []);
  const siteId = registered.map((server) => factsOf(server).discoverySiteId).find((id) => id !== null);
  const fabric: FabricRecord = {
    name: definition.name,
    settings: {
      instanceType: definition.kind,
      vmwareSiteId: siteId ?? '',
      physicalSiteId: (siteId ?? '').replace('VMwareSites', 'ServerSites'),
      friendlyName: definition.name,
    },
  };
  store.putConfiguration(vault.key, 'fabric', fabric);
  const container = kind.ownContainer(fabric, vault);
  if (container) store.putConfiguration(vault.key, 'container', container);
  for (const server of registered)
    vault.onPremises.putServer({
      ...server,
      registered: { vault: vault.key, fabric: fabric.name, since: now - REPLICATED_BEFORE_MS },
    });
  return fabric;
}

/** A configuration server learns of machines only from vCenters that were added to it. */
function addVCenter(
  definition: Definition,
  fabric: FabricRecord,
  { vault, store }: EnvironmentContext,
): void {
  const vCenter = vCenterOf(vault, definition.site);
  const own = definition.servers
    .flatMap((name) => vault.onPremises.server(name) ?? [])
    .find(({ kind }) => kind === SERVER_KINDS.configurationServer);
  if (definition.kind !== 'VMware' || !vCenter || !own) return;
  store.putConfiguration(vault.key, 'vCenter', {
    name: vCenter.name,
    fabric: fabric.name,
    friendlyName: vCenter.name,
    address: factsOf(vCenter).address,
    port: '443',
    processServerId: own.id,
    accountId: '1',
  });
}

function createPolicy(definition: Definition, fabric: FabricRecord, context: EnvironmentContext): void {
  const { vault, store } = context;
  const { policy: name } = definition;
  if (name === undefined) return;
  const instanceType = instanceOf(definition);
  const read = policyReader(instanceType)(
    {
      instanceType,
      recoveryPointHistoryInMinutes: definition.recoveryPointHistoryInMinutes,
      recoveryPointHistory: definition.recoveryPointHistoryInMinutes,
      appConsistentFrequencyInMinutes: definition.appConsistentFrequencyInMinutes,
      enableMultiVmSync: 'true',
      multiVmSyncStatus: 'Enable',
    },
    undefined,
  );
  if (!('settings' in read))
    throw new Error(`The policy "${name}" of the fabric "${fabric.name}" is not valid for Site Recovery.`);
  store.putConfiguration(vault.key, 'policy', { name, settings: read.settings });
  const [container] = vault.containers(fabric.name);
  const mapping: ContainerMappingRecord = {
    name: `${name}-mapping`,
    from: { fabric: fabric.name, container: container?.name ?? '' },
    to: AZURE_CONTAINER,
    policy: name,
    settings: { instanceType, ...(instanceType === MODERN.toAzure && { enableAgentAutoUpgrade: 'true' }) },
  };
  store.putConfiguration(vault.key, 'containerMapping', mapping);
  const made = createdWithMapping(mapping, vault);
  for (const policy of made.policies) store.putConfiguration(vault.key, 'policy', policy);
  for (const companion of made.mappings) store.putConfiguration(vault.key, 'containerMapping', companion);
}

function loadItem(
  definition: Definition,
  wanted: Definition['protectedItems'][number],
  fabric: FabricRecord,
  { vault, store, items, names, now }: EnvironmentContext,
): void {
  const since = now - REPLICATED_BEFORE_MS;
  const machine = vault.onPremises
    .machines(definition.site)
    .find(({ name }) => name === wanted.virtualMachine);
  const server = vault.onPremises.server(definition.servers[0] ?? '');
  const provider = vmwareProviders[instanceOf(definition)];
  if (!machine || !server || !provider) return;
  const name = definition.kind === 'InMageRcm' ? discoveredName(vault, machine) : machine.name;
  const place = { fabric: fabric.name, container: vault.containers(fabric.name)[0]?.name ?? '' };
  const discoveryId =
    definition.kind === 'InMageRcm'
      ? `${factsOf(server).discoverySiteId ?? ''}/machines/${name}`
      : `${vault.containerId(place)}/replicationProtectableItems/${machine.id}`;
  const input: VmwareInput = {
    discoveryId,
    serverId: server.id,
    accountId: accountIdOf(server, factsOf(server).accounts[0] ?? '', 0),
    diskDefaults: { logAccountId: names.storageAccount(wanted.logStorageAccount), diskType: 'Standard_LRS' },
    groupName: wanted.multiVmGroup,
    targetSubnetName: wanted.subnet,
    settings: {
      resourceGroupId: names.group(wanted.resourceGroup),
      networkId: names.network(wanted.network),
      ...(wanted.size !== undefined && { size: wanted.size }),
    },
  };
  const enrolled: VmwareItem = items.addItem(
    vault,
    place,
    name,
    provider,
    definition.policy ?? '',
    input,
    now,
    guidOf(vault.key, 'item', name),
  );
  const replicating = provider.replicatedSince({ ...enrolled, state: 'protected', stateSince: since }, since);
  store.putItem(replicating);
  createSeedDisks(replicating, vault.azure, targetRegion(replicating.details.settings, vault));
}

export const loadVmwareToAzure: EnvironmentLoader = ({ vmwareFabrics }, context) => {
  for (const definition of vmwareFabrics) {
    const fabric = createFabric(definition, context);
    addVCenter(definition, fabric, context);
    createPolicy(definition, fabric, context);
    for (const wanted of definition.protectedItems) loadItem(definition, wanted, fabric, context);
  }
};
