// Builds the environment variables of a Lifeboat that runs against the simulator. They are its
// settings and the variables that App Service sets in Azure.

import type { ServerAddresses } from '../azure/server-addresses.ts';

export interface AppSettingsOptions {
  readonly addresses: ServerAddresses;
  readonly identityHeader: string;
  readonly database: string;
  /** These settings override all others. */
  readonly extra: Readonly<Record<string, string>>;
}

const LOOPBACK = '127.0.0.1,localhost';

/** Returns the environment variables of the app. */
export function createAppSettings({
  addresses,
  identityHeader,
  database,
  extra,
}: AppSettingsOptions): NodeJS.ProcessEnv {
  // The app gets no variables of the user's own sign-in: the app in the simulator must never reach
  // the real Azure.
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('AZURE_')));
  return {
    ...own,
    LIFEBOAT_ARM_ENDPOINT: addresses.arm,
    LIFEBOAT_COSMOS_ENDPOINT: addresses.cosmos,
    LIFEBOAT_COSMOS_DATABASE: database,
    LIFEBOAT_AUTHORITY: addresses.identity,
    LIFEBOAT_TENANT_ID: addresses.tenant,
    LIFEBOAT_AUDIENCE: addresses.audience,
    LIFEBOAT_CLOCK_URL: addresses.clock,
    LIFEBOAT_SERVICEBUS: new URL(addresses.serviceBus).host,
    CommandBus__fullyQualifiedNamespace: new URL(addresses.serviceBus).host,
    LIFEBOAT_VAULTS: addresses.vaults.join(','),
    // A developer or a test sends requests as fast as possible.
    LIFEBOAT_CALLS_BURST: '100000',
    LIFEBOAT_CALLS_PER_SECOND: '10000',
    // infra/main.bicep sets the same values.
    FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '1200000',
    AzureWebJobsDisableHomepage: 'true',
    IDENTITY_ENDPOINT: addresses.managedIdentity,
    IDENTITY_HEADER: identityHeader,
    AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential',
    NODE_EXTRA_CA_CERTS: addresses.caFile,
    // A proxy of the user's network cannot reach the simulator.
    NO_PROXY: [own.NO_PROXY ?? own.no_proxy, LOOPBACK].filter(Boolean).join(','),
    ...extra,
  };
}
