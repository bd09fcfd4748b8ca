// The state machine of replicated items at work: which write does its work and which is refused,
// and what each job makes of its item.
// It knows no provider's operations by name; those stand in the tables.

import { randomUUID } from 'node:crypto';

import type { FaultAction } from '../wire/fault.ts';
import type { Engine } from './engine.ts';
import {
  alreadyProtected,
  ANOTHER_OPERATION,
  anotherOperationRuns,
  byRequest,
  providerRefuses,
} from './errors.ts';
import { durationOf, guidOf } from './ids.ts';
import type { Effect, Provider } from './provider.ts';
import type {
  Due,
  Ending,
  ItemRecord,
  JobError,
  JobRecord,
  JobTarget,
  PlannedTask,
  ProviderInput,
} from './records.ts';
import type { Place } from './ground-records.ts';
import type { Store } from './store.ts';
import { operationRow, stateRow, type Change, type OperationRow } from './table.ts';
import { planTasks, type Plan } from './tasks.ts';
import { samePlace, type Vault, type Vaults } from './vault.ts';
import { activityOf, type Beginning, type Outcome, type Work } from './work.ts';

/** How long a job that will not do its work sits there before it says so. */
const REFUSAL_SECONDS = [165, 195] as const;
const IDLE_SECONDS = [2, 6] as const;
/** What waits for its source looks again after so long. */
const STALLED = 5 * 60_000;

export interface ItemWrite {
  readonly vault: Vault;
  readonly item: ItemRecord;
  readonly operation: string;
  readonly input: ProviderInput;
  readonly activityId: string;
  /** Asked only when the job would otherwise do its work. */
  readonly fault: () => FaultAction | undefined;
  /** The plan that this is done for. */
  readonly parent?: string;
  readonly now: number;
}

export type Providers = Readonly<Record<string, Provider>>;

export function endingByFault(row: OperationRow, action: FaultAction | undefined): Ending {
  if (action?.kind === 'stick') return { kind: 'sticks', task: row.failsIn };
  if (action?.kind === 'warn') return { kind: 'succeeds', warning: byRequest(action.code, action.message) };
  if (action?.kind !== 'fail') return { kind: 'succeeds' };
  const error = byRequest(action.code, action.message);
  return action.code === ANOTHER_OPERATION
    ? { kind: 'refused', error }
    : { kind: 'fails', error, task: row.failsIn };
}

export class ItemWork implements Work {
  readonly #store: Store;
  readonly #vaults: Vaults;
  readonly #providers: Providers;
  readonly #engine: () => Engine;

  constructor(store: Store, vaults: Vaults, providers: Providers, engine: () => Engine) {
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

  /** Whether the item can do this by itself now. */
  problemOf({
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
        `Run one of the operations that are: ${allowedOperations.join(', ')}.`,
      );
    }
    const group = parent === undefined ? this.companions(item, row) : [];
    if (group.length > 0) {
      const names = group.map(({ name }) => name).join(', ');
      return providerRefuses(
        provider.instanceType,
        `The machine is in one consistency group with ${names}; alone it cannot do this: ` +
          `${row.friendlyName}.`,
        'Let the whole group do it, through a recovery plan.',
      );
    }
    return provider.preflight(operation, item, input, vault, now);
  }

  /**
   * The others of its consistency group that must go along: those that live where it lives and are
   * as far as it is. Who fell behind is no hindrance.
   */
  companions(item: ItemRecord, { wholeGroup, needs }: OperationRow): ItemRecord[] {
    const group = wholeGroup ? this.providerOf(item).consistencyGroup(item) : undefined;
    if (group === undefined) return [];
    const isAsFar = (one: ItemRecord): boolean =>
      needs === undefined ||
      stateRow(this.providerOf(one).table, one.state).allowedOperations.includes(needs);
    return [...this.#store.items()].filter(
      (one) =>
        one.key !== item.key &&
        one.vault === item.vault &&
        samePlace(one.place, item.place) &&
        this.providerOf(one).consistencyGroup(one) === group &&
        isAsFar(one),
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

  /** Puts a new item there, unseen until its job has come so far. */
  enrol(
    vault: Vault,
    place: Place,
    name: string,
    provider: Provider,
    policy: string,
    input: ProviderInput,
    now: number,
    key = guidOf(vault.key, 'item', name, randomUUID()),
  ): ItemRecord {
    const item: ItemRecord = {
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

  again({ vault: key, operation, subject, input }: JobRecord, now: number): void {
    const vault = this.#vaults.must(key);
    const item = this.#store.item(subject);
    const activityId = activityOf({ clientRequestId: randomUUID(), correlationId: randomUUID() });
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
    const error = this.problemOf(write);
    return error ? { kind: 'refused', error } : endingByFault(row, write.fault());
  }

  target({ vault, subject }: Beginning): JobTarget {
    const item = this.#store.itemMust(subject);
    const provider = this.providerOf(item);
    return {
      id: provider.targetObjectId(item),
      name: provider.friendlyName(item),
      instanceType: 'ProtectionEntity',
      affectedObjects: provider.affectedObjects(item, this.#vaults.must(vault)),
    };
  }

  layOut({ table, operation, subject, input, ending, now, duration }: Beginning): Plan {
    const item = this.#store.itemMust(subject);
    const { conditions } = this.provider(table);
    const row = this.row(table, operation);
    const range = {
      refused: REFUSAL_SECONDS,
      idle: IDLE_SECONDS,
      succeeds: row.seconds,
      fails: row.seconds,
      sticks: row.seconds,
    }[ending.kind];
    return planTasks(row, {
      startsAt: now,
      duration: duration ?? durationOf(range, item.key, operation, item.operations),
      ending,
      isSkipped: (one) =>
        one.skippedWhen !== undefined &&
        (conditions[one.skippedWhen]?.(item, input as ProviderInput) ?? false),
      childJob: (one) => (one.startsJob === undefined ? null : randomUUID()),
    });
  }

  begun(job: JobRecord): void {
    const item = this.#store.item(job.subject);
    // A job of the service beside the state of its item, or within another job, takes nobody's turn.
    if (!item || job.id === item.serviceJob || job.parent !== null) return;
    if (item.serviceJob !== null) this.#engine().cancel(item.serviceJob, job.acceptedAt);
    this.#store.putItem({ ...item, busyWith: job.id, serviceJob: null, operations: item.operations + 1 });
  }

  shows(job: JobRecord): void {
    const item = this.#store.item(job.subject);
    if (item?.busyWith !== job.id) return;
    const { scenarioName } = this.row(job.table, job.operation);
    this.#store.putItem({ ...item, shown: { jobId: job.id, scenarioName, startTime: job.acceptedAt } });
  }

  change(change: Change, job: JobRecord, at: number): Outcome {
    const item = this.#store.item(job.subject);
    return item ? this.#apply(item, change, at, job) : {};
  }

  taskStarts(_task: PlannedTask, job: JobRecord, due: Due): void {
    throw new Error(`The job ${job.id} has no groups, so none begins at ${due.at}.`);
  }

  ended(job: JobRecord, at: number): void {
    const item = this.#store.item(job.subject);
    if (item?.serviceJob === job.id) {
      this.#store.putItem({ ...item, serviceJob: null });
      return;
    }
    if (item?.busyWith === job.id) this.release(item, at);
  }

  /** No job runs on it any more: from now on its state may pass by itself. */
  release(item: ItemRecord, at: number): void {
    const { then, keepsScenario } = stateRow(this.providerOf(item).table, item.state);
    const idle: ItemRecord = {
      ...item,
      busyWith: null,
      shown: null,
      scenario: keepsScenario ? (item.shown ?? item.scenario) : null,
    };
    if (!then) {
      this.#store.putItem({ ...idle, stateEndsAt: null });
      return;
    }
    const planned = item.stateEndsAt ?? at + durationOf(then.seconds, item.key, item.state, item.operations);
    const stateEndsAt = Math.max(at, planned);
    const id = then.job === undefined ? null : randomUUID();
    this.#store.putItem({ ...idle, stateEndsAt, serviceJob: id });
    if (then.job !== undefined && id !== null) {
      const {
        vault,
        key: subject,
        details: { instanceType: table },
      } = item;
      this.#engine().beginByService({
        id,
        vault,
        table,
        operation: then.job,
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

  stateEnds(key: string, at: number): void {
    const item = this.#store.item(key);
    // Somebody began an operation meanwhile, or the state was entered anew.
    if (!item || item.busyWith !== null || item.stateEndsAt !== at) return;
    const { then } = stateRow(this.providerOf(item).table, item.state);
    if (!then) return;
    if (then.needsSource && this.providerOf(item).isSilent(item, this.#vaults.must(item.vault))) {
      this.#store.putItem({ ...item, stateEndsAt: at + STALLED });
      this.#store.schedule(at + STALLED, 'stateEnds', key);
      return;
    }
    this.#apply(item, then.change, at, undefined);
    const passed = this.#store.item(key);
    if (passed) this.release(passed, at);
  }

  #apply(item: ItemRecord, change: Change, at: number, job: JobRecord | undefined): Outcome {
    const provider = this.providerOf(item);
    const effect: Effect =
      change.does === undefined ? { item } : this.#effect(provider, change.does, item, at, job);
    const { item: after, ...outcome } = effect;
    if (after === 'gone') {
      this.#store.removeItem(item.key);
      return outcome;
    }
    if (effect.error) {
      this.#store.putItem(after);
      return outcome;
    }
    const moves = change.to !== undefined && change.to !== after.state;
    this.#store.putItem(
      moves ? { ...after, state: change.to ?? after.state, stateSince: at, stateEndsAt: null } : after,
    );
    return outcome;
  }

  #effect(
    provider: Provider,
    name: string,
    item: ItemRecord,
    at: number,
    job: JobRecord | undefined,
  ): Effect {
    const effect = provider.effects[name];
    if (!effect) throw new Error(`The provider has no effect "${name}".`);
    return effect(item, this.#vaults.must(item.vault), at, job);
  }
}
