// The gateway of the ARM server. It checks the caller and the call budget, then sends the request
// to Resource Manager or to Site Recovery.

import { randomUUID } from 'node:crypto';

import * as z from 'zod';

import type { SimulatedClock } from '../clock/simulated-clock.ts';
import type { SimulatorResponse, Exchange, Handler } from '../wire/exchange.ts';
import { decodeSafely } from '../wire/route-matching.ts';
import { armError } from './responses.ts';
import {
  budgetChangeSchema,
  budgetKindOf,
  Budgets,
  DEFAULT_BUDGETS,
  type BudgetSettings,
} from './budgets.ts';
import { linkedAuthorizationError, type Caller } from './linked-authorization.ts';
import { RunCommands, runOutcomeSchema } from './run-commands.ts';
import { RunbookJobs, runbookOutcomeSchema } from './runbook-jobs.ts';
import type { Arm } from './server.ts';
import { RESOURCE_TYPES } from './resource-types.ts';
import type { AzureWorld } from './world.ts';

export interface GatewayOptions {
  readonly world: AzureWorld;
  readonly clock: SimulatedClock;
  readonly arm: Arm;
  readonly siteRecovery: Handler;
  readonly authenticate: (
    authorizationHeader: string | undefined,
  ) => Caller | { readonly refused: SimulatorResponse };
}

export interface Gateway {
  readonly handle: Handler;
  /**
   * GET, POST /arm/budgets: the call budgets.
   * GET /arm/calls: the accepted and the throttled calls since the start of the server.
   * GET /arm/unknown: the unknown requests.
   * GET, POST, DELETE /arm/commands and /arm/runbooks: scripts and runbooks that ran, and the
   * outcomes of the next ones.
   */
  readonly admin: Handler;
}

/**
 * Site Recovery handles its own resources below a vault, the credentials of the vault, and the sites
 * that its appliances discover.
 */
const SITE_RECOVERY =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/(?:Microsoft\.RecoveryServices\/vaults\/[^/]+\/(?:replication|certificates\/|extendedInformation\/)|Microsoft\.OffAzure\/)/i;

const RESOURCE_GROUP = /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+$/i;
const VAULT =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.RecoveryServices\/vaults\/[^/]+$/i;

const BUDGETS_KEY = 'budgets';
const BUDGET_VERBS = { reads: 'read', writes: 'write', deletes: 'delete' } as const;

function throttledResponse(
  kind: keyof typeof BUDGET_VERBS,
  principal: string,
  subscription: string | undefined,
  seconds: number,
): SimulatorResponse {
  const scope = subscription === undefined ? 'tenant' : `subscription '${subscription}'`;
  const message =
    `Number of '${BUDGET_VERBS[kind]}' requests for ${scope} actor '${principal}' exceeded. Please ` +
    `try again after '${seconds}' seconds after additional tokens are available. Refer to ` +
    'https://aka.ms/arm-throttling for additional information.';
  return armError(
    429,
    subscription === undefined ? 'TenantRequestsThrottled' : 'SubscriptionRequestsThrottled',
    message,
    { 'Retry-After': String(seconds) },
  );
}

function withHeaders(
  { headers, ...answer }: SimulatorResponse,
  more: Readonly<Record<string, string>>,
): SimulatorResponse {
  const own = Object.entries(headers ?? {}).filter(
    ([name]) => !name.toLowerCase().startsWith('x-ms-ratelimit-remaining-'),
  );
  return {
    ...answer,
    headers: {
      'x-ms-request-id': randomUUID(),
      'Cache-Control': 'no-cache',
      ...more,
      ...Object.fromEntries(own),
    },
  };
}

/** Counts the replicated items of a vault. */
async function countReplicatedItems(
  siteRecovery: Handler,
  exchange: Exchange,
  vault: string,
): Promise<number> {
  const path = `${vault}/replicationProtectedItems?api-version=2023-06-01`;
  const { body } = await siteRecovery({
    ...exchange,
    method: 'GET',
    path,
    body: Buffer.alloc(0),
    json: () => undefined,
  });
  return ((body as { readonly value?: readonly unknown[] } | undefined)?.value ?? []).length;
}

/**
 * Refuses to delete a vault with replicated items, and a resource group with such a vault. Azure
 * refuses the resource group only after a while.
 */
async function notEmptyVaultError(
  { world, siteRecovery }: Pick<GatewayOptions, 'world' | 'siteRecovery'>,
  exchange: Exchange,
): Promise<SimulatorResponse | undefined> {
  if (exchange.method !== 'DELETE') return undefined;
  const path = decodeSafely(exchange.path.split('?')[0] ?? '');
  const vault = VAULT.test(path) ? world.get(path) : undefined;
  const items = vault ? await countReplicatedItems(siteRecovery, exchange, vault.id) : 0;
  if (vault && items > 0) {
    return armError(
      409,
      'ServiceResourceNotEmptyWithContainerDetails',
      `The Recovery Services vault '${vault.name}' cannot be deleted as there are existing ` +
        `resources within it: ${items} replicated items.`,
    );
  }
  for (const { id } of RESOURCE_GROUP.test(path)
    ? world.list({ type: RESOURCE_TYPES.vault, under: path })
    : []) {
    if ((await countReplicatedItems(siteRecovery, exchange, id)) > 0)
      return armError(
        409,
        'ResourceGroupDeletionBlocked',
        `Deletion of resource group '${path.split('/').at(-1) ?? ''}' failed as resources with ` +
          `identifiers '${id}' could not be deleted.`,
      );
  }
  return undefined;
}

/** Creates the gateway. */
export function createGateway({ world, clock, arm, siteRecovery, authenticate }: GatewayOptions): Gateway {
  const settings = (): BudgetSettings => ({
    ...DEFAULT_BUDGETS,
    ...(world.keyValues.get(BUDGETS_KEY) as Partial<BudgetSettings> | undefined),
  });
  let current = settings();
  const budgets = new Budgets(() => current);

  async function handle(exchange: Exchange): Promise<SimulatorResponse> {
    const caller = authenticate(exchange.headers['authorization']);
    if ('refused' in caller) return withHeaders(caller.refused, {});
    const subscription = /^\/subscriptions\/([^/?]+)/i.exec(exchange.path)?.[1];
    const kind = budgetKindOf(exchange.method);
    const budget = budgets.takeToken({ principal: caller.principal, subscription }, kind, clock.now());
    if ('retryAfterSeconds' in budget)
      return withHeaders(
        throttledResponse(kind, caller.principal, subscription, budget.retryAfterSeconds),
        {},
      );
    return withHeaders(await respondTo(exchange, caller), budget.headers);
  }

  async function respondTo(exchange: Exchange, caller: Caller): Promise<SimulatorResponse> {
    const refused =
      (await arm.checkRequest(exchange)) ?? (await notEmptyVaultError({ world, siteRecovery }, exchange));
    if (refused) return refused;
    if (!SITE_RECOVERY.test(exchange.path)) return arm.handle(exchange);
    return linkedAuthorizationError(caller, exchange) ?? siteRecovery(exchange);
  }

  function changeBudgets(change: z.infer<typeof budgetChangeSchema>): BudgetSettings {
    world.keyValues.put(BUDGETS_KEY, { ...current, ...change });
    current = settings();
    return current;
  }

  const routes: AdminRoutes = {
    'GET /arm/budgets': () => ok(current),
    'POST /arm/budgets': (exchange) => withBody(budgetChangeSchema, exchange, changeBudgets),
    'GET /arm/calls': () => ok(budgets.calls),
    'GET /arm/unknown': () => ok(arm.unknown()),
    ...outcomeRoutes(world),
  };
  return { handle, admin: (exchange) => adminAnswer(routes, exchange) };
}

type AdminRoutes = Readonly<Record<string, Handler>>;

const ok = (body: unknown): SimulatorResponse => ({ status: 200, body });

/** The routes that set the outcomes of run commands and runbook jobs. */
function outcomeRoutes(world: AzureWorld): AdminRoutes {
  const commands = new RunCommands(world);
  const runbooks = new RunbookJobs(world);
  return {
    'GET /arm/commands': () => ok(commands.list()),
    'POST /arm/commands': (exchange) =>
      withBody(runOutcomeSchema, exchange, (outcome) => {
        commands.addOutcome(outcome);
        return commands.outcomes();
      }),
    'DELETE /arm/commands': () => {
      commands.clearOutcomes();
      return { status: 204 };
    },
    'GET /arm/runbooks': () => ok(runbooks.list()),
    'POST /arm/runbooks': (exchange) =>
      withBody(runbookOutcomeSchema, exchange, (outcome) => {
        runbooks.addOutcome(outcome);
        return runbooks.outcomes();
      }),
    'DELETE /arm/runbooks': () => {
      runbooks.clearOutcomes();
      return { status: 204 };
    },
  };
}

function withBody<T>(
  schema: z.ZodType<T>,
  exchange: Exchange,
  change: (read: T) => unknown,
): SimulatorResponse {
  const read = schema.safeParse(exchange.json());
  if (!read.success) return { status: 400, body: { message: z.prettifyError(read.error) } };
  return ok(change(read.data));
}

function adminAnswer(routes: AdminRoutes, exchange: Exchange): ReturnType<Handler> {
  const route = `${exchange.method} ${exchange.path.split('?')[0] ?? ''}`;
  const answer = Object.hasOwn(routes, route) ? routes[route] : undefined;
  if (answer) return answer(exchange);
  const message = 'The routes are /arm/budgets, /arm/calls, /arm/commands, /arm/runbooks and /arm/unknown.';
  return { status: 404, body: { message } };
}
