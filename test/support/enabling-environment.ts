// A simulator with VMs to enable. It runs commands to their end, lists their writes, and reads the
// result in Azure.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLifeboat, type LocalOptions } from '../../local/start-lifeboat.ts';
import type { Simulator } from '../../simulator/simulator.ts';
import { loadEnvironment } from '../../simulator/environments/load.ts';
import type { Environment, EnvironmentMachine } from '../../simulator/environments/schema.ts';
import type { A2AReplicationDetails } from '@azure/arm-recoveryservices-siterecovery';
import type { EnablingPreview } from '../../shared/scenarios/enabling/preview.ts';
import { readExchanges } from './arm-trace.ts';
import { clockAndEngine } from './test-settings.ts';
import { callAsPortalUser } from './portal.ts';
import { LifeboatClient, type Job, type Problem, type Replication } from './lifeboat-client.ts';

export const PRODUCTION = '2f7a1f0c-9f1b-4a43-8a55-6d0f3b1c2e77';
export const DEVELOPMENT = '81c0d6e4-7b2f-4f5d-9a3c-2e6b4d8f1a90';
export const TO_SOUTH_EAST = { region: 'southeastasia' };

export const makeResourceId = (
  group: string,
  type: string,
  name: string,
  subscription = PRODUCTION,
): string => `/subscriptions/${subscription}/resourceGroups/${group}/providers/${type}/${name}`;
export const makeVmId = (name: string, group = 'contoso-shop'): string =>
  makeResourceId(group, 'Microsoft.Compute/virtualMachines', name);
export const makeNetworkId = (group: string, name: string, subscription?: string): string =>
  makeResourceId(group, 'Microsoft.Network/virtualNetworks', name, subscription);
export const makeStorageAccountId = (group: string, name: string, subscription?: string): string =>
  makeResourceId(group, 'Microsoft.Storage/storageAccounts', name, subscription);
export const makeAvailabilitySetId = (group: string, name: string, subscription?: string): string =>
  makeResourceId(group, 'Microsoft.Compute/availabilitySets', name, subscription);
export const makePlacementGroupId = (group: string, name: string, subscription?: string): string =>
  makeResourceId(group, 'Microsoft.Compute/proximityPlacementGroups', name, subscription);

let addressCount = 0;

/** A VM of the shop with some overrides. */
export function makeShopVm(name: string, overrides: Partial<EnvironmentMachine> = {}): EnvironmentMachine {
  const pattern = loadEnvironment('contoso').virtualMachines.find(
    (virtualMachine) => virtualMachine.name === 'web',
  );
  if (!pattern) throw new Error('The environment contoso has no VM web to make more of.');
  addressCount += 1;
  const nic = { ...pattern.nic, name: `${name}-nic`, privateAddress: `10.20.1.${100 + addressCount}` };
  return {
    ...pattern,
    name,
    disks: [{ name: `${name}-os`, sizeInGb: 64, accountType: 'Premium_LRS' }],
    nic,
    ...overrides,
  };
}

/** Contoso with additions. */
export function makeContosoWith(
  more: Partial<{
    readonly [
      Kind in
        | 'resourceGroups'
        | 'networks'
        | 'storageAccounts'
        | 'placementGroups'
        | 'availabilitySets'
        | 'virtualMachines'
    ]: Environment[Kind];
  }>,
): Environment {
  const environment = loadEnvironment('contoso');
  return {
    ...environment,
    ...Object.fromEntries(
      Object.entries(more).map(([kind, its]) => [kind, [...environment[kind as keyof typeof more], ...its]]),
    ),
  };
}

/** A replicated item in Azure's form. The type names only the fields in use. */
export interface ReplicatedItem {
  readonly policyFriendlyName: string;
  readonly protectionState: string;
  readonly activeLocation: string;
  readonly allowedOperations: readonly string[];
  readonly providerSpecificDetails: A2AReplicationDetails;
}

export class EnablingEnvironment {
  readonly simulator: Simulator;
  readonly lifeboat: LifeboatClient;
  readonly trace: string;
  readonly #folder: string;

  private constructor(simulator: Simulator, folder: string, trace: string) {
    this.simulator = simulator;
    this.lifeboat = new LifeboatClient(simulator);
    this.#folder = folder;
    this.trace = trace;
  }

  static async start(options: Partial<LocalOptions> = {}): Promise<EnablingEnvironment> {
    const folder = mkdtempSync(join(tmpdir(), 'lifeboat-enabling-'));
    const trace = join(folder, 'trace.ndjson');
    const simulator = await startLifeboat({
      environment: 'contoso',
      trace,
      ...options,
      ...clockAndEngine(options),
      env: { LIFEBOAT_SEND_TIMEOUT_SECONDS: '2', ...options.env },
    });
    return new EnablingEnvironment(simulator, folder, trace);
  }

  async stop(): Promise<void> {
    await this.simulator.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async sendAccepted(command: object, who = 'contributor'): Promise<string> {
    const { status, body } = await this.lifeboat.send(command, undefined, { principal: who });
    if (status !== 202) throw new Error(JSON.stringify(body));
    return body.id;
  }

  async runJob(command: object, who?: string): Promise<Job> {
    return this.lifeboat.waitForJobEnd(await this.sendAccepted(command, who));
  }

  enable(request: object, who?: string): Promise<Job> {
    return this.runJob({ operation: 'enableReplication', target: TO_SOUTH_EAST, ...request }, who);
  }

  async sendRefused(command: object, who = 'contributor'): Promise<Problem> {
    return (await this.lifeboat.send<Problem>(command, undefined, { principal: who })).body;
  }

  async readPreview(request: object): Promise<EnablingPreview> {
    const { status, body } = await this.lifeboat.call<EnablingPreview>('/api/v1/previews', {
      method: 'POST',
      body: { target: TO_SOUTH_EAST, ...request },
    });
    if (status !== 200) throw new Error(JSON.stringify(body));
    return body;
  }

  /** Leaves out queries that use POST. */
  listArmWrites(): string[] {
    return readExchanges(this.trace)
      .filter(({ method, path }) => method !== 'GET' && !path.includes('/checkNameAvailability'))
      .map(({ method, path }) => `${method} ${path.split('?')[0] ?? ''}`);
  }

  async findReplication(name: string): Promise<Replication | undefined> {
    return (await this.lifeboat.listReplications()).find((replication) => replication.name === name);
  }

  async waitForReplication(name: string): Promise<Replication> {
    return this.lifeboat.waitFor(() => this.findReplication(name), `${name} in the registry`);
  }

  /** Reads as a colleague does. Undefined: the resource does not exist. */
  async readResource<T = object>(id: string): Promise<T | undefined> {
    const { status, body } = await callAsPortalUser(this.simulator, 'GET', id);
    if (status === 404) return undefined;
    if (status !== 200) throw new Error(`GET ${id}: ${status ?? ''} ${JSON.stringify(body)}`);
    return body as T;
  }

  async readItem(name: string): Promise<ReplicatedItem> {
    const { armId } = await this.waitForReplication(name);
    const item = await this.readResource<{ readonly properties: ReplicatedItem }>(armId);
    if (!item) throw new Error(`${name} is not under ${armId}.`);
    return item.properties;
  }

  async readItemDetails(name: string): Promise<A2AReplicationDetails> {
    return (await this.readItem(name)).providerSpecificDetails;
  }
}

/** The names of the created resources for a kind of step. */
export const stepNames = (done: Job, kind: string): string[] =>
  done.steps.filter((step) => step.kind === kind).map((step) => step.name);
