// The list of all providers, kinds of fabric, and readers of an environment file. Add a new provider
// here.

import * as z from 'zod';

import type { EnvironmentLoader } from '../environment.ts';
import type { FabricKinds } from '../fabric-kind.ts';
import type { Providers } from '../item-jobs.ts';
import type { VaultRoute } from '../request.ts';
import { azureRegionKind } from './azure-to-azure/configuration.ts';
import { loadAzureToAzure } from './azure-to-azure/environment.ts';
import { azureToAzure } from './azure-to-azure/provider.ts';
import { loadHyperVToAzure } from './hyper-v-to-azure/environment.ts';
import { registerHost, type RegistrationServices } from './hyper-v-to-azure/registration.ts';
import { hyperVToAzure } from './hyper-v-to-azure/provider.ts';
import { hyperVSiteKind, SITE_INPUT_TYPES } from './hyper-v-to-azure/site.ts';
import { vmmKind } from './hyper-v-to-secondary-site/fabric.ts';
import { loadVmmClouds } from './hyper-v-to-secondary-site/environment.ts';
import { cloudProviders } from './hyper-v-to-secondary-site/provider.ts';
import {
  registerVmmServer,
  vmmConsoleActions,
  type SiteActionResult,
} from './hyper-v-to-secondary-site/registration.ts';
import { VMM_KINDS } from './hyper-v-to-secondary-site/world.ts';
import { discoveryResponse } from './vmware-to-azure/discovery-routes.ts';
import { loadVmwareToAzure } from './vmware-to-azure/environment.ts';
import { vmwareFabricKinds } from './vmware-to-azure/fabrics.ts';
import { vmwareProviders } from './vmware-to-azure/provider.ts';
import { vmwareRoutes } from './vmware-to-azure/routes.ts';

export const PROVIDERS: Providers = {
  [azureToAzure.instanceType]: azureToAzure,
  [hyperVToAzure.instanceType]: hyperVToAzure,
  ...cloudProviders,
  ...vmwareProviders,
};

export const FABRIC_KINDS: FabricKinds = {
  [azureRegionKind.instanceType]: azureRegionKind,
  ...Object.fromEntries(SITE_INPUT_TYPES.map((name) => [name, hyperVSiteKind])),
  [vmmKind.instanceType]: vmmKind,
  ...vmwareFabricKinds,
};

export const ENVIRONMENT_LOADERS: readonly EnvironmentLoader[] = [
  loadAzureToAzure,
  loadHyperVToAzure,
  loadVmmClouds,
  loadVmwareToAzure,
];

/** Routes below a vault that only one provider has. */
export const PROVIDER_ROUTES: readonly VaultRoute[] = vmwareRoutes;

/** Answers requests beside the vaults, about what a company's own site reports to Azure. */
export const respondBesideVaults = discoveryResponse;

const hostRegistration = z.strictObject({ server: z.string(), key: z.string() });

/** Plays the setup of a server, with a registration key. The kind of the server decides which. */
function register(body: unknown, services: RegistrationServices, now: number): SiteActionResult {
  const name = String((body as { readonly server?: unknown } | null | undefined)?.server);
  const kind = services.onPremises.server(name)?.kind;
  if (kind === VMM_KINDS.server || kind === VMM_KINDS.node) return registerVmmServer(body, services, now);
  const read = hostRegistration.safeParse(body);
  return read.success
    ? registerHost(read.data.server, read.data.key, services, now)
    : { problem: z.prettifyError(read.error) };
}

type SiteAction = (body: unknown, services: RegistrationServices, now: number) => SiteActionResult;

/** What persons do in a company's own site, by the names in the admin routes. */
export const SITE_ACTIONS: Readonly<Record<string, SiteAction>> = { register, ...vmmConsoleActions };
