// The requests in the documents are requests that the API takes: route, query, headers and body.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ALL_ROUTES } from '../../shared/api/routes/allRoutes.ts';
import { expandVariables } from '../support/documented-lines.ts';
import type { RouteDescription } from '../../shared/api/routes/routeDescription.ts';
import { httpBlocks, requestOf, type DocumentedRequest } from '../support/documented-requests.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** docs/ticketing.md has a test of its own: its requests have gaps to fill. */
const documents = [
  'README.md',
  'docs/walk-through.md',
  ...globSync(['docs/features/*.md', 'docs/guides/*.md'], { cwd: ROOT }),
];

/** The values that a reader exports before the requests. */
const MACHINE =
  '/subscriptions/2f7a1f0c-9f1b-4a43-8a55-6d0f3b1c2e77/resourceGroups/g/replicationProtectableItems/machine';
const VARIABLES = {
  VM: 'vm-3kcuvnnxf4jigebwruorc3phmn',
  VAULT: 'vault-b6nqjqdy24a6m7v5gl2wmvfpb4',
  WEB: `${MACHINE}-1`,
  DB: `${MACHINE}-2`,
};

const curlLines = (text: string): DocumentedRequest[] =>
  [
    ...expandVariables(text.replaceAll('\\\n', ''), VARIABLES).matchAll(
      /^curl -s (?:-X (\w+) )?"?\$LIFEBOAT([^\s"]+)"?(.*?)(?: --json '(.*)')?$/gm,
    ),
  ].map(([, method, address = '', headers = '', body = '']) =>
    requestOf(method ?? (body === '' ? 'GET' : 'POST'), address, headers, body),
  );

function routeOf({ method, url }: DocumentedRequest): RouteDescription | undefined {
  const found = Object.entries(ALL_ROUTES)
    .filter(([route]) => {
      const [routeMethod = '', path = ''] = route.split(' ');
      return (
        routeMethod === method && new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(url.pathname)
      );
    })
    .sort(([a], [b]) => a.split('{').length - b.split('{').length);
  return found[0]?.[1];
}

test.each(documents)('the requests in %s are requests that the API takes', (document) => {
  const text = readFileSync(join(ROOT, document), 'utf8');
  for (const request of [...httpBlocks(text), ...curlLines(text)]) {
    const route = routeOf(request);
    const problems = [
      ...(route ? [] : ['there is no such route']),
      ...(route?.idempotent && !request.headers.toLowerCase().includes('idempotency-key: ')
        ? ['it needs a key']
        : []),
      ...(request.body === '' && route?.body?.isOptional === false ? ['it needs a body'] : []),
      ...(request.body !== '' && !route?.body ? ['it takes no body'] : []),
      ...(route?.body && request.body !== ''
        ? (route.body.schema
            .safeParse(JSON.parse(request.body))
            .error?.issues.map(({ message }) => message) ?? [])
        : []),
      ...(route?.query
        ?.safeParse(Object.fromEntries(request.url.searchParams))
        .error?.issues.map(({ message }) => message) ?? []),
    ];
    expect({ line: request.line, problems }).toEqual({ line: request.line, problems: [] });
  }
});

test('the documents show requests of each kind', () => {
  const all = documents.flatMap((document) => {
    const text = readFileSync(join(ROOT, document), 'utf8');
    return [...httpBlocks(text), ...curlLines(text)];
  });
  expect(all.length).toBeGreaterThan(30);
  expect(all.filter(({ body }) => body !== '').length).toBeGreaterThan(20);
});
