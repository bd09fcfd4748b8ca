// Site Recovery as a client meets it: the real SDK, over a real wire, on a clock that the test moves.

import { cpSync } from 'node:fs';
import { join } from 'node:path';

import {
  SiteRecoveryManagementClient,
  type Job,
  type ReplicationProtectedItem,
} from '@azure/arm-recoveryservices-siterecovery';

import { createWorld, type AzureWorld } from '../../arm/world.ts';
import { localClock } from '../../clock/local-clock.ts';
import { loadEnvironment } from '../../environments/load.ts';
import type { Environment } from '../../environments/schema.ts';
import { createSiteRecovery, type SiteRecovery } from '../../siterecovery/server.ts';
import type { Answer, Exchange } from '../../wire/exchange.ts';
import { createFaults } from '../../wire/faults.ts';
import { startServer, type RunningServer } from '../../wire/server.ts';
import { all, authenticate, newFolder } from '../azure-wire.ts';

export { all } from '../azure-wire.ts';

export const START = Date.UTC(2026, 0, 5, 8);
export const MINUTE = 60_000;
export const GROUP = 'contoso-recovery-services';
export const VAULT = 'contoso-vault';
export const HOME = { fabric: 'fabric-eastasia', container: 'container-eastasia' };
export const AWAY = { fabric: 'fabric-southeastasia', container: 'container-southeastasia' };
export type Place = typeof HOME;
/** Of the machines that replicate, those that are in no group. */
export const SHOP: readonly string[] = ['web', 'app', 'sql'];

export interface Write {
  readonly jobId: string;
  readonly operation: string;
  readonly itemName: string;
  readonly lifecycleId: string;
  readonly principal: string;
  readonly clientRequestId: string;
  readonly at: number;
  readonly endedAt: number | null;
  readonly jobState: string;
  readonly errorCode: string | null;
  readonly didWork: boolean;
}

export interface TrueItem {
  readonly name: string;
  readonly id: string;
  readonly lifecycleId: string;
  readonly state: string;
  readonly protectionState: string;
  readonly busyWith: string | null;
  readonly machines: readonly { readonly id: string; readonly state: string }[];
}

export interface AzureOptions {
  readonly environment?: Environment;
  readonly record?: (exchange: Exchange, answer: Answer) => void;
}

export class Azure {
  readonly clock = localClock('jumping', { start: START });
  readonly faults = createFaults(() => this.clock.now());
  readonly environment: Environment;
  readonly client: SiteRecoveryManagementClient;
  #siteRecovery: SiteRecovery;
  #world: AzureWorld;
  #server: RunningServer;
  #release: () => void;
  #folder = newFolder('site-recovery');

  private constructor(
    siteRecovery: (azure: Azure) => SiteRecovery,
    server: RunningServer,
    options: AzureOptions,
  ) {
    this.environment = options.environment ?? loadEnvironment('contoso');
    // A clock with work in hand does not jump: here time moves only by `wait`.
    this.#release = this.clock.busy();
    this.#server = server;
    this.#world = this.#openWorld();
    this.#siteRecovery = siteRecovery(this);
    this.client = clientOf(this, 'tests');
  }

  static async start(options: AzureOptions = {}): Promise<Azure> {
    const holder: { azure?: Azure } = {};
    const server = await startServer({
      service: 'arm',
      port: 0,
      faults: createFaults(),
      handler: (exchange) => (holder.azure as Azure).#siteRecovery.handle(exchange),
      ...(options.record && { record: options.record }),
    });
    holder.azure = new Azure((azure) => azure.#create(), server, options);
    return holder.azure;
  }

  #openWorld(): AzureWorld {
    return createWorld({ dataFile: join(this.#folder, 'world.sqlite'), environment: this.environment });
  }

  #create(): SiteRecovery {
    return createSiteRecovery({
      dataFile: join(this.#folder, 'site-recovery.sqlite'),
      clock: this.clock,
      faults: this.faults,
      environment: this.environment,
      world: this.#world,
      baseUrl: () => this.#server.url,
      authenticate,
    });
  }

  get world(): AzureWorld {
    return this.#world;
  }

  get url(): string {
    return this.#server.url;
  }

  /** Goes on with the files as they lie there at this moment, which is what a killed process leaves. */
  killAndStart(): void {
    const left = newFolder('site-recovery');
    cpSync(this.#folder, left, { recursive: true });
    this.#siteRecovery.close();
    this.#world.close();
    this.#folder = left;
    this.#world = this.#openWorld();
    this.#siteRecovery = this.#create();
  }

  /** Lets the clock jump by itself, as it does when nobody has anything to do. */
  letGo(): void {
    this.#release();
  }

  async wait(milliseconds: number): Promise<void> {
    this.#release();
    await this.clock.advance(milliseconds);
    this.#release = this.clock.busy();
  }

  /** A request as it stands, without the SDK; the path goes on below the vault. */
  async raw(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = { authorization: 'Bearer tests' },
  ): Promise<Answer & { body: unknown }> {
    const below = path.startsWith('/subscriptions/') ? path : `${this.vaultPath}${path}`;
    const full = below.includes('?') ? below : `${below}?api-version=2023-06-01`;
    const answer = await this.#siteRecovery.handle(exchangeOf(method, full, body, headers));
    return { body: undefined, ...answer };
  }

  get vaultPath(): string {
    return `/subscriptions/${this.environment.subscriptions[0]?.id ?? ''}/resourceGroups/${GROUP}/providers/Microsoft.RecoveryServices/vaults/${VAULT}`;
  }

  async admin<T>(path: string, body?: unknown): Promise<T> {
    const answer = await this.#siteRecovery.admin(
      exchangeOf(body === undefined ? 'GET' : 'POST', `/siterecovery/${path}`, body),
    );
    return answer.body as T;
  }

  writes = (): Promise<Write[]> => this.admin<Write[]>('writes');
  trueItems = (): Promise<TrueItem[]> => this.admin<TrueItem[]>('items');

  async items(): Promise<ReplicationProtectedItem[]> {
    return all(this.client.replicationProtectedItems.list(VAULT, GROUP));
  }

  async jobs(): Promise<Job[]> {
    return all(this.client.replicationJobs.list(VAULT, GROUP));
  }

  item(name: string, { fabric, container }: Place = HOME): Promise<ReplicationProtectedItem> {
    return this.client.replicationProtectedItems.get(VAULT, GROUP, fabric, container, name);
  }

  job(id: string): Promise<Job> {
    return this.client.replicationJobs.get(VAULT, GROUP, id);
  }

  async close(): Promise<void> {
    this.#release();
    await this.#server.close();
    this.#siteRecovery.close();
    this.#world.close();
    this.clock.close();
  }
}

export function exchangeOf(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Exchange {
  const text = body === undefined ? '' : JSON.stringify(body);
  return {
    service: 'arm',
    method,
    path,
    headers,
    body: Buffer.from(text),
    json: () => (text === '' ? undefined : (JSON.parse(text) as unknown)),
  };
}

/** The SDK refuses tokens over http; so its policy for them goes, and the header is set by hand. */
export function clientOf(azure: Azure, principal: string): SiteRecoveryManagementClient {
  const credential = {
    getToken: () => Promise.resolve({ token: principal, expiresOnTimestamp: Date.now() + MINUTE }),
  };
  const subscription = azure.environment.subscriptions[0]?.id ?? '';
  const client = new SiteRecoveryManagementClient(credential, subscription, {
    endpoint: azure.url,
    allowInsecureConnection: true,
    retryOptions: { maxRetries: 0 },
  });
  client.pipeline.removePolicy({ name: 'bearerTokenAuthenticationPolicy' });
  client.pipeline.addPolicy({
    name: 'plainToken',
    sendRequest: (request, next) => {
      request.headers.set('authorization', `Bearer ${principal}`);
      return next(request);
    },
  });
  return client;
}

interface RawResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | undefined };
}

/** Thrown out of the SDK to end a call at the write's own answer. */
class Accepted extends Error {
  readonly response: RawResponse;
  constructor(response: RawResponse) {
    super('accepted');
    this.response = response;
  }
}

export interface Sent {
  readonly status: number;
  readonly jobId: string;
  readonly header: (name: string) => string | undefined;
}

/** Sends a write and takes its own answer, without the polls that the SDK adds. */
export async function send(
  call: (options: {
    onResponse: (response: RawResponse) => void;
    requestOptions: { customHeaders: Record<string, string> };
  }) => Promise<unknown>,
  clientRequestId = 'request',
): Promise<Sent> {
  const options = {
    requestOptions: { customHeaders: { 'x-ms-client-request-id': clientRequestId } },
    onResponse: (response: RawResponse) => {
      throw new Accepted(response);
    },
  };
  const thrown: unknown = await call(options).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof Accepted)) throw thrown;
  const { status, headers } = thrown.response;
  const operation = headers.get('azure-asyncoperation') ?? '';
  return {
    status,
    jobId: operation.split('?')[0]?.split('/').at(-1) ?? '',
    header: (name) => headers.get(name),
  };
}

export const failover = (
  azure: Azure,
  name: string,
  { fabric, container }: Place = HOME,
  more: { recoveryPointId?: string; sourceSiteOperations?: string } = {},
): Promise<Sent> => {
  const { sourceSiteOperations = 'NotRequired', recoveryPointId } = more;
  const details = { instanceType: 'A2A' as const, ...(recoveryPointId !== undefined && { recoveryPointId }) };
  const input = {
    properties: {
      failoverDirection: 'PrimaryToRecovery',
      sourceSiteOperations,
      providerSpecificDetails: details,
    },
  };
  return send(
    (options) =>
      azure.client.replicationProtectedItems.beginUnplannedFailover(
        VAULT,
        GROUP,
        fabric,
        container,
        name,
        input,
        options,
      ),
    `failover-${name}`,
  );
};

export const commit = (azure: Azure, name: string, { fabric, container }: Place = HOME): Promise<Sent> =>
  send(
    (options) =>
      azure.client.replicationProtectedItems.beginFailoverCommit(
        VAULT,
        GROUP,
        fabric,
        container,
        name,
        options,
      ),
    `commit-${name}`,
  );

/** The cache storage account of the region that a place is in. */
export function cacheAt({ environment }: Azure, place: Place): string {
  const [group, name] =
    place === HOME
      ? ['contoso-shop', 'shopcacheeastasia']
      : ['contoso-shop-recovery', 'shopcachesoutheastasia'];
  return `/subscriptions/${environment.subscriptions[0]?.id ?? ''}/resourceGroups/${group}/providers/Microsoft.Storage/storageAccounts/${name}`;
}

/**
 * Reprotects with what the item itself tells: its policy, the container it lives under, the disks
 * that were brought up.
 */
export async function reprotect(
  azure: Azure,
  name: string,
  place: Place = HOME,
  change: { diskId?: string; policyId?: string; cacheId?: string } = {},
): Promise<Sent> {
  const item = await azure.item(name, place);
  const a2a = item.properties?.providerSpecificDetails;
  const disks =
    a2a?.instanceType === 'A2A' && 'protectedManagedDisks' in a2a ? (a2a.protectedManagedDisks ?? []) : [];
  const group = `/subscriptions/${azure.environment.subscriptions[0]?.id ?? ''}/resourceGroups/contoso-shop`;
  const providerSpecificDetails = {
    instanceType: 'A2A' as const,
    policyId: change.policyId ?? item.properties?.policyId ?? '',
    recoveryContainerId: (item.id ?? '').replace(/\/replicationProtectedItems\/.*/, ''),
    recoveryResourceGroupId: group,
    vmManagedDisks: disks.map((disk) => ({
      diskId: change.diskId ?? disk.recoveryTargetDiskId ?? '',
      primaryStagingAzureStorageAccountId: change.cacheId ?? cacheAt(azure, place === HOME ? AWAY : HOME),
      recoveryResourceGroupId: group,
    })),
  };
  const input = { properties: { replicationProtectedItemName: name, providerSpecificDetails } };
  return send(
    (options) =>
      azure.client.replicationProtectionContainers.beginSwitchProtection(
        VAULT,
        GROUP,
        place.fabric,
        place.container,
        input,
        options,
      ),
    `reprotect-${name}`,
  );
}
