// Which right of Azure's roles a request to Resource Manager needs.

const VERBS: Readonly<Record<string, string>> = {
  GET: 'read',
  PUT: 'write',
  PATCH: 'write',
  DELETE: 'delete',
};

export function actionOf({ method, path }: { readonly method: string; readonly path: string }): string {
  const segments = (path.split('?')[0] ?? '').split('/').filter((segment) => segment !== '');
  const verb = method === 'POST' ? segments.pop() : undefined;
  // A question to a provider as a whole changes nothing, and Azure's roles call it a read.
  if (verb !== undefined && segments.at(-2) === 'providers') return `${segments.at(-1)}/${verb}/read`;
  return `${typeOf(segments)}/${verb === undefined ? (VERBS[method] ?? method) : `${verb}/action`}`;
}

function typeOf(segments: readonly string[]): string {
  const at = segments.findLastIndex((segment) => segment.toLowerCase() === 'providers');
  if (at >= 0 && segments.length > at + 2)
    return [segments[at + 1], ...everyOther(segments.slice(at + 2))].join('/');
  if (at >= 0) return 'Microsoft.Resources/subscriptions/providers';
  const group = segments.some((segment) => segment.toLowerCase() === 'resourcegroups');
  return [
    'Microsoft.Resources',
    ...everyOther(segments).map((segment) =>
      group && segment.toLowerCase() === 'resourcegroups' ? 'resourceGroups' : segment,
    ),
  ].join('/');
}

const everyOther = (segments: readonly string[]): string[] => segments.filter((_segment, i) => i % 2 === 0);

/** The type of the resource with this ARM id. */
export const typeOfId = (id: string): string => typeOf(id.split('/').filter((segment) => segment !== ''));
