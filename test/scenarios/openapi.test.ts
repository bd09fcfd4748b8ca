// The OpenAPI document is true: it lists each route of the app and no other. Each example gets the
// described answer.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import agreement from '../../infra/agreement.json' with { type: 'json' };
import { OPEN_ROUTES, ROUTE_ROLES, SIGNED_ROUTES } from '../../shared/access/roles.ts';
import type { RouteExample } from '../../shared/api/routes/routeDescription.ts';
import type { privacyView } from '../../shared/api/privacy.ts';
import { loadContract, assertMatchesContract, type OpenApi } from '../support/openapi-contract.ts';
import { startTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

const VALIDATOR = join(
  import.meta.dirname,
  ...['..', '..', 'node_modules', '@seriousme', 'openapi-schema-validator', 'bin', 'validate-api-cli.js'],
);

let environment: TestEnvironment;
let document: OpenApi;
beforeAll(async () => {
  environment = await startTestEnvironment(['web', 'app'], { environment: 'contoso' });
  await environment.simulator.arm.budgets({ reads: { burst: 10_000, perSecond: 25 } });
  document = (await loadContract()).document;
});
afterAll(() => environment.simulator.stop());

interface Operation {
  readonly 'x-roles'?: readonly string[];
  readonly 'x-examples': readonly RouteExample[];
  readonly operationId: string;
  readonly summary: string;
  readonly responses: Readonly<Record<string, object>>;
}
const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      route: `${method.toUpperCase()} ${path}`,
      path,
      method: method.toUpperCase(),
      ...(operation as unknown as Operation),
    })),
  );

test('the document and the app have the same routes [TRG-1]', () => {
  const routes = JSON.parse(
    execFileSync(process.execPath, [join(import.meta.dirname, '..', 'support', 'app-routes.ts')], {
      encoding: 'utf8',
    }),
  ) as string[];
  const described = operations()
    .map(({ route }) => route)
    .sort();
  expect(routes.sort()).toEqual(described);
  expect([...Object.keys(ROUTE_ROLES), ...OPEN_ROUTES, ...SIGNED_ROUTES].sort()).toEqual(described);
});

test('every caller can read the document that checks all test answers [RBAC-1]', async () => {
  const answer = await fetch(new URL('/api/openapi.json', environment.simulator.host.url));
  expect([answer.status, answer.headers.get('content-type'), await answer.json()]).toEqual([
    200,
    'application/json; charset=utf-8',
    document,
  ]);
});

test('each route has a line about its purpose, its roles and its refusals', () => {
  for (const { route, summary, responses, ...entry } of operations()) {
    expect([route, summary]).toEqual([route, expect.stringMatching(/^[A-Z].{10,}\.$/)]);
    expect(entry['x-roles'] ?? []).toEqual(
      (ROUTE_ROLES as Readonly<Record<string, readonly string[]>>)[route] ?? [],
    );
    // Each refusal lists its codes and no others.
    for (const [status, response] of Object.entries(responses)) {
      const refused = (
        response as {
          content?: Record<
            string,
            { schema: { allOf?: readonly [object, { properties: { code: { enum: readonly string[] } } }] } }
          >;
        }
      ).content?.['application/problem+json'];
      if (refused)
        expect([
          route,
          status,
          refused.schema.allOf?.[1].properties.code.enum.every((code) => /^[A-Z][A-Za-z]+$/.test(code)),
        ]).toEqual([route, status, true]);
    }
    expect(Object.keys(responses)).toEqual(
      expect.arrayContaining(['503', ...(entry['x-roles'] ? ['401', '403', '429'] : [])]),
    );
  }
});

/** The verdict of an external validator, in a process that runs ES modules. */
function validate(text: string): { readonly valid: boolean; readonly errors?: unknown } {
  const file = join(mkdtempSync(join(tmpdir(), 'openapi-')), 'openapi.json');
  writeFileSync(file, text);
  const { stdout } = spawnSync(process.execPath, [VALIDATOR, file], { encoding: 'utf8' });
  return JSON.parse(stdout) as { valid: boolean };
}

test('an external validator accepts the document, and ajv compiles each schema of it', async () => {
  const text = JSON.stringify(document);
  expect(validate(text)).toEqual({ valid: true });
  expect(validate(text.replaceAll('schemas/Job"', 'schemas/Nothing"'))).toEqual({
    valid: false,
    errors: "Can't resolve #/components/schemas/Nothing",
  });
  const { validatorAt } = await loadContract();
  for (const name of Object.keys(document.components.schemas))
    expect(validatorAt('components', 'schemas', name)).toBeInstanceOf(Function);
});

test('every operation has its own readable id', () => {
  const ids = operations().map(({ operationId }) => operationId);
  expect(ids.filter((id) => !/^[a-z]+([A-Z][a-z]+)+$/.test(id))).toEqual([]);
  expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
  expect(ids).toEqual(expect.arrayContaining(['createJob', 'pauseJob', 'listPlans']));
});

test('the privacy page and the privacy route say the same [PRIV-1]', async () => {
  const ask = (path: string) => fetch(new URL(path, environment.simulator.host.url));
  const { sent, turningOff, kept } = (await (await ask('/api/v1/privacy')).json()) as ReturnType<
    typeof privacyView
  >;
  const page = await ask('/api/privacy');
  const html = await page.text();
  expect(page.headers.get('content-type')).toContain('text/html');
  for (const feature of [
    'registration',
    'enabling replication',
    'recovery plans',
    'network mapping',
    'failover',
  ])
    expect(sent.map((sentData) => sentData.feature)).toContain(feature);
  for (const text of [
    ...sent.flatMap(({ what, where, why }) => [what, where, why]),
    turningOff,
    ...kept.flatMap(({ where, what, howLong }) => [where, what, howLong]),
  ])
    expect(html).toContain(text);
  expect(turningOff).toContain('not using the feature is the only way');
  // Each stored resource of the deployment, with its retention.
  const things = [
    ...agreement.containers.map(({ id }) => `Cosmos DB, ${id}`),
    ...agreement.serviceBus.queues.map(({ name }) => `Service Bus, queue ${name}`),
    ...agreement.serviceBus.topics.flatMap(({ name, subscriptions }) =>
      subscriptions.map((subscription) => `Service Bus, topic ${name}, subscription ${subscription.name}`),
    ),
  ];
  expect(kept.map(({ where }) => where)).toEqual(things);
  for (const { what } of kept) expect(what).not.toBe('');
  // The personal data beside the names.
  for (const [where, words] of [
    ['jobs', ['alarms', 'refused', 'people in control', 'runbook', 'questions']],
    ['plans', ['schedules', 'due start', 'person behind']],
    ['settings', ['authors']],
    ['alerts', ['voters']],
  ] as const)
    for (const word of words)
      expect(kept.find((storedData) => storedData.where.endsWith(`, ${where}`))?.what).toContain(word);
  expect(kept.filter(({ where }) => where.startsWith('Service Bus')).map(({ howLong }) => howLong)).toEqual([
    'at most 14 days',
    'at most 14 days',
    'at most 14 days',
  ]);
  for (const { where, howLong } of kept.filter(({ where }) => where.startsWith('Cosmos DB')))
    expect([where, howLong]).toEqual([where, expect.stringContaining('until somebody deletes it')]);
});

/** A principal with one of the roles. */
function whoFor(roles: readonly string[] | undefined): string {
  const names = (roles ?? []).map((role) => role.toLowerCase());
  if (names.includes('operator')) return 'operator';
  return names.find((name) => name !== 'owner') ?? names[0] ?? 'stranger';
}

test('each example gets the described answer [TRG-1]', async () => {
  const wrong: string[] = [];
  let examples = 0;
  for (const { route, path, method, ...entry } of operations()) {
    for (const { name, path: values = {}, query = {}, headers = {}, body, status } of entry['x-examples']) {
      examples += 1;
      const address = path.replace(/\{(\w+)\}/g, (_all, parameter: string) =>
        encodeURIComponent(values[parameter] ?? ''),
      );
      const asked = new URLSearchParams(query).toString();
      const reply = await environment.lifeboat.call<{ code?: string; detail?: string }>(
        `${address}${asked === '' ? '' : `?${asked}`}`,
        { method, principal: whoFor(entry['x-roles']), headers, ...(body === undefined ? {} : { body }) },
      );
      if (reply.status !== status)
        wrong.push(
          `${route}, "${name}": ${reply.status} ${reply.body.code ?? ''} ${reply.body.detail ?? ''}`,
        );
    }
  }
  expect(wrong).toEqual([]);
  expect(examples).toBeGreaterThan(40);
  expect(
    operations()
      .filter((operation) => operation['x-examples'].length === 0)
      .map(({ route }) => route),
  ).toEqual([]);
});

test('the contract check finds an answer that differs from its description', async () => {
  const headers = new Headers({ 'content-type': 'application/json; charset=utf-8' });
  const health = { status: 200, headers, body: { status: 'alive' } };
  await assertMatchesContract('GET', '/api/v1/health', health);
  for (const other of [
    { ...health, body: { status: 'dead' } },
    { ...health, body: { status: 'alive', version: 1 } },
    { ...health, body: {} },
    { ...health, status: 418 },
    { ...health, headers: new Headers({ 'content-type': 'text/html' }) },
  ]) {
    await expect(assertMatchesContract('GET', '/api/v1/health', other)).rejects.toThrow(
      /GET \/api\/v1\/health answered/,
    );
  }
});
