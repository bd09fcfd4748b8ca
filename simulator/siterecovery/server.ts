// The Site Recovery part of ARM, for the unmodified SDKs. It serves the vaults of the environment,
// in simulated time.

import { randomUUID } from 'node:crypto';

import { withoutHidden } from '../arm/responses.ts';
import type { AzureWorld } from '../arm/world.ts';
import type { SimulatedClock } from '../clock/simulated-clock.ts';
import type { Environment } from '../environments/schema.ts';
import type { SimulatorResponse, Exchange, Handler } from '../wire/exchange.ts';
import type { Faults } from '../wire/fault.ts';
import { decodeSafely } from '../wire/route-matching.ts';
import { createAdmin } from './admin.ts';
import { armError, ok, type RequestIds } from './responses.ts';
import { Colleagues } from './colleagues.ts';
import { ConditionTracker } from './condition-tracker.ts';
import { JobEngine } from './job-engine.ts';
import type { ConfigurationView } from './configuration-bodies.ts';
import type { FabricRecord } from './configuration-records.ts';
import type { FabricKind } from './fabric-kind.ts';
import { CONFIGURATION_TABLE, ConfigurationJobs } from './configuration-jobs.ts';
import { loadEnvironment } from './environment.ts';
import { guidOf } from './ids.ts';
import { ItemJobs } from './item-jobs.ts';
import { PLANS_TABLE, PlanJobs } from './plan-jobs.ts';
import { OnPremises } from './on-premises.ts';
import { ENVIRONMENT_LOADERS, FABRIC_KINDS, PROVIDERS, respondBesideVaults } from './providers/providers.ts';
import type { VaultRequest } from './request.ts';
import { SiteRecoveryStore } from './store.ts';
import { routeVaultRequest } from './vault-routes.ts';
import { Vaults, type Vault } from './vault.ts';

export interface SiteRecoveryOptions {
  readonly dataFile: string;
  readonly clock: SimulatedClock;
  readonly faults: Faults;
  readonly environment: Environment;
  /** The simulated Azure resources, including the vaults. */
  readonly world: AzureWorld;
  /** The address of this server. Answers carry absolute links. */
  readonly baseUrl: () => string;
  readonly authenticate: (
    authorizationHeader: string | undefined,
  ) => { readonly principal: string } | { readonly refused: SimulatorResponse };
}

/** The running Site Recovery of the simulator. */
export interface SiteRecovery {
  /**
   * Handles requests for a vault and everything below it. The Resource Manager server may call it.
   */
  readonly handle: Handler;
  readonly admin: Handler;
  close(): void;
}

const VAULT_PATH =
  /^(\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.RecoveryServices\/vaults\/([^/]+))(?:\/(.*))?$/i;

/** Reads the environment once. From then on the file holds the truth. */
function initializeFromEnvironment({
  store,
  environment,
  world,
  vaults,
  onPremises,
  items,
  now,
}: {
  store: SiteRecoveryStore;
  environment: Environment;
  world: AzureWorld;
  vaults: Vaults;
  onPremises: OnPremises;
  items: ItemJobs;
  now: number;
}): void {
  const mark = guidOf(JSON.stringify(environment));
  const known = store.setting('environment') as { readonly name: string; readonly mark: string } | undefined;
  if (known) {
    if (known.mark !== mark)
      throw new Error(
        `The data were begun with the environment "${known.name}" and cannot go on with another ` +
          `or a changed one ("${environment.name}"): remove the data, or give that environment ` +
          'again.',
      );
    return;
  }
  store.transaction(() => {
    world.transaction(() =>
      loadEnvironment(environment, ENVIRONMENT_LOADERS, { vaults, onPremises, store, items, now }),
    );
    store.putSetting('environment', { name: environment.name, mark });
  });
}

function requestIdsOf({ headers }: Exchange, apiVersion: string): RequestIds {
  return {
    clientRequestId: headers['x-ms-client-request-id'] ?? randomUUID(),
    correlationId: headers['x-ms-correlation-request-id'] ?? randomUUID(),
    apiVersion,
  };
}

/**
 * Counts down ARM's remaining calls of the hour and starts again before zero. Requests to Site
 * Recovery alone are never throttled.
 */
function createBudget(): (method: string) => Record<string, string> {
  const limits: Record<string, [kind: string, limit: number]> = {
    GET: ['reads', 12_000],
    DELETE: ['deletes', 15_000],
  };
  const used: Record<string, number> = {};
  return (method) => {
    const [kind, limit] = limits[method] ?? ['writes', 1200];
    used[kind] = ((used[kind] ?? 0) % (limit - 1)) + 1;
    return { [`x-ms-ratelimit-remaining-subscription-${kind}`]: String(limit - used[kind]) };
  };
}

function vaultNotFound(
  world: AzureWorld,
  [, , subscription = '', group = '', name = '']: RegExpExecArray,
): SimulatorResponse {
  if (!world.get(`/subscriptions/${subscription}`))
    return armError(404, 'SubscriptionNotFound', `The subscription '${subscription}' could not be found.`);
  if (!world.get(`/subscriptions/${subscription}/resourceGroups/${group}`))
    return armError(404, 'ResourceGroupNotFound', `Resource group '${group}' could not be found.`);
  return armError(
    404,
    'ResourceNotFound',
    `The Resource 'Microsoft.RecoveryServices/vaults/${name}' under resource group ` +
      `'${group}' was not found. For more details please go to ` +
      'https://aka.ms/ARMResourceNotFoundFix',
  );
}

const unknownTypeResponse = (apiVersion: string): SimulatorResponse =>
  armError(
    404,
    'InvalidResourceType',
    `The resource type could not be found in the namespace 'Microsoft.RecoveryServices' for ` +
      `api version '${apiVersion}'.`,
  );

type SiteRecoveryServices = Pick<
  VaultRequest,
  'store' | 'engine' | 'items' | 'configuration' | 'plans' | 'providers' | 'fabricKinds' | 'faults'
>;

function createServices({ dataFile, clock, faults, world }: SiteRecoveryOptions): SiteRecoveryServices & {
  readonly vaults: Vaults;
  readonly onPremises: OnPremises;
  readonly conditions: ConditionTracker;
} {
  const store = new SiteRecoveryStore(dataFile);
  const conditions = new ConditionTracker(store, faults);
  const onPremises = new OnPremises(store, faults);
  const vaults = new Vaults({ store, azure: world, onPremises, conditions });
  const holder: { engine?: JobEngine } = {};
  const getEngine = (): JobEngine => holder.engine as JobEngine;
  const items = new ItemJobs(store, vaults, PROVIDERS, getEngine);
  const configuration = new ConfigurationJobs(store, vaults, FABRIC_KINDS, getEngine);
  const plans = new PlanJobs(store, vaults, items, getEngine);
  const engine = new JobEngine({
    store,
    clock,
    works: {
      ...Object.fromEntries(Object.keys(PROVIDERS).map((table) => [table, items])),
      [CONFIGURATION_TABLE]: configuration,
      [PLANS_TABLE]: plans,
    },
  });
  engine.onStateEnd = (item, at) => items.onStateEnd(item, at);
  holder.engine = engine;
  return {
    store,
    conditions,
    vaults,
    onPremises,
    items,
    configuration,
    plans,
    engine,
    providers: PROVIDERS,
    fabricKinds: FABRIC_KINDS,
    faults,
  };
}

function configurationViewOf(vault: Vault, now: number): ConfigurationView {
  const kindOf = ({ settings: { instanceType } }: FabricRecord): FabricKind => {
    const kind = FABRIC_KINDS[instanceType];
    if (!kind) throw new Error(`There are no fabrics of the kind "${instanceType}".`);
    return kind;
  };
  return { vault, kindOf, now };
}

const missingVersionResponse = (): SimulatorResponse =>
  armError(
    400,
    'MissingApiVersionParameter',
    'The api-version query parameter (?api-version=) is required for all requests.',
  );

const regionDarkResponse = (region: string): SimulatorResponse =>
  armError(
    503,
    'ServiceUnavailable',
    `The service is unavailable in the region '${region}'. Please try again later.`,
  );

/**
 * Creates Site Recovery on the environment's vaults. It opens no port: `handle` answers the
 * requests.
 */
export function createSiteRecovery(options: SiteRecoveryOptions): SiteRecovery {
  const { clock, world, environment, baseUrl, authenticate } = options;
  const { vaults, onPremises, conditions, ...services } = createServices(options);
  const { store, engine, items } = services;
  const colleagues = new Colleagues({ store, vaults, items, engine, faults: options.faults }, clock.now());
  initializeFromEnvironment({ store, environment, world, vaults, onPremises, items, now: clock.now() });
  engine.advanceTo(clock.now());
  engine.onAdvance = (now) => colleagues.performDue(now);
  engine.advance();
  const budget = createBudget();

  function respondInVault(exchange: Exchange, principal: string): SimulatorResponse | undefined {
    const now = engine.advance();
    conditions.recordConditions(now);
    const [path = '', search = ''] = exchange.path.split('?', 2);
    const query = new URLSearchParams(search);
    const apiVersion = query.get('api-version');
    if (!apiVersion) return missingVersionResponse();
    const found = VAULT_PATH.exec(path);
    if (!found) return undefined;
    const vault = vaults.find(decodeSafely(found[1] ?? ''));
    if (!vault) return vaultNotFound(world, found);
    if (conditions.isRegionDark(vault.location)) return regionDarkResponse(vault.location);
    colleagues.actBeforeRequest(exchange, vault, now);
    const request: VaultRequest = {
      ...services,
      vault,
      view: configurationViewOf(vault, now),
      exchange,
      query,
      principal,
      requestIds: requestIdsOf(exchange, apiVersion),
      baseUrl: baseUrl(),
      now,
    };
    const answer = routeVaultRequest(request, found[5] ?? '');
    if (answer) return answer;
    store.addUnknown({ method: exchange.method, path, at: now });
    return unknownTypeResponse(apiVersion);
  }

  /** Answers for the vault itself, as ARM does. */
  function respond(exchange: Exchange, principal: string): SimulatorResponse {
    const path = exchange.path.split('?')[0] ?? '';
    const vault =
      exchange.method === 'GET' && exchange.path.includes('api-version=')
        ? vaults.find(decodeSafely(path))
        : undefined;
    const resource = vault && world.get(vault.armId);
    if (resource) return ok(withoutHidden(resource));
    const answer =
      respondInVault(exchange, principal) ?? respondBesideVaults(exchange, { onPremises, now: clock.now() });
    if (answer) return answer;
    store.addUnknown({ method: exchange.method, path, at: clock.now() });
    return unknownTypeResponse('');
  }

  return {
    handle(exchange) {
      const caller = authenticate(exchange.headers['authorization']);
      if ('refused' in caller) return caller.refused;
      const { headers, ...rest } = respond(exchange, caller.principal);
      return {
        ...rest,
        headers: { 'x-ms-request-id': randomUUID(), ...budget(exchange.method), ...headers },
      };
    },
    admin: createAdmin({ store, vaults, onPremises, engine, items }),
    close() {
      engine.close();
      store.close();
    },
  };
}
