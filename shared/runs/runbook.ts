// The runbook of a plan, kept fresh outside: whoever fetches it gets what was told last, and what
// has become different is told first.
import { clock } from '../core/clock.ts';
import { isEnabling } from '../commands/command.ts';
import { vmStateOf } from '../scenarios/drivers.ts';
import { runbookOf, type RunbookGroup, type RunbookVm } from '../plans/rules/runbook.ts';
import { vmsOf } from '../plans/rules/runs.ts';
import { messageOf, rejected } from '../core/errors.ts';
import { digestOf } from '../core/ids.ts';
import { groupsAmong, planPartOf } from '../replications/multiVm.ts';
import { areAddressesNew, letJoin } from '../delivery/joining.ts';
import { at } from '../delivery/questions.ts';
import { kick } from '../delivery/relay.ts';
import { opposite } from '../replications/items.ts';
import { SCHEMA } from '../store/schema.ts';
import type { EntryDocument } from '../outbox/documents.ts';
import type { JobDocument } from '../journal/documents.ts';
import type { PlanDocument, RunbookDocument } from '../plans/documents.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import { allPlans, readPlan, readPlanVersion } from '../plans/store.ts';
import { findVms } from '../replications/registry.ts';
import { readTold, runbookStreamOf, saveTold } from '../delivery/runbookStore.ts';

/** A page, and what stands for exactly these bytes. */
export interface Runbook {
  readonly text: string;
  readonly digest: string;
}

export async function runbookOfPlan(planId: string): Promise<Runbook> {
  const runbook = await tellOf(planId);
  if (!runbook)
    throw rejected(
      404,
      'PlanUnknown',
      `There is no plan ${planId}. GET /api/v1/plans lists those that there are.`,
    );
  return runbook;
}

const membersOf = ({ plan }: PlanDocument): readonly string[] =>
  plan.runs.failover.flatMap((group) => group.vms);

type Ages = Pick<RunbookDocument, 'madeAt' | 'seenAt'>;
const NO_AGES: Ages = { madeAt: '', seenAt: '' };
const MOST_TRIES = 5;

/**
 * The page that was told last, while plan and VMs are as they were then; else a new one, which is
 * told. What was told is read first: nobody tells what is older over what is newer.
 */
async function tellOf(planId: string): Promise<Runbook | undefined> {
  for (let tried = 1; ; tried++) {
    const before = await readTold(planId);
    const document = await readPlan(planId);
    if (!document) return undefined;
    const { plan, version, savedAt } = document;
    const vms = await findVms(membersOf(document));
    const facts = new Map(vms.map((vm) => [vm.id, factsOf(vm)]));
    const groups = await groupsOf(vms);
    const page = (ages: Ages): string =>
      runbookOf(plan, { planId, version, savedAt, ...ages, vms: facts, groups });
    const fingerprint = digestOf(page(NO_AGES));
    if (before?.fingerprint === fingerprint) return { text: page(before), digest: before.digest };
    const ages = {
      madeAt: (await clock().now()).toISOString(),
      seenAt: vms.map(({ seen }) => seen.at).sort()[0] ?? 'never',
    };
    const text = page(ages);
    const next: RunbookDocument = {
      id: 'runbook',
      type: 'runbook',
      schema: SCHEMA,
      jobId: runbookStreamOf(planId),
      planId,
      version,
      fingerprint,
      digest: digestOf(text),
      ...ages,
      count: (before?.count ?? 0) + 1,
    };
    const isTold = await saveTold(before, next, newsOfRunbook(next, plan.name, text));
    if (isTold) kick(next.jobId);
    if (isTold || tried === MOST_TRIES) return { text, digest: next.digest };
  }
}

/** As JSON, in bytes: a message of Service Bus may have 256 KB in all. */
const MOST_TEXT = 150_000;

export const newsOfRunbook = (
  { planId, version, digest, madeAt }: RunbookDocument,
  planName: string,
  text: string,
): EntryDocument['data'] => ({
  planName,
  version,
  digest,
  madeAt,
  address: at(`/api/v1/plans/${planId}/runbook`),
  text: Buffer.byteLength(JSON.stringify(text)) > MOST_TEXT ? null : text,
});

const factsOf = (vm: ReplicatedVmDocument): RunbookVm => ({
  id: vm.id,
  name: vm.name,
  scenario: vm.scenario,
  armId: vm.armId,
  vaultArmId: vm.vaultArmId,
  runsIn: vm.sites[vm.direction].region,
  comesUpIn: vm.sites[opposite(vm.direction)].region,
  state: vmStateOf(vm),
  recoveryVmId: vm.settings?.resourceGroupId
    ? `${vm.settings.resourceGroupId}/providers/Microsoft.Compute/virtualMachines/${vm.name}`
    : null,
});

/** Each multi-VM group whose members stand alike, with the same native plan that Lifeboat would send to. */
async function groupsOf(vms: readonly ReplicatedVmDocument[]): Promise<readonly RunbookGroup[]> {
  return (await groupsAmong(vms)).flatMap(({ name, vms: members, left }) => {
    const { id: planId, spec } = planPartOf({ name, vms: [...members, ...left] });
    return spec.kind === 'recoveryPlan'
      ? [{ name, vms: members.map(({ id }) => id), others: left.map((vm) => vm.name), planId, spec }]
      : [];
  });
}

/** Every few minutes: what has become different by whatever way, and addresses that were made since. */
export async function tellOfAll(warn: (message: string) => void): Promise<void> {
  const plans = await allPlans();
  const areSomeNew = plans.length > 0 && (await areAddressesNew('events'));
  for (const { planId } of plans)
    await tellOfOne(planId, areSomeNew).catch((error: unknown) =>
      warn(`The runbook of the plan ${planId} waits for the next look: ${messageOf(error)}`),
    );
}

async function tellOfOne(planId: string, areSomeNew: boolean): Promise<void> {
  await tellOf(planId);
  if (areSomeNew) await letJoin(runbookStreamOf(planId));
}

/** Once a plan is saved. What goes wrong, the timer finds. */
export const tellSoon = (planId: string): void => void tellOf(planId).catch(() => undefined);

/** After a job that may have moved them: the runbooks of all plans that hold its VMs. */
export async function tellOfPlansWith(job: Pick<JobDocument, 'plan' | 'command'>): Promise<void> {
  const moved = new Set(await vmsOfJob(job));
  const plans =
    moved.size === 0 ? [] : (await allPlans()).filter((plan) => membersOf(plan).some((id) => moved.has(id)));
  for (const { planId } of plans) await tellOf(planId);
}

async function vmsOfJob({
  plan,
  command,
}: Pick<JobDocument, 'plan' | 'command'>): Promise<readonly string[]> {
  if (plan === null) return 'vms' in command && !isEnabling(command) ? command.vms : [];
  const version = await readPlanVersion(plan.id, plan.version);
  return version ? vmsOf(version.plan) : [];
}
