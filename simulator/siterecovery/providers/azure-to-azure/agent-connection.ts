// Whether the Mobility Service in a source machine reaches Site Recovery. The service installs the
// agent in the machine, and the agent then registers itself over HTTPS.

import { allowsOutbound } from '../../../arm/outbound-rules.ts';
import { noConnectionTo } from '../../errors.ts';
import type { JobError } from '../../records.ts';
import type { Vault } from '../../vault.ts';
import type { AzureToAzureItem } from './details.ts';
import { findSourceMachine } from './machine.ts';

/** The service tags that the registration needs, in the order in which the agent connects. */
const ENDPOINTS = [
  { tag: 'AzureActiveDirectory', endpoints: 'signIn' },
  { tag: 'AzureSiteRecovery', endpoints: 'service' },
] as const;

/** The error of an agent that the security rules of its primary interface cut off. */
export function agentConnectionError(
  { details: { machines, primary } }: AzureToAzureItem,
  { azure }: Vault,
): JobError | undefined {
  const [first] = findSourceMachine(azure, machines[primary])?.nics ?? [];
  const nic = first && azure.get(first.id);
  const blocked = nic && ENDPOINTS.find(({ tag }) => !allowsOutbound(azure, nic, tag));
  return blocked && noConnectionTo(blocked.endpoints);
}
