// How long things usually take, as the jobs of the past have shown.
import { keyOfAction, keyOfVm, learn, type Learned } from '../domain/plan/durations.ts';
import { actionsOfPlan } from '../domain/plan/runs.ts';
import type { Plan } from '../domain/plan/plan.ts';
import { isOperation, Operation } from '../domain/words.ts';
import type { ReplicatedVmDocument } from '../store/documents.ts';
import { learnedOfVault, readCommonSamples, readSamples } from '../store/durations.ts';

const PHASES = Object.values(Operation).filter((one) => one !== 'failback' && one !== 'prepareVault').filter(isOperation);

/** All that was learned of a plan's VMs, of their vaults, and of its actions. */
export async function learnedFor({ planId, plan }: { readonly planId: string; readonly plan: Plan }, vms: readonly ReplicatedVmDocument[]): Promise<Learned> {
  const actions = actionsOfPlan(plan).map(({ kind, name }) => keyOfAction(kind, name));
  const samples = await Promise.all([
    ...(actions.length > 0 ? [readSamples(planId, actions)] : []),
    ...[...Map.groupBy(vms, ({ vaultId }) => vaultId)].flatMap(([vaultId, members]) => [
      readCommonSamples(learnedOfVault(vaultId)), readSamples(learnedOfVault(vaultId), members.flatMap(({ id }) => PHASES.map((phase) => keyOfVm(phase, id)))),
    ]),
  ]);
  return learn(samples.flat());
}
