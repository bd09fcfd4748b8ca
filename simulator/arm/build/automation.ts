// Builds Automation accounts and their runbooks.

import { RESOURCE_TYPES } from '../resource-types.ts';
import type { Resource } from '../resource.ts';

export const accountResource = (id: string, name: string, location: string): Resource => ({
  id,
  name,
  type: RESOURCE_TYPES.automationAccount,
  location,
  tags: {},
  properties: { sku: { name: 'Basic' }, state: 'Ok', publicNetworkAccess: true },
});

export function runbookResource(
  account: Resource,
  {
    name,
    parameters,
    published,
  }: { readonly name: string; readonly parameters: readonly string[]; readonly published: boolean },
): Resource {
  const named = parameters.map((parameter, position) => [
    parameter,
    { type: 'System.String', isMandatory: false, position, defaultValue: '' },
  ]);
  return {
    id: `${account.id}/runbooks/${name}`,
    name,
    type: RESOURCE_TYPES.runbook,
    ...(account.location !== undefined && { location: account.location }),
    tags: {},
    properties: {
      runbookType: 'PowerShell',
      state: published ? 'Published' : 'New',
      provisioningState: 'Succeeded',
      parameters: Object.fromEntries(named) as Record<string, unknown>,
    },
  };
}
