// The graph of a plan's run: nodes for the work, and the needs of each node.
// `buildGraph` makes the graph. `nextNodes` decides from the graph about the next steps.

import type { PhaseOperation } from '../../core/operations.ts';
import type { Action } from './action.ts';
import type { StepRule } from './rule.ts';

/** The operations that a plan supports. */
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
  /** Stable for the same plan and operation. */
  readonly id: string;
  /** The name of the node's group. */
  readonly group: string | null;
  /** Ids of the nodes that must end before this node. */
  readonly needs: readonly string[];
  /** The run skips this node unless each of these nodes has succeeded (`good`) or begun (`begun`). */
  readonly buildsOn: readonly { readonly id: string; readonly how: 'good' | 'begun' }[];
  /** True: the node runs also in a stopped run. */
  readonly always: boolean;
  readonly rule: StepRule;
}

/**
 * One operation of Site Recovery on one VM, or on the members of a multi-VM group. Site Recovery takes
 * all members of a group or none.
 */
export interface VmNode extends CommonNodeFields {
  readonly kind: 'vms';
  readonly phase: PhaseOperation;
  readonly vms: readonly string[];
  /** True: this node decides whether its VMs have arrived. Commit and clean-up nodes come later. */
  readonly main: boolean;
}

/** An action of the plan. */
export interface ActionNode extends CommonNodeFields {
  readonly kind: 'action';
  readonly place: 'before' | 'after' | 'check';
  /** The VM of the action; null: the action belongs to a group or to the whole plan. */
  readonly vm: string | null;
  readonly action: Action;
}

/** A wait of the run. A person can end the wait early, or skip the nodes that follow. */
export interface HoldNode extends CommonNodeFields {
  readonly kind: 'hold';
  readonly purpose: 'commitWindow' | 'timeToLive';
  readonly minutes: number;
  /** True: the hold begins after the first ended need, not after all needs. */
  readonly early?: true;
}

/** Passes after all its needs. Without gates, large groups would need an edge for each pair of VMs. */
export interface GateNode extends CommonNodeFields {
  readonly kind: 'gate';
}

/** A node of the graph. */
export type Node = VmNode | ActionNode | HoldNode | GateNode;

/** The graph of a plan's run. */
export interface Graph {
  readonly operation: PlanOperation;
  /** Each node comes after all nodes that it needs or builds on. */
  readonly nodes: readonly Node[];
}

/** The gate that passes when all groups are up. The measured recovery time ends here. */
export const ALL_UP = 'up';
/** The hold of a drill. Its end stops the run, gives up waiting steps, and starts the clean-up. */
export const TIME_TO_LIVE = 'timeToLive';
