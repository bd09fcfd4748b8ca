// The client's operations on instances: start, raise an event, suspend, resume, terminate, purge,
// query.

import { randomUUID } from 'node:crypto';
import type { SimulatedEngine } from './engine.ts';
import { FINISHED, type InstanceFilter, type InstanceRow, type DurableStore } from './store.ts';
import { instanceStatus } from './status.ts';

/** A refused request, with its HTTP status. */
export class RequestRefusedError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface StatusQuery {
  readonly showInput: boolean;
  readonly showHistory: boolean;
  readonly showHistoryOutput: boolean;
}

export interface StartRequest {
  readonly name: string;
  readonly id: string | undefined;
  readonly version: string | null;
  readonly input: string;
}

export class Instances {
  readonly #engine: SimulatedEngine;
  readonly #store: DurableStore;

  constructor(engine: SimulatedEngine) {
    this.#engine = engine;
    this.#store = engine.store;
  }

  /** Starts an instance. Returns its id after the store has written it. */
  async start({
    name,
    id = randomUUID().replaceAll('-', ''),
    version,
    input,
  }: StartRequest): Promise<string> {
    if (!this.#engine.isOrchestrator(name))
      throw new RequestRefusedError(
        400,
        `The function '${name}' doesn't exist, is disabled, or is not an orchestrator function.`,
      );
    if (id.startsWith('@') || id.length > 100 || /[/\\#?\u0000-\u001f\u007f-\u009f]/.test(id)) {
      throw new RequestRefusedError(
        400,
        `'${id}' is no instance id: at most 100 characters, not beginning with @, none of / \\ # ` +
          '? and no control characters.',
      );
    }
    const excess = this.#engine.payloadExcess('The input', input);
    if (excess) throw new RequestRefusedError(413, `${excess}.`);
    if (this.#engine.isUnfinished(id))
      throw new RequestRefusedError(
        409,
        'An Orchestration instance with the status ' +
          `${this.#store.instance(id)?.status ?? 'Pending'} and the id '${id}' already exists.`,
      );
    this.#store.database.write(() => this.#engine.begin({ id, name, version, input }));
    await this.#store.database.waitForCommit();
    return id;
  }

  async raiseEvent(id: string, name: string, input: string): Promise<void> {
    const excess = this.#engine.payloadExcess('The event', input);
    if (excess) throw new RequestRefusedError(413, `${excess}.`);
    this.#unfinished(id);
    this.#store.database.write(() => this.#engine.raiseEvent(id, name, input));
    await this.#store.database.waitForCommit();
  }

  async setSuspended(id: string, suspended: boolean): Promise<void> {
    const orchestration = this.#unfinished(id);
    if (orchestration.isSuspended === suspended)
      throw new RequestRefusedError(
        500,
        `Cannot ${suspended ? 'suspend' : 'resume'} the orchestration instance ${id} because it ` +
          `is in the ${orchestration.row.status} state.`,
      );
    this.#store.database.write(() => this.#engine.setSuspended(orchestration, suspended));
    await this.#store.database.waitForCommit();
  }

  async terminate(id: string, reason: string): Promise<void> {
    const orchestration = this.#unfinished(id);
    this.#store.database.write(() =>
      this.#engine.finish(orchestration, 'Terminated', JSON.stringify(reason)),
    );
    await this.#store.database.waitForCommit();
  }

  /** Starts the orchestration once more, with the same input. Returns the id of the new start. */
  async restart(id: string, withNewId: boolean): Promise<string> {
    const row = this.#store.instance(id);
    if (!row) throw new RequestRefusedError(400, 'InstanceId does not match a valid orchestration instance.');
    const { name, version, input } = row;
    return await this.start({ name, version, input, id: withNewId ? undefined : id });
  }

  /** Throws Azure's error where Azure refuses a rewind, too. */
  refuseRewind(id: string): never {
    const { status } = this.#known(id);
    if (status === 'Failed') throw new RequestRefusedError(501, 'This host cannot rewind an orchestration.');
    if (FINISHED.includes(status)) throw new RequestRefusedError(410, `The instance '${id}' has finished.`);
    throw new RequestRefusedError(412, 'Only a failed orchestration can be rewound.');
  }

  /** Removes a finished instance. An unfinished instance stays unchanged. */
  async purge(id: string): Promise<number> {
    const row = this.#known(id);
    return await this.#remove(FINISHED.includes(row.status) ? [row] : []);
  }

  async purgeBy(filter: InstanceFilter): Promise<number> {
    const statuses = (filter.statuses ?? FINISHED).filter((status) => FINISHED.includes(status));
    return await this.#remove(this.#store.instances({ ...filter, statuses }, Number.MAX_SAFE_INTEGER));
  }

  status(
    id: string,
    { showHistory, ...options }: StatusQuery,
  ): { finished: boolean; status: Record<string, unknown> } {
    const row = this.#known(id);
    const status = instanceStatus(row, {
      ...options,
      ...(showHistory && { history: this.#store.episodes(id) }),
    });
    return { finished: FINISHED.includes(row.status), status };
  }

  list(filter: InstanceFilter, limit: number): InstanceRow[] {
    return this.#store.instances(filter, limit);
  }

  #known(id: string): InstanceRow {
    const row = this.#store.instance(id);
    if (!row) throw new RequestRefusedError(404, `No instance with ID '${id}' found.`);
    return row;
  }

  #unfinished(id: string) {
    this.#known(id);
    const orchestration = this.#engine.find(id);
    if (!orchestration) throw new RequestRefusedError(410, `The instance '${id}' has finished.`);
    return orchestration;
  }

  async #remove(rows: readonly InstanceRow[]): Promise<number> {
    if (rows.length > 0)
      this.#store.database.write(() => rows.forEach((row) => this.#store.removeInstance(row.id)));
    await this.#store.database.waitForCommit();
    return rows.length;
  }
}
