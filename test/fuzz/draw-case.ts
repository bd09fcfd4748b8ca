// Draws a request from a seed: a route, its parameters, its body and its sender. Most requests are
// valid, some have one distortion, and some are random.
import { ALERT_KEYS } from '../support/alert-environment.ts';
import { signedHeaders } from '../support/alerts.ts';
import { loadContract, type Schema } from '../support/openapi-contract.ts';
import { distort, randomize, type DrawnRequest } from './distortions.ts';
import { RandomDraw } from './random-draw.ts';
import { valueOf, type Sources } from './value-from-schema.ts';
import { armIds, type KnownState } from './known-state.ts';
import { operationsOf, type Operation } from './operations.ts';
import { makeSensible, weightOf } from './make-sensible.ts';
import { ENVIRONMENT, type FuzzEnvironment } from './fuzz-environment.ts';
import type { RawRequest } from './raw-client.ts';

export interface FuzzCase {
  readonly seed: number;
  readonly trigger: 'rest' | 'signed' | 'queue';
  readonly route: string;
  readonly method: string;
  /** `meant`, `wild`, or the name of the distortion. */
  readonly distortion: string;
  readonly who: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: readonly (readonly [string, string])[];
  /** The body before the distortion. */
  readonly value: unknown;
  readonly sent: RawRequest;
  /** Random values for further draws of this case. */
  readonly draw: RandomDraw;
}

const QUEUE_PROBABILITY = 0.08;
const [MEANT, BENT] = [0.62, 0.3];
export const SIGNED_ROUTE = 'POST /api/v1/alerts/generic';
const COMMAND_ROUTE = 'POST /api/v1/jobs';
const MADE_UP_NAMES = 12;

export async function drawCase(seed: number, environment: FuzzEnvironment): Promise<FuzzCase> {
  const draw = new RandomDraw(seed);
  const { document } = await loadContract();
  const now = environment.readKnownState();
  const isQueue = draw.chance(QUEUE_PROBABILITY);
  const from: Sources = {
    draw,
    schemas: document.components.schemas,
    valuesByProperty: {
      ...valuesByPropertyFor(environment, now, draw),
      ...timesByProperty(await environment.simulator.now()),
    },
    names: namesOf(now),
    makeSensible: (name, value) => makeSensible(name, value, draw, now),
    now: await environment.simulator.now(),
    weight: (entry) => weightOfAlternative(entry, now, isQueue),
  };
  const operations = operationsOf(document);
  const operation = isQueue
    ? operations.find(({ route }) => route === COMMAND_ROUTE)
    : draw.weighted(operations, ({ weight }) => weight);
  if (!operation) throw new Error('There is no route for commands.');
  const drawnRequest = drawRequest(operation, from, now);
  const dice = draw.int(0, 99) / 100;
  let how = 'meant';
  if (dice >= MEANT + BENT) {
    how = 'wild';
    randomize(drawnRequest, draw);
  } else if (dice >= MEANT) how = distort(drawnRequest, draw);
  const entrance = isQueue ? 'queue' : operation.route === SIGNED_ROUTE ? 'signed' : 'rest';
  return {
    seed,
    trigger: entrance,
    route: `${drawnRequest.method} ${operation.path}`,
    method: drawnRequest.method,
    distortion: how,
    who: drawnRequest.who,
    params: drawnRequest.params,
    query: drawnRequest.query,
    value: drawnRequest.value,
    sent: await toRawRequest(drawnRequest, entrance, environment),
    draw,
  };
}

/** Requests that take VMs away are rarer than their share. */
function valuesByPropertyFor(
  environment: FuzzEnvironment,
  now: KnownState,
  draw: RandomDraw,
): Sources['valuesByProperty'] {
  const all = environment.valuesByProperty(now);
  const isRare = draw.chance(0.9);
  return {
    ...all,
    operation: (all['operation'] ?? []).filter((candidate) => !isRare || candidate !== 'disableReplication'),
  };
}

const timesByProperty = (now: Date): Sources['valuesByProperty'] => {
  const at = (minutes: number): string => new Date(now.getTime() + minutes * 60_000).toISOString();
  return {
    firedAt: [at(0), at(-5)],
    firedDateTime: [at(0), at(-5)],
    resolvedAt: [at(0)],
    resolvedDateTime: [at(0), at(1)],
    since: [at(-60), at(-600)],
    until: [at(0), at(60)],
  };
};

const namesOf = ({ vms, plans, vaults, jobs }: KnownState): string[] => [
  ...vms.map(({ id }) => id),
  ...plans.map(({ planId }) => planId),
  ...vaults,
  ...jobs.map(({ jobId }) => jobId),
  ...armIds(ENVIRONMENT).filter((id) => !id.includes('fabrikam')),
];

function weightOfAlternative({ properties, oneOf }: Schema, now: KnownState, isQueue: boolean): number {
  if (Array.isArray(oneOf))
    return JSON.stringify(oneOf).includes('"planVersion"') ? (now.plans.length > 0 ? 0.4 : 0.02) : 1;
  const operation = (properties as Readonly<Record<string, Schema>> | undefined)?.['operation'];
  const words =
    operation === undefined
      ? []
      : 'const' in operation
        ? [String(operation['const'])]
        : ((operation['enum'] ?? []) as string[]);
  // A sender by the queue is an operator.
  return words.length === 0
    ? 1
    : Math.max(
        ...words.map((word) => weightOf(word, now) * (isQueue && CONTRIBUTOR_OPERATIONS.has(word) ? 0.1 : 1)),
      );
}

const PRINCIPALS_BY_ROLE: Readonly<Record<string, readonly string[]>> = {
  Owner: ['owner'],
  Contributor: ['contributor'],
  Operator: ['operator', 'ada'],
  Reader: ['reader', 'ben'],
  Approver: ['approver', 'dora'],
  Alerts: ['alerts'],
};
const CONTRIBUTOR_OPERATIONS: ReadonlySet<unknown> = new Set([
  'disableReplication',
  'updateReplication',
  'enableReplication',
  'prepareVault',
]);

function drawRequest(
  { method, path, roles, query, body, bodyMayBeLeftOut, takesIfMatch, takesKey, route }: Operation,
  from: Sources,
  now: KnownState,
): DrawnRequest {
  const { draw } = from;
  const params = drawParameters(route, path, draw, now);
  const asked = body === null || (bodyMayBeLeftOut && draw.chance(0.3)) ? undefined : valueOf(body, from);
  const value = makeSensible(route, asked, draw, now, params);
  const operation = (value as { readonly operation?: unknown } | undefined)?.operation;
  const allowed = (roles ?? []).filter(
    (role) => !CONTRIBUTOR_OPERATIONS.has(operation) || role === 'Owner' || role === 'Contributor',
  );
  const version = takesIfMatch ? versionOf(route, params, now) : undefined;
  const job = now.jobs.filter((candidate) => candidate.command.operation === operation);
  return {
    method,
    path,
    params,
    value,
    bytes: undefined,
    who:
      allowed.length === 0
        ? 'nobody'
        : draw.pick(
            draw.pick(
              rolesFor(route, allowed, value).flatMap((role) =>
                PRINCIPALS_BY_ROLE[role] ? [PRINCIPALS_BY_ROLE[role]] : [],
              ),
            ),
          ),
    query: query.flatMap((parameter): [string, string][] =>
      parameter.required || parameter.name === 'wait' || draw.chance(0.3)
        ? queryValue(parameter.name, parameter.schema, from)
        : [],
    ),
    headers: {
      ...(value === undefined
        ? {}
        : {
            'content-type': draw.pick([
              'application/json',
              'application/json; charset=utf-8',
              'application/json',
            ]),
          }),
      ...(takesKey
        ? { 'idempotency-key': draw.chance(0.03) && job.length > 0 ? 'key-again' : `key-${draw.letters(8)}` }
        : {}),
      ...(version === undefined ? {} : { 'if-match': `"${version}"` }),
      ...(route === SIGNED_ROUTE
        ? { 'webhook-signature': '', 'webhook-timestamp': '', 'webhook-nonce': '' }
        : {}),
      ...(draw.chance(0.2) && /map$|report$/.test(path)
        ? { accept: draw.pick(['text/csv', 'text/markdown', '*/*', 'application/json']) }
        : {}),
    },
  };
}

const VOTES: ReadonlySet<unknown> = new Set(['approved', 'refused']);
/** The principals with a role that the route accepts for this body. */
const rolesFor = (route: string, roles: readonly string[], value: unknown): readonly string[] =>
  route.endsWith('/answers') && VOTES.has((value as { readonly answer?: unknown } | undefined)?.answer)
    ? ['Approver']
    : /\/(take-over|cancel|pause|resume|skip|retry|source-lost|answers)$/.test(route)
      ? roles.filter((role) => role !== 'Operator')
      : roles;

function queryValue(name: string, schema: Schema, from: Sources): [string, string][] {
  // Each list check follows the pages itself, so a drawn continuation is not necessary.
  if (name === 'continuation') return [];
  // Nothing happens while the fuzz waits, so a waiting request would never get news.
  if (name === 'wait') return [['wait', '0']];
  const value = valueOf(schema, from, name);
  return [[name, Array.isArray(value) ? value.join(',') : String(value)]];
}

const madeUpName = (draw: RandomDraw): string => `made-${draw.int(1, MADE_UP_NAMES)}`;

function drawParameters(
  route: string,
  path: string,
  draw: RandomDraw,
  now: KnownState,
): Record<string, string> {
  const pickOne = (list: readonly string[]): string =>
    list.length > 0 && draw.chance(0.93) ? draw.pick(list) : 'none';
  const [, area = ''] = /^\/api\/v1\/([\w-]+)/.exec(path) ?? [];
  const isNew = route.startsWith('PUT') && draw.chance(0.5);
  const ranges = path.includes('{undeliveredId}')
    ? now.gaps.filter(({ jobId }) => path.includes('{stream}') || jobId.startsWith('job-'))
    : [];
  const open = ranges.filter(({ resumedAt }) => resumedAt === null);
  const range = ranges.length > 0 ? draw.pick(open.length > 0 ? open : ranges) : undefined;
  if (range) return { [path.includes('{stream}') ? 'stream' : 'id']: range.jobId, undeliveredId: range.id };
  const plan =
    isNew && area === 'plans' && !path.includes('schedules')
      ? madeUpName(draw)
      : pickOne(
          now.plans
            .filter(({ origin }) => origin.kind === 'own' || (!route.startsWith('PUT') && draw.chance(0.3)))
            .map(({ planId }) => planId),
        );
  const ids: Readonly<Record<string, () => string>> = {
    jobs: () => drawJobId(path, draw, now, pickOne),
    replications: () => pickOne(now.vms.map(({ id }) => id)),
    callbacks: () =>
      isNew ? madeUpName(draw) : pickOne(now.callbacks.map(({ id }) => id.replace('callback:', ''))),
    'alert-rules': () =>
      isNew ? madeUpName(draw) : pickOne(now.rules.map(({ id }) => id.replace('alertRule:', ''))),
    'alert-decisions': () => pickOne(decisionIdsFor(path, now)),
    'check-confirmations': () =>
      pickOne(now.confirmations.map(({ id }) => id.replace('checkConfirmation:', ''))),
    alarms: () => pickOne(now.alarms.map(({ jobId }) => jobId)),
    plans: () =>
      isNew
        ? madeUpName(draw)
        : pickOne(now.schedules.filter(({ planId }) => planId === plan).map(({ scheduleId }) => scheduleId)),
  };
  return Object.fromEntries(
    [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => [
      name,
      name === 'planId' ? plan : name === 'vaultId' ? pickOne(now.vaults) : (ids[area]?.() ?? 'none'),
    ]),
  );
}

function decisionIdsFor(path: string, { decisions }: KnownState): string[] {
  const asking = decisions.filter(({ state }) => state === 'waiting');
  return (path.endsWith('/answers') && asking.length > 0 ? asking : decisions).map(({ id }) => id);
}

/** Draws an open job to steer, and an ended job to retry. */
function drawJobId(
  path: string,
  draw: RandomDraw,
  now: KnownState,
  pickOne: (list: readonly string[]) => string,
): string {
  const drills = now.jobs.filter(({ command }) => command.operation === 'testFailover');
  const meant = path.endsWith('/answers')
    ? now.openJobs.filter(({ needs }) => needs.length > 0)
    : path.endsWith('/retry')
      ? now.jobs.filter(
          ({ state }) => state === 'cancelled' || state === 'failed' || state === 'completedWithExceptions',
        )
      : path.endsWith('/source-lost')
        ? now.openJobs.filter(({ command }) => 'shutDownSource' in command && command.shutDownSource)
        : /\/(pause|resume|cancel|skip|take-over)$/.test(path)
          ? now.openJobs
          : path.endsWith('/report')
            ? drills
            : now.jobs;
  return pickOne((meant.length > 0 && draw.chance(0.9) ? meant : now.jobs).map(({ jobId }) => jobId));
}

function versionOf(
  route: string,
  { planId, id = '' }: Record<string, string>,
  now: KnownState,
): number | undefined {
  if (route.includes('/schedules/'))
    return now.schedules.find((schedule) => schedule.planId === planId && schedule.scheduleId === id)
      ?.version;
  if (route.includes('/plans/')) return now.plans.find((plan) => plan.planId === planId)?.version;
  return [...now.callbacks, ...now.rules].find(
    (candidate) =>
      (candidate.id === `callback:${id}` && route.includes('/callbacks/')) ||
      (candidate.id === `alertRule:${id}` && route.includes('/alert-rules/')),
  )?.version;
}

/** An address cannot contain a malformed text. */
const encoded = (text: string): string => encodeURIComponent(text.toWellFormed());

async function toRawRequest(
  drawn: DrawnRequest,
  entrance: FuzzCase['trigger'],
  environment: FuzzEnvironment,
): Promise<RawRequest> {
  const path = drawn.path.replace(/\{(\w+)\}/g, (_all, name: string) => encoded(drawn.params[name] ?? ''));
  const query = drawn.query.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&');
  const body =
    drawn.bytes ?? (drawn.value === undefined ? undefined : Buffer.from(JSON.stringify(drawn.value)));
  const signed = entrance === 'signed' ? signedHeaders(body ?? '', ALERT_KEYS[0]) : {};
  const auth =
    entrance === 'rest' && drawn.who !== 'nobody'
      ? { authorization: `Bearer ${await environment.token(drawn.who)}` }
      : {};
  const headers = {
    ...auth,
    ...Object.fromEntries(
      Object.entries(drawn.headers).map(([name, value]) => [
        name,
        value === '' && name in signed ? (signed[name] ?? '') : value,
      ]),
    ),
  };
  return { method: drawn.method, address: `${path}${query === '' ? '' : `?${query}`}`, headers, body };
}
