// Registers the VMM servers of an environment in their vaults, once at the first start, with what is
// mapped and replicates already.

import type { EnvironmentVmmVault } from '../../../environments/vmm-schema.ts';
import type { EnvironmentContext, EnvironmentLoader } from '../../environment.ts';
import { guidOf } from '../../ids.ts';
import type { ContainerPath } from '../../configuration-records.ts';
import type { Vault } from '../../vault.ts';
import { mappingError, policyReader } from './configuration.ts';
import { networkMappingError } from './networks.ts';
import { placeReplica } from './placement.ts';
import { preflight } from './preflight.ts';
import { cloudProviders } from './provider.ts';
import { registerInVault, registerNode } from './registration.ts';
import { createReplica } from './replicas.ts';
import {
  classificationId,
  fabricNameOf,
  factsOf,
  machineFacts,
  networkId,
  VMM_KINDS,
  type VmmFacts,
} from './world.ts';

/** How long the environment's first items have already replicated. */
const REPLICATED_BEFORE_MS = 2 * 24 * 3_600_000;

const refuse = (what: string, why: string): never => {
  throw new Error(`${what} of the environment is not valid for Site Recovery: ${why}`);
};

export const loadVmmClouds: EnvironmentLoader = ({ vmm }, context) => {
  registerServers(vmm, context);
  createPolicies(vmm, context);
  mapClouds(vmm, context);
  mapNetworks(vmm, context);
  mapStorage(vmm, context);
  for (const name of vmm.protectedItems) replicate(name, vmm, context);
};

function registerServers({ servers }: EnvironmentVmmVault, { vault, now }: EnvironmentContext): void {
  const { onPremises } = vault;
  for (const { server: name, clouds } of servers) {
    const server = onPremises.server(name);
    if (!server) continue;
    registerInVault(vault, server, clouds ?? factsOf(server).clouds.map((cloud) => cloud.name), now);
    for (const node of onPremises.servers(name).filter(({ kind }) => kind === VMM_KINDS.node))
      registerNode(vault, node, now);
  }
}

function createPolicies({ policies }: EnvironmentVmmVault, { vault, store }: EnvironmentContext): void {
  for (const { name, instanceType, settings } of policies) {
    const read = policyReader(instanceType)({ instanceType, ...settings }, undefined);
    if ('settings' in read) store.putConfiguration(vault.key, 'policy', { name, settings: read.settings });
    else refuse(`The policy "${name}"`, 'error' in read ? read.error.possibleCauses : read.problem);
  }
}

const placeOf = ({ vault }: EnvironmentContext, cloud: string): ContainerPath => {
  const found = vault.containers().find(({ own }) => own?.friendlyName === cloud);
  return { fabric: found?.fabric ?? '', container: found?.name ?? '' };
};

function mapClouds({ cloudMappings }: EnvironmentVmmVault, context: EnvironmentContext): void {
  const { vault, store } = context;
  for (const { name, from, to, policy } of cloudMappings) {
    const mapping = {
      name,
      from: placeOf(context, from),
      to: placeOf(context, to),
      policy,
      settings: { instanceType: vault.requirePolicy(policy).settings.instanceType },
    };
    const error = mappingError(mapping, vault);
    if (error) refuse(`The mapping "${name}"`, error.possibleCauses);
    store.putConfiguration(vault.key, 'containerMapping', mapping);
  }
}

/** Finds the server that has this network or classification. */
function ownerOf(vault: Vault, vmm: EnvironmentVmmVault, has: (facts: VmmFacts) => boolean): string {
  const owner = vmm.servers.find(({ server }) => has(factsOf(vault.onPremises.server(server))));
  return owner?.server ?? '';
}

function mapNetworks(vmm: EnvironmentVmmVault, { vault, store }: EnvironmentContext): void {
  const ownerOfNetwork = (network: string): string =>
    ownerOf(vault, vmm, ({ vmNetworks }) => vmNetworks.some(({ name }) => name === network));
  const idOf = (server: string, network: string): string =>
    `${vault.fabricId(fabricNameOf(vault, server))}/replicationNetworks/${networkId(server, network)}`;
  for (const { from, to } of vmm.networkMappings) {
    const [source, target] = [ownerOfNetwork(from), ownerOfNetwork(to)];
    const mapping = {
      name: `${from}-to-${to}`,
      fabric: fabricNameOf(vault, source),
      network: networkId(source, from),
      primaryNetworkId: idOf(source, from),
      recoveryNetworkId: idOf(target, to),
      recoveryFabric: fabricNameOf(vault, target),
      settings: { instanceType: 'VmmToVmm' },
    };
    const error = networkMappingError(mapping, vault);
    if (error) refuse(`The mapping of "${from}"`, error.possibleCauses);
    store.putConfiguration(vault.key, 'networkMapping', mapping);
  }
}

function mapStorage(vmm: EnvironmentVmmVault, { vault, store }: EnvironmentContext): void {
  const ownerOfClass = (name: string): string =>
    ownerOf(vault, vmm, ({ classifications }) => classifications.includes(name));
  for (const { from, to } of vmm.storageMappings) {
    const [source, target] = [ownerOfClass(from), ownerOfClass(to)];
    store.putConfiguration(vault.key, 'storageMapping', {
      name: `${from}-to-${to}`,
      fabric: fabricNameOf(vault, source),
      classification: classificationId(source, from),
      targetClassificationId: `${vault.fabricId(fabricNameOf(vault, target))}/replicationStorageClassifications/${classificationId(target, to)}`,
    });
  }
}

function replicate(name: string, vmm: EnvironmentVmmVault, context: EnvironmentContext): void {
  const { vault, store, items, now } = context;
  const machine = vault.onPremises
    .machines()
    .find((found) => found.name === name && !machineFacts(found).role);
  const cloud = machine && machineFacts(machine).cloud;
  const mapping = vmm.cloudMappings.find(({ from }) => from === cloud);
  const policy = vmm.policies.find((found) => found.name === mapping?.policy);
  if (!machine || !mapping || !policy) return;
  const provider = cloudProviders[policy.instanceType];
  const place = placeOf(context, mapping.from);
  const input = { protectableItemId: machine.id };
  const item = items.addItem(
    vault,
    place,
    name,
    provider,
    policy.name,
    input,
    now,
    guidOf(vault.key, 'item', name),
  );
  const error = preflight('enable', item, input, vault, now);
  const placement = placeReplica(vault, machine, item.place, item.target);
  if (error || 'problem' in placement)
    return refuse(`The replicated machine "${name}"`, error?.possibleCauses ?? '');
  const since = now - REPLICATED_BEFORE_MS;
  const awayId = createReplica(item, machine, placement, vault, now);
  store.putItem(
    provider.replicatedSince(
      { ...item, state: 'protected', stateSince: since, details: { ...item.details, awayId } },
      since,
    ),
  );
}
