// Jobs on the ground that replication stands on: they put things there and take them away, once
// nothing uses them any more.

import { randomUUID } from 'node:crypto';

import type { FaultAction } from '../wire/fault.ts';
import type { Engine } from './engine.ts';
import { stillInUse } from './errors.ts';
import type { Ground, GroundKind } from './ground-records.ts';
import { groundRow, type GroundOperation } from './ground-table.ts';
import { durationOf, guidOf } from './ids.ts';
import { endingByFault } from './items.ts';
import type { Ending, JobError, JobRecord, JobTarget } from './records.ts';
import type { Store } from './store.ts';
import type { Change, OperationRow } from './table.ts';
import { planTasks, type Plan } from './tasks.ts';
import { sameName, samePlace, type Vault, type Vaults } from './vault.ts';
import { activityOf, type Beginning, type Outcome, type Work } from './work.ts';

export const GROUND = 'ground';

/** What a job of the ground works on. */
export type GroundInput =
  | { readonly kind: GroundKind; readonly thing: Ground[GroundKind] }
  | { readonly kind: GroundKind; readonly path: string }
  | { readonly jobId: string }
  | Record<string, never>;

export interface GroundWrite {
  readonly vault: Vault;
  readonly operation: GroundOperation;
  readonly name: string;
  readonly input: GroundInput;
  /** The job will find that it cannot be done. */
  readonly error?: JobError | undefined;
  readonly activityId: string;
  readonly fault: () => FaultAction | undefined;
  readonly now: number;
}

export class GroundWork implements Work {
  readonly #store: Store;
  readonly #vaults: Vaults;
  readonly #engine: () => Engine;

  constructor(store: Store, vaults: Vaults, engine: () => Engine) {
    this.#store = store;
    this.#vaults = vaults;
    this.#engine = engine;
  }

  accept({ vault, operation, name, input, error, activityId, fault, now }: GroundWrite): JobRecord {
    const row = groundRow(operation);
    const ending: Ending = error ? { kind: 'fails', error, task: row.failsIn } : endingByFault(row, fault());
    return this.#engine().begin({
      id: randomUUID(),
      vault: vault.key,
      table: GROUND,
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
    return groundRow(operation);
  }

  target({ vault, operation, subject }: Beginning): JobTarget {
    const { targetInstanceType } = groundRow(operation);
    return {
      id: guidOf(vault, targetInstanceType, subject),
      name: subject,
      instanceType: targetInstanceType,
      affectedObjects: {},
    };
  }

  layOut({ id, operation, ending, now }: Beginning): Plan {
    const row = groundRow(operation);
    return planTasks(row, {
      startsAt: now,
      duration: durationOf(row.seconds, id),
      ending,
      isSkipped: () => false,
      childJob: () => null,
    });
  }

  begun(): void {
    /* Nothing of the ground is busy with its jobs. */
  }

  shows(): void {
    /* So nothing shows it. */
  }

  taskStarts(): void {
    /* No task of these jobs does more than pass. */
  }

  ended(): void {
    /* And nothing is to be given back. */
  }

  again({ vault, operation, subject, input }: JobRecord, now: number): void {
    const activityId = activityOf({ clientRequestId: randomUUID(), correlationId: randomUUID() });
    this.accept({
      vault: this.#vaults.must(vault),
      operation: operation as GroundOperation,
      name: subject,
      input: input as GroundInput,
      activityId,
      fault: () => undefined,
      now,
    });
  }

  change({ does }: Change, job: JobRecord, at: number): Outcome {
    const vault = this.#vaults.must(job.vault);
    const input = job.input as GroundInput;
    if ('thing' in input) {
      this.#store.putThing(vault.key, input.kind, input.thing);
      return {};
    }
    if ('path' in input) return this.#remove(vault, input.kind, input.path, does ?? '');
    if ('jobId' in input) return this.#onJob(does ?? '', input.jobId, at);
    return does === 'exportJobs' ? { details: { blobUri: '', sasToken: '' } } : {};
  }

  #remove(vault: Vault, kind: GroundKind, path: string, does: string): Outcome {
    const thing = this.#store.thing(vault.key, kind, path);
    if (!thing) return {};
    const user = does === 'remove' ? usedBy(vault, kind, thing) : undefined;
    if (user !== undefined) return { error: stillInUse(thing.name, user) };
    if (does === 'purge') this.#clear(vault, thing.name);
    this.#store.removeThing(vault.key, kind, path);
    return {};
  }

  /** Without regard to what still uses it. */
  #clear(vault: Vault, fabric: string): void {
    for (const { name } of vault.containers(fabric)) {
      const place = { fabric, container: name };
      for (const item of vault.items(place)) this.#store.removeItem(item.key);
      for (const { from, name: mapping } of vault.mappings())
        if (samePlace(from, place))
          this.#store.removeThing(
            vault.key,
            'containerMapping',
            `${from.fabric}/${from.container}/${mapping}`,
          );
      this.#store.removeThing(vault.key, 'container', `${fabric}/${name}`);
    }
    for (const { network, name } of vault.networkMappings(fabric))
      this.#store.removeThing(vault.key, 'networkMapping', `${fabric}/${network}/${name}`);
  }

  #onJob(does: string, id: string, at: number): Outcome {
    const job = this.#store.job(id);
    if (!job) return {};
    if (does === 'cancelJob') this.#engine().cancel(id, at);
    if (does === 'resumeJob') this.#engine().resume(id, at);
    if (does === 'restartJob') this.#engine().workOf(job.table).again(job, at);
    return {};
  }
}

/** The name of something that cannot do without it. */
function usedBy(vault: Vault, kind: GroundKind, thing: Ground[GroundKind]): string | undefined {
  switch (kind) {
    case 'fabric':
      return vault.containers(thing.name).map(({ name }) => name)[0];
    case 'container': {
      const place = { fabric: (thing as Ground['container']).fabric, container: thing.name };
      return (
        vault.items(place)[0]?.name ??
        vault.mappings().find(({ from, to }) => samePlace(from, place) || samePlace(to, place))?.name
      );
    }
    case 'policy':
      return vault.mappings().find(({ policy }) => sameName(policy, thing.name))?.name;
    case 'containerMapping': {
      const { from, to } = thing as Ground['containerMapping'];
      return vault.items(from).find(({ target }) => samePlace(target, to))?.name;
    }
    case 'networkMapping':
    case 'alert':
    case 'plan':
      return undefined;
  }
}
