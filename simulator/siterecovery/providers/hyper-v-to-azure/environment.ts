// Creates the Hyper-V sites of an environment file in their vaults, once at the first start. All
// hosts of such a site are registered.

import type { EnvironmentHyperVSite } from '../../../environments/schema.ts';
import type { EnvironmentContext, EnvironmentLoader } from '../../environment.ts';
import { guidOf } from '../../ids.ts';
import { AZURE_CONTAINER } from '../../vault.ts';
import { readPolicy } from './configuration.ts';
import { HYPER_V } from './details.ts';
import { hyperVToAzure } from './provider.ts';
import { createSeedDisks } from './recovery.ts';
import { HYPER_V_SITE, hyperVSiteKind } from './site.ts';

/** How long the environment's first items have already replicated. */
const REPLICATED_BEFORE_MS = 2 * 24 * 3_600_000;

export const loadHyperVToAzure: EnvironmentLoader = (definition, context) => {
  for (const site of definition.hyperVSites) {
    createSite(site, context);
    for (const item of site.protectedItems) loadItem(site, item, context);
  }
};

function createSite(
  { name, site, policies }: EnvironmentHyperVSite,
  { vault, store, now }: EnvironmentContext,
): void {
  const fabric = { name, settings: { instanceType: HYPER_V_SITE } };
  const container = hyperVSiteKind.ownContainer(fabric, vault);
  store.putConfiguration(vault.key, 'fabric', fabric);
  if (container) store.putConfiguration(vault.key, 'container', container);
  for (const server of vault.onPremises.servers(site))
    vault.onPremises.putServer({ ...server, registered: { vault: vault.key, fabric: name, since: now } });
  for (const { name: policy, ...settings } of policies) {
    const read = readPolicy({ instanceType: HYPER_V, ...settings }, undefined);
    if (!('settings' in read))
      throw new Error(
        `The policy "${policy}" of the vault "${vault.name}" is not valid for Site Recovery: ` +
          ('error' in read ? read.error.possibleCauses : read.problem),
      );
    store.putConfiguration(vault.key, 'policy', { name: policy, settings: read.settings });
    store.putConfiguration(vault.key, 'containerMapping', {
      name: `${policy}-mapping`,
      from: { fabric: name, container: container?.name ?? '' },
      to: AZURE_CONTAINER,
      policy,
      settings: { instanceType: HYPER_V },
    });
  }
}

function loadItem(
  { name: fabric, site, policies }: EnvironmentHyperVSite,
  item: EnvironmentHyperVSite['protectedItems'][number],
  { vault, store, items, names, now }: EnvironmentContext,
): void {
  const since = now - REPLICATED_BEFORE_MS;
  const place = { fabric, container: vault.containers(fabric)[0]?.name ?? '' };
  const machine = vault.onPremises.machines(site).find(({ name }) => name === item.virtualMachine);
  const enrolled = items.addItem(
    vault,
    place,
    item.name,
    hyperVToAzure,
    policies[0]?.name ?? '',
    {
      protectableItemId: machine?.id ?? '',
      osType: machine?.osType,
      systemDiskId: machine?.disks[0]?.id,
      recoverySubnetName: item.subnet,
      settings: {
        resourceGroupId: names.group(item.resourceGroup),
        storageAccountId: names.storageAccount(item.storageAccount),
        networkId: names.network(item.network),
        usesManagedDisks: item.managedDisks,
      },
    },
    now,
    guidOf(vault.key, 'item', item.name),
  );
  const replicating = hyperVToAzure.replicatedSince(
    { ...enrolled, state: 'protected', stateSince: since },
    since,
  );
  store.putItem(replicating);
  createSeedDisks(replicating, vault.azure);
}
