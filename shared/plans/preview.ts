// What a run of a plan would do now, by what the store knows. Azure is not waited for.
import { config } from '../config.ts';
import { momentOf } from '../domain/lifecycle.ts';
import { PlanOperation, type Graph } from '../domain/plan/graph.ts';
import { graphOf, type RunFacts } from '../domain/plan/order.ts';
import type { Plan } from '../domain/plan/plan.ts';
import { membersOf, previewRun, type PreviewFacts, type PreviewVm, type RunPreview } from '../domain/plan/runPreview.ts';
import { PHASES } from '../domain/story.ts';
import { rejected } from '../errors.ts';
import { groupKeyOf, groupsAmong, mustBeWhole } from '../jobs/multiVm.ts';
import type { Stored } from '../store/cosmos.ts';
import type { ReplicatedVmDocument } from '../store/documents.ts';
import { findLocks, findVms } from '../store/registry.ts';
import { learnedFor } from './durations.ts';

export interface PlanToRun {
  readonly planId: string;
  readonly plan: Plan;
}

export interface RunSight {
  readonly preview: RunPreview;
  /** As the registry knows them now; a VM of the plan that it does not know is in the way. */
  readonly vms: readonly Stored<ReplicatedVmDocument>[];
}

/** What the shape of a run depends on. A member of a multi-VM group that stands elsewhere than the others goes by itself. */
export function runFactsOf(vms: readonly ReplicatedVmDocument[]): RunFacts {
  const groups = new Map(vms.map((vm) => [vm.id, groupKeyOf(vm)]));
  return { multiVmGroupOf: (id) => groups.get(id) ?? null, testing: new Set(vms.filter(({ seen }) => momentOf(seen) === 'testing').map(({ id }) => id)) };
}

/** A plan whose groups have no order is not run, and refused here. */
export async function previewOfRun(run: PlanToRun, operation: PlanOperation): Promise<RunSight> {
  const vms = await findVms(membersOf(graphOrRefused(run, operation).nodes));
  const preview = previewRun(run.plan, operation, await previewFactsOf(run, operation, vms));
  if ('findings' in preview) throw noOrder(run, preview.findings);
  return { preview, vms };
}

function graphOrRefused(run: PlanToRun, operation: PlanOperation): Graph {
  const graph = graphOf(run.plan, operation);
  if ('findings' in graph) throw noOrder(run, graph.findings);
  return graph;
}

const noOrder = ({ planId }: PlanToRun, findings: readonly { readonly message: string }[]): Error =>
  rejected(422, 'PlanInvalid', `The plan ${planId} cannot be run: ${findings.map(({ message }) => message).join(' ')} Nothing was started.`, { findings });

async function previewFactsOf(run: PlanToRun, operation: PlanOperation, vms: readonly ReplicatedVmDocument[]): Promise<PreviewFacts> {
  const [locks, learned, groups] = await Promise.all([
    findLocks(vms.map(({ id }) => id)), learnedFor(run, vms), PHASES[operation].some(mustBeWhole) ? groupsAmong(vms) : [],
  ]);
  const heldBy = new Map(locks.map(({ targetId, jobId }) => [targetId, jobId]));
  const regions = new Map(vms.map((vm) => [vm.id, vm.sites[vm.direction].region]));
  const { LIFEBOAT_REGION: homeRegion, LIFEBOAT_WRITES_BURST: burst, LIFEBOAT_WRITES_PER_SECOND: perSecond } = config();
  return {
    ...runFactsOf(vms), vms: new Map(vms.map((vm) => [vm.id, previewVm(vm, heldBy.get(vm.id) ?? null)])), learned, writes: { burst, perSecond },
    ...(homeRegion ? { homeRegion } : {}), regionOf: (id) => regions.get(id) ?? null, parted: groups.filter(({ left }) => left.length > 0),
  };
}

const previewVm = ({ name, scenario, direction, seen }: ReplicatedVmDocument, heldBy: string | null): PreviewVm => ({ name, scenario, direction, seen, health: seen.health, heldBy });
