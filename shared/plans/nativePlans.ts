// Recovery plans that were made in Site Recovery itself, read as plans of Lifeboat's.
import type {
  RecoveryPlan,
  RecoveryPlanAction,
  RecoveryPlanGroup,
} from '@azure/arm-recoveryservices-siterecovery';
import { groupNameOf, nameOf, subscriptionOf } from '../core/armId.ts';
import { toPlan, type NativeAction, type NativeGroup, type NativePlan } from './rules/nativePlan.ts';
import type { Plan } from './rules/plan.ts';
import { isOwnPlan, nativePlanIdOf, vaultKeyOf } from '../core/ids.ts';
import { vmsOfVault } from '../replications/registry.ts';
import type { Warning } from '../core/warning.ts';
import { all, orUndefined, siteRecovery, someAtATime } from '../azure/clients.ts';
import { reading } from '../azure/faults.ts';

export interface ReadPlan {
  readonly id: string;
  readonly armId: string;
  readonly plan: Plan;
  readonly warnings: readonly Warning[];
}

/** A list of plans tells no groups, so each is read. */
export function readPlans(vaultArmId: string): Promise<readonly ReadPlan[]> {
  return reading(`the recovery plans of ${nameOf(vaultArmId)}`, async () => {
    const [vault, group] = [nameOf(vaultArmId), groupNameOf(vaultArmId)];
    const plans = (await siteRecovery(subscriptionOf(vaultArmId))).replicationRecoveryPlans;
    const listed = (await all(plans.list(vault, group))).filter(({ name = '' }) => !isOwnPlan(name));
    // One that is gone since it was listed is none.
    const found = await someAtATime(listed, ({ name = '' }) => orUndefined(plans.get(vault, group, name)));
    const vms = new Map(
      (await vmsOfVault(vaultKeyOf(vaultArmId))).map((vm) => [vm.armId.toLowerCase(), vm.id]),
    );
    return found.flatMap((raw) => (raw ? [toRead(raw, vms)] : []));
  });
}

function toRead(raw: RecoveryPlan, vms: ReadonlyMap<string, string>): ReadPlan {
  const native = toNative(raw);
  return {
    id: nativePlanIdOf(native.armId),
    armId: native.armId,
    ...toPlan(native, (armId) => vms.get(armId.toLowerCase())),
  };
}

const toNative = ({ id = '', name, properties }: RecoveryPlan): NativePlan => ({
  armId: id,
  name: properties?.friendlyName ?? name ?? nameOf(id),
  groups: (properties?.groups ?? []).map(toGroup),
});

const toGroup = (raw: RecoveryPlanGroup): NativeGroup => ({
  type: raw.groupType,
  items: (raw.replicationProtectedItems ?? []).flatMap(({ id }) => id ?? []),
  before: (raw.startGroupActions ?? []).map(toAction),
  after: (raw.endGroupActions ?? []).map(toAction),
});

const toAction = ({
  actionName,
  failoverTypes,
  failoverDirections,
  customDetails,
}: RecoveryPlanAction): NativeAction => ({
  name: actionName,
  operations: failoverTypes,
  directions: failoverDirections,
  instanceType: customDetails.instanceType,
  details: Object.fromEntries(
    Object.entries(customDetails).map(([key, value]: [string, unknown]) => [
      key,
      typeof value === 'string' ? value : null,
    ]),
  ),
});
