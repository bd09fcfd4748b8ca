// What a run took and lost, as it was measured: per VM, per group and for the plan, against its targets.
import { nodesBefore } from './criticalPath.ts';
import { ALL_UP, type Graph, type Node } from './graph.ts';
import type { PlanTargets } from './plan.ts';

/** Story times of a node that was begun. */
export interface NodeTimes {
  readonly beganAt: string;
  readonly endedAt: string | null;
  /** As Site Recovery's job tells it; null where nothing of ours ran there. */
  readonly armBeganAt: string | null;
  readonly isGood: boolean;
  /** Where VMs of one node were brought over one after the other: when Site Recovery began with each. */
  readonly armBeganByVm?: Readonly<Record<string, string>>;
  /** The time of the point that each VM came up at. */
  readonly points?: Readonly<Record<string, string>>;
}

export const TargetVerdict = { met: 'met', missed: 'missed', unknown: 'unknown' } as const;
export type TargetVerdict = (typeof TargetVerdict)[keyof typeof TargetVerdict];

export interface MeasuredResult {
  /** Null: it was not recovered, or not yet. */
  readonly fromCommandSeconds: number | null;
  /** From the moment in which Site Recovery began with the first of it. */
  readonly fromSiteRecoverySeconds: number | null;
  /**
   * From the point it came up at to the moment in which Site Recovery began; of several VMs the
   * greatest. Null where it is not known of each.
   */
  readonly dataLossSeconds: number | null;
  /** Null: there is no target. */
  readonly recovery: TargetVerdict | null;
  readonly dataLoss: TargetVerdict | null;
}

export interface RunMeasures {
  readonly plan: MeasuredResult;
  readonly groups: readonly (MeasuredResult & { readonly name: string })[];
  readonly vms: readonly (MeasuredResult & { readonly vm: string; readonly group: string })[];
  /**
   * What the end waited for, one after the other: how long each took, and how long after the one
   * before it was begun.
   */
  readonly criticalPath: readonly {
    readonly id: string;
    readonly waitedSeconds: number;
    readonly seconds: number;
  }[];
}

/**
 * What is kept of a job that has ended. What each VM took stands in its steps: thousands do not fit
 * into one document.
 */
export interface StoredMeasures extends Omit<RunMeasures, 'vms'> {
  readonly targets: PlanTargets;
}

type TimesByNode = ReadonlyMap<string, NodeTimes>;

/**
 * `isOver`: what is not recovered by now never will be in this run, so a target is missed and not
 * just open.
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

/** Recovered is what has all of its critical steps done well. `vm`: the one whose loss is asked for. */
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
    losses.length > 0 && losses.every((one) => one !== null) ? Math.max(...losses) : null;
  const fromCommandSeconds = secondsBetween(commandAt, end);
  return {
    fromCommandSeconds,
    fromSiteRecoverySeconds: secondsBetween(armBegan, end),
    dataLossSeconds,
    recovery: compareWithTarget(targets.recoveryMinutes, fromCommandSeconds, isOver && !isRecovered),
    // One loss that is too great is enough; that others are not known makes it no better.
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

/** Of a VM that did not come up nothing can be said. */
const dataLossOf = (node: NodeTimes | undefined, vm: string): number | null =>
  node?.isGood === true
    ? secondsBetween(node.points?.[vm] ?? null, node.armBeganByVm?.[vm] ?? node.armBeganAt)
    : null;

const secondsBetween = (from: string | null, to: string | null): number | null =>
  from === null || to === null ? null : Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
const latestTime = (times: readonly (string | null)[]): string | null =>
  times.reduce((last, time) => (time !== null && (last === null || time > last) ? time : last), null);

/** From the end backwards, each time to what ended last of all that had to be over. */
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
    const held = waitedForOf.get(id) ?? null;
    const readyAt = held === null ? commandAt : (endOfNode.get(held) ?? commandAt);
    path.unshift({
      id,
      waitedSeconds: secondsBetween(readyAt, nodeTimes.beganAt) ?? 0,
      seconds: secondsBetween(nodeTimes.beganAt, nodeTimes.endedAt) ?? 0,
    });
  }
  return path;
}
