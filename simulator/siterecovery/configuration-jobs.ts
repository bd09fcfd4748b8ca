// Runs the jobs on the replication prerequisites: fabrics, containers, policies and mappings. The
// jobs create them, and remove them once nothing uses them.

import { randomUUID } from 'node:crypto';

import type { FaultAction } from '../wire/fault.ts';
import type { FabricKinds } from './fabric-kind.ts';
import { NO_VAULT } from './on-premises.ts';
import type { JobEngine } from './job-engine.ts';
import { stillInUse } from './errors.ts';
import type {
  ConfigurationRecords,
  ConfigurationKind,
  ContainerMappingRecord,
  FabricRecord,
  NetworkMappingRecord,
} from './configuration-records.ts';
import { configurationRow, type ConfigurationOperation } from './configuration-table.ts';
import { seededDuration, guidOf, type SecondsRange } from './ids.ts';
import { endingByFault } from './item-jobs.ts';
import type { Ending, JobError, JobRecord, JobTarget } from './records.ts';
import type { SiteRecoveryStore } from './store.ts';
import type { Change, OperationRow } from './provider-table.ts';
import { scheduleTasks, type JobSchedule } from './job-schedule.ts';
import { isSameName, isSameContainer, type Vault, type Vaults } from './vault.ts';
import { activityIdOf, type JobStart, type ChangeOutcome, type JobHandler } from './job-handler.ts';

export const CONFIGURATION_TABLE = 'ground';

/** The target of a prerequisite job. */
export type ConfigurationInput =
  | { readonly kind: ConfigurationKind; readonly thing: ConfigurationRecords[ConfigurationKind] }
  | { readonly kind: ConfigurationKind; readonly path: string }
  | { readonly jobId: string }
  | Record<string, never>;

export interface ConfigurationWrite {
  readonly vault: Vault;
  readonly operation: ConfigurationOperation;
  readonly name: string;
  readonly input: ConfigurationInput;
  /** The error with which the job will fail. */
  readonly error?: JobError | undefined;
  /** The duration. Default: the duration of the table. */
  readonly seconds?: SecondsRange | undefined;
  readonly activityId: string;
  readonly fault: () => FaultAction | undefined;
  readonly now: number;
}

export class ConfigurationJobs implements JobHandler {
  readonly #store: SiteRecoveryStore;
  readonly #vaults: Vaults;
  readonly #kinds: FabricKinds;
  readonly #engine: () => JobEngine;

  constructor(store: SiteRecoveryStore, vaults: Vaults, kinds: FabricKinds, engine: () => JobEngine) {
    this.#store = store;
    this.#vaults = vaults;
    this.#kinds = kinds;
    this.#engine = engine;
  }

  accept(write: ConfigurationWrite): JobRecord {
    const { vault, operation, name, input, error, seconds, activityId, fault, now } = write;
    const row = configurationRow(operation);
    const id = randomUUID();
    const ending: Ending = error ? { kind: 'fails', error, task: row.failsIn } : endingByFault(row, fault());
    return this.#engine().begin({
      id,
      ...(seconds && { duration: seededDuration(seconds, id) }),
      vault: vault.key,
      table: CONFIGURATION_TABLE,
      operation,
      subject: name,
      input,
      ending,
      activityId,
      now,
      parent: null,
    });
  }

  row(_table: string, operation: string): OperationRow {
    return configurationRow(operation);
  }

  target({ vault, operation, subject }: JobStart): JobTarget {
    const { targetInstanceType } = configurationRow(operation);
    return {
      id: guidOf(vault, targetInstanceType, subject),
      name: subject,
      instanceType: targetInstanceType,
      affectedObjects: {},
    };
  }

  scheduleJob({ id, operation, ending, now, duration }: JobStart): JobSchedule {
    const row = configurationRow(operation);
    return scheduleTasks(row, {
      startsAt: now,
      duration: duration ?? seededDuration(row.seconds, id),
      ending,
      isSkipped: () => false,
      childJob: () => null,
    });
  }

  onAccepted(): void {
    // Prerequisites do not become busy.
  }

  onShown(): void {
    // Prerequisites do not show their jobs.
  }

  onTaskStart(): void {
    // The tasks of these jobs only take time.
  }

  onEnded(): void {
    // These jobs hold nothing that they must release.
  }

  restart({ vault, operation, subject, input }: JobRecord, now: number): void {
    const activityId = activityIdOf({ clientRequestId: randomUUID(), correlationId: randomUUID() });
    this.accept({
      vault: this.#vaults.require(vault),
      operation: operation as ConfigurationOperation,
      name: subject,
      input: input as ConfigurationInput,
      activityId,
      fault: () => undefined,
      now,
    });
  }

  applyChange({ effect }: Change, job: JobRecord, at: number): ChangeOutcome {
    const vault = this.#vaults.require(job.vault);
    const input = job.input as ConfigurationInput;
    if ('thing' in input) {
      // A server belongs to no vault.
      const owner = input.kind === 'server' ? NO_VAULT : vault.key;
      this.#store.putConfiguration(owner, input.kind, input.thing);
      if (input.kind === 'fabric') this.#createOwnContainer(vault, input.thing as FabricRecord);
      if (input.kind === 'containerMapping')
        this.#createCompanions(vault, input.thing as ContainerMappingRecord);
      if (input.kind === 'networkMapping') this.#connectReplicas(vault, input.thing as NetworkMappingRecord);
      return {};
    }
    if ('path' in input) return this.#remove(vault, input.kind, input.path, effect ?? '', at);
    if ('jobId' in input) return this.#onJob(effect ?? '', input.jobId, at);
    return effect === 'exportJobs' ? { details: { blobUri: '', sasToken: '' } } : {};
  }

  #createOwnContainer(vault: Vault, fabric: FabricRecord): void {
    const container = this.#kinds[fabric.settings.instanceType]?.ownContainer(fabric, vault);
    if (container) this.#store.putConfiguration(vault.key, 'container', container);
  }

  #createCompanions(vault: Vault, mapping: ContainerMappingRecord): void {
    const fabric = vault.requireFabric(mapping.from.fabric);
    const made = this.#kinds[fabric.settings.instanceType]?.createdWithMapping?.(mapping, vault);
    for (const policy of made?.policies ?? []) this.#store.putConfiguration(vault.key, 'policy', policy);
    for (const companion of made?.mappings ?? [])
      this.#store.putConfiguration(vault.key, 'containerMapping', companion);
  }

  #connectReplicas(vault: Vault, mapping: NetworkMappingRecord): void {
    const fabric = vault.requireFabric(mapping.fabric);
    this.#kinds[fabric.settings.instanceType]?.connectReplicas?.(mapping, vault);
  }

  #userOf(
    vault: Vault,
    kind: ConfigurationKind,
    thing: ConfigurationRecords[ConfigurationKind],
  ): string | undefined {
    const user = userOf(vault, kind, thing);
    if (user !== undefined || kind !== 'fabric') return user;
    const fabric = thing as FabricRecord;
    return this.#kinds[fabric.settings.instanceType]?.removalBlocker?.(fabric, vault);
  }

  #remove(vault: Vault, kind: ConfigurationKind, path: string, effect: string, at: number): ChangeOutcome {
    const thing = this.#store.findConfiguration(vault.key, kind, path);
    if (!thing) return {};
    const user = effect === 'remove' ? this.#userOf(vault, kind, thing) : undefined;
    if (user !== undefined) return { error: stillInUse(thing.name, user) };
    if (kind === 'fabric') this.#clear(vault, thing.name, at);
    this.#store.removeConfiguration(vault.key, kind, path);
    return {};
  }

  /** Removes the contents of a fabric. A purge does so even when something still uses them. */
  #clear(vault: Vault, fabric: string, at: number): void {
    for (const { name } of vault.containers(fabric)) {
      const place = { fabric, container: name };
      for (const item of vault.items(place)) this.#store.removeItem(item.key);
      for (const { from, name: mapping } of vault.mappings())
        if (isSameContainer(from, place))
          this.#store.removeConfiguration(
            vault.key,
            'containerMapping',
            `${from.fabric}/${from.container}/${mapping}`,
          );
      this.#store.removeConfiguration(vault.key, 'container', `${fabric}/${name}`);
    }
    for (const { network, name } of vault.networkMappings(fabric))
      this.#store.removeConfiguration(vault.key, 'networkMapping', `${fabric}/${network}/${name}`);
    for (const { fabric: owner, classification, name } of vault.storageMappings())
      if (isSameName(owner, fabric))
        this.#store.removeConfiguration(vault.key, 'storageMapping', `${owner}/${classification}/${name}`);
    for (const server of vault.onPremises.servers())
      if (server.registered?.vault === vault.key && isSameName(server.registered.fabric, fabric))
        vault.onPremises.putServer({ ...server, registered: null, unregisteredAt: at });
  }

  #onJob(effect: string, id: string, at: number): ChangeOutcome {
    const job = this.#store.job(id);
    if (!job) return {};
    if (effect === 'cancelJob') this.#engine().cancel(id, at);
    if (effect === 'resumeJob') this.#engine().resume(id, at);
    if (effect === 'restartJob') this.#engine().workOf(job.table).restart(job, at);
    return {};
  }
}

/** Returns the name of something that still needs this prerequisite. */
function userOf(
  vault: Vault,
  kind: ConfigurationKind,
  thing: ConfigurationRecords[ConfigurationKind],
): string | undefined {
  switch (kind) {
    case 'fabric':
      return userOfFabric(vault, thing.name);
    case 'container': {
      const place = { fabric: (thing as ConfigurationRecords['container']).fabric, container: thing.name };
      return (
        vault.items(place)[0]?.name ??
        vault.mappings().find(({ from, to }) => isSameContainer(from, place) || isSameContainer(to, place))
          ?.name
      );
    }
    case 'policy':
      return vault.mappings().find(({ policy }) => isSameName(policy, thing.name))?.name;
    case 'containerMapping': {
      const { from, to } = thing as ConfigurationRecords['containerMapping'];
      return vault.items(from).find(({ target }) => isSameContainer(target, to))?.name;
    }
    case 'networkMapping':
    case 'storageMapping':
    case 'alert':
    case 'plan':
    case 'vCenter':
    case 'certificate':
    case 'extendedInfo':
    case 'server':
    case 'machine':
      return undefined;
  }
}

/** A fabric's own container goes with the fabric, unless something uses that container. */
function userOfFabric(vault: Vault, fabric: string): string | undefined {
  for (const container of vault.containers(fabric)) {
    const user = container.own ? userOf(vault, 'container', container) : container.name;
    if (user !== undefined) return user;
  }
  return undefined;
}
