// The recovery points that VMs would come up at now, and why those. Azure is asked VM by VM, so of
// many it is asked for some at a time.
import { reading } from '../azure/faults.ts';
import { someAtATime } from '../azure/clients.ts';
import { clock } from '../core/clock.ts';
import type { Graph, PlanOperation, VmNode } from '../plans/rules/graph.ts';
import type { Group, Plan, PointRule } from '../plans/rules/plan.ts';
import { chooseByRule } from '../plans/rules/recoveryPoint.ts';
import { groupsOf } from '../plans/rules/order.ts';
import { choosePoint, type RecoveryPoint, type RecoveryPointWish } from '../siterecovery/recoveryPoint.ts';
import type { PhaseOperation } from '../core/words.ts';
import { messageOf } from '../core/errors.ts';
import { siteRecoveryOf } from '../scenarios/adapter.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';

export interface PointOfVm {
  readonly vm: string;
  /** Null: it cannot be told now; `why` says more. */
  readonly kind: string | null;
  /** Null: the service takes the latest by itself. */
  readonly id: string | null;
  readonly time: string | null;
  readonly reason: string;
  /** When its points were read; null: nothing had to be read for this. */
  readonly readAt: string | null;
}

/** What one preview may ask of Azure. */
export const MOST_READ = 200;
/** Points come every five minutes. */
const KEPT_SECONDS = 300;

interface Read {
  readonly points: readonly RecoveryPoint[];
  readonly at: string | null;
}
const cache = new Map<string, Read>();
const MOST_KEPT = 10_000;

const POINTED: ReadonlySet<PhaseOperation> = new Set(['failover', 'testFailover', 'changeRecoveryPoint']);

/** Of one node: the rule by which its VMs choose, unless one point is asked for by its id. */
interface Wanted {
  readonly node: VmNode;
  readonly rule: PointRule;
  readonly id: string | null;
}

/** `wish` is the command's own, and goes before the rules of the groups. */
export async function pointsOfRun(
  plan: Plan,
  graph: Graph,
  vms: readonly ReplicatedVmDocument[],
  wish: RecoveryPointWish | undefined,
): Promise<readonly PointOfVm[]> {
  const nodes = graph.nodes.filter(
    (node): node is VmNode => node.kind === 'vms' && node.main && POINTED.has(node.phase),
  );
  const groups = new Map(groupsOf(plan, graph.operation).map((group) => [group.name, group]));
  const wanted = nodes.map((node): Wanted => ({
    node,
    rule: ruleFor(graph.operation, wish, groups.get(node.group ?? '')),
    id: typeof wish === 'object' ? wish.id : null,
  }));
  const known = new Map(vms.map((vm) => [vm.id, vm]));
  const now = await clock().now();
  const read = await readPoints(
    wanted.filter(mustRead).flatMap(({ node }) => node.vms.flatMap((id) => known.get(id) ?? [])),
    now,
  );
  return wanted.flatMap((one) => pointsOfNode(one, known, read, now));
}

function ruleFor(
  operation: PlanOperation,
  wish: RecoveryPointWish | undefined,
  group: Group | undefined,
): PointRule {
  const rule: PointRule =
    typeof wish === 'string'
      ? [{ kind: wish }]
      : (group?.recoveryPoint ?? [{ kind: operation === 'testFailover' ? 'latestProcessed' : 'latest' }]);
  // Once a VM is failed over there is nothing left to process.
  return operation === 'changeRecoveryPoint'
    ? rule.map((choice) => (choice.kind === 'latest' ? { ...choice, kind: 'latestProcessed' } : choice))
    : rule;
}

/** The latest is there for everybody. */
const mustRead = ({ rule, id }: Wanted): boolean => id !== null || rule[0]?.kind !== 'latest';

/**
 * By VM: what was read, or why it could not be. Those that were read lately are not asked for
 * again, so asking again comes to those that were left.
 */
async function readPoints(
  vms: readonly ReplicatedVmDocument[],
  now: Date,
): Promise<ReadonlyMap<string, Read | string>> {
  const fresh = (vm: ReplicatedVmDocument): Read | undefined => {
    const kept = cache.get(vm.armId.toLowerCase());
    return kept && now.getTime() - Date.parse(kept.at ?? '') < KEPT_SECONDS * 1000 ? kept : undefined;
  };
  const found = new Map<string, Read | string>(
    vms.flatMap((vm) => {
      const kept = fresh(vm);
      return kept ? [[vm.id, kept] as const] : [];
    }),
  );
  const left = vms.filter((vm) => !found.has(vm.id));
  await someAtATime(left.slice(0, MOST_READ), async (vm) => found.set(vm.id, await readOne(vm, now)));
  const tooMany =
    `Not read: one preview asks Site Recovery for the points of ${MOST_READ} VMs at most. ` +
    'Those that were read are kept for a while, so the same preview asked again reads the ' +
    'next ones.';
  left.slice(MOST_READ).forEach((vm) => found.set(vm.id, tooMany));
  return found;
}

async function readOne(vm: ReplicatedVmDocument, now: Date): Promise<Read | string> {
  try {
    const points = await reading(`the recovery points of ${vm.name}`, async () =>
      (await siteRecoveryOf(vm.vaultArmId)).recoveryPoints(vm.armId),
    );
    const read = { points, at: now.toISOString() };
    if (cache.size >= MOST_KEPT) cache.clear();
    cache.set(vm.armId.toLowerCase(), read);
    return read;
  } catch (error) {
    return messageOf(error);
  }
}

function pointsOfNode(
  wanted: Wanted,
  known: ReadonlyMap<string, ReplicatedVmDocument>,
  read: ReadonlyMap<string, Read | string>,
  now: Date,
): readonly PointOfVm[] {
  const members = wanted.node.vms.map((vm) => ({
    vm,
    name: known.get(vm)?.name ?? vm,
    read: mustRead(wanted) ? (read.get(vm) ?? 'Lifeboat does not know the VM.') : NOTHING,
  }));
  // The members of a multi-VM group choose together: what is not known of one is known of none.
  const unread = members.map((one) => one.read).find((one) => typeof one === 'string');
  if (unread !== undefined) return members.map(({ vm }) => untold(vm, unread));
  const ready = members.flatMap(({ vm, name, read: one }) =>
    typeof one === 'string' ? [] : [{ vm, name, points: one.points, at: one.at }],
  );
  if (wanted.id !== null) return ready.map((one) => pointById(one, wanted.id ?? ''));
  const chosen = chooseByRule(
    wanted.rule,
    { isMultiVm: ready.length > 1, members: ready },
    now.toISOString(),
  );
  return ready.map(({ vm, at }) => told(vm, chosen.kind, chosen.points.get(vm) ?? null, chosen.why, at));
}

const NOTHING: Read = { points: [], at: null };

function pointById({ vm, points, at }: { readonly vm: string } & Read, id: string): PointOfVm {
  const point = choosePoint({ id }, points);
  return point
    ? told(vm, 'id', point, `As asked: the point of ${point.time}.`, at)
    : untold(vm, 'It has no such recovery point: the step would be refused.');
}

const told = (
  vm: string,
  kind: string,
  point: RecoveryPoint | null,
  why: string,
  readAt: string | null,
): PointOfVm => ({ vm, kind, id: point?.id ?? null, time: point?.time ?? null, reason: why, readAt });
const untold = (vm: string, why: string): PointOfVm => ({
  vm,
  kind: null,
  id: null,
  time: null,
  reason: why,
  readAt: null,
});
