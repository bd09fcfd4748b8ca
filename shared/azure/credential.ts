// Who Lifeboat is towards Azure: the managed identity it runs under.
import type { TokenCredential } from '@azure/identity';

let credential: Promise<TokenCredential> | undefined;

export function azureCredential(): Promise<TokenCredential> {
  return (credential ??= import('@azure/identity').then(({ DefaultAzureCredential }) => new DefaultAzureCredential()));
}
