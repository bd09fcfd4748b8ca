// Reads the recovery plans of a vault in Site Recovery, and converts them to plans of Lifeboat.
// `importPlans` calls this module. It leaves out the native plans that Lifeboat itself has made.

import type {
  RecoveryPlan,
  RecoveryPlanAction,
  RecoveryPlanGroup,
} from '@azure/arm-recoveryservices-siterecovery';
import { resourceGroupNameOf, nameOf, subscriptionOf } from '../core/armId.ts';
import {
  convertNativePlan,
  type NativeAction,
  type NativeGroup,
  type NativePlan,
} from './rules/nativePlan.ts';
import type { Plan } from './rules/plan.ts';
import { isLifeboatPlanName, nativePlanIdOf, vaultKeyOf } from '../core/ids.ts';
import { readVmsOfVault } from '../replications/registry.ts';
import type { Warning } from '../core/warning.ts';
import { collectAll, undefinedIfNotFound, siteRecoveryClient, mapLimited } from '../azure/clients.ts';
import { withReadFaults } from '../azure/readFaults.ts';

export interface ImportedPlan {
  readonly id: string;
  readonly armId: string;
  readonly plan: Plan;
  readonly warnings: readonly Warning[];
}

/** Reads all native plans of a vault. The list of Site Recovery has no groups, so each plan needs a read. */
export function readNativePlans(vaultArmId: string): Promise<readonly ImportedPlan[]> {
  return withReadFaults(`the recovery plans of ${nameOf(vaultArmId)}`, async () => {
    const [vault, resourceGroup] = [nameOf(vaultArmId), resourceGroupNameOf(vaultArmId)];
    const plans = (await siteRecoveryClient(subscriptionOf(vaultArmId))).replicationRecoveryPlans;
    const listed = (await collectAll(plans.list(vault, resourceGroup))).filter(
      ({ name = '' }) => !isLifeboatPlanName(name),
    );
    // A plan may disappear between the list and the read. The import ignores such a plan.
    const found = await mapLimited(listed, ({ name = '' }) =>
      undefinedIfNotFound(plans.get(vault, resourceGroup, name)),
    );
    const vmIdByArmId = new Map(
      (await readVmsOfVault(vaultKeyOf(vaultArmId))).map((vm) => [vm.armId.toLowerCase(), vm.id]),
    );
    return found.flatMap((raw) => (raw ? [toImportedPlan(raw, vmIdByArmId)] : []));
  });
}

function toImportedPlan(raw: RecoveryPlan, vms: ReadonlyMap<string, string>): ImportedPlan {
  const native = toNativePlan(raw);
  return {
    id: nativePlanIdOf(native.armId),
    armId: native.armId,
    ...convertNativePlan(native, (armId) => vms.get(armId.toLowerCase())),
  };
}

const toNativePlan = ({ id = '', name, properties }: RecoveryPlan): NativePlan => ({
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
