// Performs the actions of a colleague in the portal. Each action starts an operation on a machine.
// It happens at a simulated time, or just before the answer to a request about the machine.

import { randomUUID } from 'node:crypto';

import type { Exchange } from '../wire/exchange.ts';
import type { PortalAction, Faults, PortalOperation } from '../wire/fault.ts';
import { decodeSafely } from '../wire/route-matching.ts';
import type { JobEngine } from './job-engine.ts';
import type { ItemJobs } from './item-jobs.ts';
import type { ItemRecord } from './records.ts';
import type { SiteRecoveryStore } from './store.ts';
import { lastSegment, parseContainerPath, isSameName, type Vault, type Vaults } from './vault.ts';
import { activityIdOf } from './job-handler.ts';

/** The principal of a colleague's writes, in the list of writes. */
export const COLLEAGUE_PRINCIPAL = 'a colleague in the portal';
const DONE_SETTING = 'deeds';

export interface ColleaguesOptions {
  readonly store: SiteRecoveryStore;
  readonly vaults: Vaults;
  readonly items: ItemJobs;
  readonly engine: JobEngine;
  readonly faults: Faults;
}

export class Colleagues {
  readonly #store: SiteRecoveryStore;
  readonly #vaults: Vaults;
  readonly #items: ItemJobs;
  readonly #engine: JobEngine;
  readonly #faults: Faults;
  /** The simulated time up to which everything has happened. No action can happen before it. */
  #doneUntil: number;

  constructor({ store, vaults, items, engine, faults }: ColleaguesOptions, now: number) {
    this.#store = store;
    this.#vaults = vaults;
    this.#items = items;
    this.#engine = engine;
    this.#faults = faults;
    this.#doneUntil = now;
    faults.addMachineAliases((vm) => this.#called(vm).map(({ name }) => name));
  }

  /** Performs every action that is due by now, each at its own time. */
  performDue(now: number): void {
    const due = this.#faults
      .takePortalActions()
      .map((action) => ({ action, at: Math.min(now, Math.max(this.#doneUntil, action.at ?? now)) }));
    for (const { action, at } of due.toSorted((left, right) => left.at - right.at)) {
      if (this.#wasDone(action)) continue;
      this.#engine.advanceTo(at);
      for (const item of this.#called(action.vm)) this.#begin(item, action.operation, at);
    }
    this.#doneUntil = now;
  }

  /**
   * Performs a colleague's action just before a request about a replicated machine, so that the
   * request comes too late.
   */
  actBeforeRequest(exchange: Exchange, vault: Vault, now: number): void {
    const path = decodeSafely(exchange.path.split('?')[0] ?? '');
    const place = parseContainerPath(path);
    const named = (
      exchange.json() as { properties?: { replicationProtectedItemName?: unknown } } | null | undefined
    )?.properties?.replicationProtectedItemName;
    const name =
      /\/replicationProtectedItems\/([^/]+)/i.exec(path)?.[1] ??
      (typeof named === 'string' ? lastSegment(named) : undefined);
    const item = place && name !== undefined ? this.#store.findItem(vault.key, place, name) : undefined;
    if (!item) return;
    const action = this.#faults.takeAction(
      'meanwhile',
      exchange,
      this.#items.providerOf(item).friendlyName(item),
    );
    if (action?.kind === 'colleague') this.#begin(item, action.operation, now);
  }

  #called(vm: string): ItemRecord[] {
    return [...this.#store.items()].filter((item) =>
      isSameName(this.#items.providerOf(item).friendlyName(item), vm),
    );
  }

  /**
   * Returns true when this action has run before. Reading the same rule again must not repeat a
   * past action.
   */
  #wasDone({ rule, vm, operation, at }: PortalAction): boolean {
    if (at === undefined) return false;
    const done = (this.#store.setting(DONE_SETTING) ?? []) as readonly string[];
    const mark = `${rule} ${vm} ${operation} ${at}`;
    if (done.includes(mark)) return true;
    this.#store.putSetting(DONE_SETTING, [...done, mark]);
    return false;
  }

  #begin(item: ItemRecord, operation: PortalOperation, now: number): void {
    const vault = this.#vaults.require(item.vault);
    const provider = this.#items.providerOf(item);
    if (!(operation in provider.table.operations)) return;
    const input = provider.portalInput(operation, item, vault, now);
    const clientRequestId = randomUUID();
    const activityId = activityIdOf({ clientRequestId, correlationId: randomUUID() });
    this.#engine.transaction(() => {
      const { id } = this.#items.accept({
        vault,
        item,
        operation: provider.variantOf?.(operation, item, input) ?? operation,
        input,
        activityId,
        fault: () => undefined,
        now,
      });
      this.#store.addWrite({
        jobId: id,
        operation,
        itemName: item.name,
        lifecycleId: item.key,
        vault: vault.name,
        principal: COLLEAGUE_PRINCIPAL,
        clientRequestId,
        at: now,
        outcome: 'accepted',
      });
    });
  }
}
