// The shape of a provider's table. The table defines the allowed operations of each state, and the
// steps and duration of each job. It also defines the item's properties before, during and after a
// job. A provider consists of such a table and the few functions of `provider.ts`.

import type { SecondsRange } from './ids.ts';

export interface StateRow {
  readonly protectionState: string;
  readonly protectionStateDescription: string;
  readonly activeLocation: 'Primary' | 'Recovery';
  /** Valid while no job runs on the item. During a job the list is empty. */
  readonly allowedOperations: readonly string[];
  /** Readers do not see the item yet. */
  readonly hidden?: true;
  readonly testFailover?: { readonly state: string; readonly description: string };
  /** The item still names the job that led to this state. */
  readonly keepsScenario?: true;
  /**
   * The change that follows by itself when no job runs on the item. With `job`, the service runs it
   * as a job. With `needsSource`, the change waits until the source is reachable.
   */
  readonly automaticChange?: {
    readonly seconds: SecondsRange;
    readonly change: Change;
    readonly job?: string;
    readonly needsSource?: true;
  };
}

/**
 * A step of an item: a transition to `toState` (default: no transition), and an effect of the
 * provider on the machine.
 */
export interface Change {
  readonly toState?: string;
  /** The name of one of the provider's effects. */
  readonly effect?: string;
  /** A job can still be cancelled during this change. Default: a change ends that. */
  readonly canBeCancelled?: true;
}

export interface TaskRow {
  readonly taskId: string;
  readonly name: string;
  readonly friendlyName: string;
  /** The task's share of the job's time. */
  readonly weight: number;
  /** The name of one of the provider's conditions. */
  readonly skippedWhen?: string;
  /** The task waits until somebody resumes the job. The text is the instruction for that person. */
  readonly waits?: string;
  /** An operation of the table. The service starts it as a separate job to do this task. */
  readonly startsJob?: string;
  /** Applied to the item when the task starts. */
  readonly change?: Change;
}

export type OperationTrigger = 'item' | 'container' | 'put' | 'patch' | 'delete' | 'service';

export interface OperationRow {
  /**
   * The place of the action. `put`, `patch` and `delete` are the item's own verbs. `service` means
   * that no client can call it.
   */
  readonly on: OperationTrigger;
  /** The entry that `allowedOperations` must contain. Undefined: the state does not matter. */
  readonly needs?: string;
  readonly scenarioName: string;
  readonly friendlyName: string;
  readonly seconds: SecondsRange;
  readonly tasks: readonly TaskRow[];
  /** The task that shows failures and hangs of the service. */
  readonly failsIn: string;
  readonly jobDetails: string;
  /** The first `customDetails` of a job, before it has results. */
  readonly outcomeAtFirst: Readonly<Record<string, unknown>>;
  /** Applied when the job succeeds, fails, or was refused. */
  readonly change?: Change;
  readonly onFailure?: Change;
  readonly onRefusal?: Change;
  /** A machine in a consistency group cannot do this alone. */
  readonly wholeGroup?: true;
}

/**
 * The phases of a recovery plan for one of its operations. Each phase names the provider's
 * operation for every machine.
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
  /** The operation of each machine, where its name differs from the plan's operation. */
  readonly planMembers?: Readonly<Record<string, string>>;
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

/** Finds an operation. Clients differ in the casing of actions, and Azure accepts every casing. */
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
