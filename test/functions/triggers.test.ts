// The triggers of the app. The entry registers every trigger. A stack trace or a search by name
// finds its handler.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { app } from '@azure/functions';
import * as durable from 'durable-functions';
import { ACTIVITIES } from '../../functions/activities/activities.ts';
import { HANDLERS, LAST_NAME, OPEN_HANDLERS } from '../../functions/http/routes.ts';
import { TIMERS } from '../../functions/timers/timers.ts';
import { OPEN_ROUTES, ROUTE_ROLES, SIGNED_ROUTES } from '../../shared/access/roles.ts';
import { ALL_ROUTES } from '../../shared/api/routes/allRoutes.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const filesOf = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file));
const sourceOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

const ROUTE_HANDLERS = Object.values({ ...HANDLERS, ...OPEN_HANDLERS });
const ALL_HANDLERS = [
  ...ROUTE_HANDLERS,
  ...TIMERS.map(({ handler }) => handler),
  ...Object.values(ACTIVITIES),
];

interface Registered {
  readonly kind: string;
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}

const registered: Registered[] = [];
const record =
  (kind: string) =>
  (name: string, options: unknown): never => {
    registered.push({ kind, name, options: options as Registered['options'] });
    return undefined as never;
  };
const namesOf = (kind: string): string[] =>
  registered.filter((candidate) => candidate.kind === kind).map(({ name }) => name);

beforeAll(async () => {
  jest.spyOn(app.hook, 'appStart').mockReturnValue({} as never);
  jest.spyOn(app, 'http').mockImplementation(record('http'));
  jest.spyOn(app, 'timer').mockImplementation(record('timer'));
  jest.spyOn(durable.app, 'activity').mockImplementation(record('activity'));
  jest.spyOn(durable.app, 'orchestration').mockImplementation(record('orchestration'));
  await import('../../functions/main.ts');
});
afterAll(() => jest.restoreAllMocks());

test('the entry of the app registers one function for each route, timer and activity', () => {
  const routes = registered
    .filter(({ kind, name }) => kind === 'http' && name !== LAST_NAME)
    .map(({ options }) => {
      const [method = '', ...others] = options['methods'] as string[];
      // A probe asks with HEAD where a client asks with GET.
      expect(others).toEqual(method === 'GET' ? ['HEAD'] : []);
      return `${method} /api/${String(options['route'])}`;
    });
  expect(routes.sort()).toEqual([...Object.keys(ROUTE_ROLES), ...OPEN_ROUTES, ...SIGNED_ROUTES].sort());
  expect(namesOf('http').sort()).toEqual([...ROUTE_HANDLERS.map(({ name }) => name), LAST_NAME].sort());
  expect(namesOf('timer')).toEqual(TIMERS.map(({ name }) => name));
  expect(namesOf('activity').sort()).toEqual(Object.keys(ACTIVITIES).sort());
  expect(namesOf('orchestration').sort()).toEqual(['phase', 'runJob', 'runPlan', 'startShard']);
});

test('the function for unknown addresses has the last name, and no other routes overlap', () => {
  const names = namesOf('http').map((name) => name.toUpperCase());
  expect(names.toSorted().at(-1)).toBe(LAST_NAME.toUpperCase());
  // The host asks the functions in the order of their names, whatever the routes.
  const routes = registered
    .filter(({ kind, name }) => kind === 'http' && name !== LAST_NAME)
    .map(({ name, options }) => ({
      name,
      methods: options['methods'] as string[],
      segments: String(options['route']).split('/'),
    }));
  const isParameter = (segment = ''): boolean => segment.startsWith('{');
  const overlapping = routes.flatMap((one, at) =>
    routes
      .slice(at + 1)
      .filter(
        (other) =>
          other.segments.length === one.segments.length &&
          other.methods.some((method) => one.methods.includes(method)) &&
          other.segments.every(
            (segment, i) =>
              isParameter(segment) || isParameter(one.segments[i]) || segment === one.segments[i],
          ),
      )
      .map((other) => [one.name, other.name]),
  );
  expect(overlapping).toEqual([]);
});

test('only functions that start or ask orchestrations have a durable client', () => {
  const withClient = registered
    .filter(({ options }) => ((options['extraInputs'] as unknown[] | undefined) ?? []).length > 0)
    .map(({ name }) => name);
  expect(withClient).toEqual(
    expect.arrayContaining(['createJob', 'pauseJob', 'sweep', 'schedules', 'alerts']),
  );
  for (const name of ['readHealth', 'readJob', 'listJobs', 'savePlan', 'relay', LAST_NAME])
    expect(withClient).not.toContain(name);
});

test('no two functions share a name, and no two handlers do', () => {
  for (const names of [registered.map(({ name }) => name), ALL_HANDLERS.map(({ name }) => name)]) {
    expect(names.filter((name) => name === '')).toEqual([]);
    expect(names.filter((name, place) => names.indexOf(name) !== place)).toEqual([]);
  }
});

test('each activity has the name of its handler, and orchestrators call every activity', () => {
  for (const [name, handler] of Object.entries(ACTIVITIES)) expect(handler.name).toBe(name);
  const called = filesOf('orchestrators').flatMap((file) =>
    [...sourceOf(file).matchAll(/(?:callActivity\(|\(\s*context,\s*)'(\w+)'/g)].map(([, name]) => name),
  );
  expect([...new Set(called)].sort()).toEqual(Object.keys(ACTIVITIES).sort());
});

test('the app registers every handler that a file of triggers exports', async () => {
  const shared = new Set(
    ['input', 'secure', 'routes', 'unknownAddress'].map((name) => `functions/http/${name}.ts`),
  );
  const helpers = new Set(['readKnownJob', 'registerTimers', 'registerActivities']);
  const files = ['http', 'webhooks', 'timers', 'activities'].flatMap((kind) => filesOf(`functions/${kind}`));
  for (const file of files.filter((text) => !shared.has(text))) {
    const exported = Object.values((await import(join(ROOT, file))) as Record<string, unknown>);
    const functions = exported.filter((candidate) => typeof candidate === 'function');
    const missing = functions.filter(
      (candidate) => !helpers.has(candidate.name) && !ALL_HANDLERS.includes(candidate as never),
    );
    expect({ file, missing: missing.map(({ name }) => name) }).toEqual({ file, missing: [] });
  }
});

test('only one function starts an orchestration', () => {
  const starting = filesOf('functions').flatMap((file) =>
    [...sourceOf(file).matchAll(/\bstartNew\b/g)].map(() => file),
  );
  expect(starting).toEqual(['functions/startOrchestration.ts']);
});

test('a handler has the name of its operation in the OpenAPI document', () => {
  const handlers = { ...HANDLERS, ...OPEN_HANDLERS };
  const names = Object.fromEntries(Object.entries(handlers).map(([route, { name }]) => [route, name]));
  expect(names).toEqual(Object.fromEntries(Object.entries(ALL_ROUTES).map(([route, { id }]) => [route, id])));
});
