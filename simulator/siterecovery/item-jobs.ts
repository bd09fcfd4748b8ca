// The state machine of replicated items. It decides which write works and which write is refused,
// and applies each job to its item. It contains no operation names of a provider: the tables define
// the operations.

import { randomUUID } from 'node:crypto';

import type { FaultAction } from '../wire/fault.ts';
import type { JobEngine } from './job-engine.ts';
import {
  alreadyProtected,
  ANOTHER_OPERATION_CODE,
  anotherOperationRuns,
  requestedError,
  providerRefuses,
} from './errors.ts';
import { seededDuration, guidOf } from './ids.ts';
import type { EffectResult, Provider } from './provider.ts';
import type {
  DueEvent,
  Ending,
  ItemRecord,
  JobError,
  JobRecord,
  JobTarget,
  PlannedTask,
  ProviderDetails,
  ProviderInput,
} from './records.ts';
import type { ContainerPath } from './configuration-records.ts';
import type { SiteRecoveryStore } from './store.ts';
import { operationRow, stateRow, type Change, type OperationRow } from './provider-table.ts';
import { scheduleTasks, type JobSchedule } from './job-schedule.ts';
import { isSameContainer, type Vault, type Vaults } from './vault.ts';
import { activityIdOf, type JobStart, type ChangeOutcome, type JobHandler } from './job-handler.ts';

/** How long a refused job runs before it reports the refusal. */
const REFUSAL_SECONDS = [165, 195] as const;
const IDLE_SECONDS = [2, 6] as const;
/** A step that waits for its source tries again after this time. */
const STALLED_RETRY_MS = 5 * 60_000;

export interface ItemWrite {
  readonly vault: Vault;
  readonly item: ItemRecord;
  readonly operation: string;
  readonly input: ProviderInput;
  readonly activityId: string;
  /** Returns the ordered fault. The caller asks only when the job would otherwise do its work. */
  readonly fault: () => FaultAction | undefined;
  /** The plan job that this operation belongs to. */
  readonly parent?: string;
  readonly now: number;
}

export type Providers = Readonly<Record<string, Provider>>;

export function endingByFault(row: OperationRow, action: FaultAction | undefined): Ending {
  if (action?.kind === 'stick') return { kind: 'sticks', task: row.failsIn };
  if (action?.kind === 'warn')
    return { kind: 'succeeds', warning: requestedError(action.code, action.message) };
  if (action?.kind !== 'fail') return { kind: 'succeeds' };
  const error = requestedError(action.code, action.message);
  return action.code === ANOTHER_OPERATION_CODE
    ? { kind: 'refused', error }
    : { kind: 'fails', error, task: row.failsIn };
}

export class ItemJobs implements JobHandler {
  readonly #store: SiteRecoveryStore;
  readonly #vaults: Vaults;
  readonly #providers: Providers;
  readonly #engine: () => JobEngine;

  constructor(store: SiteRecoveryStore, vaults: Vaults, providers: Providers, engine: () => JobEngine) {
    this.#store = store;
    this.#vaults = vaults;
    this.#providers = providers;
    this.#engine = engine;
  }

  providerOf(item: ItemRecord): Provider {
    return this.provider(item.details.instanceType);
  }

  provider(instanceType: string): Provider {
    const provider = this.#providers[instanceType];
    if (!provider) throw new Error(`There is no provider "${instanceType}".`);
    return provider;
  }

  row(table: string, operation: string): OperationRow {
    return operationRow(this.provider(table).table, operation);
  }

  /** Returns why the item cannot do the operation by itself now, or undefined. */
  findProblem({
    vault,
    item,
    operation,
    input,
    parent,
    now,
  }: Omit<ItemWrite, 'activityId' | 'fault'>): JobError | undefined {
    const provider = this.providerOf(item);
    const row = operationRow(provider.table, operation);
    const { allowedOperations } = stateRow(provider.table, item.state);
    if (row.needs !== undefined && !allowedOperations.includes(row.needs)) {
      return providerRefuses(
        provider.instanceType,
        `${row.needs} is not allowed in the present state of the item.`,
        `Run an allowed operation: ${allowedOperations.join(', ')}.`,
      );
    }
    const group = parent === undefined ? this.groupCompanions(item, row) : [];
    if (group.length > 0) {
      const names = group.map(({ name }) => name).join(', ');
      return providerRefuses(
        provider.instanceType,
        `The machine is in a consistency group with ${names} and cannot do this alone: ` +
          `${row.friendlyName}.`,
        'Run the operation for the whole group, with a recovery plan.',
      );
    }
    return provider.preflight(operation, item, input, vault, now);
  }

  /**
   * Returns the other machines of the consistency group that must take part. They are in the same
   * container and allow the same operation. A machine that fell behind does not block the group.
   */
  groupCompanions(item: ItemRecord, { wholeGroup, needs }: OperationRow): ItemRecord[] {
    const group = wholeGroup ? this.providerOf(item).consistencyGroup(item) : undefined;
    if (group === undefined) return [];
    const isAsFar = (other: ItemRecord): boolean =>
      needs === undefined ||
      stateRow(this.providerOf(other).table, other.state).allowedOperations.includes(needs);
    return [...this.#store.items()].filter(
      (other) =>
        other.key !== item.key &&
        other.vault === item.vault &&
        isSameContainer(other.place, item.place) &&
        this.providerOf(other).consistencyGroup(other) === group &&
        isAsFar(other),
    );
  }

  /** Starts the job of an accepted write. */
  accept(write: ItemWrite): JobRecord {
    const { vault, item, operation, input, activityId, now } = write;
    return this.#engine().begin({
      id: randomUUID(),
      vault: vault.key,
      table: item.details.instanceType,
      operation,
      subject: item.key,
      input,
      ending: this.#endingOf(write),
      activityId,
      now,
      parent: null,
    });
  }

  /** Creates a new item. The item stays hidden until its job shows it. */
  addItem<Details extends ProviderDetails, Input extends ProviderInput>(
    vault: Vault,
    place: ContainerPath,
    name: string,
    provider: Provider<Details, Input>,
    policy: string,
    input: Input,
    now: number,
    key = guidOf(vault.key, 'item', name, randomUUID()),
  ): ItemRecord<Details> {
    const item: ItemRecord<Details> = {
      key,
      vault: vault.key,
      name,
      place,
      ...provider.newItem(name, place, policy, input, vault),
      state: 'enabling',
      stateSince: now,
      stateEndsAt: null,
      busyWith: null,
      shown: null,
      scenario: null,
      serviceJob: null,
      operations: 0,
    };
    this.#store.putItem(item);
    return item;
  }

  restart({ vault: key, operation, subject, input }: JobRecord, now: number): void {
    const vault = this.#vaults.require(key);
    const item = this.#store.item(subject);
    const activityId = activityIdOf({ clientRequestId: randomUUID(), correlationId: randomUUID() });
    if (item)
      this.accept({
        vault,
        item,
        operation,
        input: input as ProviderInput,
        activityId,
        fault: () => undefined,
        now,
      });
  }

  #endingOf(write: ItemWrite): Ending {
    const { item, operation } = write;
    const row = operationRow(this.providerOf(item).table, operation);
    if (item.busyWith !== null) return { kind: 'refused', error: anotherOperationRuns() };
    if (row.on === 'put' && item.state !== 'enabling') return { kind: 'idle', warning: alreadyProtected() };
    const error = this.findProblem(write);
    return error ? { kind: 'refused', error } : endingByFault(row, write.fault());
  }

  target({ vault, subject }: JobStart): JobTarget {
    const item = this.#store.requireItem(subject);
    const provider = this.providerOf(item);
    return {
      id: provider.targetObjectId(item),
      name: provider.friendlyName(item),
      instanceType: 'ProtectionEntity',
      affectedObjects: provider.affectedObjects(item, this.#vaults.require(vault)),
    };
  }

  scheduleJob({ table, operation, subject, input, ending, now, duration }: JobStart): JobSchedule {
    const item = this.#store.requireItem(subject);
    const { conditions } = this.provider(table);
    const row = this.row(table, operation);
    const range = {
      refused: REFUSAL_SECONDS,
      idle: IDLE_SECONDS,
      succeeds: row.seconds,
      fails: row.seconds,
      sticks: row.seconds,
    }[ending.kind];
    return scheduleTasks(row, {
      startsAt: now,
      duration: duration ?? seededDuration(range, item.key, operation, item.operations),
      ending,
      isSkipped: (row) =>
        row.skippedWhen !== undefined &&
        (conditions[row.skippedWhen]?.(item, input as ProviderInput) ?? false),
      childJob: (row) => (row.startsJob === undefined ? null : randomUUID()),
    });
  }

  onAccepted(job: JobRecord): void {
    const item = this.#store.item(job.subject);
    // Two kinds of jobs do not make the item busy: a job that the service runs beside the item's
    // state, and a job within another job.
    if (!item || job.id === item.serviceJob || job.parent !== null) return;
    if (item.serviceJob !== null) this.#engine().cancel(item.serviceJob, job.acceptedAt);
    this.#store.putItem({ ...item, busyWith: job.id, serviceJob: null, operations: item.operations + 1 });
  }

  onShown(job: JobRecord): void {
    const item = this.#store.item(job.subject);
    if (item?.busyWith !== job.id) return;
    const { scenarioName } = this.row(job.table, job.operation);
    this.#store.putItem({ ...item, shown: { jobId: job.id, scenarioName, startTime: job.acceptedAt } });
  }

  applyChange(change: Change, job: JobRecord, at: number): ChangeOutcome {
    const item = this.#store.item(job.subject);
    return item ? this.#apply(item, change, at, job) : {};
  }

  onTaskStart(_task: PlannedTask, job: JobRecord, due: DueEvent): void {
    throw new Error(`The job ${job.id} has no groups, so none begins at ${due.at}.`);
  }

  onEnded(job: JobRecord, at: number): void {
    const item = this.#store.item(job.subject);
    if (item?.serviceJob === job.id) {
      this.#store.putItem({ ...item, serviceJob: null });
      return;
    }
    if (item?.busyWith === job.id) this.releaseItem(item, at);
  }

  /** Ends the item's work. From now on its state may change by itself. */
  releaseItem(item: ItemRecord, at: number): void {
    const { automaticChange, keepsScenario } = stateRow(this.providerOf(item).table, item.state);
    const idle: ItemRecord = {
      ...item,
      busyWith: null,
      shown: null,
      scenario: keepsScenario ? (item.shown ?? item.scenario) : null,
    };
    if (!automaticChange) {
      this.#store.putItem({ ...idle, stateEndsAt: null });
      return;
    }
    const planned =
      item.stateEndsAt ?? at + seededDuration(automaticChange.seconds, item.key, item.state, item.operations);
    const stateEndsAt = Math.max(at, planned);
    const id = automaticChange.job === undefined ? null : randomUUID();
    this.#store.putItem({ ...idle, stateEndsAt, serviceJob: id });
    if (automaticChange.job !== undefined && id !== null) {
      const {
        vault,
        key: subject,
        details: { instanceType: table },
      } = item;
      this.#engine().beginByService({
        id,
        vault,
        table,
        operation: automaticChange.job,
        subject,
        input: {},
        ending: { kind: 'succeeds' },
        now: at,
        parent: null,
        duration: stateEndsAt - at,
      });
    }
    this.#store.schedule(stateEndsAt, 'stateEnds', item.key);
  }

  onStateEnd(key: string, at: number): void {
    const item = this.#store.item(key);
    // An operation has started meanwhile, or the item has entered the state again.
    if (!item || item.busyWith !== null || item.stateEndsAt !== at) return;
    const { automaticChange } = stateRow(this.providerOf(item).table, item.state);
    if (!automaticChange) return;
    if (
      automaticChange.needsSource &&
      this.providerOf(item).isSourceUnreachable(item, this.#vaults.require(item.vault))
    ) {
      this.#store.putItem({ ...item, stateEndsAt: at + STALLED_RETRY_MS });
      this.#store.schedule(at + STALLED_RETRY_MS, 'stateEnds', key);
      return;
    }
    this.#apply(item, automaticChange.change, at, undefined);
    const passed = this.#store.item(key);
    if (passed) this.releaseItem(passed, at);
  }

  #apply(item: ItemRecord, change: Change, at: number, job: JobRecord | undefined): ChangeOutcome {
    const provider = this.providerOf(item);
    const effect: EffectResult =
      change.effect === undefined ? { item } : this.#effect(provider, change.effect, item, at, job);
    const { item: after, ...outcome } = effect;
    if (after === 'gone') {
      this.#store.removeItem(item.key);
      return outcome;
    }
    if (effect.error) {
      this.#store.putItem(after);
      return outcome;
    }
    const moves = change.toState !== undefined && change.toState !== after.state;
    this.#store.putItem(
      moves ? { ...after, state: change.toState ?? after.state, stateSince: at, stateEndsAt: null } : after,
    );
    return outcome;
  }

  #effect(
    provider: Provider,
    name: string,
    item: ItemRecord,
    at: number,
    job: JobRecord | undefined,
  ): EffectResult {
    const effect = provider.effects[name];
    if (!effect) throw new Error(`The provider has no effect "${name}".`);
    return effect(item, this.#vaults.require(item.vault), at, job);
  }
}
