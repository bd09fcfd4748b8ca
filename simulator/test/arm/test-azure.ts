// Azure for tests: the unchanged real SDKs, over TLS, on a clock that the test moves.

import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ComputeManagementClient } from '@azure/arm-compute';
import { NetworkManagementClient } from '@azure/arm-network';
import { RecoveryServicesClient } from '@azure/arm-recoveryservices';
import { ResourceManagementClient } from '@azure/arm-resources';
import { StorageManagementClient } from '@azure/arm-storage';

import { createGateway, type Gateway } from '../../arm/gateway.ts';
import { createArm, type Arm } from '../../arm/server.ts';
import { createWorld, type AzureWorld } from '../../arm/world.ts';
import { createLocalClock } from '../../clock/local-clock.ts';
import { loadEnvironment } from '../../environments/load.ts';
import type { Environment } from '../../environments/schema.ts';
import type { SimulatorResponse, Exchange } from '../../wire/exchange.ts';
import { createFaults } from '../../wire/faults.ts';
import { startServer, type RunningServer } from '../../wire/server.ts';
import { loadTls, type Tls } from '../../wire/tls.ts';
import { sendRawRequest, authenticate, newFolder, type RawAnswer } from '../raw-requests.ts';

export { collect as all, type RawAnswer } from '../raw-requests.ts';

export const START = Date.UTC(2026, 0, 5, 8);
export const PRODUCTION = '2f7a1f0c-9f1b-4a43-8a55-6d0f3b1c2e77';
export const DEVELOPMENT = '81c0d6e4-7b2f-4f5d-9a3c-2e6b4d8f1a90';
export const FABRIKAM = 'c5e93b17-0d68-4a2b-b7f1-93a1e4c6d258';
export const SHOP_GROUP = 'contoso-shop';
export const SHOP_RECOVERY = 'contoso-shop-recovery';

const TLS_FOLDER = newFolder('azure');

export class TestAzure {
  readonly clock = createLocalClock('jumping', { start: START });
  readonly faults = createFaults(
    () => this.clock.now(),
    () => START,
  );
  readonly environment: Environment;
  readonly #ca: string;
  /** The paths of all requests to Site Recovery. */
  readonly siteRecoveryPaths: string[] = [];
  /** The vaults with contents in Site Recovery. */
  readonly vaultsInUse = new Set<string>();
  world: AzureWorld;
  #arm: Arm;
  #front: Gateway;
  #server: RunningServer;
  #folder = newFolder('azure');
  /** A busy clock does not jump: here only `wait` moves time. */
  #release: () => void;

  private constructor(server: RunningServer, environment: Environment, tls: Tls) {
    this.#server = server;
    this.#ca = readFileSync(tls.caFile, 'utf8');
    this.environment = environment;
    this.#release = this.clock.markBusy();
    [this.world, this.#arm, this.#front] = this.#create();
  }

  static async start(environment: Environment = loadEnvironment('contoso')): Promise<TestAzure> {
    const tls = await loadTls(TLS_FOLDER);
    const holder: { azure?: TestAzure } = {};
    const server = await startServer({
      service: 'arm',
      port: 0,
      faults: createFaults(),
      tls,
      handler: (exchange) => (holder.azure as TestAzure).#front.handle(exchange),
    });
    holder.azure = new TestAzure(server, environment, tls);
    return holder.azure;
  }

  #create(): [AzureWorld, Arm, Gateway] {
    const { clock, faults, environment } = this;
    const world = createWorld({ dataFile: join(this.#folder, 'azure.sqlite'), environment });
    const arm = createArm({
      world,
      clock,
      faults,
      tenant: environment.tenant,
      baseUrl: () => this.#server.url,
    });
    const siteRecovery = ({ path }: Exchange): SimulatorResponse => {
      this.siteRecoveryPaths.push(path);
      return {
        status: 200,
        headers: { 'x-ms-ratelimit-remaining-subscription-reads': '11999' },
        body: { value: [...this.vaultsInUse].filter((vault) => path.includes(`/vaults/${vault}/`)) },
      };
    };
    return [world, arm, createGateway({ world, clock, arm, siteRecovery, authenticate })];
  }

  /** Continues with the present state of the file. A killed process leaves the same state. */
  killAndStart(): void {
    const left = newFolder('azure');
    cpSync(this.#folder, left, { recursive: true });
    this.#arm.close();
    this.world.close();
    this.#folder = left;
    [this.world, this.#arm, this.#front] = this.#create();
  }

  get url(): string {
    return this.#server.url;
  }

  async advance(milliseconds: number): Promise<void> {
    this.#release();
    await this.clock.advance(milliseconds);
    this.#release = this.clock.markBusy();
  }

  /** Lets the clock jump while the test awaits something that needs simulated time. */
  async withRunningClock<T>(work: Promise<T>): Promise<T> {
    this.#release();
    try {
      return await work;
    } finally {
      this.#release = this.clock.markBusy();
    }
  }

  options = (subscription = PRODUCTION, principal = 'tests') => ({
    credential: {
      getToken: () => Promise.resolve({ token: principal, expiresOnTimestamp: Date.now() + 3_600_000 }),
    },
    subscription,
    client: { endpoint: this.url, tlsOptions: { ca: this.#ca }, retryOptions: { maxRetries: 0 } },
  });

  compute(subscription?: string): ComputeManagementClient {
    const { credential, subscription: id, client } = this.options(subscription);
    return new ComputeManagementClient(credential, id, client);
  }

  network(): NetworkManagementClient {
    const { credential, subscription, client } = this.options();
    return new NetworkManagementClient(credential, subscription, client);
  }

  storage(): StorageManagementClient {
    const { credential, subscription, client } = this.options();
    return new StorageManagementClient(credential, subscription, client);
  }

  resources(subscription?: string): ResourceManagementClient {
    const { credential, subscription: id, client } = this.options(subscription);
    return new ResourceManagementClient(credential, id, client);
  }

  vaults(): RecoveryServicesClient {
    const { credential, subscription, client } = this.options();
    return new RecoveryServicesClient(credential, subscription, client);
  }

  /** Sends a raw request, without the SDK. */
  sendRaw(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = { authorization: 'Bearer tests' },
  ): Promise<RawAnswer> {
    return sendRawRequest(this.url, { method, path, body, headers, ca: this.#ca });
  }

  async admin<T>(path: string, body?: unknown): Promise<T> {
    const text = body === undefined ? '' : JSON.stringify(body);
    const method = body === undefined ? 'GET' : 'POST';
    const answer = await this.#front.admin({
      service: 'admin',
      method,
      path,
      headers: {},
      body: Buffer.from(text),
      json: () => body,
    });
    return answer.body as T;
  }

  readUnknownRequests = (): Promise<{ method: string; path: string }[]> => this.admin('/arm/unknown');

  async close(): Promise<void> {
    this.#release();
    await this.#server.close();
    this.#arm.close();
    this.world.close();
    this.clock.close();
  }
}

/** Returns an SDK's error for a refusal. */
export async function errorOf(
  call: Promise<unknown>,
): Promise<{ code: string | undefined; statusCode: number | undefined }> {
  const thrown: unknown = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  const { code, statusCode } = thrown as { code?: string; statusCode?: number };
  return { code, statusCode };
}

export const groupPath = (group: string): string => `/subscriptions/${PRODUCTION}/resourceGroups/${group}`;
