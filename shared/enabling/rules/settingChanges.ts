// Shows a change of target settings to people: each setting with its present and its new value. Pure.
import { nameOf } from '../../core/armId.ts';
import type { CurrentSettings, SettingChanges } from '../../scenarios/enabling/updateRequest.ts';
import { sameId } from '../../siterecovery/item.ts';

/** One setting that changes. */
export interface SettingChange {
  readonly what: string;
  readonly from: string | null;
  /** Null: Azure chooses, for example any free address. */
  readonly to: string | null;
}

/** The settings that a change sets, in a fixed order. */
export function settingChangesOf(
  current: CurrentSettings,
  {
    size,
    networkId,
    testNetworkId,
    resourceGroupId,
    availabilitySetId,
    placementGroupId,
    nics,
    disks,
  }: SettingChanges,
): readonly SettingChange[] {
  const { availability } = current;
  const change = (what: string, from: string | null, to: string | null | undefined): SettingChange[] =>
    to === undefined ? [] : [{ what, from, to }];
  return [
    ...change('size', current.size, size),
    ...change('networkId', current.networkId, networkId),
    ...change('testNetworkId', current.testNetworkId, testNetworkId),
    ...change('resourceGroupId', current.resourceGroupId, resourceGroupId),
    ...change(
      'availabilitySetId',
      availability.type === 'set' ? availability.setId : null,
      availabilitySetId,
    ),
    ...change('placementGroupId', current.placementGroupId, placementGroupId),
    ...(nics ?? []).flatMap(({ nicId, subnet, address }) => {
      const before = current.nics.find(({ id }) => sameId(id, nicId));
      return [
        ...change(`subnet of ${nameOf(nicId)}`, before?.subnet ?? null, subnet),
        ...change(`address of ${nameOf(nicId)}`, before?.address ?? null, address),
      ];
    }),
    ...(disks ?? []).flatMap(({ id, replicaType, targetType }) => {
      const before = current.disks.find((disk) => sameId(disk.id, id));
      const name = before?.name ?? nameOf(id);
      return [
        ...change(`replica type of ${name}`, before?.replicaType ?? null, replicaType),
        ...change(`target type of ${name}`, before?.targetType ?? null, targetType),
      ];
    }),
  ];
}
