// Site Recovery for tests: the real SDK, over a real connection, on a clock that the test moves.

import { cpSync } from 'node:fs';
import { join } from 'node:path';

import {
  SiteRecoveryManagementClient,
  type Job,
  type ReplicationProtectedItem,
} from '@azure/arm-recoveryservices-siterecovery';

import { createWorld, type AzureWorld } from '../../arm/world.ts';
import { createLocalClock } from '../../clock/local-clock.ts';
import { loadEnvironment } from '../../environments/load.ts';
import type { Environment } from '../../environments/schema.ts';
import { createSiteRecovery, type SiteRecovery } from '../../siterecovery/server.ts';
import type { SimulatorResponse, Exchange } from '../../wire/exchange.ts';
import { createFaults } from '../../wire/faults.ts';
import { startServer, type RunningServer } from '../../wire/server.ts';
import { collect, authenticate, newFolder } from '../raw-requests.ts';

export { collect as all } from '../raw-requests.ts';

export const START = Date.UTC(2026, 0, 5, 8);
export const MINUTE = 60_000;
export const VAULT_GROUP = 'contoso-recovery-services';
export const VAULT = 'contoso-vault';
export const PRIMARY_SIDE = { fabric: 'fabric-eastasia', container: 'container-eastasia' };
export const RECOVERY_SIDE = { fabric: 'fabric-southeastasia', container: 'container-southeastasia' };
export type ContainerLocation = typeof PRIMARY_SIDE;
/** The replicated machines that belong to no group. */
export const SINGLE_MACHINES: readonly string[] = ['web', 'app', 'sql'];

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
  /** The vault of the helper methods. The default is the vault of contoso. */
  readonly vault?: string;
  readonly record?: (exchange: Exchange, answer: SimulatorResponse) => void;
}

export class TestAzure {
  readonly clock = createLocalClock('jumping', { start: START });
  readonly faults = createFaults(() => this.clock.now());
  readonly environment: Environment;
  readonly vault: string;
  readonly client: SiteRecoveryManagementClient;
  #siteRecovery: SiteRecovery;
  #world: AzureWorld;
  #server: RunningServer;
  #release: () => void;
  #folder = newFolder('site-recovery');

  private constructor(
    siteRecovery: (azure: TestAzure) => SiteRecovery,
    server: RunningServer,
    options: AzureOptions,
  ) {
    this.environment = options.environment ?? loadEnvironment('contoso');
    this.vault = options.vault ?? VAULT;
    // A busy clock does not jump: here only `wait` moves time.
    this.#release = this.clock.markBusy();
    this.#server = server;
    this.#world = this.#openWorld();
    this.#siteRecovery = siteRecovery(this);
    this.client = createClient(this, 'tests');
  }

  static async start(options: AzureOptions = {}): Promise<TestAzure> {
    const holder: { azure?: TestAzure } = {};
    const server = await startServer({
      service: 'arm',
      port: 0,
      faults: createFaults(),
      handler: (exchange) => (holder.azure as TestAzure).#siteRecovery.handle(exchange),
      ...(options.record && { onResponse: options.record }),
    });
    holder.azure = new TestAzure((azure) => azure.#create(), server, options);
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

  /** Continues with the present state of the files. A killed process leaves the same state. */
  killAndStart(): void {
    const left = newFolder('site-recovery');
    cpSync(this.#folder, left, { recursive: true });
    this.#siteRecovery.close();
    this.#world.close();
    this.#folder = left;
    this.#world = this.#openWorld();
    this.#siteRecovery = this.#create();
  }

  /** Lets the clock jump by itself, as it does when nothing is busy. */
  releaseClock(): void {
    this.#release();
  }

  async advance(milliseconds: number): Promise<void> {
    this.#release();
    await this.clock.advance(milliseconds);
    this.#release = this.clock.markBusy();
  }

  /** Sends a raw request, without the SDK. The path starts below the vault. */
  async sendRaw(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = { authorization: 'Bearer tests' },
  ): Promise<SimulatorResponse & { body: unknown }> {
    const below = path.startsWith('/subscriptions/') ? path : `${this.vaultPath}${path}`;
    const full = below.includes('?') ? below : `${below}?api-version=2023-06-01`;
    const answer = await this.#siteRecovery.handle(makeExchange(method, full, body, headers));
    return { body: undefined, ...answer };
  }

  get vaultPath(): string {
    return `/subscriptions/${this.environment.subscriptions[0]?.id ?? ''}/resourceGroups/${VAULT_GROUP}/providers/Microsoft.RecoveryServices/vaults/${this.vault}`;
  }

  async admin<T>(path: string, body?: unknown): Promise<T> {
    const answer = await this.#siteRecovery.admin(
      makeExchange(body === undefined ? 'GET' : 'POST', `/siterecovery/${path}`, body),
    );
    return answer.body as T;
  }

  readWrites = (): Promise<Write[]> => this.admin<Write[]>('writes');
  readTrueItems = (): Promise<TrueItem[]> => this.admin<TrueItem[]>('items');

  async listItems(): Promise<ReplicationProtectedItem[]> {
    return collect(this.client.replicationProtectedItems.list(this.vault, VAULT_GROUP));
  }

  async listJobs(): Promise<Job[]> {
    return collect(this.client.replicationJobs.list(this.vault, VAULT_GROUP));
  }

  readItem(
    name: string,
    { fabric, container }: ContainerLocation = PRIMARY_SIDE,
  ): Promise<ReplicationProtectedItem> {
    return this.client.replicationProtectedItems.get(this.vault, VAULT_GROUP, fabric, container, name);
  }

  readJob(id: string): Promise<Job> {
    return this.client.replicationJobs.get(this.vault, VAULT_GROUP, id);
  }

  async close(): Promise<void> {
    this.#release();
    await this.#server.close();
    this.#siteRecovery.close();
    this.#world.close();
    this.clock.close();
  }
}

export function makeExchange(
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

/** The SDK refuses tokens over http. So the client sends the header itself. */
export function createClient(azure: TestAzure, principal: string): SiteRecoveryManagementClient {
  const credential = {
    getToken: () => Promise.resolve({ token: principal, expiresOnTimestamp: Date.now() + MINUTE }),
  };
  const subscription = azure.environment.subscriptions[0]?.id ?? '';
  const client = new SiteRecoveryManagementClient(credential, subscription, {
    endpoint: azure.url,
    allowInsecureConnection: true,
    retryOptions: { maxRetries: 0 },
  });
  usePlainToken(client.pipeline, principal);
  return client;
}

/** Replaces an SDK's own authentication by a token that is the name of a principal. */
export function usePlainToken(pipeline: SiteRecoveryManagementClient['pipeline'], principal: string): void {
  pipeline.removePolicy({ name: 'bearerTokenAuthenticationPolicy' });
  pipeline.addPolicy({
    name: 'plainToken',
    sendRequest: (request, next) => {
      request.headers.set('authorization', `Bearer ${principal}`);
      return next(request);
    },
  });
}

interface RawResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | undefined };
}

/** Leaves the SDK with the write's own answer, before the SDK starts to poll. */
class AcceptedResponse extends Error {
  readonly response: RawResponse;
  constructor(response: RawResponse) {
    super('accepted');
    this.response = response;
  }
}

export interface SentWrite {
  readonly status: number;
  readonly jobId: string;
  readonly header: (name: string) => string | undefined;
}

/** Sends a write and returns its own answer, without the SDK's polls. */
export async function sendWrite(
  call: (options: {
    onResponse: (response: RawResponse) => void;
    requestOptions: { customHeaders: Record<string, string> };
  }) => Promise<unknown>,
  clientRequestId = 'request',
): Promise<SentWrite> {
  const options = {
    requestOptions: { customHeaders: { 'x-ms-client-request-id': clientRequestId } },
    onResponse: (response: RawResponse) => {
      throw new AcceptedResponse(response);
    },
  };
  const thrown: unknown = await call(options).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof AcceptedResponse)) throw thrown;
  const { status, headers } = thrown.response;
  const operation = headers.get('azure-asyncoperation') ?? '';
  return {
    status,
    jobId: operation.split('?')[0]?.split('/').at(-1) ?? '',
    header: (name) => headers.get(name),
  };
}

export const sendFailover = (
  azure: TestAzure,
  name: string,
  { fabric, container }: ContainerLocation = PRIMARY_SIDE,
  more: { recoveryPointId?: string; sourceSiteOperations?: string } = {},
): Promise<SentWrite> => {
  const { sourceSiteOperations = 'NotRequired', recoveryPointId } = more;
  const details = { instanceType: 'A2A' as const, ...(recoveryPointId !== undefined && { recoveryPointId }) };
  const input = {
    properties: {
      failoverDirection: 'PrimaryToRecovery',
      sourceSiteOperations,
      providerSpecificDetails: details,
    },
  };
  return sendWrite(
    (options) =>
      azure.client.replicationProtectedItems.beginUnplannedFailover(
        VAULT,
        VAULT_GROUP,
        fabric,
        container,
        name,
        input,
        options,
      ),
    `failover-${name}`,
  );
};

export const sendCommit = (
  azure: TestAzure,
  name: string,
  { fabric, container }: ContainerLocation = PRIMARY_SIDE,
): Promise<SentWrite> =>
  sendWrite(
    (options) =>
      azure.client.replicationProtectedItems.beginFailoverCommit(
        VAULT,
        VAULT_GROUP,
        fabric,
        container,
        name,
        options,
      ),
    `commit-${name}`,
  );

/** Returns the cache storage account in the region of the place. */
export function cacheAccountOf({ environment }: TestAzure, location: ContainerLocation): string {
  const [group, name] =
    location === PRIMARY_SIDE
      ? ['contoso-shop', 'shopcacheeastasia']
      : ['contoso-shop-recovery', 'shopcachesoutheastasia'];
  return `/subscriptions/${environment.subscriptions[0]?.id ?? ''}/resourceGroups/${group}/providers/Microsoft.Storage/storageAccounts/${name}`;
}

/** Reprotects with the item's own data: its policy, its container, and the recovered disks. */
export async function sendReprotect(
  azure: TestAzure,
  name: string,
  location: ContainerLocation = PRIMARY_SIDE,
  change: { diskId?: string; policyId?: string; cacheId?: string } = {},
): Promise<SentWrite> {
  const item = await azure.readItem(name, location);
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
      primaryStagingAzureStorageAccountId:
        change.cacheId ?? cacheAccountOf(azure, location === PRIMARY_SIDE ? RECOVERY_SIDE : PRIMARY_SIDE),
      recoveryResourceGroupId: group,
    })),
  };
  const input = { properties: { replicationProtectedItemName: name, providerSpecificDetails } };
  return sendWrite(
    (options) =>
      azure.client.replicationProtectionContainers.beginSwitchProtection(
        VAULT,
        VAULT_GROUP,
        location.fabric,
        location.container,
        input,
        options,
      ),
    `reprotect-${name}`,
  );
}
