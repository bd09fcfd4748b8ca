// Who Lifeboat is towards Azure: the managed identity it runs under.
import type { TokenCredential } from '@azure/identity';

export const ARM_SCOPE = 'https://management.azure.com/.default';

let credential: Promise<TokenCredential> | undefined;

export function azureCredential(): Promise<TokenCredential> {
  return (credential ??= import('@azure/identity').then(
    ({ DefaultAzureCredential }) => new DefaultAzureCredential(),
  ));
}
