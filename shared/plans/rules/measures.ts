// What a run took and lost, as it was measured: per VM, per group and for the plan, against its targets.
import { ancestorsOf } from './criticalPath.ts';
import { UP, type Graph, type Node } from './graph.ts';
import type { Targets } from './plan.ts';

/** Story times of a node that was begun. */
export interface NodeTimes {
  readonly beganAt: string;
  readonly endedAt: string | null;
  /** As Site Recovery's job tells it; null where nothing of ours ran there. */
  readonly armBeganAt: string | null;
  readonly good: boolean;
  /** Where VMs of one node were brought over one after the other: when Site Recovery began with each. */
  readonly armBeganWith?: Readonly<Record<string, string>>;
  /** The time of the point that each VM came up at. */
  readonly points?: Readonly<Record<string, string>>;
}

export const Verdict = { met: 'met', missed: 'missed', unknown: 'unknown' } as const;
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

export interface Measured {
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
  readonly recovery: Verdict | null;
  readonly dataLoss: Verdict | null;
}

export interface Measures {
  readonly plan: Measured;
  readonly groups: readonly (Measured & { readonly name: string })[];
  readonly vms: readonly (Measured & { readonly vm: string; readonly group: string })[];
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
export interface KeptMeasures extends Omit<Measures, 'vms'> {
  readonly targets: Targets;
}

type Times = ReadonlyMap<string, NodeTimes>;

/**
 * `isOver`: what is not recovered by now never will be in this run, so a target is missed and not
 * just open.
 */
export function measure(
  graph: Graph,
  targets: Targets,
  commandAt: string,
  times: Times,
  isOver: boolean,
): Measures {
  const before = ancestorsOf(graph, UP);
  const counted = graph.nodes.filter(({ id, kind }) => kind !== 'gate' && before.has(id));
  const of = (nodes: readonly Node[], vm?: string): Measured =>
    judged(nodes, targets, commandAt, times, isOver, vm);
  const byGroup = Map.groupBy(counted, ({ group }) => group ?? '');
  const vms = counted.flatMap((node) =>
    node.kind === 'vms' && node.main ? node.vms.map((vm) => ({ vm, node })) : [],
  );
  const around = Map.groupBy(
    counted.filter((node) => node.kind === 'action' && node.vm !== null && node.place === 'after'),
    (node) => (node.kind === 'action' ? node.vm : null),
  );
  return {
    plan: of(counted),
    groups: [...byGroup].map(([name, nodes]) => ({ name, ...of(nodes) })),
    vms: vms.map(({ vm, node }) => ({
      vm,
      group: node.group ?? '',
      ...of([node, ...(around.get(vm) ?? [])], vm),
    })),
    criticalPath: pathBack(graph, commandAt, times),
  };
}

/** Recovered is what has all of its critical steps done well. `vm`: the one whose loss is asked for. */
function judged(
  nodes: readonly Node[],
  targets: Targets,
  commandAt: string,
  times: Times,
  isOver: boolean,
  vm?: string,
): Measured {
  const known = nodes.flatMap(({ id }) => times.get(id) ?? []);
  const isCounted = ({ rule }: Node): boolean => rule.critical || vm !== undefined;
  const arrived =
    nodes.length > 0 &&
    nodes.every((node) => !isCounted(node) || (times.get(node.id)?.good ?? false)) &&
    known.every(({ endedAt }) => endedAt !== null);
  const end = arrived ? greatest(known.map(({ endedAt }) => endedAt)) : null;
  const armBegan = known.flatMap(({ armBeganAt }) => armBeganAt ?? []).sort()[0] ?? null;
  const losses = nodes
    .filter(isCounted)
    .flatMap((node) =>
      node.kind === 'vms' && node.main
        ? node.vms
            .filter((one) => vm === undefined || one === vm)
            .map((one) => lossOf(times.get(node.id), one))
        : [],
    );
  const dataLossSeconds =
    losses.length > 0 && losses.every((one) => one !== null) ? Math.max(...losses) : null;
  const fromCommandSeconds = between(commandAt, end);
  return {
    fromCommandSeconds,
    fromSiteRecoverySeconds: between(armBegan, end),
    dataLossSeconds,
    recovery: against(targets.recoveryMinutes, fromCommandSeconds, isOver && !arrived),
    // One loss that is too great is enough; that others are not known makes it no better.
    dataLoss: against(
      targets.dataLossMinutes,
      dataLossSeconds ?? tooGreat(losses, targets.dataLossMinutes),
      false,
    ),
  };
}

const tooGreat = (losses: readonly (number | null)[], minutes: number | undefined): number | null =>
  losses.find((one) => one !== null && minutes !== undefined && one > minutes * 60) ?? null;

function against(minutes: number | undefined, seconds: number | null, never: boolean): Verdict | null {
  if (minutes === undefined) return null;
  if (never) return 'missed';
  return seconds === null ? 'unknown' : seconds <= minutes * 60 ? 'met' : 'missed';
}

/** Of a VM that did not come up nothing can be said. */
const lossOf = (node: NodeTimes | undefined, vm: string): number | null =>
  node?.good === true ? between(node.points?.[vm] ?? null, node.armBeganWith?.[vm] ?? node.armBeganAt) : null;

const between = (from: string | null, to: string | null): number | null =>
  from === null || to === null ? null : Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
const greatest = (times: readonly (string | null)[]): string | null =>
  times.reduce((last, one) => (one !== null && (last === null || one > last) ? one : last), null);

/** From the end backwards, each time to what ended last of all that had to be over. */
function pathBack({ nodes }: Graph, commandAt: string, times: Times): Measures['criticalPath'] {
  const ends = new Map<string, string | null>();
  const heldBy = new Map<string, string | null>();
  for (const { id, needs } of nodes) {
    const last = needs.reduce<string | null>(
      (held, one) => ((ends.get(one) ?? '') > (held === null ? '' : (ends.get(held) ?? '')) ? one : held),
      null,
    );
    ends.set(id, times.get(id)?.endedAt ?? (last === null ? null : (ends.get(last) ?? null)));
    heldBy.set(id, last);
  }
  const path: { id: string; waitedSeconds: number; seconds: number }[] = [];
  for (let id = heldBy.get(UP) ?? null; id !== null; id = heldBy.get(id) ?? null) {
    const own = times.get(id);
    if (!own) continue;
    const held = heldBy.get(id) ?? null;
    const free = held === null ? commandAt : (ends.get(held) ?? commandAt);
    path.unshift({
      id,
      waitedSeconds: between(free, own.beganAt) ?? 0,
      seconds: between(own.beganAt, own.endedAt) ?? 0,
    });
  }
  return path;
}
