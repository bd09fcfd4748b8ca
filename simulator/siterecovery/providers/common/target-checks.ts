// Checks the target of a replicated machine in Azure.

import { isSizeOffered } from '../../../arm/capacity.ts';
import { resourceGroupIdOf, subscriptionOf } from '../../../arm/ids.ts';
import { providerRefuses } from '../../errors.ts';
import { isSameName } from '../../ids.ts';
import type { JobError } from '../../records.ts';
import type { Vault } from '../../vault.ts';

type OptionalId = string | null | undefined;

/** The resources that a request names. Absent ones need no check. */
export interface TargetResources {
  readonly resourceGroupId?: string | undefined;
  readonly networkId?: OptionalId;
  readonly testNetworkId?: OptionalId;
  readonly availabilitySetId?: OptionalId;
  readonly placementGroupId?: OptionalId;
  readonly zone?: OptionalId;
  readonly size?: string | undefined;
  /** Other resources that must be in the target region. */
  readonly regionalIds?: readonly OptionalId[];
  /** Other resources that must be in the subscription of the target group. */
  readonly subscriptionIds?: readonly OptionalId[];
}

/**
 * The target group, network, set, placement group and zone must exist. All of them except the group
 * must be in the target region.
 */
export function targetResourceError(
  instanceType: string,
  target: TargetResources,
  vault: Vault,
  region: string,
): JobError | undefined {
  const refuse = (causes: string, action: string): JobError => providerRefuses(instanceType, causes, action);
  const { resourceGroupId, networkId, testNetworkId, availabilitySetId, placementGroupId } = target;
  const regionalIds = [
    ...(target.regionalIds ?? []),
    networkId,
    testNetworkId,
    availabilitySetId,
    placementGroupId,
  ];
  const missing = [resourceGroupId, ...regionalIds].find((id) => id && !vault.azure.get(id));
  if (missing) return refuse(`The resource '${missing}' does not exist.`, 'Create it, or name another.');
  const elsewhere = regionalIds.find((id) => id && vault.azure.get(id)?.location !== region);
  if (elsewhere)
    return refuse(
      `The resource '${elsewhere}' is not in the region '${region}' that is replicated to.`,
      'Name one of that region.',
    );
  const foreign = [...regionalIds, ...(target.subscriptionIds ?? [])].find(
    (id) => id && resourceGroupId && subscriptionOf(id) !== subscriptionOf(resourceGroupId),
  );
  if (foreign)
    return refuse(
      `The resource '${foreign}' is of another subscription than the target machine.`,
      'Name one of the subscription of the target resource group.',
    );
  if (
    placementGroupId &&
    resourceGroupId &&
    !isSameName(resourceGroupIdOf(placementGroupId), resourceGroupId)
  )
    return refuse(
      'The proximity placement group is not in the resource group of the target machine.',
      'Name a proximity placement group in the target resource group.',
    );
  return placementError(instanceType, target, vault, region);
}

function placementError(
  instanceType: string,
  { zone, availabilitySetId, size }: TargetResources,
  vault: Vault,
  region: string,
): JobError | undefined {
  const offered = vault.azure.region(region);
  if (zone && !offered?.zones.includes(zone))
    return providerRefuses(
      instanceType,
      `The region '${region}' has no zone '${zone}'.`,
      `Name one of its zones (${offered?.zones.join(', ') || 'none'}), or none.`,
    );
  if (zone && availabilitySetId)
    return providerRefuses(
      instanceType,
      'A machine is in an availability zone or in an availability set, never in both.',
      'Name one of them.',
    );
  if (size && offered && !isSizeOffered(offered, size))
    return providerRefuses(
      instanceType,
      `The size '${size}' is not offered in '${region}'.`,
      'Name one of the target compute sizes of the item.',
    );
  return undefined;
}
