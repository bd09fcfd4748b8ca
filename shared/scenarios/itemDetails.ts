// The details of one replicated VM for people, in any scenario.

export interface ItemDetails {
  readonly sourceVmId: string;
  readonly initialReplicationPercent: number | null;
  readonly rpoSeconds: number | null;
  readonly rpoAt: string | null;
  readonly lastHeartbeat: string | null;
  readonly agentVersion: string | null;
  readonly from: ZoneLocation;
  readonly to: ZoneLocation;
  readonly settings: TargetSettings;
}

interface ZoneLocation {
  readonly region: string;
  readonly zone: string | null;
}

interface TargetSettings {
  readonly name: string | null;
  readonly size: string | null;
  readonly resourceGroupId: string | null;
  readonly networkId: string | null;
  readonly nics: readonly {
    readonly id: string;
    readonly networkId: string | null;
    readonly subnet: string | null;
    readonly address: string | null;
    readonly selection: string | null;
  }[];
  readonly availabilitySetId: string | null;
  readonly zone: string | null;
  readonly placementGroupId: string | null;
  readonly multiVmGroup: { readonly name: string; readonly id: string | null } | null;
  readonly disks: readonly {
    readonly name: string;
    readonly id: string;
    readonly managed: boolean;
    readonly os: boolean;
    readonly state: string | null;
    readonly percent: number | null;
    readonly cacheStorageAccountId: string | null;
    readonly replicaType: string | null;
    readonly targetType: string | null;
    readonly resourceGroupId: string | null;
    readonly storageAccountId: string | null;
  }[];
}
