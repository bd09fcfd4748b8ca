// Which right of Azure's roles each exchange with Resource Manager needs.
import { readFileSync } from 'node:fs';

export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

/** Those that are written down whole: the desk may be in the middle of the next line. */
export function exchangesIn<T extends { readonly method: string; readonly path: string } = Exchange>(trace: string): T[] {
  const text = readFileSync(trace, 'utf8');
  return text.slice(0, text.lastIndexOf('\n') + 1).split('\n').filter(Boolean).map((line) => JSON.parse(line) as T);
}

const VERBS: Readonly<Record<string, string>> = { GET: 'read', PUT: 'write', PATCH: 'write', DELETE: 'delete' };

export function actionOf({ method, path }: Pick<Exchange, 'method' | 'path'>): string {
  const segments = (path.split('?')[0] ?? '').split('/').filter((segment) => segment !== '');
  const verb = method === 'POST' ? segments.pop() : undefined;
  // A question to a provider as a whole changes nothing, and Azure's roles call it a read.
  if (verb !== undefined && segments.at(-2) === 'providers') return `${segments.at(-1)}/${verb}/read`;
  return `${typeOf(segments)}/${verb === undefined ? VERBS[method] ?? method : `${verb}/action`}`;
}

function typeOf(segments: readonly string[]): string {
  const at = segments.findLastIndex((segment) => segment.toLowerCase() === 'providers');
  if (at >= 0 && segments.length > at + 2) return [segments[at + 1], ...everyOther(segments.slice(at + 2))].join('/');
  if (at >= 0) return 'Microsoft.Resources/subscriptions/providers';
  const group = segments.some((segment) => segment.toLowerCase() === 'resourcegroups');
  return ['Microsoft.Resources', ...everyOther(segments).map((segment) => (group && segment.toLowerCase() === 'resourcegroups' ? 'resourceGroups' : segment))].join('/');
}

const everyOther = (segments: readonly string[]): string[] => segments.filter((_segment, i) => i % 2 === 0);

export const actionsIn = (trace: string): string[] => [...new Set(exchangesIn(trace).map(actionOf))].sort();
