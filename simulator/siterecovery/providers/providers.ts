// The list of all providers, kinds of fabric, and readers of an environment file. Add a new provider
// here.

import type { EnvironmentLoader } from '../environment.ts';
import type { FabricKinds } from '../fabric-kind.ts';
import type { Providers } from '../item-jobs.ts';
import { azureRegionKind } from './azure-to-azure/configuration.ts';
import { loadAzureToAzure } from './azure-to-azure/environment.ts';
import { azureToAzure } from './azure-to-azure/provider.ts';

export const PROVIDERS: Providers = { [azureToAzure.instanceType]: azureToAzure };

export const FABRIC_KINDS: FabricKinds = { [azureRegionKind.instanceType]: azureRegionKind };

export const ENVIRONMENT_LOADERS: readonly EnvironmentLoader[] = [loadAzureToAzure];
