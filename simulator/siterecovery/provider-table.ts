// The shape of a provider's table: which operation is allowed when, what its job does and how long,
// and what the item looks like before, during and after. A provider is such a table and the few
// functions of `provider.ts`.

import type { SecondsRange } from './ids.ts';

export interface StateRow {
  readonly protectionState: string;
  readonly protectionStateDescription: string;
  readonly activeLocation: 'Primary' | 'Recovery';
  /** As long as no job runs on the item; then the list is empty. */
  readonly allowedOperations: readonly string[];
  /** Readers do not see the item yet. */
  readonly hidden?: true;
  readonly testFailover?: { readonly state: string; readonly description: string };
  /** The item goes on naming the job that brought it here. */
  readonly keepsScenario?: true;
  /**
   * What follows by itself, once no job runs on the item; perhaps as a job of the service, perhaps
   * not while nothing comes from the source.
   */
  readonly automaticChange?: {
    readonly seconds: SecondsRange;
    readonly change: Change;
    readonly job?: string;
    readonly needsSource?: true;
  };
}

/**
 * A step of an item: into a state (or staying where it is), and what the provider does with the
 * machine meanwhile.
 */
export interface Change {
  readonly toState?: string;
  /** One of the provider's effects. */
  readonly effect?: string;
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

export type OperationTrigger = 'item' | 'container' | 'put' | 'patch' | 'delete' | 'service';

export interface OperationRow {
  /**
   * Where the action hangs; `put`, `patch` and `delete` are the item's own verbs; `service`: no
   * client can call it.
   */
  readonly on: OperationTrigger;
  /** What must stand in `allowedOperations`; without it the state does not matter. */
  readonly needs?: string;
  readonly scenarioName: string;
  readonly friendlyName: string;
  readonly seconds: SecondsRange;
  readonly tasks: readonly TaskRow[];
  /** The task in which the service's own failures and standstills show. */
  readonly failsIn: string;
  readonly jobDetails: string;
  /** The `customDetails` of a job that has nothing to tell yet. */
  readonly outcomeAtFirst: Readonly<Record<string, unknown>>;
  /** What becomes of it when the job succeeds, fails, or was refused. */
  readonly change?: Change;
  readonly onFailure?: Change;
  readonly onRefusal?: Change;
  /** A machine that shares its recovery points with others cannot do this alone. */
  readonly wholeGroup?: true;
}

/**
 * The phases of a recovery plan for one of its operations: which operation of the provider each
 * machine goes through in it.
 */
export interface PlanPhases {
  readonly shutdown?: string;
  readonly failover?: string;
  readonly boot?: string;
}

export interface ProviderTable {
  readonly states: Readonly<Record<string, StateRow>>;
  /** Keyed by the action segment of the URL, in ASR's spelling. */
  readonly operations: Readonly<Record<string, OperationRow>>;
  /** Keyed by the plan's operation. */
  readonly planPhases: Readonly<Record<string, PlanPhases>>;
}

export const task = (
  name: string,
  friendlyName: string,
  weight: number,
  more: Partial<TaskRow> = {},
): TaskRow => ({ taskId: name, name, friendlyName, weight, ...more });

export function stateRow(table: ProviderTable, state: string): StateRow {
  const row = table.states[state];
  if (!row) throw new Error(`The table has no state "${state}".`);
  return row;
}

export function operationRow(table: Pick<ProviderTable, 'operations'>, operation: string): OperationRow {
  const row = table.operations[operation];
  if (!row) throw new Error(`The table has no operation "${operation}".`);
  return row;
}

/** Clients differ in the casing of actions; Azure takes all. */
export function findOperation(
  table: ProviderTable,
  action: string,
  on: OperationTrigger,
): string | undefined {
  const entry = Object.entries(table.operations).find(
    ([name, row]) => row.on === on && name.toLowerCase() === action.toLowerCase(),
  );
  return entry?.[0];
}
