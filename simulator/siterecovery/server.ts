// Site Recovery as a part of ARM: for the unmodified SDKs, on the vaults of the world, in story time.

import { randomUUID } from 'node:crypto';

import { shown } from '../arm/answers.ts';
import type { AzureWorld } from '../arm/world.ts';
import type { StoryClock } from '../clock/story-clock.ts';
import type { Environment } from '../environments/schema.ts';
import type { Answer, Exchange, Handler } from '../wire/exchange.ts';
import type { Faults } from '../wire/fault.ts';
import { decoded } from '../wire/paths.ts';
import { createAdmin } from './admin.ts';
import { armError, ok, type RequestMarks } from './answers.ts';
import { Colleagues } from './colleagues.ts';
import { Conditions } from './conditions.ts';
import { Engine } from './engine.ts';
import type { GroundView } from './ground.ts';
import { GROUND, GroundWork } from './ground-work.ts';
import { guidOf } from './ids.ts';
import { ItemWork, type Providers } from './items.ts';
import { PLANS, PlanWork } from './plan-work.ts';
import { azureToAzure } from './providers/azure-to-azure.ts';
import { readInEnvironment } from './providers/azure-to-azure-environment.ts';
import type { VaultRequest } from './request.ts';
import { Store } from './store.ts';
import { answerInVault } from './vault-routes.ts';
import { Vaults, type Vault } from './vault.ts';

export interface SiteRecoveryOptions {
  readonly dataFile: string;
  readonly clock: StoryClock;
  readonly faults: Faults;
  readonly environment: Environment;
  /** The Azure around it, with the vaults. */
  readonly world: AzureWorld;
  /** Where clients reach this server; answers carry absolute links. */
  readonly baseUrl: () => string;
  readonly authenticate: (
    authorizationHeader: string | undefined,
  ) => { readonly principal: string } | { readonly refused: Answer };
}

export interface SiteRecovery {
  /** With a vault and what is below it; Resource Manager may stand in front. */
  readonly handle: Handler;
  readonly admin: Handler;
  close(): void;
}

/** Each provider is one table and its file. A new one joins here. */
const PROVIDERS: Providers = { [azureToAzure.instanceType]: azureToAzure };

const VAULT_PATH =
  /^(\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.RecoveryServices\/vaults\/([^/]+))(?:\/(.*))?$/i;

/** The environment is read in once; from then on the file holds the truth. */
function readIn({
  store,
  environment,
  world,
  vaults,
  items,
  now,
}: {
  store: Store;
  environment: Environment;
  world: AzureWorld;
  vaults: Vaults;
  items: ItemWork;
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
    world.transaction(() => readInEnvironment(environment, vaults, store, items, now));
    store.putSetting('environment', { name: environment.name, mark });
  });
}

function marksOf({ headers }: Exchange, apiVersion: string): RequestMarks {
  return {
    clientRequestId: headers['x-ms-client-request-id'] ?? randomUUID(),
    correlationId: headers['x-ms-correlation-request-id'] ?? randomUUID(),
    apiVersion,
  };
}

/**
 * ARM's remaining calls of the hour, counted down and never used up: who asks Site Recovery alone
 * is not throttled.
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

function vaultMissing(
  world: AzureWorld,
  [, , subscription = '', group = '', name = '']: RegExpExecArray,
): Answer {
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

const notKnown = (apiVersion: string): Answer =>
  armError(
    404,
    'InvalidResourceType',
    `The resource type could not be found in the namespace 'Microsoft.RecoveryServices' for ` +
      `api version '${apiVersion}'.`,
  );

type Parts = Pick<VaultRequest, 'store' | 'engine' | 'items' | 'ground' | 'plans' | 'providers' | 'faults'>;

function assemble({
  dataFile,
  clock,
  faults,
  world,
}: SiteRecoveryOptions): Parts & { readonly vaults: Vaults; readonly conditions: Conditions } {
  const store = new Store(dataFile);
  const conditions = new Conditions(store, faults);
  const vaults = new Vaults({ store, azure: world, conditions });
  const holder: { engine?: Engine } = {};
  const engineNow = (): Engine => holder.engine as Engine;
  const items = new ItemWork(store, vaults, PROVIDERS, engineNow);
  const ground = new GroundWork(store, vaults, engineNow);
  const plans = new PlanWork(store, vaults, items, engineNow);
  const engine = new Engine({
    store,
    clock,
    works: {
      ...Object.fromEntries(Object.keys(PROVIDERS).map((table) => [table, items])),
      [GROUND]: ground,
      [PLANS]: plans,
    },
  });
  engine.stateEnds = (item, at) => items.stateEnds(item, at);
  holder.engine = engine;
  return { store, conditions, vaults, items, ground, plans, engine, providers: PROVIDERS, faults };
}

function viewOf(vault: Vault): GroundView {
  const groundOf = (instance: string) => {
    const provider = Object.values(PROVIDERS).find(({ ground }) => ground.fabricInstance === instance);
    if (!provider) throw new Error(`No provider has fabrics of the kind "${instance}".`);
    return provider.ground;
  };
  return { vault, groundOf };
}

const versionMissing = (): Answer =>
  armError(
    400,
    'MissingApiVersionParameter',
    'The api-version query parameter (?api-version=) is required for all requests.',
  );

const regionDark = (region: string): Answer =>
  armError(
    503,
    'ServiceUnavailable',
    `The service is unavailable in the region '${region}'. Please try again later.`,
  );

export function createSiteRecovery(options: SiteRecoveryOptions): SiteRecovery {
  const { clock, world, environment, baseUrl, authenticate } = options;
  const { vaults, conditions, ...parts } = assemble(options);
  const { store, engine, items } = parts;
  const colleagues = new Colleagues({ store, vaults, items, engine, faults: options.faults }, clock.now());
  readIn({ store, environment, world, vaults, items, now: clock.now() });
  engine.advanceTo(clock.now());
  engine.before = (now) => colleagues.act(now);
  engine.advance();
  const budget = createBudget();

  function inVault(exchange: Exchange, principal: string): Answer | undefined {
    const now = engine.advance();
    conditions.notice(now);
    const [path = '', search = ''] = exchange.path.split('?', 2);
    const query = new URLSearchParams(search);
    const apiVersion = query.get('api-version');
    if (!apiVersion) return versionMissing();
    const found = VAULT_PATH.exec(path);
    if (!found) return undefined;
    const vault = vaults.at(decoded(found[1] ?? ''));
    if (!vault) return vaultMissing(world, found);
    if (conditions.isDark(vault.location)) return regionDark(vault.location);
    colleagues.meanwhile(exchange, vault, now);
    const request: VaultRequest = {
      ...parts,
      vault,
      view: viewOf(vault),
      exchange,
      query,
      principal,
      marks: marksOf(exchange, apiVersion),
      baseUrl: baseUrl(),
      now,
    };
    const answer = answerInVault(request, found[5] ?? '');
    if (answer) return answer;
    store.addUnknown({ method: exchange.method, path, at: now });
    return notKnown(apiVersion);
  }

  /** The vault itself, as ARM shows it. */
  function alone(exchange: Exchange, principal: string): Answer {
    const path = exchange.path.split('?')[0] ?? '';
    const vault =
      exchange.method === 'GET' && exchange.path.includes('api-version=')
        ? vaults.at(decoded(path))
        : undefined;
    const resource = vault && world.get(vault.plainId);
    if (resource) return ok(shown(resource));
    const answer = inVault(exchange, principal);
    if (answer) return answer;
    store.addUnknown({ method: exchange.method, path, at: clock.now() });
    return notKnown('');
  }

  return {
    handle(exchange) {
      const caller = authenticate(exchange.headers['authorization']);
      if ('refused' in caller) return caller.refused;
      const { headers, ...rest } = alone(exchange, caller.principal);
      return {
        ...rest,
        headers: { 'x-ms-request-id': randomUUID(), ...budget(exchange.method), ...headers },
      };
    },
    admin: createAdmin({ store, vaults, engine, items }),
    close() {
      engine.close();
      store.close();
    },
  };
}
