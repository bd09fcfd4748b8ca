// Measures recovery time and data loss of a run, for each VM, each group and the whole plan.
// This module also compares the measures with the plan's targets.

import { roundSeconds } from '../../core/seconds.ts';
import { nodesBefore } from './criticalPath.ts';
import { ALL_UP, type Graph, type Node } from './graph.ts';
import type { PlanTargets } from './plan.ts';

/** Times of a node that has begun, in simulated time. */
export interface NodeTimes {
  readonly beganAt: string;
  readonly endedAt: string | null;
  /** Start of Site Recovery's job; null: Lifeboat ran no job for this node. */
  readonly armBeganAt: string | null;
  readonly isGood: boolean;
  /** Start of Site Recovery's job for each VM, if the VMs of the node failed over one after the other. */
  readonly armBeganByVm?: Readonly<Record<string, string>>;
  /** The time of each VM's recovery point. */
  readonly points?: Readonly<Record<string, string>>;
}

/** The comparison of a measure with its target. */
export const TargetVerdict = { met: 'met', missed: 'missed', unknown: 'unknown' } as const;
export type TargetVerdict = (typeof TargetVerdict)[keyof typeof TargetVerdict];

export interface MeasuredResult {
  /** Null: not recovered, or not yet. */
  readonly fromCommandSeconds: number | null;
  /** Seconds from the first start of a Site Recovery job. */
  readonly fromSiteRecoverySeconds: number | null;
  /**
   * Seconds from the recovery point to the start of Site Recovery's job. With several VMs, the largest
   * value. Null: unknown for at least one VM.
   */
  readonly dataLossSeconds: number | null;
  /** Null: no target. */
  readonly recovery: TargetVerdict | null;
  readonly dataLoss: TargetVerdict | null;
}

/** All measures of a run. */
export interface RunMeasures {
  readonly plan: MeasuredResult;
  readonly groups: readonly (MeasuredResult & { readonly name: string })[];
  readonly vms: readonly (MeasuredResult & { readonly vm: string; readonly group: string })[];
  /**
   * The chain of nodes that decided the end of the run: the duration of each node, and its delay after
   * the end of the node before it.
   */
  readonly criticalPath: readonly {
    readonly id: string;
    readonly waitedSeconds: number;
    readonly seconds: number;
  }[];
}

/**
 * The measures that an ended job stores. They have no values for single VMs: thousands of VMs do not
 * fit into one document, and the steps keep these values.
 */
export interface StoredMeasures extends Omit<RunMeasures, 'vms'> {
  readonly targets: PlanTargets;
}

type TimesByNode = ReadonlyMap<string, NodeTimes>;

/**
 * Measures a run. `isOver`: this run will recover nothing more, so a missing recovery misses the
 * target.
 */
export function measureRun(
  graph: Graph,
  targets: PlanTargets,
  commandAt: string,
  times: TimesByNode,
  isOver: boolean,
): RunMeasures {
  const nodesBeforeUp = nodesBefore(graph, ALL_UP);
  const counted = graph.nodes.filter(({ id, kind }) => kind !== 'gate' && nodesBeforeUp.has(id));
  const resultFor = (nodes: readonly Node[], vm?: string): MeasuredResult =>
    measureNodes(nodes, targets, commandAt, times, isOver, vm);
  const byGroup = Map.groupBy(counted, ({ group }) => group ?? '');
  const vms = counted.flatMap((node) =>
    node.kind === 'vms' && node.main ? node.vms.map((vm) => ({ vm, node })) : [],
  );
  const actionsAfterVm = Map.groupBy(
    counted.filter((node) => node.kind === 'action' && node.vm !== null && node.place === 'after'),
    (node) => (node.kind === 'action' ? node.vm : null),
  );
  return {
    plan: resultFor(counted),
    groups: [...byGroup].map(([name, nodes]) => ({ name, ...resultFor(nodes) })),
    vms: vms.map(({ vm, node }) => ({
      vm,
      group: node.group ?? '',
      ...resultFor([node, ...(actionsAfterVm.get(vm) ?? [])], vm),
    })),
    criticalPath: traceCriticalPath(graph, commandAt, times),
  };
}

/** Measures nodes together. They count as recovered after all critical ones succeed. `vm`: only this VM. */
function measureNodes(
  nodes: readonly Node[],
  targets: PlanTargets,
  commandAt: string,
  times: TimesByNode,
  isOver: boolean,
  vm?: string,
): MeasuredResult {
  const knownTimes = nodes.flatMap(({ id }) => times.get(id) ?? []);
  const isCounted = ({ rule }: Node): boolean => rule.critical || vm !== undefined;
  const isRecovered =
    nodes.length > 0 &&
    nodes.every((node) => !isCounted(node) || (times.get(node.id)?.isGood ?? false)) &&
    knownTimes.every(({ endedAt }) => endedAt !== null);
  const end = isRecovered ? latestTime(knownTimes.map(({ endedAt }) => endedAt)) : null;
  const armBegan = knownTimes.flatMap(({ armBeganAt }) => armBeganAt ?? []).sort()[0] ?? null;
  const losses = nodes
    .filter(isCounted)
    .flatMap((node) =>
      node.kind === 'vms' && node.main
        ? node.vms
            .filter((vmId) => vm === undefined || vmId === vm)
            .map((vmId) => dataLossOf(times.get(node.id), vmId))
        : [],
    );
  const dataLossSeconds =
    losses.length > 0 && losses.every((loss) => loss !== null) ? Math.max(...losses) : null;
  const fromCommandSeconds = secondsBetween(commandAt, end);
  return {
    fromCommandSeconds,
    fromSiteRecoverySeconds: secondsBetween(armBegan, end),
    dataLossSeconds,
    recovery: compareWithTarget(targets.recoveryMinutes, fromCommandSeconds, isOver && !isRecovered),
    // One known loss above the target is enough for a verdict, even if other losses are unknown.
    dataLoss: compareWithTarget(
      targets.dataLossMinutes,
      dataLossSeconds ?? findLossAboveTarget(losses, targets.dataLossMinutes),
      false,
    ),
  };
}

const findLossAboveTarget = (
  losses: readonly (number | null)[],
  minutes: number | undefined,
): number | null =>
  losses.find((loss) => loss !== null && minutes !== undefined && loss > minutes * 60) ?? null;

function compareWithTarget(
  minutes: number | undefined,
  seconds: number | null,
  isImpossible: boolean,
): TargetVerdict | null {
  if (minutes === undefined) return null;
  if (isImpossible) return 'missed';
  return seconds === null ? 'unknown' : seconds <= minutes * 60 ? 'met' : 'missed';
}

/** The data loss of a VM; null: unknown, because the VM did not come up. */
const dataLossOf = (node: NodeTimes | undefined, vm: string): number | null =>
  node?.isGood === true
    ? secondsBetween(node.points?.[vm] ?? null, node.armBeganByVm?.[vm] ?? node.armBeganAt)
    : null;

const secondsBetween = (from: string | null, to: string | null): number | null =>
  from === null || to === null ? null : roundSeconds(Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000));
const latestTime = (times: readonly (string | null)[]): string | null =>
  times.reduce((last, time) => (time !== null && (last === null || time > last) ? time : last), null);

/** Traces the critical path backwards from the end, each time to the need with the latest end. */
function traceCriticalPath(
  { nodes }: Graph,
  commandAt: string,
  times: TimesByNode,
): RunMeasures['criticalPath'] {
  const endOfNode = new Map<string, string | null>();
  const waitedForOf = new Map<string, string | null>();
  for (const { id, needs } of nodes) {
    const waitedFor = needs.reduce<string | null>(
      (latestNeed, needId) =>
        (endOfNode.get(needId) ?? '') > (latestNeed === null ? '' : (endOfNode.get(latestNeed) ?? ''))
          ? needId
          : latestNeed,
      null,
    );
    endOfNode.set(
      id,
      times.get(id)?.endedAt ?? (waitedFor === null ? null : (endOfNode.get(waitedFor) ?? null)),
    );
    waitedForOf.set(id, waitedFor);
  }
  const path: { id: string; waitedSeconds: number; seconds: number }[] = [];
  for (let id = waitedForOf.get(ALL_UP) ?? null; id !== null; id = waitedForOf.get(id) ?? null) {
    const nodeTimes = times.get(id);
    if (!nodeTimes) continue;
    const waitedFor = waitedForOf.get(id) ?? null;
    const readyAt = waitedFor === null ? commandAt : (endOfNode.get(waitedFor) ?? commandAt);
    path.unshift({
      id,
      waitedSeconds: secondsBetween(readyAt, nodeTimes.beganAt) ?? 0,
      seconds: secondsBetween(nodeTimes.beganAt, nodeTimes.endedAt) ?? 0,
    });
  }
  return path;
}
