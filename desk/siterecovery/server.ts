// An ARM server that is Site Recovery: for the unmodified SDKs, on the estate's vaults, in story time.

import { randomUUID } from 'node:crypto';

import type { StoryClock } from '../clock/story-clock.ts';
import type { Estate } from '../estates/schema.ts';
import type { Answer, Exchange, Handler } from '../wire/exchange.ts';
import type { Faults } from '../wire/fault.ts';
import { createAdmin } from './admin.ts';
import { armError, ok, type RequestMarks } from './answers.ts';
import { Engine } from './engine.ts';
import { vaultBody } from './ground.ts';
import { guidOf } from './ids.ts';
import { azureToAzure } from './providers/azure-to-azure.ts';
import type { Provider } from './provider.ts';
import type { ItemRecord } from './records.ts';
import { decoded, matcher } from './routes.ts';
import { Store } from './store.ts';
import { vaultRoutes } from './vault-routes.ts';
import { World, type VaultWorld } from './world.ts';

export interface SiteRecoveryOptions {
  readonly dataFile: string;
  readonly clock: StoryClock;
  readonly faults: Faults;
  readonly estate: Estate;
  /** Where clients reach this server; answers carry absolute links. */
  readonly baseUrl: () => string;
  readonly authenticate: (authorizationHeader: string | undefined) => { readonly principal: string } | { readonly refused: Answer };
}

export interface SiteRecovery {
  readonly handle: Handler;
  readonly admin: Handler;
  close(): void;
}

const PROVIDERS: Readonly<Record<ItemRecord['details']['instanceType'], Provider>> = { A2A: azureToAzure };
const providerOf = (item: ItemRecord): Provider => PROVIDERS[item.details.instanceType];

/** Items that the estate has from its beginning have replicated for so long already. */
const REPLICATED_BEFORE = 2 * 24 * 3_600_000;

const VAULT_PATH = /^(\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.RecoveryServices\/vaults\/([^/]+))(?:\/(.*))?$/i;

/** The estate is read in once; from then on the file holds the truth. */
function readIn(store: Store, estate: Estate, world: World, now: number): void {
  const mark = guidOf(JSON.stringify(estate));
  const known = store.setting('estate') as { readonly name: string; readonly mark: string } | undefined;
  if (known) {
    if (known.mark !== mark) throw new Error(`The data were begun with the estate "${known.name}" and cannot go on with another or a changed one ("${estate.name}"): remove the data, or give that estate again.`);
    return;
  }
  store.transaction(() => {
    for (const vault of world.vaults) for (const enrolled of vault.vault.protectedItems) store.putItem(firstItem(vault, enrolled.name, now));
    store.putSetting('estate', { name: estate.name, mark });
  });
}

function firstItem(vault: VaultWorld, name: string, now: number): ItemRecord {
  const enrolled = vault.item(name);
  const since = now - REPLICATED_BEFORE;
  return {
    key: guidOf(vault.key, 'item', name),
    vault: vault.key,
    name,
    container: enrolled.container,
    state: 'protected',
    stateSince: since,
    stateEndsAt: null,
    busyWith: null,
    shown: null,
    operations: 0,
    details: azureToAzure.enrol(enrolled, since),
  };
}

function marksOf({ headers }: Exchange, apiVersion: string): RequestMarks {
  return {
    clientRequestId: headers['x-ms-client-request-id'] ?? randomUUID(),
    correlationId: headers['x-ms-correlation-request-id'] ?? randomUUID(),
    apiVersion,
  };
}

/** ARM's remaining calls of the hour, counted down and never used up: the desk does not throttle by itself. */
function createBudget(): (method: string) => Record<string, string> {
  const limits: Record<string, [kind: string, limit: number]> = { GET: ['reads', 12_000], DELETE: ['deletes', 15_000] };
  const used: Record<string, number> = {};
  return (method) => {
    const [kind, limit] = limits[method] ?? ['writes', 1200];
    used[kind] = ((used[kind] ?? 0) % (limit - 1)) + 1;
    return { [`x-ms-ratelimit-remaining-subscription-${kind}`]: String(limit - used[kind]) };
  };
}

function vaultMissing(world: World, [, , subscription = '', group = '', name = '']: RegExpExecArray): Answer {
  if (!world.hasSubscription(subscription)) return armError(404, 'SubscriptionNotFound', `The subscription '${subscription}' could not be found.`);
  if (!world.hasResourceGroup(group)) return armError(404, 'ResourceGroupNotFound', `Resource group '${group}' could not be found.`);
  return armError(404, 'ResourceNotFound', `The Resource 'Microsoft.RecoveryServices/vaults/${name}' under resource group '${group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`);
}

export function createSiteRecovery({ dataFile, clock, faults, estate, baseUrl, authenticate }: SiteRecoveryOptions): SiteRecovery {
  const store = new Store(dataFile);
  const world = new World(estate);
  readIn(store, estate, world, clock.now());
  const engine = new Engine({ store, world, clock, providerOf });
  const match = matcher(vaultRoutes(Object.values(PROVIDERS)));
  const budget = createBudget();

  function unknown(exchange: Exchange, path: string, apiVersion: string, now: number): Answer {
    store.addUnknown({ method: exchange.method, path, at: now });
    return armError(404, 'InvalidResourceType', `The resource type could not be found in the namespace 'Microsoft.RecoveryServices' for api version '${apiVersion}'.`);
  }

  function answer(exchange: Exchange, principal: string, now: number): Answer {
    const [path = '', search = ''] = exchange.path.split('?', 2);
    const query = new URLSearchParams(search);
    const apiVersion = query.get('api-version');
    if (!apiVersion) return armError(400, 'MissingApiVersionParameter', 'The api-version query parameter (?api-version=) is required for all requests.');
    const found = VAULT_PATH.exec(path);
    if (!found) return unknown(exchange, path, apiVersion, now);
    const vault = world.vaultAt(decoded(found[1] ?? ''));
    if (!vault) return vaultMissing(world, found);
    const below = found[5] ?? '';
    if (below === '' && exchange.method === 'GET') return ok(vaultBody(vault));
    const matched = query.get('$filter') ? undefined : match(exchange.method, below);
    const request = { world: vault, store, engine, faults, providerOf, exchange, query, principal, marks: marksOf(exchange, apiVersion), baseUrl: baseUrl(), now };
    return matched?.route.answer(request, matched.names) ?? unknown(exchange, path, apiVersion, now);
  }

  return {
    handle(exchange) {
      const caller = authenticate(exchange.headers['authorization']);
      if ('refused' in caller) return caller.refused;
      const { headers, ...rest } = answer(exchange, caller.principal, engine.advance());
      return { ...rest, headers: { 'x-ms-request-id': randomUUID(), ...budget(exchange.method), ...headers } };
    },
    admin: createAdmin({ store, world, engine, providerOf }),
    close() {
      engine.close();
      store.close();
    },
  };
}
