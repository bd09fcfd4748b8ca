// The shape of a provider's table: which operation is allowed when, what its job does and how long, and what the item looks like
// before, during and after. A provider is such a table and the few functions of `provider.ts`.

import type { Range } from './ids.ts';

export interface StateRow {
  readonly protectionState: string;
  readonly protectionStateDescription: string;
  readonly activeLocation: 'Primary' | 'Recovery';
  /** As long as no job runs on the item; then the list is empty. */
  readonly allowedOperations: readonly string[];
  /** What follows by itself, once no job runs on the item. */
  readonly then?: { readonly seconds: Range; readonly change: Change };
}

/** A step of an item: into a state, and what the provider does with the machine meanwhile. */
export interface Change {
  readonly to: string;
  /** One of the provider's effects. */
  readonly does?: string;
}

export interface TaskRow {
  readonly taskId: string;
  readonly name: string;
  readonly friendlyName: string;
  /** Its share of the job's time. */
  readonly weight: number;
  /** One of the provider's conditions. */
  readonly skippedWhen?: string;
  /** An operation of the table that the service starts as a job of its own to do this task. */
  readonly startsJob?: string;
  /** What happens to the item when the task starts. */
  readonly change?: Change;
}

export interface OperationRow {
  /** Where the action hangs; `service`: no client can call it. */
  readonly on: 'item' | 'container' | 'service';
  /** What must stand in `allowedOperations`. */
  readonly needs: string;
  readonly scenarioName: string;
  readonly friendlyName: string;
  readonly seconds: Range;
  readonly tasks: readonly TaskRow[];
  /** The task in which the service's own failures and standstills show. */
  readonly failsIn: string;
  readonly jobDetails: 'AsrJobDetails' | 'FailoverJobDetails' | 'SwitchProtectionJobDetails';
  /** The `customDetails` of a job that has nothing to tell yet. */
  readonly outcomeAtFirst: Readonly<Record<string, unknown>>;
  /** What the item becomes when the job succeeds. */
  readonly change?: Change;
}

export interface ProviderTable {
  readonly states: Readonly<Record<string, StateRow>>;
  /** Keyed by the action segment of the URL, in ASR's spelling. */
  readonly operations: Readonly<Record<string, OperationRow>>;
}

export function stateRow(table: ProviderTable, state: string): StateRow {
  const row = table.states[state];
  if (!row) throw new Error(`The table has no state "${state}".`);
  return row;
}

export function operationRow(table: ProviderTable, operation: string): OperationRow {
  const row = table.operations[operation];
  if (!row) throw new Error(`The table has no operation "${operation}".`);
  return row;
}

/** Clients differ in the casing of actions; Azure takes all. */
export function operationNamed(table: ProviderTable, action: string, on: 'item' | 'container'): string | undefined {
  const entry = Object.entries(table.operations).find(([name, row]) => row.on === on && name.toLowerCase() === action.toLowerCase());
  return entry?.[0];
}
