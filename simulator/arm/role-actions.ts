// Finds the action of Azure's roles that a request to Resource Manager needs.

const ROLE_VERBS: Readonly<Record<string, string>> = {
  GET: 'read',
  PUT: 'write',
  PATCH: 'write',
  DELETE: 'delete',
};

export function roleActionOf({ method, path }: { readonly method: string; readonly path: string }): string {
  const segments = (path.split('?')[0] ?? '').split('/').filter((segment) => segment !== '');
  const verb = method === 'POST' ? segments.pop() : undefined;
  // A POST to a whole provider changes nothing, and Azure's roles call it a read.
  if (verb !== undefined && segments.at(-2) === 'providers') return `${segments.at(-1)}/${verb}/read`;
  return `${resourceTypeOf(segments)}/${verb === undefined ? (ROLE_VERBS[method] ?? method) : `${verb}/action`}`;
}

function resourceTypeOf(segments: readonly string[]): string {
  const providersIndex = segments.findLastIndex((segment) => segment.toLowerCase() === 'providers');
  if (providersIndex >= 0 && segments.length > providersIndex + 2)
    return [segments[providersIndex + 1], ...evenSegments(segments.slice(providersIndex + 2))].join('/');
  if (providersIndex >= 0) return 'Microsoft.Resources/subscriptions/providers';
  const isInGroup = segments.some((segment) => segment.toLowerCase() === 'resourcegroups');
  return [
    'Microsoft.Resources',
    ...evenSegments(segments).map((segment) =>
      isInGroup && segment.toLowerCase() === 'resourcegroups' ? 'resourceGroups' : segment,
    ),
  ].join('/');
}

const evenSegments = (segments: readonly string[]): string[] => segments.filter((_segment, i) => i % 2 === 0);

/** Returns the type of the resource with this ARM id. */
export const resourceTypeOfId = (id: string): string =>
  resourceTypeOf(id.split('/').filter((segment) => segment !== ''));
