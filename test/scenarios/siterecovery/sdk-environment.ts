// The environment of the scenarios: Azure in the simulator over TLS and the unmodified SDKs. The
// scenario moves the clock.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';

import { ComputeManagementClient } from '@azure/arm-compute';
import { RecoveryServicesClient } from '@azure/arm-recoveryservices';
import { SiteRecoveryManagementClient, type Job } from '@azure/arm-recoveryservices-siterecovery';

import { loadEnvironment } from '../../../simulator/environments/load.ts';
import { createAdminClient, type AdminClient } from '../../../simulator/launch/admin-client.ts';
import type { Environment } from '../../../simulator/environments/schema.ts';
import { startAzureServers, type AzureServers } from '../../../simulator/azure/start-azure-servers.ts';

export const VAULT = 'drill-vault';
export const VAULT_GROUP = 'contoso-recovery-services';
export const SHOP_GROUP = 'contoso-shop';
export const SHOP_RECOVERY_GROUP = 'contoso-shop-recovery';

/** The common part of the SDKs' pollers. */
interface Poller<Result> {
  poll(): Promise<unknown>;
  isDone(): boolean;
  getResult(): Result | undefined;
}

const PARTICIPANT = 'the scenario';
const ROOT = join(import.meta.dirname, '..', '..', '..');
const print = (text: string): void => void process.stdout.write(`${text}\n`);

const withNew = <T extends { readonly name: string }>(some: readonly T[], more: readonly T[]): T[] => [
  ...some,
  ...more.filter(({ name }) => !some.some((entry) => entry.name === name)),
];

/** Contoso before any replication, with the servers and the targets of its harbour, its offices and VMM. */
function contosoWithServers(): Environment {
  const shop = loadEnvironment('contoso');
  const [harbour, offices] = [loadEnvironment('contoso-harbour'), loadEnvironment('contoso-hyper-v')];
  const withTargets = <Kind extends 'resourceGroups' | 'networks' | 'storageAccounts' | 'placementGroups'>(
    kind: Kind,
  ) => withNew(withNew<Environment[Kind][number]>(shop[kind], harbour[kind]), offices[kind]);
  return {
    ...shop,
    onPremises: {
      ...shop.onPremises,
      ...harbour.onPremises,
      hyperVSites: offices.onPremises.hyperVSites,
      vmmServers: loadEnvironment('newyork-chicago').onPremises.vmmServers,
    },
    resourceGroups: withTargets('resourceGroups'),
    networks: withTargets('networks'),
    storageAccounts: withTargets('storageAccounts'),
    placementGroups: withTargets('placementGroups'),
    vaults: shop.vaults.map((vault) => ({ ...vault, protectedItems: [], recoveryPlans: [] })),
  };
}

export class SdkEnvironment {
  readonly subscription: string;
  readonly siteRecovery: SiteRecoveryManagementClient;
  readonly vaults: RecoveryServicesClient;
  readonly compute: ComputeManagementClient;
  readonly simulator: AdminClient;
  readonly unexpected: string[] = [];
  readonly #azureServers: AzureServers;
  readonly #data: string;
  readonly #token: string;

  private constructor(
    azureServers: AzureServers,
    data: string,
    subscription: string,
    token: string,
    simulator: AdminClient,
  ) {
    this.#azureServers = azureServers;
    this.#token = token;
    this.#data = data;
    this.subscription = subscription;
    this.simulator = simulator;
    const credential = {
      getToken: () => Promise.resolve({ token, expiresOnTimestamp: Date.now() + 3_600_000 }),
    };
    const options = { endpoint: azureServers.addresses.arm };
    this.siteRecovery = new SiteRecoveryManagementClient(credential, subscription, options);
    this.vaults = new RecoveryServicesClient(credential, subscription, options);
    this.compute = new ComputeManagementClient(credential, subscription, options);
  }

  /** The environment Contoso with its harbour, its offices and its VMM servers. */
  static async start(trace: string | undefined): Promise<SdkEnvironment> {
    const data = mkdtempSync(join(tmpdir(), 'site-recovery-scenarios-'));
    const environment = contosoWithServers();
    const file = join(data, 'environment.yaml');
    // JSON is YAML too.
    writeFileSync(file, JSON.stringify(environment));
    const azureServers = await startAzureServers({
      data,
      clock: 'jumping',
      participants: [PARTICIPANT],
      environment: file,
      cosmosRanges: 1,
      containers: join(ROOT, 'infra', 'agreement.json'),
      ...(trace !== undefined && { trace }),
    });
    setDefaultCACertificates([
      ...getCACertificates('default'),
      readFileSync(azureServers.addresses.caFile, 'utf8'),
    ]);
    const simulator = createAdminClient(() => azureServers.addresses);
    return new SdkEnvironment(
      azureServers,
      data,
      environment.subscriptions[0]?.id ?? '',
      await simulator.token('lifeboat'),
      simulator,
    );
  }

  async stop(): Promise<void> {
    await this.#azureServers.close();
    rmSync(this.#data, { recursive: true, force: true });
  }

  printTitle(text: string): void {
    print(text);
  }

  /** Checks an expectation. A failure counts as a surprise, and the scenario continues. */
  expect(what: string, holds: boolean, found?: unknown): void {
    if (holds) return;
    this.unexpected.push(found === undefined ? what : `${what}: ${JSON.stringify(found)}`);
    print(`  SURPRISE ${this.unexpected.at(-1) ?? ''}`);
  }

  /** The clock jumps only while the scenario has nothing to do. */
  async advance(seconds: number): Promise<void> {
    let now = (await this.simulator.now()).getTime();
    const nextDue = now + seconds * 1000;
    while (now < nextDue) {
      const answer = await fetch(new URL('/idle', this.#azureServers.addresses.clock), {
        method: 'POST',
        body: JSON.stringify({ participant: PARTICIPANT, nextDue, known: now }),
      });
      now = Date.parse(((await answer.json()) as { now: string }).now);
    }
  }

  /**
   * Polls an operation to its end with the SDK's own poller. Time passes in steps so that the test
   * sees all states.
   */
  async pollToEnd<Result>(
    what: string,
    begin: Promise<Poller<Result>>,
    meanwhile?: () => Promise<unknown>,
  ): Promise<Result | undefined> {
    const started = await this.simulator.now();
    const poller = await begin;
    for (let step = 0; !poller.isDone(); step += 1) {
      await this.advance(step < 2 ? 4 : 30);
      await meanwhile?.();
      await poller.poll();
    }
    const seconds = Math.round(((await this.simulator.now()).getTime() - started.getTime()) / 1000);
    print(`  ${what} (${seconds} s)`);
    return poller.getResult();
  }

  /** The same for an SDK whose pollers poll by themselves. */
  async waitForResult<Result>(what: string, result: Promise<Result>): Promise<Result> {
    const ended = { yet: false };
    const settled = result.finally(() => {
      ended.yet = true;
    });
    while (!ended.yet) {
      await Promise.race([settled, sleep(20)]);
      await this.advance(5);
    }
    print(`  ${what}`);
    return settled;
  }

  /** Expects an operation to fail with this code. */
  async expectFailure(what: string, code: string, begin: () => Promise<Poller<unknown>>): Promise<void> {
    const error: unknown = await this.pollToEnd(what, begin()).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    const message = error instanceof Error ? error.message : '';
    this.expect(`${what} should fail with ${code}`, message.includes(code), message);
    print(`  ${what}, refused with ${code} as it should be`);
  }

  /** Waits until the condition holds. */
  async waitUntil(what: string, isTrue: () => Promise<boolean>, seconds = 3600): Promise<void> {
    for (let waited = 0; waited < seconds; waited += 60) {
      if (await isTrue()) {
        print(`  ${what} (after ${waited} s)`);
        return;
      }
      await this.advance(60);
    }
    this.expect(what, false);
  }

  async readNewestJob(vault = VAULT): Promise<Job> {
    for await (const job of this.siteRecovery.replicationJobs.list(vault, VAULT_GROUP))
      return this.siteRecovery.replicationJobs.get(vault, VAULT_GROUP, job.name ?? '');
    throw new Error('There is no job.');
  }

  /** Reads from Resource Manager what no SDK here reads. */
  read(path: string): Promise<unknown> {
    return this.send('GET', path);
  }

  /** Sends Resource Manager what no SDK here sends. */
  async send(method: string, path: string, body?: object): Promise<unknown> {
    const answer = await fetch(new URL(path, this.#azureServers.addresses.arm), {
      method,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
    return answer.json();
  }

  groupId(name: string): string {
    return `/subscriptions/${this.subscription}/resourceGroups/${name}`;
  }

  resourceId(group: string, type: string, name: string): string {
    return `${this.groupId(group)}/providers/${type}/${name}`;
  }

  get vaultId(): string {
    return this.resourceId(VAULT_GROUP, 'Microsoft.RecoveryServices/vaults', VAULT);
  }
}

export async function collect<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const page of pages) found.push(page);
  return found;
}
