// Lists the replicated VMs and the VMs on their way to protection. The replication routes call this
// module.
import { resourceGroupOf, vaultOf, regionName, nameOf } from '../core/armId.ts';
import { Direction } from '../core/operations.ts';
import type { Scenario } from '../core/scenario.ts';
import type { StepState } from '../core/states/step.ts';
import {
  findOpenEnablingStep,
  listOpenEnablingSteps,
  readPreviewsOf,
  type EnablingStep,
} from '../journal/enablingSteps.ts';
import type { PreviewDocument } from '../journal/documents.ts';
import type { EnablingVmDocument, ReplicatedVmDocument } from '../replications/documents.ts';
import { idOfEnablingVm, readEnablingVms } from '../replications/enablingVms.ts';
import { readAllVms } from '../replications/registry.ts';
import { vmStateOf } from '../scenarios/drivers.ts';
import { VmState } from '../scenarios/lifecycle.ts';

/** A replicated VM, or a VM on its way, as the store knows it. */
export interface ListedReplication extends Pick<
  ReplicatedVmDocument,
  'id' | 'name' | 'scenario' | 'vaultArmId' | 'armId' | 'direction' | 'sites'
> {
  /** Null until Site Recovery shows the VM. */
  readonly seen: ReplicatedVmDocument['seen'] | null;
  /** The region in which the VM runs now; empty when unknown, as on premises. */
  readonly region: string;
  /** Null for a VM that was protected. */
  readonly enabling: EnablingProgress | null;
}

/** How far the enabling of a VM is. */
export interface EnablingProgress {
  /** The job of Lifeboat, and the state of its step. Null when another tool enables the VM. */
  readonly jobId: string | null;
  readonly stepState: StepState | null;
  /** The progress of the initial replication. Null: not begun, or unknown. */
  readonly percent: number | null;
}

/** The filter of the list. An absent field matches everything. */
export interface ReplicationFilter {
  /** A part of the name. */
  readonly name?: string | undefined;
  /** The name of a vault, or its ARM id. */
  readonly vault?: string | undefined;
  readonly state?: readonly VmState[] | undefined;
  readonly scenario?: readonly Scenario[] | undefined;
  readonly region?: string | undefined;
  readonly health?: readonly string[] | undefined;
}

/** The matching VMs, by name. */
export async function listReplications(filter: ReplicationFilter): Promise<readonly ListedReplication[]> {
  const [vms, enablingVms, steps] = await Promise.all([
    readAllVms(),
    readEnablingVms(),
    listOpenEnablingSteps(),
  ]);
  // A VM that has just arrived may still have an open step, and a document until the next refresh.
  const arrivedIds = new Set(vms.map(({ armId }) => armId.toLowerCase()));
  const shown = new Map(
    enablingVms
      .filter(({ armId }) => !arrivedIds.has(armId.toLowerCase()))
      .map((vm) => [vm.armId.toLowerCase(), vm]),
  );
  const openSteps = steps.filter((step) => !arrivedIds.has(itemIdOf(step)));
  const previews = await readPreviewsOf([...new Set(openSteps.map(({ jobId }) => jobId))]);
  const stepItemIds = new Set(openSteps.map(itemIdOf));
  return [
    ...vms.map(listedVm),
    ...openSteps.map((step) => listedStep(step, shown.get(itemIdOf(step)), previews.get(step.jobId))),
    ...[...shown.values()].filter(({ armId }) => !stepItemIds.has(armId.toLowerCase())).map(listedEnablingVm),
  ]
    .filter((replication) => matches(replication, filter))
    .sort((a, b) => a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1));
}

/** The VM of an open enabling step, from the store; undefined without such a step. */
export async function findEnablingReplication(id: string): Promise<ListedReplication | undefined> {
  const step = await findOpenEnablingStep(id);
  return step && listedStep(step, undefined, (await readPreviewsOf([step.jobId])).get(step.jobId));
}

/** A VM that was protected, in the form of the list. */
export const listedVm = (vm: ReplicatedVmDocument): ListedReplication => ({
  ...vm,
  region: regionName(vm.machines?.region ?? vm.sites[vm.direction].region),
  enabling: null,
});

const listedEnablingVm = (vm: EnablingVmDocument): ListedReplication => ({
  ...vm,
  id: idOfEnablingVm(vm),
  region: regionName(vm.sites[vm.direction].region),
  enabling: { jobId: null, stepState: null, percent: vm.percent },
});

const newVmOf = ({ work }: EnablingStep) => (work.kind === 'newVm' ? work.preview : undefined);
const itemIdOf = (step: EnablingStep): string => (newVmOf(step)?.itemId ?? '').toLowerCase();

/** Before Site Recovery shows the item, the decisions of the job give both sites. */
function listedStep(
  step: EnablingStep,
  item: EnablingVmDocument | undefined,
  decided: PreviewDocument['preview'] | undefined,
): ListedReplication {
  const { itemId = '', vmId = '', settings = null } = newVmOf(step) ?? {};
  const common = {
    id: step.targetId,
    enabling: { jobId: step.jobId, stepState: step.state, percent: item?.percent ?? null },
  };
  if (item) return { ...listedEnablingVm(item), ...common };
  const sourceRegion = decided?.source.region ?? '';
  // A machine on premises has neither a region nor a resource group.
  const source = { region: sourceRegion, resourceGroupId: sourceRegion === '' ? '' : resourceGroupOf(vmId) };
  const target = { region: decided?.target.region ?? '', resourceGroupId: settings?.resourceGroupId ?? '' };
  return {
    ...common,
    name: step.targetName,
    scenario: step.scenario,
    vaultArmId: vaultOf(itemId),
    armId: itemId,
    direction: Direction.original,
    sites: {
      original: { ...source, cacheStorageAccountId: null },
      reversed: { ...target, cacheStorageAccountId: null },
    },
    seen: null,
    region: regionName(source.region),
  };
}

/** A VM on its way is synchronising, also while Site Recovery is busy with its enabling. */
export const stateOfListed = ({ scenario, seen, enabling }: ListedReplication): VmState => {
  const state = seen === null ? VmState.synchronising : vmStateOf({ scenario, seen });
  return enabling && state !== VmState.enablingFailed ? VmState.synchronising : state;
};

function matches(replication: ListedReplication, filter: ReplicationFilter): boolean {
  const { name, vault, state, scenario, region, health } = filter;
  const vaultId = replication.vaultArmId.toLowerCase();
  return (
    (name === undefined || replication.name.toLowerCase().includes(name.toLowerCase())) &&
    (vault === undefined || [vaultId, nameOf(vaultId)].includes(vault.toLowerCase())) &&
    (state?.includes(stateOfListed(replication)) ?? true) &&
    (scenario?.includes(replication.scenario) ?? true) &&
    (region === undefined || replication.region === region) &&
    (health?.includes(replication.seen?.health.toLowerCase() ?? '') ?? true)
  );
}
