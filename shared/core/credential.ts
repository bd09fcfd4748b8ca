// The identity of Lifeboat towards Azure: the managed identity of the app.
import type { TokenCredential } from '@azure/identity';

/** The scope of a token for Azure Resource Manager. */
export const ARM_SCOPE = 'https://management.azure.com/.default';

let credential: Promise<TokenCredential> | undefined;

/** Returns the credential of the app; loads the identity library on the first call. */
export function azureCredential(): Promise<TokenCredential> {
  return (credential ??= import('@azure/identity').then(
    ({ DefaultAzureCredential }) => new DefaultAzureCredential(),
  ));
}
