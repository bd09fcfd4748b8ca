// A run of a plan as a graph: what is done, and what each thing waits for.
import type { PhaseOperation } from '../../core/operations.ts';
import type { Action } from './action.ts';
import type { StepRule } from './rule.ts';

/** What a plan may be run for. */
export const PlanOperation = {
  failover: 'failover',
  testFailover: 'testFailover',
  failback: 'failback',
  changeRecoveryPoint: 'changeRecoveryPoint',
  commit: 'commit',
  cancelFailover: 'cancelFailover',
  reprotect: 'reprotect',
  cleanUpTestFailover: 'cleanUpTestFailover',
} as const;
export type PlanOperation = (typeof PlanOperation)[keyof typeof PlanOperation];

interface CommonNodeFields {
  /** The same for the same plan and operation. */
  readonly id: string;
  /** The name of the group it belongs to. */
  readonly group: string | null;
  /** What must be over before it. */
  readonly needs: readonly string[];
  /** It makes no sense, and is skipped, unless each of these has succeeded, or was begun at least. */
  readonly buildsOn: readonly { readonly id: string; readonly how: 'good' | 'begun' }[];
  /** Done also in a run that was stopped. */
  readonly always: boolean;
  readonly rule: StepRule;
}

/**
 * One operation of Site Recovery on one VM, or on the members of a multi-VM group, which go
 * together or not at all.
 */
export interface VmNode extends CommonNodeFields {
  readonly kind: 'vms';
  readonly phase: PhaseOperation;
  readonly vms: readonly string[];
  /** Whether a VM has arrived is told by these; what a window or a clean-up does comes after that. */
  readonly main: boolean;
}

export interface ActionNode extends CommonNodeFields {
  readonly kind: 'action';
  readonly place: 'before' | 'after' | 'check';
  /** The VM that it is about; null: the group, or the whole plan. */
  readonly vm: string | null;
  readonly action: Action;
}

/** The run waits, unless a person ends the wait; a person who skips it keeps what follows from being done. */
export interface HoldNode extends CommonNodeFields {
  readonly kind: 'hold';
  readonly purpose: 'commitWindow' | 'timeToLive';
  readonly minutes: number;
  /** It begins with the first of its needs that has ended, and not only once all are over. */
  readonly early?: true;
}

/** Passes by itself once its needs are over: it keeps groups of thousands of VMs from being tied VM to VM. */
export interface GateNode extends CommonNodeFields {
  readonly kind: 'gate';
}

export type Node = VmNode | ActionNode | HoldNode | GateNode;

export interface Graph {
  readonly operation: PlanOperation;
  /** Each comes after all that it needs or builds on. */
  readonly nodes: readonly Node[];
}

/** The gate that passes when all groups are up: recovery is measured up to here. */
export const ALL_UP = 'up';
/** The hold of a drill. Its end stops the run: nothing waits any more, and the test VMs are cleaned up. */
export const TIME_TO_LIVE = 'timeToLive';
