// The list of all providers, kinds of fabric, and readers of an environment file. Add a new provider
// here.

import type { EnvironmentLoader } from '../environment.ts';
import type { FabricKinds } from '../fabric-kind.ts';
import type { Providers } from '../item-jobs.ts';
import type { VaultRoute } from '../request.ts';
import { azureRegionKind } from './azure-to-azure/configuration.ts';
import { loadAzureToAzure } from './azure-to-azure/environment.ts';
import { azureToAzure } from './azure-to-azure/provider.ts';
import { loadHyperVToAzure } from './hyper-v-to-azure/environment.ts';
import { hyperVToAzure } from './hyper-v-to-azure/provider.ts';
import { hyperVSiteKind, SITE_INPUT_TYPES } from './hyper-v-to-azure/site.ts';
import { discoveryResponse } from './vmware-to-azure/discovery-routes.ts';
import { loadVmwareToAzure } from './vmware-to-azure/environment.ts';
import { vmwareFabricKinds } from './vmware-to-azure/fabrics.ts';
import { vmwareProviders } from './vmware-to-azure/provider.ts';
import { vmwareRoutes } from './vmware-to-azure/routes.ts';

export { registerHost } from './hyper-v-to-azure/registration.ts';

export const PROVIDERS: Providers = {
  [azureToAzure.instanceType]: azureToAzure,
  [hyperVToAzure.instanceType]: hyperVToAzure,
  ...vmwareProviders,
};

export const FABRIC_KINDS: FabricKinds = {
  [azureRegionKind.instanceType]: azureRegionKind,
  ...Object.fromEntries(SITE_INPUT_TYPES.map((name) => [name, hyperVSiteKind])),
  ...vmwareFabricKinds,
};

export const ENVIRONMENT_LOADERS: readonly EnvironmentLoader[] = [
  loadAzureToAzure,
  loadHyperVToAzure,
  loadVmwareToAzure,
];

/** Routes below a vault that only one provider has. */
export const PROVIDER_ROUTES: readonly VaultRoute[] = vmwareRoutes;

/** Answers requests beside the vaults, about what a company's own site reports to Azure. */
export const respondBesideVaults = discoveryResponse;
